"""All built-in resources, in the order in which discovery lists their groups."""

from armillary.engine.kinds import (
    admissionregistration,
    apiextensions,
    apps,
    authentication,
    authorization,
    autoscaling,
    batch,
    certificates,
    coordination,
    core,
    discovery,
    events,
    networking,
    policy,
    rbac,
    scheduling,
    storage,
)
from armillary.engine.kinds.resource import Resource

BUILT_IN: tuple[Resource, ...] = (
    *core.RESOURCES,
    *apps.RESOURCES,
    *events.RESOURCES,
    *authentication.RESOURCES,
    *authorization.RESOURCES,
    *autoscaling.RESOURCES,
    *batch.RESOURCES,
    *certificates.RESOURCES,
    *networking.RESOURCES,
    *policy.RESOURCES,
    *rbac.RESOURCES,
    *storage.RESOURCES,
    *admissionregistration.RESOURCES,
    *apiextensions.RESOURCES,
    *scheduling.RESOURCES,
    *coordination.RESOURCES,
    *discovery.RESOURCES,
)
