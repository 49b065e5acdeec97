"""The resources of the API group events."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
