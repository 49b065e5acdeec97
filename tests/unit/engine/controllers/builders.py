"""Objects of few words, for the tests of controllers."""

from typing import Any

from msgspec import structs
from tests.harness.settles import NOON, World

from armillary.base.clock import format_time
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import POD, Container, Pod, PodCondition, PodSpec, PodStatus, PodTemplateSpec
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.object import owned_by

HERE = "team"


def meta(name: str, **labels: str) -> ObjectMeta:
    return ObjectMeta(name=name, namespace=HERE, labels=labels)


def selecting(**labels: str) -> LabelSelector:
    return LabelSelector(match_labels=labels)


def template(image: str = "web:1", **labels: str) -> PodTemplateSpec:
    return PodTemplateSpec(
        metadata=ObjectMeta(labels=labels or {"app": "web"}),
        spec=PodSpec(containers=(Container(name="main", image=image),), restart_policy="Always"),
    )


def pod(
    name: str,
    *,
    owner: tuple[Kind[Any], Any] | None = None,
    phase: str = "Pending",
    ready: bool = False,
    node: str = "",
    ending: bool = False,
    finalizers: tuple[str, ...] = (),
    **labels: str,
) -> Pod:
    return Pod(
        metadata=ObjectMeta(
            name=name,
            namespace=HERE,
            uid=f"uid-{name}",
            labels=labels or {"app": "web"},
            owner_references=(owned_by(*owner),) if owner else (),
            creation_timestamp=format_time(NOON),
            deletion_timestamp=format_time(NOON) if ending else "",
            finalizers=finalizers,
        ),
        spec=PodSpec(containers=(Container(name="main", image="web:1"),), node_name=node),
        status=PodStatus(phase="Running" if ready else phase, conditions=_ready() if ready else ()),
    )


def _ready() -> tuple[PodCondition, ...]:
    return (PodCondition(type="Ready", status="True", last_transition_time=format_time(NOON)),)


def run_pods(world: World) -> World:
    """A node agent's part: pending pods run and are ready, those that were asked to end are gone."""

    def live(pod: Pod) -> Pod | None:
        if pod.metadata.deletion_timestamp:
            return pod if pod.metadata.finalizers else None
        if pod.status.phase in ("", "Pending"):
            return structs.replace(pod, status=PodStatus(phase="Running", conditions=_ready()))
        return pod

    return world.map(POD, live)
