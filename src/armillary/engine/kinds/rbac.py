"""The resources of the API group rbac."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
