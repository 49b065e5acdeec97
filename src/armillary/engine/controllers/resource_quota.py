"""Resource quotas: how much of each is used, told in their status.

That nobody takes more is admission's affair, which counts for itself. Upstream: pkg/controller/resourcequota.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from msgspec import structs

from armillary.base.quantity import canonical, parse_quantity
from armillary.engine.controllers.pods import is_finished
from armillary.engine.controllers.quota_usage import resource_of, total
from armillary.kube.client import Client
from armillary.kube.discovery import discover
from armillary.kube.kind import Kind
from armillary.kube.kinds.apps import DAEMON_SET, DEPLOYMENT, REPLICA_SET, STATEFUL_SET
from armillary.kube.kinds.batch import CRON_JOB, JOB
from armillary.kube.kinds.core import (
    CONFIG_MAP,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    REPLICATION_CONTROLLER,
    RESOURCE_QUOTA,
    SECRET,
    SERVICE,
    Pod,
    ResourceQuota,
    ResourceQuotaStatus,
)
from armillary.kube.object import Key, is_ending, key_of
from armillary.kube.reconcile import Controller, Decision, Reads, Update, Watch

# Kinds that other controllers read in any case; what else a quota names is listed when it is looked at.
_CACHED: tuple[Kind[Any], ...] = (
    POD,
    SERVICE,
    PERSISTENT_VOLUME_CLAIM,
    SECRET,
    CONFIG_MAP,
    REPLICATION_CONTROLLER,
    RESOURCE_QUOTA,
    DEPLOYMENT,
    REPLICA_SET,
    STATEFUL_SET,
    DAEMON_SET,
    JOB,
    CRON_JOB,
)


def _name(kind: Kind[Any]) -> str:
    return f"{kind.plural}.{kind.group}" if kind.group else kind.plural


_BY_NAME = {_name(kind): kind for kind in _CACHED}


@dataclass(frozen=True, slots=True)
class Seen:
    """A quota and the objects of its namespace that count in it, by resource."""

    quota: ResourceQuota
    objects: Mapping[str, tuple[Any, ...]]


async def observe(client: Client, key: Key, reads: Reads) -> Seen | None:
    quota = reads.get(RESOURCE_QUOTA, key[1], key[0])
    if quota is None:
        return None
    objects: dict[str, tuple[Any, ...]] = {}
    for resource in {resource_of(name) for name in quota.spec.hard}:
        kind = _BY_NAME.get(resource)
        if kind is not None:
            objects[resource] = tuple(reads.list(kind, key[0]))
    missing = {resource_of(name) for name in quota.spec.hard} - objects.keys()
    if missing:
        for served in (await discover(client)).resources:
            if _name(served.kind) in missing and served.can("list"):
                objects[_name(served.kind)] = (await client.list(served.kind, key[0])).items
    return Seen(quota, objects)


def decide(seen: Seen) -> Decision:
    quota = seen.quota
    if is_ending(quota):
        return Decision("is being deleted")
    hard = {name: canonical(amount) for name, amount in quota.spec.hard.items()}
    used = total(hard, seen.objects, quota.spec)
    if _same(quota.status.hard, hard) and _same(quota.status.used, used):
        return Decision("tells what is used")
    status = ResourceQuotaStatus(hard=hard, used=used)
    return Decision("counts anew", (Update(RESOURCE_QUOTA, structs.replace(quota, status=status), "status"),))


def _same(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """The same amounts, however they are written."""
    return old.keys() == new.keys() and all(parse_quantity(old[k]) == parse_quantity(new[k]) for k in new)


def _quotas_of(item: Any, reads: Reads) -> Iterable[Key]:
    return [key_of(quota) for quota in reads.list(RESOURCE_QUOTA, item.metadata.namespace)]


def _pod_matters(old: Pod, new: Pod) -> bool:
    return is_finished(old) != is_finished(new) or old.spec != new.spec


def _spec_matters(old: Any, new: Any) -> bool:
    return bool(old.spec != new.spec)


def _never(old: Any, new: Any) -> bool:
    """Objects that are only counted matter when they come and go."""
    return False


_MATTERS = {"pods": _pod_matters, "services": _spec_matters, "persistentvolumeclaims": _spec_matters}


def resource_quotas(client: Client) -> Controller[Seen]:
    return Controller(
        name="resourcequota-controller",
        root=RESOURCE_QUOTA,
        observe=partial(observe, client),
        decide=decide,
        watches=tuple(Watch(kind, _quotas_of, _MATTERS.get(_name(kind), _never)) for kind in _CACHED),
    )
