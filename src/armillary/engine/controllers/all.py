"""All built-in controllers, and how they are run together."""

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from armillary.base.clock import Clock
from armillary.base.tasks import supervise
from armillary.engine.controllers.cron_job import CRON_JOBS
from armillary.engine.controllers.daemon_set import DAEMON_SETS
from armillary.engine.controllers.deployment import DEPLOYMENTS
from armillary.engine.controllers.disruption import DISRUPTION_BUDGETS
from armillary.engine.controllers.endpoint_slice import ENDPOINT_SLICES
from armillary.engine.controllers.endpoint_slice_mirroring import MIRRORED_SLICES
from armillary.engine.controllers.endpoints import ENDPOINTS_OF_SERVICES
from armillary.engine.controllers.garbage_collector import run_garbage_collector
from armillary.engine.controllers.job import JOBS, UNCOUNTED_PODS
from armillary.engine.controllers.namespace import namespaces
from armillary.engine.controllers.node_lifecycle import node_lifecycle
from armillary.engine.controllers.pod_gc import pod_garbage_collector
from armillary.engine.controllers.replica_set import REPLICA_SETS, REPLICATION_CONTROLLERS
from armillary.engine.controllers.resource_quota import resource_quotas
from armillary.engine.controllers.role_aggregation import AGGREGATED_ROLES
from armillary.engine.controllers.service_account import SERVICE_ACCOUNTS, root_ca_publisher
from armillary.engine.controllers.stateful_set import STATEFUL_SETS
from armillary.engine.controllers.taint_eviction import taint_evictions
from armillary.engine.controllers.token_secret import legacy_signer, token_secrets
from armillary.engine.controllers.ttl import FINISHED_JOBS
from armillary.engine.controllers.volume_binding import VOLUME_CLAIMS
from armillary.engine.controllers.volume_phase import volume_phases
from armillary.engine.controllers.volume_protection import CLAIM_PROTECTION, EPHEMERAL_CLAIMS, VOLUME_PROTECTION
from armillary.kube.client import Client
from armillary.kube.journal import Journal
from armillary.kube.reconcile import Controller
from armillary.kube.runner import Caches, run_controllers


@dataclass(frozen=True, slots=True)
class ControllerSettings:
    """What controllers must be told: the CA's certificate in PEM, and the file of the key that signs tokens."""

    root_ca: str
    signing_key: Path


def built_in(settings: ControllerSettings, client: Client) -> tuple[Controller[Any], ...]:
    """All that have the shape of a controller; the garbage collector stands beside them."""
    return (
        REPLICA_SETS,
        REPLICATION_CONTROLLERS,
        DEPLOYMENTS,
        STATEFUL_SETS,
        DAEMON_SETS,
        JOBS,
        UNCOUNTED_PODS,
        CRON_JOBS,
        ENDPOINT_SLICES,
        ENDPOINTS_OF_SERVICES,
        MIRRORED_SLICES,
        SERVICE_ACCOUNTS,
        root_ca_publisher(settings.root_ca),
        token_secrets(settings.root_ca, legacy_signer(settings.signing_key.read_bytes())),
        namespaces(client),
        node_lifecycle(),
        taint_evictions(),
        pod_garbage_collector(client),
        FINISHED_JOBS,
        DISRUPTION_BUDGETS,
        VOLUME_CLAIMS,
        volume_phases(client),
        CLAIM_PROTECTION,
        VOLUME_PROTECTION,
        EPHEMERAL_CLAIMS,
        resource_quotas(client),
        AGGREGATED_ROLES,
    )


async def run_built_in(
    settings: ControllerSettings, client: Client, clock: Clock, journal: Journal | None = None
) -> None:
    """Run them all until cancelled."""
    controllers, caches = built_in(settings, client), Caches(client, clock)
    async with asyncio.TaskGroup() as group:
        work = run_controllers(controllers, client, clock, journal or Journal(), caches)
        group.create_task(work, name="controllers")
        collect = partial(run_garbage_collector, client, clock, caches)
        group.create_task(supervise("garbage collector", collect), name="garbage collector")
