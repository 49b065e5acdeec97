"""The resources of the API group apiextensions."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
