"""Pods: defaults, rules, updates, strategy, columns."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from armillary.engine.kinds.core import PODS
from armillary.engine.kinds.pod.defaults import default_pod, default_pod_template, pull_policy
from armillary.engine.kinds.pod.pod import check_binding, grace_seconds, validate_ephemeral_containers, validate_resize
from armillary.engine.kinds.pod.resources import aggregate, qos_class
from armillary.engine.kinds.pod.template import validate_pod_template
from armillary.engine.kinds.pod.update import prepare_ephemeral_containers, prepare_resize
from armillary.engine.kinds.values import format_quantity

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


def container(name: str = "c", **fields: Any) -> dict[str, Any]:
    return {"name": name, "image": "web:1", **fields}


def pod(*, meta: dict[str, Any] | None = None, status: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """A pod with one container unless `spec` brings its own, defaulted."""
    full = {"containers": [container()], "serviceAccountName": "default", **spec}
    made = {"metadata": {"name": "a", "namespace": "b", **(meta or {})}, "spec": full, "status": status or {}}
    default_pod(made)
    return made


def said(causes: Any) -> list[str]:
    return [f"{c.field}: {c.message}" for c in causes]


def faults(**spec: Any) -> list[str]:
    return said(PODS.validate(pod(**spec), None))


def of_container(**fields: Any) -> list[str]:
    return [f.replace("spec.containers[0].", "") for f in faults(containers=[container(**fields)])]


def test_defaults_of_a_pod() -> None:
    made = pod(
        containers=[
            container(
                ports=[{"containerPort": 80}],
                resources={"limits": {"cpu": 1, "memory": "1024Mi"}, "requests": {"cpu": "0.5"}},
                env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                livenessProbe={"httpGet": {"port": 80}},
            )
        ],
        volumes=[
            {"name": "a"},
            {"name": "b", "secret": {"secretName": "s"}},
            {"name": "c", "hostPath": {"path": "/x"}},
            {"name": "d", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
        ],
    )
    spec = made["spec"]
    first = spec["containers"][0]
    assert first["imagePullPolicy"] == "IfNotPresent"
    assert (first["terminationMessagePath"], first["terminationMessagePolicy"]) == ("/dev/termination-log", "File")
    assert first["ports"][0]["protocol"] == "TCP"
    assert first["resources"] == {
        "limits": {"cpu": "1", "memory": "1Gi"},
        "requests": {"cpu": "500m", "memory": "1Gi"},
    }
    assert first["env"][0]["valueFrom"]["fieldRef"]["apiVersion"] == "v1"
    assert first["livenessProbe"] == {
        "httpGet": {"port": 80, "path": "/", "scheme": "HTTP"},
        "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3,
    }  # fmt: skip
    assert [next(iter(v.keys() - {"name"})) for v in spec["volumes"]] == ["emptyDir", "secret", "hostPath", "projected"]
    assert spec["volumes"][1]["secret"]["defaultMode"] == 420
    assert spec["volumes"][2]["hostPath"]["type"] == ""
    assert spec["volumes"][3]["projected"]["sources"][0]["serviceAccountToken"]["expirationSeconds"] == 3600
    rest = {k: v for k, v in spec.items() if k not in ("containers", "volumes")}
    assert rest == {
        "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
        "securityContext": {}, "terminationGracePeriodSeconds": 30, "enableServiceLinks": True,
        "serviceAccountName": "default", "serviceAccount": "default",
    }  # fmt: skip


def test_templates_lack_what_only_pods_get() -> None:
    template: dict[str, Any] = {"spec": {"containers": [container(resources={"limits": {"cpu": "1"}})]}}
    default_pod_template(template)
    assert "enableServiceLinks" not in template["spec"]
    assert template["spec"]["containers"][0]["resources"] == {"limits": {"cpu": "1"}}


def test_host_network_takes_the_ports_of_the_host() -> None:
    made = pod(hostNetwork=True, containers=[container(ports=[{"containerPort": 80}])])
    assert made["spec"]["containers"][0]["ports"][0]["hostPort"] == 80


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1.25", "IfNotPresent"),
        ("registry:5000/nginx", "Always"),
        ("registry:5000/a/b:v2", "IfNotPresent"),
        ("nginx@sha256:" + "0" * 64, "IfNotPresent"),
        ("NotAnImage", "IfNotPresent"),
        ("", "IfNotPresent"),
    ],
)
def test_pull_policy_follows_the_tag(image: str, policy: str) -> None:
    assert pull_policy(image) == policy


def sized(requests: dict[str, str], limits: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return container(resources={"requests": requests, "limits": limits or {}}, **more)


@pytest.mark.parametrize(
    ("containers", "qos"),
    [
        ([container()], "BestEffort"),
        ([sized({"cpu": "1"})], "Burstable"),
        ([sized({"cpu": "1", "memory": "1Gi"}, {"cpu": "1", "memory": "1Gi"})], "Guaranteed"),
        ([sized({"cpu": "1", "memory": "1Gi"}, {"cpu": "1000m", "memory": "1024Mi"})], "Guaranteed"),
        ([sized({"cpu": "1", "memory": "1Gi"}, {"cpu": "2", "memory": "1Gi"})], "Burstable"),
        ([sized({"cpu": "1", "memory": "1Gi"}, {"cpu": "1", "memory": "1Gi"}), container()], "Burstable"),
        ([sized({"ephemeral-storage": "1Gi"})], "BestEffort"),
        ([sized({"cpu": "0"})], "BestEffort"),
    ],
)
def test_quality_of_service(containers: list[dict[str, Any]], qos: str) -> None:
    assert qos_class({"containers": containers}) == qos


def test_init_containers_count_one_by_one_and_sidecars_beside_the_rest() -> None:
    spec = {
        "containers": [sized({"cpu": "1"}), sized({"cpu": "1"})],
        "initContainers": [
            sized({"cpu": "500m"}, restartPolicy="Always"),
            sized({"cpu": "3"}),
            sized({"cpu": "1"}),
        ],
    }
    assert format_quantity(aggregate(spec, "requests")["cpu"]) == "3500m"
    spec["initContainers"].pop(1)
    assert format_quantity(aggregate(spec, "requests")["cpu"]) == "2500m"


def test_requests_of_the_pod_follow_from_its_containers() -> None:
    made = pod(
        resources={"limits": {"cpu": "4", "memory": "4Gi"}}, containers=[sized({"cpu": "1"}), sized({"cpu": "1"})]
    )
    assert made["spec"]["resources"]["requests"] == {"cpu": "2", "memory": "4Gi"}


def test_a_typical_pod_has_no_faults() -> None:
    assert not faults(
        containers=[
            container(
                ports=[{"containerPort": 80, "name": "http"}],
                env=[
                    {"name": "A", "value": "b"},
                    {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                    {"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}},
                    {"name": "D", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app.io/x']"}}},
                ],
                envFrom=[{"configMapRef": {"name": "m"}, "prefix": "P_"}],
                volumeMounts=[{"name": "v", "mountPath": "/v", "subPath": "x", "readOnly": True}],
                readinessProbe={"tcpSocket": {"port": "http"}},
                startupProbe={"grpc": {"port": 90}},
                lifecycle={"preStop": {"sleep": {"seconds": 5}}, "postStart": {"exec": {"command": ["true"]}}},
                securityContext={"runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
            )
        ],
        initContainers=[
            container("i"),
            container("s", restartPolicy="Always", readinessProbe={"httpGet": {"port": 1, "path": "/"}}),
        ],
        volumes=[{"name": "v", "configMap": {"name": "m", "items": [{"key": "a", "path": "b/c"}]}}],
        tolerations=[{"operator": "Exists"}, {"key": "a", "value": "b", "effect": "NoExecute", "tolerationSeconds": 5}],
        topologySpreadConstraints=[{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}],
        affinity={
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {"weight": 5, "podAffinityTerm": {"topologyKey": "h", "labelSelector": {"matchLabels": {"a": "b"}}}}
                ]
            }
        },
        dnsConfig={"nameservers": ["10.0.0.1"], "searches": ["a.b", "_x.c."], "options": [{"name": "ndots"}]},
        hostAliases=[{"ip": "10.0.0.1", "hostnames": ["x"]}],
        readinessGates=[{"conditionType": "a.io/b"}],
        overhead={"cpu": "1m"},
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": ""}, ["name: Required value"]),
        ({"name": "a.b"}, ['name: Invalid value: "a.b": must not contain dots']),
        ({"image": ""}, ["image: Required value"]),
        ({"image": " web"}, ['image: Invalid value: " web": must not have leading or trailing whitespace']),
        (
            {"imagePullPolicy": "Sometimes"},
            ['imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"'],
        ),
        (
            {"terminationMessagePolicy": "X"},
            ['terminationMessagePolicy: Unsupported value: "X": supported values: "File", "FallbackToLogsOnError"'],
        ),
        ({"ports": [{}]}, ["ports[0].containerPort: Required value"]),
        (
            {"ports": [{"containerPort": 70000}]},
            ["ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive"],
        ),
        (
            {"ports": [{"containerPort": 1, "name": "x"}, {"containerPort": 2, "name": "x"}]},
            ['ports[1].name: Duplicate value: "x"'],
        ),
        (
            {"ports": [{"containerPort": 1, "protocol": "IP"}]},
            ['ports[0].protocol: Unsupported value: "IP": supported values: "SCTP", "TCP", "UDP"'],
        ),
        (
            {"ports": [{"containerPort": 1, "hostPort": 5}, {"containerPort": 2, "hostPort": 5}]},
            ['ports[1].hostPort: Duplicate value: "TCP//5"'],
        ),
        ({"env": [{"value": "x"}]}, ["env[0].name: Required value"]),
        (
            {"env": [{"name": "A", "valueFrom": {}}]},
            [
                'env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, '
                "`configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
            ],
        ),
        (
            {"env": [{"name": "A", "value": "x", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
            ['env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.foo"}}}]},
            [
                'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": '
                "error converting fieldPath: field label not supported: spec.foo"
            ],
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "status.phase"}}}]},
            [
                'env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: '
                '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", '
                '"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"'
            ],
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "2"}}}]},
            [
                'env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": '
                "only divisor's values 1m and 1 are supported with the cpu resource"
            ],
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}]},
            ["env[0].valueFrom.secretKeyRef.key: Required value"],
        ),
        ({"envFrom": [{}]}, ['envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`']),
        (
            {"volumeMounts": [{"name": "x", "mountPath": "/x"}]},
            ['volumeMounts[0].name: Not found: "x"'],
        ),
        (
            {"livenessProbe": {}},
            ["livenessProbe: Required value: must specify a handler type"],
        ),
        (
            {"livenessProbe": {"exec": {"command": ["a"]}, "tcpSocket": {"port": 1}}},
            ["livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"],
        ),
        (
            {"livenessProbe": {"tcpSocket": {"port": 0}, "successThreshold": 2}},
            [
                "livenessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive",
                "livenessProbe.successThreshold: Invalid value: 2: must be 1",
            ],
        ),
        (
            {"readinessProbe": {"exec": {"command": ["a"]}, "terminationGracePeriodSeconds": 1}},
            ["readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for readinessProbes"],
        ),
        (
            {"lifecycle": {"preStop": {"sleep": {"seconds": 31}}}},
            [
                "lifecycle.preStop.sleep: Invalid value: 31: "
                "must be non-negative and less than terminationGracePeriodSeconds (30)"
            ],
        ),
        (
            {"lifecycle": {"stopSignal": "SIGTERM"}},
            ["lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`"],
        ),
        (
            {"resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "2"}}},
            ['resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
        ),
        (
            {"resources": {"limits": {"cpu": "-1"}, "requests": {"cpu": "-2"}}},
            [
                'resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
                'resources.requests[cpu]: Invalid value: "-2": must be greater than or equal to 0',
            ],
        ),
        (
            {"resources": {"limits": {"foo": "1"}}},
            [
                'resources.limits[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
                'resources.limits[foo]: Invalid value: "foo": must be a standard resource for containers',
                'resources.requests[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
                'resources.requests[foo]: Invalid value: "foo": must be a standard resource for containers',
            ],
        ),
        (
            {"resources": {"limits": {"a.io/gpu": "1.5"}}},
            [
                'resources.limits[a.io/gpu]: Invalid value: "1500m": must be an integer',
                'resources.requests[a.io/gpu]: Invalid value: "1500m": must be an integer',
            ],
        ),
        (
            {"resources": {"requests": {"a.io/gpu": "1"}}},
            ["resources.limits: Required value: Limit must be set for non overcommitable resources"],
        ),
        (
            {"resources": {"limits": {"hugepages-2Mi": "3Mi"}}},
            [
                'resources.limits[hugepages-2Mi]: Invalid value: "3Mi": '
                "3Mi is not positive integer multiple of hugepages-2Mi",
                'resources.requests[hugepages-2Mi]: Invalid value: "3Mi": '
                "3Mi is not positive integer multiple of hugepages-2Mi",
                "resources: Forbidden: HugePages require cpu or memory",
            ],
        ),
        (
            {"resources": {"claims": [{"name": "x"}]}},
            ['resources.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty'],
        ),
        (
            {"resources": {"requests": {"cpu": "much"}}},
            [
                'resources.requests[cpu]: Invalid value: "much": quantities must match the regular expression '
                "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            ],
        ),
        (
            {"securityContext": {"runAsUser": -1, "procMount": "Unmasked"}},
            [
                "securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
                'securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`',
            ],
        ),
        (
            {"securityContext": {"allowPrivilegeEscalation": False, "privileged": True}},
            [
                'securityContext: Invalid value: {"allowPrivilegeEscalation":false,"privileged":true}: '
                "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            ],
        ),
        (
            {"securityContext": {"seccompProfile": {"type": "Localhost"}}},
            [
                "securityContext.seccompProfile.localhostProfile: Required value: "
                "must be set when seccomp type is Localhost"
            ],
        ),
        (
            {"restartPolicyRules": [{"action": "Restart"}]},
            [
                "restartPolicy: Required value: must specify restartPolicy when restart rules are used",
                "restartPolicyRules[0].exitCodes: Required value: must be specified",
            ],
        ),
        (
            {"resizePolicy": [{"resourceName": "disk", "restartPolicy": "NotRequired"}]},
            ['resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"'],
        ),
    ],
)
def test_faults_of_containers(fields: dict[str, Any], expected: list[str]) -> None:
    assert of_container(**fields) == expected


def mounts(*given: dict[str, Any], **more: Any) -> list[str]:
    return faults(
        volumes=[{"name": "v"}, {"name": "p", "persistentVolumeClaim": {"claimName": "x"}}],
        containers=[container(volumeMounts=list(given), **more)],
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([{"name": "v", "mountPath": ""}], "volumeMounts[0].mountPath: Required value"),
        (
            [{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/a"}],
            'volumeMounts[1].mountPath: Invalid value: "/a": must be unique',
        ),
        (
            [{"name": "v", "mountPath": "/a", "subPath": "/x"}],
            'volumeMounts.subPath: Invalid value: "/x": must be a relative path',
        ),
        (
            [{"name": "v", "mountPath": "/a", "subPath": "x", "subPathExpr": "y"}],
            'volumeMounts[0].subPathExpr: Invalid value: "y": subPathExpr and subPath are mutually exclusive',
        ),
        (
            [{"name": "v", "mountPath": "/a", "mountPropagation": "Bidirectional"}],
            "volumeMounts.mountPropagation: Forbidden: "
            "Bidirectional mount propagation is available only to privileged containers",
        ),
        (
            [{"name": "v", "mountPath": "/a", "recursiveReadOnly": "Enabled"}],
            "volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true",
        ),
    ],
)
def test_faults_of_mounts(given: list[dict[str, Any]], expected: str) -> None:
    assert mounts(*given) == [f"spec.containers[0].{expected}"]


def test_faults_of_devices() -> None:
    found = mounts(volumeDevices=[{"name": "v", "devicePath": "/d"}, {"name": "p", "devicePath": "../d"}])
    assert found == [
        'spec.containers[0].volumeDevices[0].name: Invalid value: "v": '
        "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode",
        "spec.containers[0].volumeDevices[1].devicePath: Invalid value: \"../d\": can not contain backsteps ('..')",
    ]


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ({"name": ""}, ["name: Required value"]),
        ({"name": "A"}, None),
        (
            {"name": "v", "emptyDir": {}, "hostPath": {"path": "/x"}},
            ["hostPath: Forbidden: may not specify more than 1 volume type"],
        ),
        (
            {"name": "v", "emptyDir": {"sizeLimit": "-1"}},
            ["emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity"],
        ),
        ({"name": "v", "hostPath": {"path": ""}}, ["hostPath.path: Required value"]),
        (
            {"name": "v", "hostPath": {"path": "/a/../b", "type": "Dir"}},
            [
                "hostPath.path: Invalid value: \"/a/../b\": must not contain '..'",
                'hostPath.type: Unsupported value: "Dir": supported values: "", "BlockDevice", "CharDevice", '
                '"Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
            ],
        ),
        ({"name": "v", "secret": {}}, ["secret.secretName: Required value"]),
        (
            {"name": "v", "configMap": {"name": "m", "defaultMode": 0o1000}},
            ["configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive"],
        ),
        (
            {"name": "v", "configMap": {"name": "m", "items": [{"key": "k", "path": "..x"}]}},
            ["configMap.items[0].path: Invalid value: \"..x\": must not start with '..'"],
        ),
        ({"name": "v", "persistentVolumeClaim": {}}, ["persistentVolumeClaim.claimName: Required value"]),
        (
            {"name": "v", "downwardAPI": {"items": [{"path": "p"}]}},
            ["downwardAPI: Required value: one of fieldRef and resourceFieldRef is required"],
        ),
        (
            {"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 1}}]}},
            [
                "projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 1: "
                "may not specify a duration less than 10 minutes"
            ],
        ),
        (
            {"name": "v", "projected": {"sources": [{"secret": {"name": "s"}, "configMap": {"name": "m"}}]}},
            ["projected.sources[0]: Forbidden: may not specify more than 1 volume type per source"],
        ),
        (
            {
                "name": "v",
                "projected": {
                    "sources": [
                        {"secret": {"name": "s", "items": [{"key": "k", "path": "p"}]}},
                        {"configMap": {"name": "m", "items": [{"key": "k", "path": "p"}]}},
                    ]
                },
            },
            ['projected: Invalid value: "m": conflicting duplicate paths'],
        ),
        (
            {"name": "v", "projected": {"sources": [{"clusterTrustBundle": {"path": "p"}}]}},
            ["projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified"],
        ),
        ({"name": "v", "csi": {"driver": ""}}, ["csi.driver: Required value"]),
        (
            {"name": "v", "nfs": {"server": "s", "path": "x"}},
            ['nfs.path: Invalid value: "x": must be an absolute path'],
        ),
        ({"name": "v", "image": {"reference": ""}}, ["image.reference: Required value"]),
        (
            {"name": "v", "ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"]}}}},
            ["ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value"],
        ),
        ({"name": "v", "gcePersistentDisk": {}}, ["persistentDisk.pdName: Required value"]),
        (
            {"name": "v", "iscsi": {"targetPortal": "p", "iqn": "x", "lun": 300}},
            [
                'iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa',
                "iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive",
            ],
        ),
        (
            {"name": "v", "flexVolume": {"driver": "d", "options": {"kubernetes.io/x": "y"}}},
            [
                'flexVolume.options[kubernetes.io/x]: Invalid value: "kubernetes.io/x": '
                "kubernetes.io and k8s.io namespaces are reserved"
            ],
        ),
    ],
)
def test_faults_of_volumes(volume: dict[str, Any], expected: list[str] | None) -> None:
    found = [f.replace("spec.volumes[0].", "") for f in faults(volumes=[volume])]
    assert found == expected if expected is not None else len(found) == 1


def test_volumes_have_names_of_their_own() -> None:
    assert faults(volumes=[{"name": "v"}, {"name": "v"}]) == ['spec.volumes[1].name: Duplicate value: "v"']


def test_tokens_need_an_account() -> None:
    volume = {"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}
    assert faults(serviceAccountName="", volumes=[volume]) == [
        "spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: "
        "must not be specified when serviceAccountName is not set"
    ]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"containers": []}, ["containers: Required value"]),
        ({"containers": [container("x"), container("x")]}, ['containers[1].name: Duplicate value: "x"']),
        ({"initContainers": [container("c")]}, ['initContainers[0].name: Duplicate value: "c"']),
        (
            {"initContainers": [container("i", livenessProbe={"exec": {"command": ["a"]}})]},
            [
                "initContainers[0].livenessProbe: Forbidden: "
                "may not be set for init containers without restartPolicy=Always"
            ],
        ),
        ({"ephemeralContainers": [container("e")]}, ["ephemeralContainers: Forbidden: cannot be set on create"]),
        (
            {"restartPolicy": "Sometimes"},
            ['restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
        ),
        (
            {"dnsPolicy": "X"},
            [
                'dnsPolicy: Unsupported value: "X": supported values: '
                '"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"'
            ],
        ),
        (
            {"dnsPolicy": "None"},
            ["dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"],
        ),
        (
            {"activeDeadlineSeconds": 0},
            ["activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"],
        ),
        ({"nodeName": "A"}, None),
        (
            {"hostNetwork": True, "containers": [container(ports=[{"containerPort": 80, "hostPort": 81}])]},
            [
                "containers[0].ports[0].hostPort: Invalid value: 81: "
                "must match `containerPort` when `hostNetwork` is true"
            ],
        ),
        ({"hostUsers": False, "hostPID": True}, ["HostPID: Forbidden: when `hostUsers` is false"]),
        (
            {"shareProcessNamespace": True, "hostPID": True},
            [
                "securityContext.shareProcessNamespace: Invalid value: true: "
                "ShareProcessNamespace and HostPID cannot both be enabled"
            ],
        ),
        (
            {"securityContext": {"sysctls": [{"name": "net.core.somaxconn", "value": "1"}]}, "hostNetwork": True},
            [
                'securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": '
                "may not be specified when 'hostNetwork' is true"
            ],
        ),
        (
            {"securityContext": {"fsGroupChangePolicy": "X"}},
            [
                'securityContext.fsGroupChangePolicy: Unsupported value: "X": '
                'supported values: "Always", "OnRootMismatch"'
            ],
        ),
        (
            {"tolerations": [{"key": ""}]},
            [
                'tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, '
                'which means "match all values and all keys"'
            ],
        ),
        (
            {"tolerations": [{"key": "a", "operator": "Exists", "value": "b", "tolerationSeconds": 1}]},
            [
                "tolerations[0].effect: Invalid value: \"\": effect must be 'NoExecute' when "
                "`tolerationSeconds` is set",
                "tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'",
            ],
        ),
        (
            {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {}}}},
            [
                "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: "
                "Required value: must have at least one node selector term"
            ],
        ),
        (
            {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{}]}}},
            None,
        ),
        (
            {"topologySpreadConstraints": [{"maxSkew": 0, "topologyKey": "z", "whenUnsatisfiable": "X"}]},
            [
                "topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
                'topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "X": '
                'supported values: "DoNotSchedule", "ScheduleAnyway"',
            ],
        ),
        (
            {"schedulingGates": [{"name": "a"}, {"name": "a"}], "nodeName": "n"},
            [
                'schedulingGates[1]: Duplicate value: "a"',
                "nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
            ],
        ),
        (
            {"hostAliases": [{"ip": "x"}]},
            ['hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
        ),
        ({"os": {"name": "plan9"}}, ['os: Unsupported value: "plan9": supported values: "linux", "windows"']),
        (
            {"os": {"name": "windows"}, "hostPID": True},
            ["hostPID: Forbidden: cannot be set for a windows pod"],
        ),
        (
            {"resources": {"limits": {"cpu": "1"}}, "containers": [sized({"cpu": "2"})]},
            [
                'resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
            ],
        ),
        (
            {"resourceClaims": [{"name": "r"}]},
            [
                'resourceClaims[0]: Invalid value: {"name":"r"}: '
                "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            ],
        ),
        ({"preemptionPolicy": ""}, ["preemptionPolicy: Required value"]),
    ],
)
def test_faults_of_the_spec(spec: dict[str, Any], expected: list[str] | None) -> None:
    found = [f.replace("spec.", "", 1) for f in faults(**spec)]
    assert found == expected if expected is not None else found


def test_faults_of_a_template_stand_below_its_path() -> None:
    template: dict[str, Any] = {"metadata": {"labels": {"a": "b c"}}, "spec": {"containers": []}}
    default_pod_template(template)
    found = said(validate_pod_template(template, "spec.template"))
    assert [f.split(": ")[0] for f in found] == ["spec.template.labels", "spec.template.spec.containers"]


def test_annotations_and_fields_must_agree() -> None:
    meta = {"annotations": {"container.apparmor.security.beta.kubernetes.io/c": "unconfined"}}
    profiled = [container(securityContext={"appArmorProfile": {"type": "RuntimeDefault"}})]
    assert faults(meta=meta, containers=profiled) == [
        "spec.containers[0].securityContext.appArmorProfile.type: Forbidden: "
        "apparmor type in annotation and field must match"
    ]


def changed(old: dict[str, Any], **spec: Any) -> list[str]:
    new = copy.deepcopy(old)
    new["spec"].update(spec)
    return said(PODS.validate(new, old))


def test_what_may_change() -> None:
    old = pod(tolerations=[{"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 1}])
    longer = [{"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 9}, {"operator": "Exists"}]
    image = [{**old["spec"]["containers"][0], "image": "web:2"}]
    assert not changed(old)
    assert not changed(old, containers=image, tolerations=longer, activeDeadlineSeconds=10)
    assert not changed(old, hostNetwork=False)
    assert not changed(pod(schedulingGates=[{"name": "g"}]), schedulingGates=[])


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"containers": []}, "spec.containers: Forbidden: pod updates may not add or remove containers"),
        ({"tolerations": []}, "spec.tolerations: Forbidden: existing toleration can not be modified except"),
        ({"activeDeadlineSeconds": 20}, "spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal"),
        (
            {"activeDeadlineSeconds": None},
            "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value",
        ),
        (
            {"schedulingGates": [{"name": "g"}]},
            "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'",
        ),
        ({"nodeName": "n"}, "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`"),
        ({"terminationGracePeriodSeconds": 1}, "spec: Forbidden: pod updates may not change fields other than"),
    ],
)
def test_what_may_not_change(spec: dict[str, Any], expected: str) -> None:
    old = pod(tolerations=[{"operator": "Exists"}], activeDeadlineSeconds=10)
    found = changed(old, **spec)
    assert found
    assert found[-1].startswith(expected)


def test_a_refused_change_is_shown() -> None:
    found = changed(pod(), nodeName="n")
    assert "(allow it to be set to 1 if it was previously negative)\n@@ " in found[0]
    assert '+ "nodeName": "n",\n' in found[0]


def test_a_negative_grace_period_may_become_one() -> None:
    assert not changed(pod(terminationGracePeriodSeconds=-1), terminationGracePeriodSeconds=1)


def test_gated_pods_may_be_narrowed_down() -> None:
    old = pod(schedulingGates=[{"name": "g"}], nodeSelector={"a": "b"})
    assert not changed(old, nodeSelector={"a": "b", "c": "d"})
    assert changed(old, nodeSelector={"c": "d"})[0].startswith("spec.nodeSelector: Invalid value")
    terms = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "k", "operator": "Exists"}]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    assert not changed(old, affinity=affinity)
    gated = pod(schedulingGates=[{"name": "g"}], affinity=affinity)
    assert changed(gated, affinity=None)[0].endswith(
        "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
    )


def test_ephemeral_containers_are_only_added() -> None:
    old = pod()
    new = copy.deepcopy(old)
    new["spec"]["ephemeralContainers"] = [container("debug", targetContainerName="c")]
    new["spec"]["nodeName"] = "ignored"
    default_pod(new)
    prepare_ephemeral_containers(new, old)
    assert "nodeName" not in new["spec"]
    assert not validate_ephemeral_containers(new, old)
    assert said(validate_ephemeral_containers(old, new)) == [
        'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n'
    ]
    bad = copy.deepcopy(new)
    bad["spec"]["ephemeralContainers"][0] |= {"targetContainerName": "x", "ports": [{"containerPort": 1}]}
    default_pod(bad)
    assert said(validate_ephemeral_containers(bad, old)) == [
        'spec.ephemeralContainers[0].targetContainerName: Not found: "x"',
        "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container",
    ]


def test_resizes_change_sizes_only() -> None:
    old = pod(containers=[sized({"cpu": "1"}, {"cpu": "2"})])
    prepared = copy.deepcopy(old)
    PODS.prepare_create(prepared)
    new = copy.deepcopy(prepared)
    new["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "1500m"}, "limits": {"cpu": "2"}}
    new["spec"]["nodeName"] = "ignored"
    prepare_resize(new, prepared)
    assert not validate_resize(new, prepared)
    new["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "1500m"}}
    assert said(validate_resize(new, prepared)) == [
        "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"
    ]
    new["spec"]["containers"][0]["resources"] = {
        "requests": {"cpu": "2", "memory": "1Gi"},
        "limits": {"cpu": "2", "memory": "1Gi"},
    }
    assert said(validate_resize(new, prepared)) == [
        'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'
    ]


def test_a_pod_begins_pending() -> None:
    made = pod(status={"phase": "Running"}, schedulingGates=[{"name": "g"}])
    PODS.prepare_create(made)
    status = made["status"]
    assert (status["phase"], status["qosClass"]) == ("Pending", "BestEffort")
    assert status["conditions"][0]["reason"] == "SchedulingGated"


def test_label_keys_become_requirements() -> None:
    constraint = {"matchLabelKeys": ["hash"], "labelSelector": {"matchLabels": {"a": "b"}}}
    made = pod(meta={"labels": {"hash": "x"}}, topologySpreadConstraints=[constraint])
    PODS.prepare_create(made)
    merged = made["spec"]["topologySpreadConstraints"][0]["labelSelector"]
    assert merged["matchExpressions"] == [{"key": "hash", "operator": "In", "values": ["x"]}]


@pytest.mark.parametrize(
    ("spec", "phase", "seconds"),
    [
        ({"nodeName": "n"}, "Running", 30),
        ({"nodeName": "n", "terminationGracePeriodSeconds": 5}, "Pending", 5),
        ({"nodeName": "n", "terminationGracePeriodSeconds": -1}, "Running", 1),
        ({}, "Pending", 0),
        ({"nodeName": "n"}, "Succeeded", 0),
        ({"nodeName": "n"}, "Failed", 0),
    ],
)
def test_grace(spec: dict[str, Any], phase: str, seconds: int) -> None:
    assert PODS.grace_seconds
    assert PODS.grace_seconds(pod(status={"phase": phase}, **spec), None) == seconds


def test_what_a_deletion_asks_for_counts_only_when_somebody_has_to_wait() -> None:
    assert grace_seconds(pod(nodeName="n"), 5) == 5
    assert grace_seconds(pod(nodeName="n"), -1) == 1
    assert grace_seconds(pod(), 5) == 0


def reported(new: dict[str, Any], old: dict[str, Any] | None = None, **spec: Any) -> list[str]:
    assert PODS.validate_status
    return said(PODS.validate_status(pod(status=new, **spec), pod(status=old or {}, **spec)))


@pytest.mark.parametrize(
    ("new", "old", "spec", "expected"),
    [
        ({"phase": "Running", "podIPs": [{"ip": "10.0.0.1"}]}, {}, {}, []),
        ({"qosClass": "Burstable"}, {"qosClass": "BestEffort"}, {}, ["status.qosClass"]),
        ({"podIPs": [{"ip": "x"}]}, {}, {}, ["status.podIPs[0]"]),
        ({"podIPs": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}]}, {}, {}, ["status.podIPs"]),
        ({"hostIP": "10.0.0.1", "hostIPs": [{"ip": "10.0.0.2"}]}, {}, {}, ["status.hostIPs[0].ip"]),
        ({"nominatedNodeName": "n"}, {}, {"nodeName": "n"}, ["status.nominatedNodeName"]),
        ({"conditions": [{"type": "a b"}]}, {}, {}, ["status.conditions[0].Type"]),
        (
            {"containerStatuses": [{"name": "c", "state": {"running": {}}}]},
            {"containerStatuses": [{"name": "c", "state": {"terminated": {"exitCode": 1}}}]},
            {"restartPolicy": "Never"},
            ["status.containerStatuses[0].state"],
        ),
        (
            {"containerStatuses": [{"name": "c", "state": {"running": {}}}]},
            {"containerStatuses": [{"name": "c", "state": {"terminated": {"exitCode": 1}}}]},
            {"restartPolicy": "OnFailure"},
            [],
        ),
    ],
)
def test_status(new: dict[str, Any], old: dict[str, Any], spec: dict[str, Any], expected: list[str]) -> None:
    assert [f.split(": ")[0] for f in reported(new, old, **spec)] == expected


def test_bindings_name_a_node() -> None:
    assert not check_binding({"target": {"name": "n"}})
    assert said(check_binding({"target": {"kind": "Pod"}})) == [
        "target.name: Required value",
        'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
    ]


def test_fields_for_selectors() -> None:
    made = pod(nodeName="n", hostNetwork=True, status={"phase": "Running", "podIP": "10.0.0.1"})
    assert PODS.fields(made) == {
        "spec.nodeName": "n", "spec.restartPolicy": "Always", "spec.schedulerName": "default-scheduler",
        "spec.serviceAccountName": "default", "spec.hostNetwork": "true", "status.phase": "Running",
        "status.podIP": "10.0.0.1", "status.podIPs": "10.0.0.1", "status.nominatedNodeName": "",
    }  # fmt: skip


def cells(made: dict[str, Any]) -> list[str]:
    return [column.value(made, NOW) for column in PODS.columns]


def state(kind: str, **fields: Any) -> dict[str, Any]:
    return {"name": fields.pop("name", "c"), "state": {kind: fields.pop("about", {})}, **fields}


RUNNING = state("running", ready=True, restartCount=0)
ENDED = {"terminated": {"finishedAt": "2026-01-01T11:55:00Z"}}


@pytest.mark.parametrize(
    ("made", "ready", "status", "restarts"),
    [
        (pod(status={"phase": "Pending"}), "0/1", "Pending", "0"),
        (pod(status={"phase": "Running", "containerStatuses": [RUNNING]}), "1/1", "Running", "0"),
        (
            pod(
                status={
                    "phase": "Running",
                    "containerStatuses": [state("running", ready=True, restartCount=3, lastState=ENDED)],
                }
            ),
            "1/1",
            "Running",
            "3 (5m ago)",
        ),
        (
            pod(
                status={
                    "phase": "Running",
                    "containerStatuses": [state("waiting", about={"reason": "CrashLoopBackOff"})],
                }
            ),
            "0/1",
            "CrashLoopBackOff",
            "0",
        ),
        (
            pod(
                status={
                    "phase": "Succeeded",
                    "containerStatuses": [state("terminated", about={"reason": "Completed", "exitCode": 0})],
                }
            ),
            "0/1",
            "Completed",
            "0",
        ),
        (
            pod(status={"phase": "Failed", "containerStatuses": [state("terminated", about={"exitCode": 2})]}),
            "0/1",
            "ExitCode:2",
            "0",
        ),
        (
            pod(status={"phase": "Failed", "containerStatuses": [state("terminated", about={"signal": 9})]}),
            "0/1",
            "Signal:9",
            "0",
        ),
        (pod(status={"phase": "Failed", "reason": "Evicted"}), "0/1", "Evicted", "0"),
        (
            pod(
                initContainers=[container("i"), container("j")],
                status={
                    "phase": "Pending",
                    "initContainerStatuses": [
                        state("terminated", name="i", about={"exitCode": 0}),
                        state("waiting", name="j", about={"reason": "PodInitializing"}),
                    ],
                },
            ),
            "0/1",
            "Init:1/2",
            "0",
        ),
        (
            pod(
                initContainers=[container("i")],
                status={
                    "phase": "Pending",
                    "initContainerStatuses": [
                        state("waiting", name="i", about={"reason": "ImagePullBackOff"}, restartCount=1)
                    ],
                },
            ),
            "0/1",
            "Init:ImagePullBackOff",
            "1",
        ),
        (
            pod(
                initContainers=[container("i")],
                status={
                    "phase": "Pending",
                    "initContainerStatuses": [state("terminated", name="i", about={"exitCode": 3})],
                },
            ),
            "0/1",
            "Init:ExitCode:3",
            "0",
        ),
        (
            pod(
                initContainers=[container("s", restartPolicy="Always")],
                status={
                    "phase": "Running",
                    "initContainerStatuses": [state("running", name="s", started=True, ready=True, restartCount=2)],
                    "containerStatuses": [RUNNING],
                },
            ),
            "2/2",
            "Running",
            "2",
        ),
        (
            pod(meta={"deletionTimestamp": "t"}, status={"phase": "Running", "containerStatuses": [RUNNING]}),
            "1/1",
            "Terminating",
            "0",
        ),
        (
            pod(meta={"deletionTimestamp": "t"}, status={"phase": "Succeeded"}),
            "0/1",
            "Succeeded",
            "0",
        ),
        (
            pod(
                status={
                    "phase": "Pending",
                    "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}],
                }
            ),
            "0/1",
            "SchedulingGated",
            "0",
        ),
        (
            pod(
                containers=[container("c"), container("d")],
                status={
                    "phase": "Running",
                    "conditions": [{"type": "Ready", "status": "True"}],
                    "containerStatuses": [
                        state("terminated", about={"reason": "Completed"}),
                        state("running", name="d", ready=True),
                    ],
                },
            ),
            "1/2",
            "Running",
            "0",
        ),
    ],
)
def test_columns(made: dict[str, Any], ready: str, status: str, restarts: str) -> None:
    assert cells(made)[:3] == [ready, status, restarts]


def test_wide_columns() -> None:
    made = pod(
        meta={"creationTimestamp": "2026-01-01T11:00:00Z"},
        nodeName="n",
        readinessGates=[{"conditionType": "a"}, {"conditionType": "b"}],
        status={"podIPs": [{"ip": "10.0.0.1"}], "conditions": [{"type": "a", "status": "True"}]},
    )
    assert cells(made)[3:] == ["60m", "10.0.0.1", "n", "<none>", "1/2"]
    assert cells(pod())[3:] == ["<unknown>", "<none>", "<none>", "<none>", "<none>"]
