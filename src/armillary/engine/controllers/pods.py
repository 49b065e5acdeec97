"""Questions about pods that several controllers ask, and pods made from templates."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from armillary.base.clock import parse_time
from armillary.engine.controllers.naming import LONGEST_GENERATED
from armillary.kube.kinds.core import POD, Pod, PodCondition, PodTemplateSpec
from armillary.kube.kinds.meta import ObjectMeta, OwnerReference
from armillary.kube.object import is_ending
from armillary.kube.reconcile import Index, Reads
from armillary.kube.selectors import Op, Requirement, Selector

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


# Which pods


def _by_label(pod: Pod) -> Iterable[str]:
    namespace = pod.metadata.namespace
    return [f"{namespace}/{key}={value}" for key, value in pod.metadata.labels.items()]


BY_LABEL = Index(POD, "label", _by_label)


def selected(reads: Reads, namespace: str, selector: Selector) -> list[Pod]:
    """A namespace's pods that a selector matches, in time with their number where it asks for a label's value."""
    exact = [f"{namespace}/{r.key}={next(iter(r.values))}" for r in selector.requirements if _names_one_value(r)]
    groups = [reads.by(POD, BY_LABEL.name, value) for value in exact]
    candidates = min(groups, key=len) if groups else reads.list(POD, namespace)
    return [pod for pod in candidates if selector.matches(pod.metadata.labels)]


def _names_one_value(requirement: Requirement) -> bool:
    return requirement.op is Op.IN and len(requirement.values) == 1


# What they are doing


def is_finished(pod: Pod) -> bool:
    return pod.status.phase in ("Succeeded", "Failed")


def is_active(pod: Pod) -> bool:
    return not is_finished(pod) and not is_ending(pod)


def ready_condition(pod: Pod) -> PodCondition | None:
    return next((c for c in pod.status.conditions if c.type == "Ready"), None)


def is_ready(pod: Pod) -> bool:
    found = ready_condition(pod)
    return found is not None and found.status == "True"


def ready_since(pod: Pod) -> datetime | None:
    found = ready_condition(pod)
    if found is None or found.status != "True" or not found.last_transition_time:
        return None
    return parse_time(found.last_transition_time)


def is_available(pod: Pod, min_ready_seconds: int, now: datetime) -> bool:
    """Ready, and for long enough."""
    if not is_ready(pod):
        return False
    since = ready_since(pod)
    return not min_ready_seconds or (since is not None and since + timedelta(seconds=min_ready_seconds) <= now)


def next_available(pods: Iterable[Pod], min_ready_seconds: int, now: datetime) -> timedelta | None:
    """How long until the next of them becomes available by mere waiting."""
    if not min_ready_seconds:
        return None
    waits = [
        since + timedelta(seconds=min_ready_seconds) - now
        for pod in pods
        if (since := ready_since(pod)) is not None and not is_available(pod, min_ready_seconds, now)
    ]
    return min(waits, default=None)


def restarts(pod: Pod) -> int:
    return max((c.restart_count for c in pod.status.container_statuses), default=0)


# Which of them to delete first


def deletion_order(pods: Sequence[Pod], related: Iterable[Pod], now: datetime) -> list[Pod]:
    """Those to be deleted first come first: rules of upstream's ActivePodsWithRanks."""
    neighbours = Counter(pod.spec.node_name for pod in related if is_active(pod) and is_ready(pod))

    def rank(pod: Pod) -> tuple[object, ...]:
        since = ready_since(pod)
        return (
            bool(pod.spec.node_name),
            _PHASES.get(pod.status.phase, 0),
            is_ready(pod),
            _deletion_cost(pod),
            -neighbours[pod.spec.node_name] if pod.spec.node_name else 0,
            _log_age(since, now) if since else 0,
            -restarts(pod),
            _log_age(parse_time(pod.metadata.creation_timestamp), now) if pod.metadata.creation_timestamp else 0,
            pod.metadata.uid,
        )

    return sorted(pods, key=rank)


def _deletion_cost(pod: Pod) -> int:
    try:
        return int(pod.metadata.annotations.get(DELETION_COST, "0"))
    except ValueError:
        return 0


def _log_age(since: datetime, now: datetime) -> int:
    """Ages are compared by their magnitude, so that among pods of like age chance decides (KEP-2185)."""
    nanoseconds = (now - since).total_seconds() * 1e9
    return int(math.log2(nanoseconds)) if nanoseconds >= 1 else -1


# Made from a template


def from_template(
    template: PodTemplateSpec, namespace: str, name: str, owner: OwnerReference, *, generate_name: str = ""
) -> Pod:
    """A pod of that name; nothing is shared that could be changed, for values are frozen."""
    meta = template.metadata
    return Pod(
        metadata=ObjectMeta(
            name=name,
            generate_name=generate_name,
            namespace=namespace,
            labels=meta.labels,
            annotations=meta.annotations,
            finalizers=meta.finalizers,
            owner_references=(owner,),
        ),
        spec=template.spec,
    )


def prefix(owner_name: str) -> str:
    """What the names of an owner's pods begin with."""
    return f"{owner_name}-"[:LONGEST_GENERATED]
