"""The resources of the API group authorization."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
