"""The resources of the API group scheduling."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
