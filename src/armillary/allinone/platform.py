"""The platform put together, for whatever Kubernetes it stands on: every capability, and what they are given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from prometheus_client import CollectorRegistry

from armillary.base.clock import Clock
from armillary.base.tasks import supervise
from armillary.kube.runner import Caches
from armillary.platform.capabilities.access.capability import access
from armillary.platform.capabilities.audit.authors import AuditAuthors
from armillary.platform.capabilities.audit.capability import audit
from armillary.platform.capabilities.audit.log import AuditLog
from armillary.platform.capabilities.federation.capability import connect as connect_federation
from armillary.platform.capabilities.federation.capability import federation
from armillary.platform.capabilities.history.capability import history
from armillary.platform.capabilities.history.changed import RecordedChanges
from armillary.platform.capabilities.identity.capability import connect as connect_identity
from armillary.platform.capabilities.identity.capability import identity
from armillary.platform.capabilities.identity.lending import SessionCredentials
from armillary.platform.capabilities.images.capability import IMAGES
from armillary.platform.capabilities.resources.capability import RESOURCES
from armillary.platform.capabilities.shell.capability import shell
from armillary.platform.capabilities.shell.shells import ShellSettings
from armillary.platform.capabilities.tenancy.capability import tenancy
from armillary.platform.capabilities.tenancy.guard.settings import GuardSettings
from armillary.platform.capabilities.tenancy.kinds import CLUSTER
from armillary.platform.capabilities.why.capability import WHY
from armillary.platform.frame.assembly import Platform, assemble
from armillary.platform.frame.clusters import Link, ManagedClusters
from armillary.platform.frame.database import open_database
from armillary.platform.frame.parts import Parts, PlatformSettings
from armillary.platform.frame.rights import AskedRights
from armillary.platform.frame.streams import OpenStreams


@dataclass(frozen=True, slots=True)
class Around:
    """How the platform is reached by others than people. `ca` is PEM, "" where everybody trusts the certificate."""

    ca: str
    guard_url: str  # an origin at which the host cluster's API server reaches the platform; no guard if empty


@asynccontextmanager
async def running_platform(
    settings: PlatformSettings, host: Link, around: Around, clock: Clock, random: Random
) -> AsyncIterator[Platform]:
    """Prepared and at work; its door may be opened. Raises what the host cluster answers."""
    registry = CollectorRegistry()
    async with open_database(settings) as database, asyncio.TaskGroup() as group:
        log = AuditLog(clock)
        clusters = ManagedClusters(host, CLUSTER, settings.namespace, clock, log)
        rights = AskedRights(clusters, clock)
        registry.register(log)
        parts = Parts(
            settings=settings,
            clock=clock,
            random=random,
            client=host.client,
            reads=Caches(host.client, clock),
            clusters=clusters,
            rights=rights,
            streams=OpenStreams(),
            audit=log,
            database=database,
        )
        others = connect_federation(parts)
        who = connect_identity(parts, others.providers, certificate_authority=around.ca)
        guard = GuardSettings(around.guard_url, around.ca) if around.guard_url else None
        lent = ShellSettings(settings.shell_image, settings.shell_server or settings.origin, around.ca)
        capabilities = (
            tenancy(guard),
            identity(who),
            federation(others),
            access(),
            audit(log, RecordedChanges),
            history(AuditAuthors),
            RESOURCES,
            IMAGES,
            shell(SessionCredentials(who), lent),
            WHY,
        )
        platform = assemble(capabilities, parts, who.authenticator, clusters, registry=registry)
        await platform.prepare()
        tasks = [
            group.create_task(supervise(name, run), name=name)
            for name, run in (("clusters", clusters.run), ("rights", rights.run), ("platform", platform.run))
        ]
        await parts.reads.wait_synced()
        try:
            yield platform
        finally:
            for task in tasks:
                task.cancel()
