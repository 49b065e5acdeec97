"""Keeps the cluster asking the guard: writes its webhook configuration, and mends it."""

from armillary.kube.install import apply
from armillary.platform.capabilities.tenancy.guard.configuration import PATH, configuration, counted
from armillary.platform.capabilities.tenancy.guard.door import ensure_secret
from armillary.platform.capabilities.tenancy.guard.settings import GuardSettings
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE
from armillary.platform.frame.parts import Parts

LOOK_SECONDS = 60.0


async def keep_guard(parts: Parts, settings: GuardSettings) -> None:
    """Again when quotas count something else, and now and then in case somebody changed it."""
    secret = await ensure_secret(parts.client, parts.settings.namespace)
    workspaces = parts.reads.of(WORKSPACE)
    await workspaces.wait_synced()
    while True:
        resources = counted(workspaces.list())
        await apply(parts.client, PATH, configuration(settings, secret, resources))

        def changed(known: frozenset[str] = resources) -> bool:
            return counted(workspaces.list()) != known

        await workspaces.wait_until(changed, LOOK_SECONDS)
