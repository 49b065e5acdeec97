"""The resources of the API group core."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
