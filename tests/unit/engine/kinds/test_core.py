"""The rest of the core group: configuration, storage, nodes, namespaces, quotas, events."""

import base64
import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from armillary.engine.kinds import core, events
from armillary.engine.kinds.columns import human_duration
from armillary.engine.kinds.event import from_core, to_core
from armillary.engine.kinds.namespace import validate_finalize
from armillary.engine.kinds.registry import BUILT_IN
from armillary.engine.kinds.resource import Resource

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


def said(causes: Any) -> list[str]:
    return [f"{c.field}: {c.message}" for c in causes]


def made(resource: Resource, **fields: Any) -> dict[str, Any]:
    meta = {"name": "a", **({"namespace": "b"} if resource.namespaced else {}), **fields.pop("metadata", {})}
    obj = {"metadata": meta, **fields}
    resource.default(obj)
    return obj


def faults(resource: Resource, **fields: Any) -> list[str]:
    return said(resource.validate(made(resource, **fields), None))


def changed(resource: Resource, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    before, after = made(resource, **copy.deepcopy(old)), made(resource, **copy.deepcopy(new))
    if resource.prepare_update:
        resource.prepare_update(after, before)
    return [f.split("\n")[0] for f in said(resource.validate(after, before))]


def cells(resource: Resource, **fields: Any) -> list[Any]:
    return [column.value(made(resource, **fields), NOW) for column in resource.columns]


def test_resources_are_declared_once() -> None:
    names = [(r.group, r.version, r.plural) for r in BUILT_IN]
    assert len(names) == len(set(names))
    assert all(r.singular for r in core.RESOURCES)
    short = [name for r in core.RESOURCES for name in r.short_names]
    assert len(short) == len(set(short))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (330, "5m30s"), (600, "10m"),
        (3 * 3600 - 1, "179m"), (3 * 3600, "3h"), (5 * 3600 + 120, "5h2m"), (47 * 3600, "47h"), (48 * 3600, "2d"),
        (50 * 3600, "2d2h"), (9 * 86400, "9d"), (800 * 86400, "2y70d"), (730 * 86400, "2y"), (3000 * 86400, "8y"),
    ],
)  # fmt: skip
def test_durations(seconds: int, text: str) -> None:
    assert human_duration(seconds) == text


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("resource", "fields", "expected"),
    [
        (core.CONFIG_MAPS, {"data": {"a.b": "x"}, "binaryData": {"c": "eA=="}}, []),
        (core.CONFIG_MAPS, {"data": {"..": "x"}}, ["data[..]: Invalid value: \"..\": must not be '..'"]),
        (
            core.CONFIG_MAPS,
            {"data": {"a": "x"}, "binaryData": {"a": "eA=="}},
            ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
        ),
        (core.CONFIG_MAPS, {"data": {"a": "x" * (1 << 20)}}, []),
        (core.CONFIG_MAPS, {"data": {"a": "é" * (1 << 20)}}, ["[]: Too long: may not be more than 1048576 bytes"]),
        (core.SECRETS, {"data": {"a": b64("x" * (1 << 20))}}, []),
        (core.SECRETS, {"data": {"a": b64("x" * ((1 << 20) + 1))}}, [
            "data: Too long: may not be more than 1048576 bytes",
        ]),
        (core.SECRETS, {"type": "kubernetes.io/tls", "stringData": {"tls.crt": "", "tls.key": ""}}, []),
        (core.SECRETS, {"type": "kubernetes.io/tls"}, [
            "data[tls.crt]: Required value", "data[tls.key]: Required value",
        ]),
        (core.SECRETS, {"type": "kubernetes.io/ssh-auth", "data": {"ssh-privatekey": ""}}, [
            "data[ssh-privatekey]: Required value",
        ]),
        (core.SECRETS, {"type": "kubernetes.io/basic-auth", "stringData": {"password": "x"}}, []),
        (core.SECRETS, {"type": "kubernetes.io/basic-auth"}, [
            "data[username]: Required value", "data[password]: Required value",
        ]),
        (core.SECRETS, {"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": "{}"}}, []),
        (core.SECRETS, {"type": "kubernetes.io/service-account-token"}, [
            "metadata.annotations[kubernetes.io/service-account.name]: Required value",
        ]),
        (core.SERVICE_ACCOUNTS, {"metadata": {"name": "a_b"}}, None),
    ],
)  # fmt: skip
def test_configuration(resource: Resource, fields: dict[str, Any], expected: list[str] | None) -> None:
    found = faults(resource, **fields)
    assert found == expected if expected is not None else found


def test_secrets_of_dockers_are_json_and_stay_secret() -> None:
    found = faults(core.SECRETS, type="kubernetes.io/dockercfg", stringData={".dockercfg": "hush"})
    assert len(found) == 1
    assert found[0].startswith('data[.dockercfg]: Invalid value: "<secret contents redacted>": ')
    assert "hush" not in found[0]


def test_text_of_secrets_is_encoded() -> None:
    secret = made(core.SECRETS, data={"a": "eA=="}, stringData={"b": "y"})
    assert (secret["data"], secret["type"]) == ({"a": "eA==", "b": "eQ=="}, "Opaque")
    assert "stringData" not in secret


@pytest.mark.parametrize("resource", [core.CONFIG_MAPS, core.SECRETS], ids=lambda r: r.name)
def test_immutable_means_for_ever(resource: Resource) -> None:
    old = {"immutable": True, "data": {"a": "eA=="}}
    assert not changed(resource, old, {**old, "metadata": {"labels": {"a": "b"}}})
    assert changed(resource, old, {"data": {"a": "eQ=="}}) == [
        "immutable: Forbidden: field is immutable when `immutable` is set",
        "data: Forbidden: field is immutable when `immutable` is set",
    ]


def test_a_secret_keeps_its_type() -> None:
    assert changed(core.SECRETS, {}, {"type": "a.io/x"}) == ['type: Invalid value: "a.io/x": field is immutable']


def test_entries_are_counted() -> None:
    assert cells(core.CONFIG_MAPS, data={"a": ""}, binaryData={"b": ""})[0] == 2
    assert cells(core.SECRETS, data={"a": ""})[:2] == ["Opaque", 1]


CLAIM = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
BOUND = {"status": {"phase": "Bound", "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]}}


def claim(**spec: Any) -> dict[str, Any]:
    return {"spec": {**CLAIM["spec"], **spec}}


def asked(size: str) -> dict[str, Any]:
    return {"requests": {"storage": size}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (claim(), []),
        (claim(accessModes=[]), ["spec.accessModes: Required value: at least 1 access mode is required"]),
        (claim(accessModes=["X"]), [
            'spec.accessModes: Unsupported value: "X": supported values: '
            '"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
        ]),
        (claim(accessModes=["ReadWriteOncePod", "ReadWriteOnce"]), [
            "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
        ]),
        (claim(resources={}), ["spec.resources[storage]: Required value"]),
        (claim(resources=asked("0")), ['spec.resources[storage]: Invalid value: "0": must be greater than zero']),
        (claim(volumeMode="X"), [
            'spec.volumeMode: Unsupported value: "X": supported values: "Block", "Filesystem"',
        ]),
        (claim(dataSource={"kind": "X", "name": "y"}), [
            "spec.dataSource: Invalid value: \"X\": must be 'PersistentVolumeClaim' when referencing the default "
            "apiGroup",
            "spec.dataSourceRef: Invalid value: \"X\": must be 'PersistentVolumeClaim' when referencing the default "
            "apiGroup",
        ]),
    ],
)  # fmt: skip
def test_claims(fields: dict[str, Any], expected: list[str]) -> None:
    assert faults(core.PERSISTENT_VOLUME_CLAIMS, **fields) == expected


IMMUTABLE = (
    "spec: Forbidden: spec is immutable after creation except resources.requests and "
    "volumeAttributesClassName for bound claims"
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({**claim(volumeName="v"), **BOUND}, {**claim(volumeName="v", resources=asked("2Gi")), **BOUND}, []),
        (
            {**claim(volumeName="v"), **BOUND},
            {**claim(volumeName="v", resources=asked("1Mi")), **BOUND},
            [
                "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity",
            ],
        ),
        (claim(), claim(volumeName="v"), []),
        (claim(volumeName="v"), claim(volumeName="w"), [IMMUTABLE]),
        (claim(), claim(storageClassName="fast"), []),
        (claim(storageClassName="slow"), claim(storageClassName="fast"), [IMMUTABLE]),
        (claim(), claim(resources=asked("2Gi")), [IMMUTABLE]),
    ],
)
def test_changes_of_claims(old: dict[str, Any], new: dict[str, Any], expected: list[str]) -> None:
    assert changed(core.PERSISTENT_VOLUME_CLAIMS, old, new) == expected


def test_columns_of_claims() -> None:
    assert cells(core.PERSISTENT_VOLUME_CLAIMS, **claim())[:6] == ["Pending", "", "", "", "", "<unset>"]
    bound = {**claim(volumeName="v", storageClassName="fast"), **BOUND}
    assert cells(core.PERSISTENT_VOLUME_CLAIMS, **bound)[:5] == ["Bound", "v", "1Gi", "RWO", "fast"]


def volume(**spec: Any) -> dict[str, Any]:
    base = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/v"}}
    return {"spec": {k: v for k, v in {**base, **spec}.items() if v is not None}}


AT_NODE = {
    "required": {
        "nodeSelectorTerms": [
            {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["n"]}]}
        ]
    }
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (volume(), []),
        (volume(hostPath=None, local={"path": "/v"}, nodeAffinity=AT_NODE), []),
        (volume(hostPath=None, local={"path": "/v"}), [
            "spec.nodeAffinity: Required value: Local volume requires node affinity",
        ]),
        (volume(hostPath=None), ["spec: Required value: must specify a volume type"]),
        (volume(nfs={"server": "s", "path": "/"}), ["spec.nfs: Forbidden: may not specify more than 1 volume type"]),
        (volume(accessModes=[]), ["spec.accessModes: Required value"]),
        (volume(capacity={"cpu": "1"}), [
            'spec.capacity: Unsupported value: {"cpu":"1"}: supported values: "storage"',
        ]),
        (volume(capacity={"storage": "-1"}), [
            "spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity",
            'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
        ]),
        (volume(persistentVolumeReclaimPolicy="Keep"), [
            'spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep": '
            'supported values: "Delete", "Recycle", "Retain"',
        ]),
        (volume(hostPath={"path": "//"}, persistentVolumeReclaimPolicy="Recycle"), None),
        (volume(hostPath=None, csi={"driver": "a.io"}), ["spec.csi.volumeHandle: Required value"]),
        (volume(nodeAffinity={}), [
            "spec.nodeAffinity.required: Required value: must specify required node constraints",
        ]),
        (volume(volumeAttributesClassName="gold"), [
            "spec.csi: Required value: has to be specified when using volumeAttributesClassName",
        ]),
    ],
)  # fmt: skip
def test_volumes(fields: dict[str, Any], expected: list[str] | None) -> None:
    found = faults(core.PERSISTENT_VOLUMES, **fields)
    assert found == expected if expected is not None else True


def test_changes_of_volumes() -> None:
    kind = core.PERSISTENT_VOLUMES
    assert not changed(kind, volume(), volume(capacity={"storage": "2Gi"}, claimRef={"name": "x", "namespace": "y"}))
    assert changed(kind, volume(), volume(hostPath={"path": "/w"})) == [
        "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation"
    ]
    assert changed(kind, volume(), volume(volumeMode="Block")) == [
        'volumeMode: Invalid value: "Block": field is immutable'
    ]
    assert not changed(kind, volume(), volume(nodeAffinity=AT_NODE))
    assert changed(kind, volume(nodeAffinity=AT_NODE), volume())[0].endswith(
        "field is immutable, except for updating from beta label to GA"
    )


def test_columns_of_volumes() -> None:
    fields = volume(claimRef={"namespace": "b", "name": "c"}, storageClassName="fast")
    assert cells(core.PERSISTENT_VOLUMES, **fields)[:6] == ["1Gi", "RWO", "Retain", "Pending", "b/c", "fast"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"spec": {"podCIDR": "10.0.0.0/24"}, "status": {"capacity": {"cpu": 2, "a.io/gpu": "1"}}}, []),
        ({"spec": {"taints": [{"key": "a"}]}}, ["metadata.taints[0].effect: Required value"]),
        ({"spec": {"taints": [{"key": "a", "effect": "NoSchedule"}, {"key": "a", "effect": "NoSchedule"}]}}, [
            'metadata.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}: '
            "taints must be unique by key and effect pair",
        ]),
        ({"spec": {"podCIDRs": ["10.0.0.0/24", "10.1.0.0/24"]}}, [
            'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: '
            "may specify no more than one CIDR for each IP family",
        ]),
        ({"status": {"capacity": {"cpu": "-1"}}}, [
            'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
            'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
        ]),
    ],
)  # fmt: skip
def test_nodes(fields: dict[str, Any], expected: list[str]) -> None:
    assert faults(core.NODES, **fields) == expected


def test_changes_of_nodes() -> None:
    old = {"spec": {"podCIDR": "10.0.0.0/24", "podCIDRs": ["10.0.0.0/24"], "providerID": "x"}}
    assert not changed(core.NODES, {}, old)
    assert not changed(core.NODES, old, {"spec": {**old["spec"], "unschedulable": True}})
    assert changed(core.NODES, old, {"spec": {}}) == [
        'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
        'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ]


def test_nodes_know_their_ranges_by_both_names() -> None:
    assert made(core.NODES, spec={"podCIDR": "10.0.0.0/24"})["spec"]["podCIDRs"] == ["10.0.0.0/24"]
    assert made(core.NODES, spec={"podCIDRs": ["10.0.0.0/24"]})["spec"]["podCIDR"] == "10.0.0.0/24"


def test_columns_of_nodes() -> None:
    shown = cells(
        core.NODES,
        metadata={"labels": {"node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": ""}},
        spec={"unschedulable": True},
        status={
            "conditions": [{"type": "Ready", "status": "False"}],
            "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}],
            "nodeInfo": {"kubeletVersion": "v1", "kernelVersion": "6.1", "architecture": "amd64"},
        },
    )
    assert shown == [
        "NotReady,SchedulingDisabled", "control-plane,worker", "<unknown>", "v1", "10.0.0.1", "<none>", "<unknown>",
        "6.1 (amd64)", "<unknown>",
    ]  # fmt: skip
    assert cells(core.NODES)[:2] == ["Unknown", "<none>"]
    assert core.NODES.fields(made(core.NODES)) == {"spec.unschedulable": "false"}


def test_namespaces_carry_their_name_and_the_finalizer() -> None:
    namespace = made(core.NAMESPACES)
    core.NAMESPACES.prepare_create(namespace)
    assert namespace == {
        "metadata": {"name": "a", "labels": {"kubernetes.io/metadata.name": "a"}},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }
    assert not core.NAMESPACES.validate(namespace, None)
    assert faults(core.NAMESPACES, metadata={"name": "a.b"})


def test_finalizers_of_namespaces_go_through_finalize_alone() -> None:
    old = {"metadata": {"name": "a"}, "spec": {"finalizers": ["kubernetes"]}}
    new: dict[str, Any] = {"metadata": {"name": "a"}, "spec": {}}
    assert core.NAMESPACES.prepare_update
    core.NAMESPACES.prepare_update(new, old)
    assert new["spec"] == {"finalizers": ["kubernetes"]}
    assert not validate_finalize({"metadata": {"name": "a"}, "spec": {}}, old)
    bad = {"metadata": {"name": "a"}, "spec": {"finalizers": ["mine"]}}
    assert said(validate_finalize(bad, old)) == [
        'spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified'
    ]


@pytest.mark.parametrize(
    ("phase", "deleted", "expected"),
    [
        ("Active", None, []),
        ("Terminating", "t", []),
        ("Terminating", None, ["may only be 'Active' if `deletionTimestamp` is empty"]),
        ("Active", "t", ["may only be 'Terminating' if `deletionTimestamp` is not empty"]),
    ],
)
def test_phases_of_namespaces(phase: str, deleted: str | None, expected: list[str]) -> None:
    assert core.NAMESPACES.validate_status
    namespace = {"metadata": {"name": "a", "deletionTimestamp": deleted}, "status": {"phase": phase}}
    found = said(core.NAMESPACES.validate_status(namespace, namespace))
    assert found == [f'status.Phase: Invalid value: "{phase}": {text}' for text in expected]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"hard": {"pods": "10", "requests.cpu": "1", "count/deployments.apps": "2", "a.io/gpu": "1"}}, []),
        ({"hard": {"pods": "1.5"}}, ['spec.hard[pods]: Invalid value: "1500m": must be an integer']),
        ({"hard": {"foo": "1"}}, [
            'spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
            'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota',
        ]),
        ({"scopes": ["X"]}, ['spec.scopes: Invalid value: ["X"]: unsupported scope']),
        ({"hard": {"cpu": "1"}, "scopes": ["BestEffort"]}, [
            'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
        ]),
        ({"scopes": ["Terminating", "NotTerminating"]}, [
            'spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes',
        ]),
        ({"scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In"}]}}, [
            "spec.scopeSelector.matchExpressions.values: Required value: "
            "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
        ]),
    ],
)  # fmt: skip
def test_quotas(spec: dict[str, Any], expected: list[str]) -> None:
    assert faults(core.RESOURCE_QUOTAS, spec=spec) == expected


def test_quotas_keep_their_scopes() -> None:
    found = changed(core.RESOURCE_QUOTAS, {"spec": {}}, {"spec": {"scopes": ["Terminating"]}})
    assert found == ['spec.scopes: Invalid value: ["Terminating"]: field is immutable']


def test_columns_of_quotas() -> None:
    status = {"hard": {"pods": "10", "limits.cpu": "2", "cpu": "1"}, "used": {"pods": "3"}}
    assert cells(core.RESOURCE_QUOTAS, status=status)[:2] == ["cpu: 0/1, pods: 3/10", "limits.cpu: 0/2"]


def limits(**item: Any) -> dict[str, Any]:
    return {"spec": {"limits": [{"type": "Container", **item}]}}


def test_limits_follow_from_each_other() -> None:
    item = made(core.LIMIT_RANGES, **limits(max={"cpu": 2}, min={"memory": "1Mi"}))["spec"]["limits"][0]
    assert item["default"] == {"cpu": "2"}
    assert item["defaultRequest"] == {"cpu": "2", "memory": "1Mi"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (limits(max={"cpu": "2"}, min={"cpu": "1"}), []),
        (limits(type="X"), [
            'spec.limits[0].type: Invalid value: "X": must be a standard limit type or fully qualified',
        ]),
        (limits(type="Pod", default={"cpu": "1"}), [
            "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
        ]),
        (limits(type="Pod", max={"cpu": "1"}, min={"cpu": "2"}), [
            'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
        ]),
        (limits(type="PersistentVolumeClaim"), [
            "spec.limits[0].limits: Required value: "
            "either minimum or maximum storage value is required, but neither was provided",
        ]),
        (limits(type="Pod", maxLimitRequestRatio={"cpu": "500m"}), [
            'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
        ]),
        (limits(type="Pod", max={"cpu": "2"}, min={"cpu": "1"}, maxLimitRequestRatio={"cpu": "3"}), [
            'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": '
            "ratio 3 is greater than max/min = 2.000000",
        ]),
    ],
)  # fmt: skip
def test_limits(fields: dict[str, Any], expected: list[str]) -> None:
    assert faults(core.LIMIT_RANGES, **fields) == expected


def controller(**spec: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    return {"spec": {"template": template, **spec}}


def test_controllers_select_what_they_make() -> None:
    rc = made(core.REPLICATION_CONTROLLERS, **controller())
    assert (rc["spec"]["selector"], rc["spec"]["replicas"], rc["metadata"]["labels"]) == ({"a": "b"}, 1, {"a": "b"})
    assert not core.REPLICATION_CONTROLLERS.validate(rc, None)
    assert faults(core.REPLICATION_CONTROLLERS, **controller(selector={"x": "y"}, replicas=-1)) == [
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
    ]
    assert cells(core.REPLICATION_CONTROLLERS, **controller())[:3] == [1, 0, 0]
    assert cells(core.REPLICATION_CONTROLLERS, **controller())[4:] == ["c", "i", "a=b"]


def test_counts_of_controllers_fit_together() -> None:
    assert core.REPLICATION_CONTROLLERS.validate_status
    rc = made(core.REPLICATION_CONTROLLERS, **controller(), status={"replicas": 1, "readyReplicas": 2})
    assert said(core.REPLICATION_CONTROLLERS.validate_status(rc, rc)) == [
        "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas"
    ]


CORE_EVENT = {
    "apiVersion": "v1", "kind": "Event", "metadata": {"name": "a", "namespace": "b"},
    "involvedObject": {"kind": "Pod", "name": "p", "namespace": "b"}, "reason": "Pulled", "message": " done ",
    "type": "Normal", "source": {"component": "kubelet", "host": "n"}, "firstTimestamp": "2026-01-01T11:00:00Z",
    "lastTimestamp": "2026-01-01T11:59:00Z", "count": 4,
}  # fmt: skip
NEW_EVENT = {
    "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "a", "namespace": "b"},
    "regarding": {"kind": "Pod", "name": "p", "namespace": "b"}, "reason": "Scheduled", "note": "to n",
    "type": "Normal", "eventTime": "2026-01-01T11:59:00.000000Z", "action": "Binding",
    "reportingController": "default-scheduler", "reportingInstance": "s-1",
}  # fmt: skip


def test_events_come_and_go_in_both_forms() -> None:
    stored = to_core(NEW_EVENT)
    assert (stored["apiVersion"], stored["message"], stored["reportingComponent"]) == (
        "v1",
        "to n",
        "default-scheduler",
    )
    assert from_core(stored) == NEW_EVENT
    shown = from_core(CORE_EVENT)
    assert (shown["deprecatedCount"], shown["deprecatedSource"]["component"], shown["note"]) == (4, "kubelet", " done ")


def test_columns_of_events_are_the_same_in_both_groups() -> None:
    shown = [c.value(CORE_EVENT, NOW) for c in core.EVENTS.columns]
    assert shown == ["60s", "Normal", "Pulled", "pod/p", "", "kubelet, n", "done", "60m", 4, "a"]
    assert [c.value(from_core(CORE_EVENT), NOW) for c in events.EVENTS.columns] == shown
    series = {**NEW_EVENT, "series": {"count": 7, "lastObservedTime": "2026-01-01T11:59:50.000000Z"}}
    again = [c.value(series, NOW) for c in events.EVENTS.columns]
    assert (again[0], again[5], again[8]) == ("10s", "default-scheduler, s-1", 7)


def test_fields_of_events() -> None:
    assert core.EVENTS.fields(CORE_EVENT)["involvedObject.name"] == "p"
    assert core.EVENTS.fields(CORE_EVENT)["source"] == "kubelet"
    assert events.EVENTS.fields(NEW_EVENT)["regarding.name"] == "p"
    assert events.EVENTS.fields(to_core(NEW_EVENT)) == events.EVENTS.fields(NEW_EVENT)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"action": ""}, ["action: Required value"]),
        ({"type": "Odd"}, ['type: Invalid value: "": has invalid value: Odd']),
        ({"deprecatedCount": 1}, ['count: Invalid value: "": needs to be unset']),
        ({"reportingInstance": "x" * 129}, ['reportingInstance: Invalid value: "": can have at most 128 characters']),
        ({"note": "x" * 1025}, ['message: Invalid value: "": can have at most 1024 characters']),
        ({"regarding": {}}, ['involvedObject.namespace: Invalid value: "": does not match event.namespace']),
        ({"series": {"count": 1, "lastObservedTime": "t"}}, [
            'series.count: Invalid value: "": should be at least 2',
        ]),
    ],
)  # fmt: skip
def test_events_of_the_new_group(change: dict[str, Any], expected: list[str]) -> None:
    assert said(events.EVENTS.validate({**NEW_EVENT, **change}, None)) == expected


def test_only_the_series_of_an_event_changes() -> None:
    series = {"series": {"count": 2, "lastObservedTime": "t"}}
    assert not events.EVENTS.validate({**NEW_EVENT, **series}, NEW_EVENT)
    assert said(events.EVENTS.validate({**NEW_EVENT, "note": "else"}, NEW_EVENT)) == [
        'message: Invalid value: "else": field is immutable'
    ]


def test_events_of_the_core_group_ask_for_little() -> None:
    assert not core.EVENTS.validate(CORE_EVENT, None)
    stray = {**CORE_EVENT, "involvedObject": {"namespace": "c"}}
    assert said(core.EVENTS.validate(stray, None)) == [
        'involvedObject.namespace: Invalid value: "c": does not match event.namespace'
    ]


def test_component_statuses_say_how_they_are() -> None:
    healthy = {"conditions": [{"type": "Healthy", "status": "True", "message": "ok"}]}
    assert cells(core.COMPONENT_STATUSES, **healthy) == ["Healthy", "ok", ""]
    assert cells(core.COMPONENT_STATUSES) == ["Unknown", "", ""]
