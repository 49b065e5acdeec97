"""Autoscaling, policy, networking, storage, RBAC and the other smaller groups: defaults, rules, columns."""

import base64
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.unit.engine.kinds.rest_build import faults, made, meta, resource, row, status_faults

from armillary.engine.kinds.certificates import name_requester, prepare_approval, prepare_status, validate_approval
from armillary.engine.kinds.registry import BUILT_IN
from armillary.engine.kinds.resource import Json

RBAC = "rbac.authorization.k8s.io"


def named(namespaced: bool = True, **fields: Any) -> Json:
    return {"metadata": meta(namespaced=namespaced), **fields}


def spec(namespaced: bool = True, **fields: Any) -> Json:
    return named(namespaced, spec=fields)


def scaler(**fields: Any) -> Json:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return spec(**({"scaleTargetRef": target, "maxReplicas": 3} | fields))


def ingress_path(**fields: Any) -> Json:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend} | fields
    return spec(rules=[{"host": "web.example.com", "http": {"paths": [path]}}])


def endpoint(*addresses: str, **fields: Any) -> Json:
    return named(addressType="IPv4", endpoints=[{"addresses": list(addresses)}], ports=[]) | fields


def hook(**fields: Any) -> Json:
    service = {"clientConfig": {"service": {"name": "s", "namespace": "n"}}}
    rule = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
    told = {"name": "a.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"], "rules": [rule]}
    return named(False, webhooks=[told | service | fields])


def binding(**fields: Any) -> Json:
    ref = {"apiGroup": RBAC, "kind": "Role", "name": "r"}
    return named(roleRef=ref, subjects=[{"kind": "User", "name": "u"}]) | fields


GOOD = [
    ("horizontalpodautoscalers", scaler()),
    ("poddisruptionbudgets", spec(minAvailable=1, selector={})),
    ("ingresses", ingress_path()),
    ("ingressclasses", spec(False, controller="example.com/c", parameters={"kind": "K", "name": "n"})),
    ("networkpolicies", spec(podSelector={}, ingress=[{"from": [{"podSelector": {}}], "ports": [{"port": 80}]}])),
    ("servicecidrs", spec(False, cidrs=["10.0.0.0/8"])),
    ("storageclasses", named(False, provisioner="example.com/p")),
    ("csidrivers", spec(False)),
    ("csinodes", spec(False, drivers=[{"name": "d", "nodeID": "n"}])),
    ("volumeattributesclasses", named(False, driverName="d", parameters={"a": "b"})),
    ("volumeattachments", spec(False, attacher="d", nodeName="n", source={"persistentVolumeName": "v"})),
    ("roles", named(rules=[{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}])),
    ("rolebindings", binding()),
    ("leases", spec(holderIdentity="me", leaseDurationSeconds=15)),
    ("endpointslices", endpoint("10.0.0.1", ports=[{"port": 80}])),
    ("priorityclasses", named(False, value=5)),
    ("runtimeclasses", named(False, handler="crun")),
    ("mutatingwebhookconfigurations", hook()),
    ("validatingwebhookconfigurations", hook()),
]


@pytest.mark.parametrize(("plural", "obj"), GOOD, ids=[plural for plural, _ in GOOD])
def test_good_objects_have_no_faults(plural: str, obj: Json) -> None:
    assert faults(resource(plural), obj) == []


BAD: list[tuple[str, Json, str]] = [
    (
        "horizontalpodautoscalers",
        scaler(maxReplicas=0),
        "spec.maxReplicas: Required value: must be set and greater than 0",
    ),
    (
        "horizontalpodautoscalers",
        scaler(minReplicas=5),
        "spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`",
    ),
    (
        "horizontalpodautoscalers",
        scaler(metrics=[{"type": "Pods"}]),
        "spec.metrics[0].pods: Required value: must populate information for the given metric source",
    ),
    (
        "poddisruptionbudgets",
        spec(minAvailable=1, maxUnavailable=1),
        'spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: '
        "minAvailable and maxUnavailable cannot be both set",
    ),
    ("poddisruptionbudgets", spec(minAvailable="x"), "spec.minAvailable: Invalid value: \"x\": a valid percent string"),
    (
        "ingresses",
        spec(),
        "spec: Invalid value: null: either `defaultBackend` or `rules` must be specified",
    ),
    (
        "ingresses",
        ingress_path(path="x"),
        'spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path',
    ),
    (
        "ingresses",
        ingress_path(pathType=None),
        "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified",
    ),
    (
        "ingresses",
        ingress_path(backend={"service": {"name": "web"}}),
        "spec.rules[0].http.paths[0].backend: Required value: port name or number is required",
    ),
    (
        "networkpolicies",
        spec(ingress=[{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/9"]}}]}]),
        'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/9": must be a strict subset of `cidr`',
    ),
    ("networkpolicies", spec(egress=[{"to": [{}]}]), "spec.egress[0].to[0]: Required value: must specify a peer"),
    ("storageclasses", named(False, provisioner=""), "provisioner: Required value"),
    (
        "storageclasses",
        named(False, provisioner="p", reclaimPolicy="Odd"),
        'reclaimPolicy: Unsupported value: "Odd": supported values: "Delete", "Retain"',
    ),
    (
        "roles",
        named(rules=[{"verbs": ["get"], "nonResourceURLs": ["/x"]}]),
        'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
    ),
    (
        "rolebindings",
        binding(subjects=[{"kind": "Odd", "name": "x"}]),
        'subjects[0].kind: Unsupported value: "Odd": supported values: "ServiceAccount", "User", "Group"',
    ),
    (
        "leases",
        spec(leaseDurationSeconds=0),
        "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
    ),
    (
        "endpointslices",
        endpoint("127.0.0.1"),
        'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": '
        "may not be in the loopback range (127.0.0.0/8, ::1/128)",
    ),
    ("endpointslices", endpoint(), "endpoints[0].addresses: Required value: must contain at least 1 address"),
    (
        "priorityclasses",
        named(False, value=1_000_000_001),
        "value: Forbidden: maximum allowed value of a user defined priority is 1000000000",
    ),
    (
        "validatingwebhookconfigurations",
        hook(name="a"),
        'webhooks[0].name: Invalid value: "a": should be a domain with at least three segments separated by dots',
    ),
    (
        "mutatingwebhookconfigurations",
        hook(sideEffects="Some"),
        'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    ),
    (
        "mutatingwebhookconfigurations",
        hook(clientConfig={"url": "http://x"}),
        "webhooks[0].clientConfig.url: Invalid value: \"http\": "
        "'https' is the only allowed URL scheme; desired format: https://host[/path]",
    ),
    (
        "subjectaccessreviews",
        {"spec": {"user": "u"}},
        "spec.resourceAttributes: Invalid value: null: "
        "exactly one of nonResourceAttributes or resourceAttributes must be specified",
    ),
    (
        "apiservices",
        spec(False, group="g.example.com", version="v1", groupPriorityMinimum=1, versionPriority=1),
        'metadata.name: Invalid value: "a": must be `spec.version+"."+spec.group`: "v1.g.example.com"',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("plural", "obj", "said"), BAD, ids=[f"{plural}-{said[:40]}" for plural, _, said in BAD])
def test_faults_are_told_in_the_apis_words(plural: str, obj: Json, said: str) -> None:
    found = faults(resource(plural), obj)
    assert any(fault == said or (fault.startswith(said) and plural == "poddisruptionbudgets") for fault in found), found


@pytest.mark.parametrize(
    ("plural", "old", "new", "said"),
    [
        (
            "storageclasses",
            named(False, provisioner="p"),
            named(False, provisioner="q"),
            'provisioner: Invalid value: "q": field is immutable',
        ),
        (
            "rolebindings",
            binding(),
            binding(roleRef={"apiGroup": RBAC, "kind": "Role", "name": "other"}),
            f'roleRef: Invalid value: {{"apiGroup":"{RBAC}","kind":"Role","name":"other"}}: cannot change roleRef',
        ),
        (
            "priorityclasses",
            named(False, value=1),
            named(False, value=2),
            "value: Forbidden: may not be changed in an update.",
        ),
        (
            "endpointslices",
            endpoint("10.0.0.1"),
            endpoint("10.0.0.1", addressType="IPv6", endpoints=[]),
            'addressType: Invalid value: "IPv6": field is immutable',
        ),
        (
            "servicecidrs",
            spec(False, cidrs=["10.0.0.0/8"]),
            spec(False, cidrs=["11.0.0.0/8"]),
            'spec.cidrs[0]: Invalid value: "11.0.0.0/8": field is immutable',
        ),
    ],
)
def test_what_may_not_change(plural: str, old: Json, new: Json, said: str) -> None:
    assert faults(resource(plural), new, old) == [said]


def test_autoscalers_are_defaulted() -> None:
    found = made(resource("horizontalpodautoscalers", "v2"), scaler(behavior={"scaleDown": {}}))["spec"]
    target = {"type": "Utilization", "averageUtilization": 80}
    assert found["metrics"] == [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    assert found["minReplicas"] == 1
    assert found["behavior"]["scaleUp"]["policies"][0] == {"type": "Pods", "value": 4, "periodSeconds": 15}
    assert "stabilizationWindowSeconds" not in found["behavior"]["scaleDown"]


def test_autoscalers_keep_what_v1_has_no_field_for() -> None:
    v1 = resource("horizontalpodautoscalers", "v1")
    assert v1.to_stored is not None
    assert v1.from_stored is not None
    memory = {
        "type": "Resource",
        "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 70}},
    }
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
    stored = scaler(metrics=[memory, cpu], behavior={"scaleUp": {"stabilizationWindowSeconds": 5}})
    stored |= {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler"}
    shown = v1.from_stored(stored)
    assert shown["spec"]["targetCPUUtilizationPercentage"] == 50
    assert (
        '"targetAverageUtilization":70' in shown["metadata"]["annotations"]["autoscaling.alpha.kubernetes.io/metrics"]
    )
    assert v1.to_stored(shown) == stored


@pytest.mark.parametrize("text", ["", "5", '{"ScaleUp": 5}', "[1]", "nonsense"])
def test_annotations_that_carry_nonsense_are_ignored(text: str) -> None:
    v1, v2 = (resource("horizontalpodautoscalers", version) for version in ("v1", "v2"))
    obj = scaler()
    keys = ("behavior", "metrics", "current-metrics", "conditions")
    obj["metadata"]["annotations"] = {f"autoscaling.alpha.kubernetes.io/{key}": text for key in keys}
    assert v1.to_stored is not None
    found = v1.to_stored(obj | {"status": {}})
    assert faults(v2, found) == []
    assert "behavior" not in found["spec"]


def test_endpoint_slices_count_changes_of_labels() -> None:
    slices = resource("endpointslices")
    old, new = endpoint("10.0.0.1"), endpoint("10.0.0.1")
    new["metadata"]["labels"] = {"a": "b"}
    assert slices.prepare_update is not None
    slices.prepare_update(new, old)
    assert new["metadata"]["generation"] == 1


COLUMNS = [
    ("horizontalpodautoscalers", scaler(), ["Deployment/web", "cpu: <unknown>/80%", "1", 3, 0, "24h"]),
    ("poddisruptionbudgets", spec(minAvailable="50%"), ["50%", "N/A", 0, "24h"]),
    ("ingresses", ingress_path(), ["<none>", "web.example.com", "", "80", "24h"]),
    ("networkpolicies", spec(podSelector={"matchLabels": {"a": "b"}}), ["a=b", "24h"]),
    ("endpointslices", endpoint("10.0.0.1", ports=[{"port": 80}]), ["IPv4", "80", "10.0.0.1", "24h"]),
    ("endpointslices", endpoint("a", "b", "c", "d", "e"), ["IPv4", "<unset>", "a,b,c + 2 more...", "24h"]),
    ("rolebindings", binding(), ["Role/r", "24h"]),
    ("leases", spec(holderIdentity="me"), ["me", "24h"]),
    ("roles", named(), ["2026-01-01T00:00:00Z"]),
    ("priorityclasses", named(False, value=5), [5, False, "24h"]),
    ("csidrivers", spec(False), [True, False, False, "<unset>", False, "Persistent", "24h"]),
    ("apiservices", spec(False, group="g", version="v1"), ["Local", "True", "24h"]),
    ("customresourcedefinitions", spec(False), ["2026-01-01T00:00:00Z"]),
]  # fmt: skip


@pytest.mark.parametrize(("plural", "obj", "cells"), COLUMNS, ids=[plural for plural, _, _ in COLUMNS])
def test_columns(plural: str, obj: Json, cells: list[Any]) -> None:
    assert row(resource(plural), made(resource(plural), obj)) == cells


def test_the_default_class_is_marked() -> None:
    classes = resource("storageclasses")
    obj = named(False, provisioner="p")
    obj["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    assert row(classes, made(classes, obj)) == ["a (default)", "p", "Delete", "Immediate", False, "24h"]


def signing_request() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "jane")])
    built = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return base64.b64encode(built.public_bytes(serialization.Encoding.PEM)).decode()


def asked(**fields: Any) -> Json:
    body = {"request": signing_request(), "signerName": "example.com/s", "usages": ["client auth"]}
    return spec(False, **(body | fields))


REQUESTS = resource("certificatesigningrequests")


def test_good_signing_requests_have_no_faults() -> None:
    assert faults(REQUESTS, asked()) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"request": "bm9uZQ=="}, "spec.request"),
        ({"usages": []}, "spec.usages"),
        ({"usages": ["any", "any"]}, "spec.usages[1]"),
        ({"signerName": "kubernetes.io/legacy-unknown"}, "spec.signerName"),
        ({"signerName": "x"}, "spec.signerName"),
        ({"expirationSeconds": 5}, "spec.expirationSeconds"),
    ],
)
def test_faults_of_signing_requests(fields: Json, field: str) -> None:
    assert [fault.partition(":")[0] for fault in faults(REQUESTS, asked(**fields))] == [field]


def test_only_the_approval_decides() -> None:
    old = made(REQUESTS, asked())
    approved = {"type": "Approved", "status": "True", "reason": "r"}
    new = {**old, "status": {"conditions": [dict(approved)]}}
    prepare_status(new, old, "2026-01-01T00:00:00Z")
    assert status_faults(REQUESTS, new, old) == [
        'status.conditions: Forbidden: updates may not add a condition of type "Approved"'
    ]
    new = {**old, "status": {"conditions": [dict(approved)], "certificate": "x"}}
    prepare_approval(new, old, "2026-01-01T00:00:00Z")
    assert validate_approval(new, old) == []
    assert new["status"]["conditions"][0]["lastUpdateTime"] == "2026-01-01T00:00:00Z"
    assert "certificate" not in new["status"]
    assert row(REQUESTS, new)[-1] == "Approved"


def test_the_requester_is_named_by_the_server() -> None:
    obj = asked(username="liar", groups=["g"])
    name_requester(obj, "jane", "", ("dev",), {"k": ("v",)})
    told = {k: v for k, v in obj["spec"].items() if k in ("username", "uid", "groups", "extra")}
    assert told == {"username": "jane", "groups": ["dev"], "extra": {"k": ["v"]}}


def test_names_are_unique_and_groups_complete() -> None:
    places = [(r.group, r.version, r.plural) for r in BUILT_IN]
    assert len(places) == len(set(places))
    for kind in BUILT_IN:
        assert kind.singular or kind.verbs == ("create",) or kind.group in ("", "events.k8s.io", "metrics.k8s.io"), kind
