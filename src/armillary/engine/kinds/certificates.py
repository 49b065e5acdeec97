"""The resources of the API group certificates."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
