"""The resources of the API group apps."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
