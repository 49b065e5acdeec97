"""The resources of the API group autoscaling."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
