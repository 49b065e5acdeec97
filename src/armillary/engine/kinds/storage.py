"""The resources of the API group storage."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
