"""The resources of the API group networking."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
