"""Looks at the objects around one, as whoever asks: what they may not see stays out, and is named."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from armillary.base.errors import ApiError, BadRequest, Denied, NotFound
from armillary.kube.client import Client
from armillary.kube.kind import Kind, Ref
from armillary.kube.kinds.apps import DAEMON_SET, DEPLOYMENT, REPLICA_SET, STATEFUL_SET
from armillary.kube.kinds.autoscaling import HORIZONTAL_POD_AUTOSCALER
from armillary.kube.kinds.batch import CRON_JOB, JOB
from armillary.kube.kinds.core import EVENT, NAMESPACE, NODE, PERSISTENT_VOLUME_CLAIM, POD, SECRET, SERVICE, Event, Pod
from armillary.kube.kinds.discovery import ENDPOINT_SLICE
from armillary.kube.kinds.networking import INGRESS, INGRESS_CLASS, NETWORK_POLICY
from armillary.kube.kinds.storage import STORAGE_CLASS
from armillary.platform.capabilities.why.facts import Facts, is_ready
from armillary.platform.capabilities.why.related import Around, narrow

SUBJECTS: tuple[tuple[Kind[Any], tuple[str, ...]], ...] = (
    (POD, ("po",)),
    (DEPLOYMENT, ("deploy",)),
    (REPLICA_SET, ("rs",)),
    (STATEFUL_SET, ("sts",)),
    (DAEMON_SET, ("ds",)),
    (JOB, ()),
    (CRON_JOB, ("cj",)),
    (SERVICE, ("svc",)),
    (INGRESS, ("ing",)),
    (PERSISTENT_VOLUME_CLAIM, ("pvc",)),
    (HORIZONTAL_POD_AUTOSCALER, ("hpa",)),
)
_IN_NAMESPACE = (
    POD, DEPLOYMENT, REPLICA_SET, STATEFUL_SET, DAEMON_SET, JOB, CRON_JOB, SERVICE, ENDPOINT_SLICE, INGRESS,
    NETWORK_POLICY, PERSISTENT_VOLUME_CLAIM, HORIZONTAL_POD_AUTOSCALER, EVENT,
)  # fmt: skip
_IN_CLUSTER = (NODE, STORAGE_CLASS, INGRESS_CLASS)
LOG_LINES, LOGS_OF_PODS = 10, 3


def subject_kind(word: str) -> Kind[Any]:
    """What a person means by `deploy`, `Deployment` or `deployments`. Raises BadRequest naming what there is."""
    for kind, short in SUBJECTS:
        if word.lower() in (kind.name.lower(), kind.plural, *short):
            return kind
    known = ", ".join(kind.name.lower() for kind, _ in SUBJECTS)
    raise BadRequest(f"kind: {word!r} is nothing that can be explained; there are {known}")


async def observe(client: Client, kind: Kind[Any], namespace: str, name: str) -> Facts:
    """Raises what the API raises for anything but "not found" and "not allowed"."""
    subject, withheld = Ref(kind.name, namespace, name), list[str]()

    async def listed(what: Kind[Any]) -> tuple[Any, ...] | None:
        try:
            found = await client.list(what, namespace if what.namespaced else "")
        except Denied:
            withheld.append(what.plural)
            return None
        except NotFound:  # a cluster without that API
            return ()
        return found.items

    wanted: tuple[Kind[Any], ...] = (*_IN_NAMESPACE, *_IN_CLUSTER)
    lists, own_namespace = await asyncio.gather(
        asyncio.gather(*map(listed, wanted)), _or_none(client.find(NAMESPACE, namespace))
    )
    found = dict(zip(wanted, lists, strict=True))
    item = next((i for i in found[kind] or () if i.metadata.name == name), None)
    around = Around(
        pods=found[POD] or (),
        replica_sets=found[REPLICA_SET] or (),
        workloads=tuple(w for k in (DEPLOYMENT, STATEFUL_SET, DAEMON_SET, JOB, CRON_JOB) for w in found[k] or ()),
        services=found[SERVICE] or (),
        ingresses=found[INGRESS] or (),
        autoscalers=found[HORIZONTAL_POD_AUTOSCALER] or (),
    )
    facts = Facts(
        subject=subject,
        exists=item is not None,
        namespace=own_namespace,
        ending=_ending(item),
        all_services=around.services,
        slices=found[ENDPOINT_SLICE] or (),
        policies=found[NETWORK_POLICY] or (),
        claims=found[PERSISTENT_VOLUME_CLAIM] or (),
        neighbours=around.pods,
        events=_in_order(found[EVENT] or ()),
        nodes=found[NODE],
        classes=found[STORAGE_CLASS],
        ingress_classes=found[INGRESS_CLASS],
        withheld=tuple(sorted(withheld)),
    )
    if item is None:
        return facts
    facts = narrow(facts, item, around)
    secrets, logs = await asyncio.gather(_absent_secrets(client, facts), _logs(client, facts.pods))
    return replace(facts, absent_secrets=secrets, logs=logs)


async def _or_none(reading: Awaitable[Any]) -> Any:
    try:
        return await reading
    except Denied:
        return None


def _ending(item: Any) -> tuple[str, tuple[str, ...]] | None:
    if item is None or not item.metadata.deletion_timestamp:
        return None
    return item.metadata.deletion_timestamp, item.metadata.finalizers


def _in_order(events: Sequence[Event]) -> tuple[Event, ...]:
    """By when they were last seen; those of one second by name, which ends in their time."""
    return tuple(sorted(events, key=lambda e: (e.last_timestamp or e.event_time or e.first_timestamp, e.metadata.name)))


async def _absent_secrets(client: Client, facts: Facts) -> frozenset[str]:
    named = {secret.name for pod in facts.pods for secret in pod.spec.image_pull_secrets}
    named |= {tls.secret_name for ingress in facts.ingresses for tls in ingress.spec.tls if tls.secret_name}
    absent = set()
    for name in sorted(named):
        try:
            if await client.find(SECRET, name, facts.subject.namespace) is None:
                absent.add(name)
        except Denied:
            continue
    return frozenset(absent)


async def _logs(client: Client, pods: Iterable[Pod]) -> dict[tuple[str, str], str]:
    """The last words of containers that have ended, of a few pods: their likes say the same."""
    wanted = [
        (pod, status.name, status.restart_count > 0)
        for pod in [pod for pod in pods if not is_ready(pod)][:LOGS_OF_PODS]
        for status in (*pod.status.init_container_statuses, *pod.status.container_statuses)
        if status.restart_count or (status.state is not None and status.state.terminated is not None)
    ]
    texts = await asyncio.gather(*(_log(client, *one) for one in wanted))
    return {(pod.metadata.name, name): text for (pod, name, _), text in zip(wanted, texts, strict=True)}


async def _log(client: Client, pod: Pod, container: str, was_restarted: bool) -> str:
    path = POD.path(pod.metadata.namespace, pod.metadata.name, "log")
    query = {"container": container, "tailLines": str(LOG_LINES)}
    for previous in ({"previous": "true"}, {}) if was_restarted else ({},):
        try:
            return (await client.call("GET", path, query=query | previous)).body.decode(errors="replace")
        except ApiError:  # gone meanwhile, not allowed, node away: an explanation does without
            continue
    return ""
