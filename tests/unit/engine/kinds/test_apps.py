"""The apps group: defaults, rules, columns."""

import copy
from typing import Any

import pytest
from tests.unit.engine.kinds.rest_build import APP, faults, made, meta, resource, row, status_faults, template, workload

DEPLOYMENTS, SETS = resource("deployments"), resource("replicasets")
STATEFUL, DAEMONS = resource("statefulsets"), resource("daemonsets")
NOT_MATCHED = 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'


def test_deployments_are_defaulted() -> None:
    spec = made(DEPLOYMENTS, workload())["spec"]
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}
    assert spec["strategy"] == rolling
    assert (spec["replicas"], spec["revisionHistoryLimit"], spec["progressDeadlineSeconds"]) == (1, 10, 600)
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] == 30


def test_stateful_sets_are_defaulted() -> None:
    claim = {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}
    spec = made(STATEFUL, workload(volumeClaimTemplates=[claim]))["spec"]
    assert spec["podManagementPolicy"] == "OrderedReady"
    assert spec["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    given = spec["volumeClaimTemplates"][0]
    assert (given["kind"], given["spec"]["volumeMode"], given["status"]) == (
        "PersistentVolumeClaim",
        "Filesystem",
        {"phase": "Pending"},
    )


def test_daemon_sets_count_their_templates() -> None:
    old = made(DAEMONS, workload())
    key = "deprecated.daemonset.template.generation"
    assert old["metadata"]["annotations"][key] == "1"
    new = copy.deepcopy(old)
    new["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2"
    assert DAEMONS.prepare_update is not None
    DAEMONS.prepare_update(new, old)
    assert new["metadata"]["annotations"][key] == "2"
    assert new["spec"]["updateStrategy"]["rollingUpdate"] == {"maxUnavailable": 1, "maxSurge": 0}


def test_good_workloads_have_no_faults() -> None:
    for kind in (DEPLOYMENTS, SETS, STATEFUL, DAEMONS):
        assert faults(kind, workload()) == [], kind.name
        assert faults(kind, workload(), workload()) == [], kind.name


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"replicas": -1}, ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"]),
        ({"selector": None}, ["spec.selector: Required value", NOT_MATCHED]),
        (
            {"selector": {}},
            ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
        ),
        ({"selector": {"matchLabels": {"app": "other"}}}, [NOT_MATCHED]),
        (
            {"template": template("Never")},
            ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
        ),
        (
            {"template": template(activeDeadlineSeconds=5)},
            [
                "spec.template.spec.activeDeadlineSeconds: "
                "Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported"
            ],
        ),
        (
            {"strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}},
            ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
        ),
        (
            {"strategy": {"type": "Odd"}},
            [
                'spec.strategy: Unsupported value: {"Type":"Odd","RollingUpdate":null}: '
                'supported values: "Recreate", "RollingUpdate"'
            ],
        ),
        (
            {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}},
            ["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"],
        ),
        (
            {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "101%"}}},
            ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
        ),
        (
            {"progressDeadlineSeconds": 5, "minReadySeconds": 5},
            ["spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds"],
        ),
    ],
)
def test_faults_of_deployments(spec: dict[str, Any], said: list[str]) -> None:
    assert faults(DEPLOYMENTS, workload(**spec)) == said


@pytest.mark.parametrize("kind", [DEPLOYMENTS, SETS, DAEMONS], ids=lambda k: k.name)
def test_selectors_stay(kind: Any) -> None:
    other = {"matchLabels": {"tier": "x"}}
    labelled = template()
    labelled["metadata"]["labels"] = {"tier": "x"}
    said = 'spec.selector: Invalid value: {"matchLabels":{"tier":"x"}}: field is immutable'
    assert faults(kind, workload(selector=other, template=labelled), workload()) == [said]


@pytest.mark.parametrize(
    ("spec", "allowed"),
    [({"replicas": 5}, True), ({"minReadySeconds": 5}, True), ({"serviceName": "other"}, False)],
)
def test_little_of_a_stateful_set_may_change(spec: dict[str, Any], allowed: bool) -> None:
    found = faults(STATEFUL, workload(**spec), workload(serviceName="web"))
    if "serviceName" not in spec:
        found = faults(STATEFUL, workload(**spec), workload())
    assert (found == []) is allowed
    assert allowed or found[0].startswith(
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas'"
    )


@pytest.mark.parametrize(
    ("rolling", "said"),
    [
        (
            {"maxUnavailable": 1, "maxSurge": 1},
            "maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero",
        ),
        ({"maxUnavailable": 0, "maxSurge": 0}, "maxUnavailable: Required value: cannot be 0 when maxSurge is 0"),
    ],
)
def test_daemon_sets_have_either_surge_or_gap(rolling: dict[str, Any], said: str) -> None:
    spec = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": rolling}}
    assert faults(DAEMONS, workload(**spec)) == [f"spec.updateStrategy.rollingUpdate.{said}"]


def test_a_stateful_sets_claims_stand_for_volumes() -> None:
    mounted = template()
    mounted["spec"]["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    assert faults(STATEFUL, workload(template=mounted, volumeClaimTemplates=[claim])) == []
    assert faults(STATEFUL, workload(template=mounted)) != []


def test_status_counts_agree() -> None:
    new, old = made(DEPLOYMENTS, workload()), made(DEPLOYMENTS, workload())
    new["status"] = {"replicas": 1, "readyReplicas": 2, "collisionCount": 1}
    old["status"] = {"collisionCount": 2}
    assert status_faults(DEPLOYMENTS, new, old) == [
        "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
        "status.collisionCount: Invalid value: 1: cannot be decremented",
    ]


def test_changed_annotations_of_a_deployment_are_counted() -> None:
    old, new = workload(), workload()
    old["metadata"]["generation"] = new["metadata"]["generation"] = 3
    new["metadata"]["annotations"] = {"kubernetes.io/change-cause": "x"}
    assert DEPLOYMENTS.prepare_update is not None
    DEPLOYMENTS.prepare_update(new, old)
    assert new["metadata"]["generation"] == 4


def test_columns() -> None:
    obj = made(DEPLOYMENTS, workload(replicas=3))
    obj["status"] = {"readyReplicas": 2, "updatedReplicas": 3, "availableReplicas": 1}
    assert row(DEPLOYMENTS, obj, wide=True) == ["2/3", 3, 1, "24h", "web", "web:1", "app=web"]
    assert row(SETS, made(SETS, workload())) == [1, 0, 0, "24h"]
    daemons = made(DAEMONS, workload(template=template(nodeSelector={"disk": "ssd"})))
    assert row(DAEMONS, daemons) == [0, 0, 0, 0, 0, "disk=ssd", "24h"]
    revision = {"metadata": meta(), "revision": 4}
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "controller": True}
    revision["metadata"]["ownerReferences"] = [owner]
    assert row(resource("controllerrevisions"), revision) == ["statefulset.apps/db", 4, "24h"]


def test_labels_are_those_of_the_template() -> None:
    assert workload()["spec"]["template"]["metadata"]["labels"] == APP
