"""The resources of the API group batch."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
