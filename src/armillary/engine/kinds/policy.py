"""The resources of the API group policy."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
