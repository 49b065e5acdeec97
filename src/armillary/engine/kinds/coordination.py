"""The resources of the API group coordination."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
