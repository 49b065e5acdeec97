"""Whatever is sent in the right shape is answered: no rule, default or column fails on it."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.engine.kinds.shapes import objects

from armillary.engine.kinds import core, events
from armillary.engine.kinds.pod.pod import validate_ephemeral_containers, validate_resize
from armillary.engine.kinds.pod.update import prepare_ephemeral_containers, prepare_resize
from armillary.engine.kinds.resource import Resource

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MODELS = {"Event": "CoreV1Event"}
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
KINDS = (*core.RESOURCES, *events.RESOURCES)


def model_of(resource: Resource) -> str:
    if resource.group:
        return "EventsV1Event"
    return MODELS.get(resource.kind, f"V1{resource.kind}")


def exercise(resource: Resource, new: dict[str, Any], old: dict[str, Any]) -> None:
    for obj in (new, old):
        resource.default(obj)
        once = copy.deepcopy(obj)
        resource.default(obj)
        assert obj == once, "defaulting twice changes nothing"
        assert set(resource.fields(obj)) <= set(resource.selectable)
        for column in resource.columns:
            column.value(obj, NOW)
        if resource.grace_seconds:
            assert resource.grace_seconds(obj, None) >= 0
        if resource.to_stored and resource.from_stored:
            stored = resource.to_stored(obj)
            assert resource.to_stored(resource.from_stored(stored)) == stored
    made = copy.deepcopy(new)
    resource.prepare_create(made)
    resource.validate(made, None)
    if resource.prepare_update:
        resource.prepare_update(new, old)
    before = copy.deepcopy((new, old))
    resource.validate(new, old)
    if resource.validate_status:
        resource.validate_status(new, old)
    assert (new, old) == before, "validation changes nothing"


@pytest.mark.parametrize("resource", KINDS, ids=lambda r: r.name)
def test_random_objects_are_answered(resource: Resource) -> None:
    shape = objects(model_of(resource))

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(shape, shape)
    def run(new: dict[str, Any], old: dict[str, Any]) -> None:
        exercise(resource, new, old)

    run()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(objects("V1PodSpec"), objects("V1PodSpec"), st.booleans())
def test_random_subresources_of_pods_are_answered(after: dict[str, Any], before: dict[str, Any], alike: bool) -> None:
    if alike:
        after = {**copy.deepcopy(before), **{k: after[k] for k in ("ephemeralContainers",) if k in after}}
    new, old = {"metadata": {"name": "a"}, "spec": after}, {"metadata": {"name": "a"}, "spec": before}
    for obj in (new, old):
        core.PODS.default(obj)
    through = copy.deepcopy(new)
    prepare_ephemeral_containers(through, old)
    validate_ephemeral_containers(through, old)
    prepare_resize(new, old)
    validate_resize(new, old)


def pod(spec: dict[str, Any], status: dict[str, Any] | None = None) -> dict[str, Any]:
    meta = {"name": "a", "namespace": "b", "labels": {"v1": "a"}}
    return {"metadata": meta, "spec": spec, "status": status or {}}


def container(**fields: Any) -> dict[str, Any]:
    return {"name": "c", "image": "i", **fields}


def in_each_list(one: dict[str, Any]) -> dict[str, Any]:
    return pod({"containers": [one], "initContainers": [one], "ephemeralContainers": [one]})


PARTS = {
    "V1Volume": lambda x: pod({"volumes": [x], "containers": [container(volumeMounts=[{"name": x.get("name")}])]}),
    "V1ProjectedVolumeSource": lambda x: pod({"volumes": [{"name": "v", "projected": x}]}),
    "V1VolumeProjection": lambda x: pod({"volumes": [{"name": "v", "projected": {"sources": [x, x]}}]}),
    "V1Container": in_each_list,
    "V1EphemeralContainer": in_each_list,
    "V1EnvVar": lambda x: in_each_list(container(env=[x])),
    "V1EnvVarSource": lambda x: in_each_list(container(env=[{"name": "e", "valueFrom": x}])),
    "V1EnvFromSource": lambda x: in_each_list(container(envFrom=[x])),
    "V1VolumeMount": lambda x: pod({"volumes": [{"name": "a"}], "containers": [container(volumeMounts=[x, x])]}),
    "V1VolumeDevice": lambda x: pod({"volumes": [{"name": "a"}], "containers": [container(volumeDevices=[x, x])]}),
    "V1Probe": lambda x: in_each_list(container(livenessProbe=x, readinessProbe=x, restartPolicy="Always")),
    "V1Lifecycle": lambda x: in_each_list(container(lifecycle=x, restartPolicy="Always")),
    "V1SecurityContext": lambda x: in_each_list(container(securityContext=x)),
    "V1ContainerRestartRule": lambda x: in_each_list(container(restartPolicyRules=[x], restartPolicy="Never")),
    "V1ResourceRequirements": lambda x: pod({"resources": x, "containers": [container(resources=x)]}),
    "V1PodSecurityContext": lambda x: pod({"securityContext": x, "hostNetwork": True, "os": {"name": "windows"}}),
    "V1Affinity": lambda x: pod({"affinity": x, "schedulingGates": [{"name": "g"}]}),
    "V1NodeSelectorTerm": lambda x: pod({"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [x]}}}}),
    "V1PodAffinityTerm": lambda x: pod({"affinity": {"podAffinity": {REQUIRED: [x]}}}),
    "V1TopologySpreadConstraint": lambda x: pod({"topologySpreadConstraints": [x, x]}),
    "V1Toleration": lambda x: pod({"tolerations": [x]}),
    "V1PodDNSConfig": lambda x: pod({"dnsConfig": x, "dnsPolicy": "None"}),
    "V1ContainerStatus": lambda x: pod(
        {"containers": [{"name": x.get("name")}], "initContainers": [{"name": x.get("name")}]},
        {"containerStatuses": [x], "initContainerStatuses": [x], "ephemeralContainerStatuses": [x]},
    ),
    "V1PodStatus": lambda x: pod({"containers": [container()]}, x),
}


@pytest.mark.parametrize("model", PARTS)
def test_random_parts_of_pods_are_answered(model: str) -> None:
    shape = objects(model).map(PARTS[model])

    @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
    @given(shape, shape)
    def run(new: dict[str, Any], old: dict[str, Any]) -> None:
        exercise(core.PODS, copy.deepcopy(new), copy.deepcopy(old))
        template = {"metadata": {"name": "a"}, "template": new}
        exercise(core.POD_TEMPLATES, template, copy.deepcopy(template))

    run()


VOLUME_PARTS = ("V1PersistentVolumeSpec", "V1PersistentVolumeClaimSpec", "V1ServiceSpec", "V1LimitRangeItem")


@pytest.mark.parametrize("model", VOLUME_PARTS)
def test_random_specs_are_answered(model: str) -> None:
    resource, wrap = {
        "V1PersistentVolumeSpec": (core.PERSISTENT_VOLUMES, lambda x: x),
        "V1PersistentVolumeClaimSpec": (core.PERSISTENT_VOLUME_CLAIMS, lambda x: x),
        "V1ServiceSpec": (core.SERVICES, lambda x: x),
        "V1LimitRangeItem": (core.LIMIT_RANGES, lambda x: {"limits": [x]}),
    }[model]

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(objects(model), objects(model))
    def run(new: dict[str, Any], old: dict[str, Any]) -> None:
        exercise(resource, {"spec": wrap(new)}, {"spec": wrap(old), "status": {"phase": "Bound"}})

    run()
