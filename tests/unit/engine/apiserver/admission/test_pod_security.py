"""A namespace's labels say what its pods may not have."""

import pytest
from tests.fakes.apiserver import FakeObjects, request

from armillary.base.errors import Denied, Invalid
from armillary.engine.apiserver.admission.pod_security import pod_security
from armillary.engine.apiserver.admission.pod_security_checks import complaints
from armillary.engine.apiserver.ports import Operation
from armillary.engine.kinds.resource import Json

GOOD: Json = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod(context: Json | None = None, container: Json | None = None, **spec: object) -> Json:
    made = {"name": "c", "image": "i", "securityContext": context or {}, **(container or {})}
    return {"metadata": {"name": "p"}, "spec": {"containers": [made], **spec}}


def said(level: str, made: Json) -> list[str]:
    return [f"{c.reason} ({c.detail})" for c in complaints(level, made["metadata"], made["spec"])]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (pod(), []),
        (pod(hostNetwork=True, hostPID=True), ["host namespaces (hostNetwork=true, hostPID=true)"]),
        (pod({"privileged": True}), ['privileged (container "c" must not set securityContext.privileged=true)']),
        (
            pod({"capabilities": {"add": ["NET_RAW", "CHOWN", "BPF"]}}),
            [
                'non-default capabilities (container "c" must not include "BPF", "NET_RAW" in '
                "securityContext.capabilities.add)"
            ],
        ),
        (pod(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), ['hostPath volumes (volume "v")']),
        (pod(container={"ports": [{"hostPort": 80}]}), ['hostPort (container "c" uses hostPort 80)']),
        (
            pod({"seccompProfile": {"type": "Unconfined"}}),
            ['seccompProfile (container "c" must not set securityContext.seccompProfile.type to "Unconfined")'],
        ),
        (
            pod(securityContext={"seLinuxOptions": {"type": "spc_t", "user": "u"}}),
            ['seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)'],
        ),
        (
            pod(securityContext={"sysctls": [{"name": "kernel.msgmax"}, {"name": "net.ipv4.tcp_rmem"}]}),
            ["forbidden sysctls (kernel.msgmax)"],
        ),
        (
            pod({"procMount": "Unmasked"}),
            ['procMount (container "c" must not set securityContext.procMount to "Unmasked")'],
        ),
        (pod({"procMount": "Unmasked"}, hostUsers=False), []),
        (
            pod({"appArmorProfile": {"type": "Unconfined"}}),
            ['forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")'],
        ),
        (
            pod(container={"livenessProbe": {"httpGet": {"host": "10.0.0.1"}}}),
            ['probe or lifecycle host (container "c" uses probe or lifecycle host "10.0.0.1")'],
        ),
    ],
)
def test_baseline(made: Json, expected: list[str]) -> None:
    assert said("baseline", made) == expected
    assert said("privileged", made) == []


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (pod(GOOD), []),
        (
            pod(),
            [
                'allowPrivilegeEscalation != false (container "c" must set '
                "securityContext.allowPrivilegeEscalation=false)",
                'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"])',
                'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)',
                'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to '
                '"RuntimeDefault" or "Localhost")',
            ],
        ),
        (pod(GOOD | {"runAsUser": 0}), ['runAsUser=0 (container "c" must not set runAsUser=0)']),
        (
            pod(GOOD, securityContext={"runAsNonRoot": False}),
            ["runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)"],
        ),
        (
            pod(GOOD, volumes=[{"name": "v", "nfs": {}}, {"name": "w", "emptyDir": {}}]),
            ['restricted volume types (volume "v" uses restricted volume type "nfs")'],
        ),
        (pod(GOOD | {"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}), []),
    ],
)
def test_restricted(made: Json, expected: list[str]) -> None:
    assert said("restricted", made) == expected


def world(**labels: str) -> FakeObjects:
    objects = FakeObjects()
    marked = {f"pod-security.kubernetes.io/{name.replace('_', '-')}": value for name, value in labels.items()}
    objects.put("namespaces", {"metadata": {"name": "ns", "labels": marked}})
    return objects


def test_enforced() -> None:
    plugin = pod_security(world(enforce="baseline", enforce_version="v1.30"))
    plugin.validate(request("pods", pod()))
    with pytest.raises(Denied) as refused:
        plugin.validate(request("pods", pod(hostIPC=True)))
    assert refused.value.message == (
        'pods "p" is forbidden: violates PodSecurity "baseline:v1.30": host namespaces (hostIPC=true)'
    )


def test_only_new_images_are_looked_at_again() -> None:
    plugin, old = pod_security(world(enforce="baseline")), pod(hostIPC=True)
    plugin.validate(request("pods", pod(hostIPC=True), operation=Operation.UPDATE, old=old))
    changed = pod(container={"image": "j"}, hostIPC=True)
    with pytest.raises(Denied):
        plugin.validate(request("pods", changed, operation=Operation.UPDATE, old=old))


@pytest.mark.parametrize(
    ("labels", "level"),
    [({"warn": "restricted"}, "restricted:latest"), ({"enforce": "baseline"}, "baseline:latest"), ({}, None)],
)
def test_templates_are_warned_about(labels: dict[str, str], level: str | None) -> None:
    template = {"spec": pod(hostIPC=True)["spec"]}
    asked = request("deployments", {"metadata": {"name": "d"}, "spec": {"template": template}})
    pod_security(world(**labels)).validate(asked)
    assert [w.partition(":")[0] for w in asked.warnings] == (
        [f'would violate PodSecurity "{level.partition(":")[0]}'] if level else []
    )


def test_labels_must_be_levels_and_warn_about_what_runs() -> None:
    objects = world()
    for number in range(3):
        objects.put("pods", {**pod(hostIPC=True), "metadata": {"name": f"p{number}"}}, namespace="ns")
    plugin = pod_security(objects)

    def update(level: str) -> list[str]:
        labels = {"pod-security.kubernetes.io/enforce": level}
        new: Json = {"metadata": {"name": "ns", "labels": labels}}
        asked = request("namespaces", new, operation=Operation.UPDATE, old={"metadata": {"name": "ns"}})
        plugin.validate(asked)
        return asked.warnings

    assert update("baseline") == [
        'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
        "p0 (and 2 other pods): host namespaces",
    ]
    assert update("privileged") == []
    with pytest.raises(Invalid) as refused:
        update("strict")
    assert refused.value.message == (
        'Namespace "ns" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": '
        "must be one of privileged, baseline, restricted"
    )
