"""The resources of the API group authentication."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
