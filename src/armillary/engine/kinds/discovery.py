"""The resources of the API group discovery."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
