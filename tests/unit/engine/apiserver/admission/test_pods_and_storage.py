"""What plugins complete in pods, nodes, claims and ingresses."""

import pytest
from tests.fakes.apiserver import FakeObjects, request

from armillary.base.errors import Denied
from armillary.engine.apiserver.admission.nodes import taint_nodes
from armillary.engine.apiserver.admission.pods import default_toleration_seconds, priority, runtime_class
from armillary.engine.apiserver.admission.storage import (
    claim_resize,
    default_ingress_class,
    default_storage_class,
    storage_object_in_use_protection,
)
from armillary.engine.apiserver.ports import Operation
from armillary.engine.kinds.resource import Json


def pod(**spec: object) -> Json:
    return {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c"}], **spec}}


def priorities(*, default: bool = False) -> FakeObjects:
    objects = FakeObjects()
    objects.put("priorityclasses", {"metadata": {"name": "system-node-critical"}, "value": 2000001000})
    objects.put("priorityclasses", {"metadata": {"name": "high"}, "value": 10, "preemptionPolicy": "Never"})
    if default:
        objects.put("priorityclasses", {"metadata": {"name": "usual"}, "value": 5, "globalDefault": True})
    return objects


@pytest.mark.parametrize(
    ("default", "spec", "expected"),
    [
        (False, {}, (None, 0, "PreemptLowerPriority")),
        (True, {}, ("usual", 5, "PreemptLowerPriority")),
        (True, {"priorityClassName": "high"}, ("high", 10, "Never")),
        (
            False,
            {"priorityClassName": "system-node-critical"},
            ("system-node-critical", 2000001000, "PreemptLowerPriority"),
        ),
        (False, {"priorityClassName": "x"}, "no PriorityClass with name x was found"),
        (
            False,
            {"priority": 7},
            "the integer value of priority (7) must not be provided in pod spec; "
            "priority admission controller computed 0 from the given PriorityClass name",
        ),
    ],
)
def test_priority(default: bool, spec: Json, expected: tuple[object, ...] | str) -> None:
    made = pod(**spec)
    plugin = priority(priorities(default=default))
    if isinstance(expected, str):
        with pytest.raises(Denied) as refused:
            plugin.admit(request("pods", made))
        assert refused.value.message == f'pods "p" is forbidden: {expected}'
        return
    plugin.admit(request("pods", made))
    found = made["spec"]
    assert (found.get("priorityClassName"), found["priority"], found["preemptionPolicy"]) == expected


def test_priority_is_kept_on_update_and_there_is_one_default() -> None:
    plugin = priority(priorities(default=True))
    made = pod()
    plugin.admit(request("pods", made, operation=Operation.UPDATE, old=pod(priority=3, preemptionPolicy="Never")))
    assert made["spec"]["priority"] == 3
    other = {"metadata": {"name": "other"}, "value": 1, "globalDefault": True}
    with pytest.raises(Denied, match="PriorityClass usual is already marked as default"):
        plugin.validate(request("priorityclasses", other))


@pytest.mark.parametrize(
    ("given", "added"),
    [
        ([], ["not-ready", "unreachable"]),
        ([{"operator": "Exists"}], []),
        ([{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}], ["unreachable"]),
        ([{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}], ["not-ready", "unreachable"]),
    ],
)
def test_tolerations(given: list[Json], added: list[str]) -> None:
    made = pod(tolerations=given)
    default_toleration_seconds().admit(request("pods", made))
    assert made["spec"]["tolerations"] == given + [
        {"key": f"node.kubernetes.io/{name}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for name in added
    ]


def test_new_nodes_are_not_ready() -> None:
    node: Json = {"metadata": {"name": "n"}}
    for _ in range(2):
        taint_nodes().admit(request("nodes", node))
    assert node["spec"]["taints"] == [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]


def test_runtime_classes_bring_overhead_and_selectors() -> None:
    objects = FakeObjects()
    scheduling = {"nodeSelector": {"a": "b"}, "tolerations": [{"key": "k", "operator": "Exists"}]}
    overhead = {"podFixed": {"cpu": "10m"}}
    objects.put("runtimeclasses", {"metadata": {"name": "r"}, "overhead": overhead, "scheduling": scheduling})
    plugin, made = runtime_class(objects), pod(runtimeClassName="r")
    plugin.admit(request("pods", made))
    assert made["spec"]["overhead"] == {"cpu": "10m"}
    assert made["spec"]["nodeSelector"] == {"a": "b"}
    assert made["spec"]["tolerations"] == scheduling["tolerations"]
    plugin.validate(request("pods", made))
    for spec, why in (
        ({"runtimeClassName": "x"}, 'pod rejected: RuntimeClass "x" not found'),
        ({"runtimeClassName": "r", "nodeSelector": {"a": "c"}}, "conflict: runtimeClass.scheduling.nodeSelector"),
        ({"runtimeClassName": "r", "overhead": {"cpu": "1"}}, "pod rejected: Pod's Overhead doesn't match"),
    ):
        with pytest.raises(Denied) as refused:
            plugin.admit(request("pods", pod(**spec)))
        assert why in refused.value.message
    with pytest.raises(Denied, match="without corresponding RuntimeClass"):
        plugin.validate(request("pods", pod(overhead={"cpu": "1"})))


def classes() -> FakeObjects:
    objects, mark = FakeObjects(), "storageclass.kubernetes.io/is-default-class"
    for name, born, default in (("old", "2026-01-01T00:00:00Z", "true"), ("new", "2026-02-01T00:00:00Z", "true")):
        meta = {"name": name, "creationTimestamp": born, "annotations": {mark: default}}
        objects.put("storageclasses", {"metadata": meta, "allowVolumeExpansion": name == "new"})
    note = {"ingressclass.kubernetes.io/is-default-class": "true"}
    objects.put("ingressclasses", {"metadata": {"name": "nginx", "annotations": note}})
    return objects


@pytest.mark.parametrize(("given", "expected"), [(None, "new"), ("", ""), ("old", "old")])
def test_claims_get_the_newest_default_class(given: str | None, expected: str) -> None:
    claim: Json = {"metadata": {"name": "c"}, "spec": {} if given is None else {"storageClassName": given}}
    default_storage_class(classes()).admit(request("persistentvolumeclaims", claim))
    assert claim["spec"]["storageClassName"] == expected


def test_ingresses_get_the_default_class() -> None:
    ingress: Json = {"metadata": {"name": "i"}, "spec": {}}
    default_ingress_class(classes()).admit(request("ingresses", ingress))
    assert ingress["spec"]["ingressClassName"] == "nginx"


@pytest.mark.parametrize(
    ("plural", "finalizer"),
    [
        ("persistentvolumes", "kubernetes.io/pv-protection"),
        ("persistentvolumeclaims", "kubernetes.io/pvc-protection"),
    ],
)
def test_volumes_are_protected_while_in_use(plural: str, finalizer: str) -> None:
    made: Json = {"metadata": {"name": "v", "finalizers": ["x"]}}
    for _ in range(2):
        storage_object_in_use_protection().admit(request(plural, made))
    assert made["metadata"]["finalizers"] == ["x", finalizer]


@pytest.mark.parametrize(
    ("phase", "size", "name", "why"),
    [
        ("Bound", "2Gi", "new", None),
        ("Bound", "1Gi", "old", None),
        ("Pending", "2Gi", "new", "Only bound persistent volume claims can be expanded"),
        ("Bound", "2Gi", "old", "only dynamically provisioned pvc can be resized"),
    ],
)
def test_resize(phase: str, size: str, name: str, why: str | None) -> None:
    def claim(size: str) -> Json:
        spec = {"storageClassName": name, "resources": {"requests": {"storage": size}}}
        return {"metadata": {"name": "c"}, "spec": spec, "status": {"phase": phase}}

    asked = request("persistentvolumeclaims", claim(size), operation=Operation.UPDATE, old=claim("1Gi"))
    if why is None:
        claim_resize(classes()).validate(asked)
        return
    with pytest.raises(Denied) as refused:
        claim_resize(classes()).validate(asked)
    assert why in refused.value.message
