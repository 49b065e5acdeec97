"""The resources of the API group admissionregistration."""

from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
