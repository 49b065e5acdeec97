"""Faults that a small cluster can't be brought to: each is known by the words that Kubernetes uses."""

from typing import Any

import msgspec
import pytest

from armillary.base.words import Language
from armillary.kube.kind import Ref
from armillary.kube.kinds.apps import Deployment, ReplicaSet
from armillary.kube.kinds.autoscaling import HorizontalPodAutoscaler
from armillary.kube.kinds.batch import CronJob
from armillary.kube.kinds.core import Event, Namespace, Node, PersistentVolumeClaim, Pod
from armillary.kube.kinds.networking import Ingress
from armillary.kube.kinds.storage import StorageClass
from armillary.platform.capabilities.why.decide.explain import explain, paragraph
from armillary.platform.capabilities.why.facts import Facts

POD = Ref("Pod", "shop", "web-1")
SET = Ref("ReplicaSet", "shop", "web")


def pod(*, conditions: Any = (), containers: Any = None, statuses: Any = (), node: str = "", **spec: Any) -> Pod:
    containers = containers or [{"name": "main", "image": "shop/api:1.0"}]
    return msgspec.convert(
        {
            "metadata": {"name": POD.name, "namespace": POD.namespace},
            "spec": {"containers": containers, "nodeName": node, **spec},
            "status": {"phase": "Pending", "conditions": list(conditions), "containerStatuses": list(statuses)},
        },
        Pod,
    )


def unplaced(message: str, **spec: Any) -> Pod:
    told = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return pod(conditions=[told], **spec)


def waits(reason: str, message: str = "") -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"name": "main", "image": "shop/api:1.0", "imageID": "", "ready": False, "restartCount": 0, "state": state}


def event(ref: Ref, reason: str, message: str) -> Event:
    about = {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name}
    return msgspec.convert({"involvedObject": about, "reason": reason, "message": message}, Event)


def refused(message: str) -> Facts:
    replica_set = msgspec.convert(
        {
            "metadata": {"name": SET.name, "namespace": SET.namespace},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}},
            "status": {"replicas": 0},
        },
        ReplicaSet,
    )
    return Facts(subject=SET, workloads=(replica_set,), events=(event(SET, "FailedCreate", message),))


def pulls(message: str, *, secrets: tuple[str, ...] = (), absent: frozenset[str] = frozenset()) -> Facts:
    wanted = [{"name": name} for name in secrets]
    one = pod(statuses=[waits("ImagePullBackOff", "Back-off")], node="a", imagePullSecrets=wanted)
    failed = event(POD, "Failed", f'Failed to pull image "shop/api:1.0": {message}')
    return Facts(subject=POD, pods=(one,), events=(failed,), absent_secrets=absent)


def node(cpu: str) -> Node:
    return msgspec.convert({"metadata": {"name": "a"}, "status": {"allocatable": {"cpu": cpu}}}, Node)


BUSY = {"resources": {"requests": {"cpu": "2"}}, "name": "main", "image": "x"}


@pytest.mark.parametrize(
    ("facts", "code", "says"),
    [
        (
            Facts(subject=POD, pods=(unplaced("0/1 nodes are available: 1 node(s) were unschedulable."),)),
            "cordoned",
            "cordoned",
        ),
        (
            Facts(subject=POD, pods=(unplaced("0/2 nodes are available: 2 node(s) had untolerated taint {a: b}."),)),
            "untolerated-taint",
            "{a: b}",
        ),
        (
            Facts(subject=POD, pods=(unplaced("0/1 nodes are available: 1 Too many pods."),)),
            "too-many-pods",
            "as many pods as they may",
        ),
        (
            Facts(
                subject=POD,
                pods=(unplaced("0/1 nodes are available: 1 node(s) had volume node affinity conflict."),),
            ),
            "volume-elsewhere",
            "volume is on a node",
        ),
        (
            Facts(
                subject=POD,
                pods=(unplaced("0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints."),),
            ),
            "spread",
            "spreading",
        ),
        (Facts(subject=POD, pods=(unplaced("something new"),)), "unschedulable", "something new"),
        (
            Facts(subject=POD, nodes=(node("4"),), pods=(unplaced("1 Insufficient cpu.", containers=[BUSY]),)),
            "insufficient-cpu",
            "no node has enough cpu left",
        ),
        (
            Facts(subject=POD, nodes=(node("1"),), pods=(unplaced("1 Insufficient cpu.", containers=[BUSY]),)),
            "insufficient-cpu",
            "asks for 2 of cpu, and the largest node has 1",
        ),
        (pulls("401 Unauthorized"), "image-unauthorized", "does not let it pull"),
        (
            pulls("authentication required", secrets=("hub",), absent=frozenset({"hub"})),
            "image-pull-secret-missing",
            "imagePullSecret hub does not exist",
        ),
        (pulls("x509: certificate signed by unknown authority"), "image-registry-untrusted", "not trusted"),
        (pulls("dial tcp: lookup hub: no such host"), "image-registry-unreachable", "can't be reached"),
        (pulls("something new"), "image-not-pulled", "something new"),
        (
            refused('admission webhook "q" denied the request: workspace quota team-a: requests.cpu: asked 2, left 0'),
            "workspace-quota",
            "workspace quota team-a",
        ),
        (refused('admission webhook "p.io" denied the request: no latest tags'), "webhook-denied", "no latest tags"),
        (
            refused('Internal error occurred: failed calling webhook "p.io": connection refused'),
            "webhook-down",
            "p.io does not answer",
        ),
        (refused("something new"), "pod-refused", "something new"),
        (
            Facts(subject=POD, pods=(pod(node="a"),), events=(event(POD, "FailedCreatePodSandBox", "no CNI"),)),
            None,
            "Nothing wrong",
        ),
        (
            Facts(
                subject=POD,
                pods=(pod(node="a", statuses=[waits("ContainerCreating")]),),
                events=(event(POD, "FailedCreatePodSandBox", "no CNI"),),
            ),
            "sandbox-failed",
            "no CNI",
        ),
        (Facts(subject=POD, exists=False), "absent", "does not exist"),
        (Facts(subject=POD, ending=("2026-01-01T00:00:00Z", ())), "ending", "since 2026-01-01"),
    ],
)  # fmt: skip
def test_the_cause(facts: Facts, code: str | None, says: str) -> None:
    explanation = explain(facts)
    assert (explanation.cause.code if explanation.cause else None) == code
    assert says in paragraph(explanation, Language.ENGLISH)
    assert paragraph(explanation, Language.CHINESE).endswith("。")


def test_a_namespace_that_is_going_explains_everything_in_it() -> None:
    going = msgspec.convert({"metadata": {"name": "shop", "deletionTimestamp": "2026-01-01T00:00:00Z"}}, Namespace)
    cause = explain(Facts(subject=POD, namespace=going)).cause
    assert cause is not None
    assert cause.code == "namespace-ending"


@pytest.mark.parametrize("classes", [(), ({"metadata": {"name": "gold"}, "provisioner": "p"},)])
def test_a_claim_without_a_class_needs_a_default(classes: tuple[Any, ...]) -> None:
    claim = msgspec.convert(
        {"metadata": {"name": "data", "namespace": "shop"}, "spec": {}, "status": {"phase": "Pending"}},
        PersistentVolumeClaim,
    )
    subject = Ref("PersistentVolumeClaim", "shop", "data")
    cause = explain(
        Facts(subject=subject, claims=(claim,), classes=tuple(msgspec.convert(c, StorageClass) for c in classes))
    ).cause
    assert cause is not None
    assert cause.code == "no-default-storage-class"


@pytest.mark.parametrize(("condition", "code"), [("ScalingActive", "no-metrics"), ("AbleToScale", "no-scale-target")])
def test_an_autoscaler_that_can_not(condition: str, code: str) -> None:
    told = {"type": condition, "status": "False", "reason": "Failed", "message": "it can't"}
    autoscaler = msgspec.convert(
        {
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "web"}},
            "status": {"conditions": [told]},
        },
        HorizontalPodAutoscaler,
    )
    cause = explain(Facts(subject=Ref("HorizontalPodAutoscaler", "shop", "web"), autoscalers=(autoscaler,))).cause
    assert cause is not None
    assert cause.code == code


def test_a_route_without_a_class_where_none_is_the_default() -> None:
    ingress = msgspec.convert({"metadata": {"name": "web", "namespace": "shop"}, "spec": {}}, Ingress)
    facts = Facts(subject=Ref("Ingress", "shop", "web"), ingresses=(ingress,), ingress_classes=())
    assert [finding.code for finding in explain(facts).findings] == ["no-default-ingress-class"]


def test_what_may_not_be_seen_is_named() -> None:
    text = paragraph(explain(Facts(subject=POD, withheld=("nodes", "storageclasses"))), Language.ENGLISH)
    assert text == (
        "Nothing wrong was found with Pod shop/web-1. "
        "Not looked at, since you may not see it: nodes, storageclasses."
    )  # fmt: skip


def test_the_cause_comes_first_and_what_follows_from_it_after() -> None:
    both = Facts(
        subject=POD,
        pods=(pod(node="a", statuses=[waits("InvalidImageName")]),),
        ending=("2026-01-01T00:00:00Z", ("example.com/backup",)),
    )
    assert [finding.code for finding in explain(both).findings] == ["held-by-finalizer", "image-name-invalid"]
    assert "Because of that:" in paragraph(explain(both), Language.ENGLISH)


@pytest.mark.parametrize(
    ("kind", "type_", "spec", "change"),
    [
        ("Deployment", Deployment, {"paused": True, "selector": {}}, {"spec": {"paused": False}}),
        ("Deployment", Deployment, {"replicas": 0, "selector": {}}, {"spec": {"replicas": 1}}),
        (
            "CronJob",
            CronJob,
            {"suspend": True, "schedule": "* * * * *", "jobTemplate": {}},
            {"spec": {"suspend": False}},
        ),
    ],
)
def test_what_is_switched_off_can_be_switched_on(
    kind: str, type_: Any, spec: dict[str, Any], change: dict[str, Any]
) -> None:
    workload = msgspec.convert({"metadata": {"name": "web", "namespace": "shop"}, "spec": spec}, type_)
    cause = explain(Facts(subject=Ref(kind, "shop", "web"), workloads=(workload,))).cause
    assert cause is not None
    assert (cause.about, cause.change) == (Ref(kind, "shop", "web"), change)
