"""Services: defaults, what an update keeps and drops, rules, columns."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from armillary.engine.kinds.core import ENDPOINTS, SERVICES

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BALANCED = {"type": "LoadBalancer"}


def service(**spec: Any) -> dict[str, Any]:
    made = {"metadata": {"name": "a", "namespace": "b"}, "spec": {"ports": [{"port": 80}], **spec}}
    SERVICES.default(made)
    return made


def placed(**spec: Any) -> dict[str, Any]:
    """A Service that the allocator has seen."""
    address = spec.pop("clusterIP", "10.96.0.5")
    return service(clusterIP=address, clusterIPs=[address], **spec)


def said(causes: Any) -> list[str]:
    return [f"{c.field}: {c.message}" for c in causes]


def faults(**spec: Any) -> list[str]:
    return [f.removeprefix("spec.") for f in said(SERVICES.validate(service(**spec), None))]


def test_defaults() -> None:
    assert service()["spec"] == {
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}], "type": "ClusterIP",
        "sessionAffinity": "None", "internalTrafficPolicy": "Cluster",
    }  # fmt: skip
    balanced = service(**BALANCED)["spec"]
    assert (balanced["allocateLoadBalancerNodePorts"], balanced["externalTrafficPolicy"]) == (True, "Cluster")
    assert service(sessionAffinity="ClientIP")["spec"]["sessionAffinityConfig"] == {
        "clientIP": {"timeoutSeconds": 10800}
    }
    assert "internalTrafficPolicy" not in service(type="ExternalName", externalName="a.b")["spec"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        ({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}, []),
        ({"type": "ExternalName", "externalName": "a.b.", "ports": []}, []),
        ({"clusterIP": "None", "clusterIPs": ["None"], "ports": []}, []),
        ({"ports": []}, ["ports: Required value"]),
        ({"type": "X"}, [
            'type: Unsupported value: "X": supported values: '
            '"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
        ]),
        ({"type": "ExternalName"}, ["externalName: Required value"]),
        ({"ports": [{"port": 80}, {"port": 81}]}, ["ports[0].name: Required value", "ports[1].name: Required value"]),
        (
            {"ports": [{"port": 80, "name": "a"}, {"port": 80, "name": "b"}]},
            ['ports[1]: Duplicate value: {"protocol":"TCP","port":80}'],
        ),
        ({"ports": [{"port": 0}]}, [
            "ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
            "ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive",
        ]),
        (
            {"ports": [{"port": 80, "nodePort": 30000}]},
            ["ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
        ),
        (
            {"type": "NodePort", "ports": [
                {"port": 80, "name": "a", "nodePort": 30000}, {"port": 81, "name": "b", "nodePort": 30000},
            ]},
            ["ports[1].nodePort: Duplicate value: 30000"],
        ),
        (
            {"type": "NodePort", "clusterIP": "None", "clusterIPs": ["None"]},
            ["clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"],
        ),
        ({"clusterIP": "10.0.0.1"}, ["clusterIPs: Required value"]),
        (
            {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.2"]},
            ['clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`'],
        ),
        (
            {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ipFamilies": ["IPv6"]},
            ['clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`'],
        ),
        (
            {"ipFamilies": ["IPv5"], "ipFamilyPolicy": "X"},
            [
                'ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
                'ipFamilyPolicy: Unsupported value: "X": supported values: '
                '"PreferDualStack", "RequireDualStack", "SingleStack"',
            ],
        ),
        (
            {"externalIPs": ["127.0.0.1"]},
            ['externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
        ),
        (
            {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 0}}},
            [
                "sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: "
                "must be greater than 0 and less than 86400"
            ],
        ),
        (
            {"externalTrafficPolicy": "Local"},
            ['externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
        ),
        ({**BALANCED, "externalTrafficPolicy": "Local"}, ["healthCheckNodePort: Required value"]),
        (
            {"healthCheckNodePort": 30000},
            [
                "healthCheckNodePort: Invalid value: 30000: "
                "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
            ],
        ),
        (
            {"loadBalancerSourceRanges": ["10.0.0.1/8"]},
            [
                "LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
                'LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.1/8": '
                "must not have bits set beyond the prefix length",
            ],
        ),
        ({"loadBalancerClass": "a.io/b"}, [
            "loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
        ]),
        ({"internalTrafficPolicy": "X"}, [
            'internalTrafficPolicy: Unsupported value: "X": supported values: "Cluster", "Local"',
        ]),
        ({"trafficDistribution": "X"}, [
            'trafficDistribution: Unsupported value: "X": '
            'supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
        ]),
    ],
)  # fmt: skip
def test_faults(spec: dict[str, Any], expected: list[str]) -> None:
    assert faults(**spec) == expected


def updated(old: dict[str, Any], new: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    assert SERVICES.prepare_update
    SERVICES.prepare_update(new, old)
    return new["spec"], said(SERVICES.validate(new, old))


def test_a_name_may_begin_with_a_digit() -> None:
    made = service()
    made["metadata"]["name"] = "0-a"
    assert not SERVICES.validate(made, None)
    made["metadata"]["name"] = "a.b"
    assert said(SERVICES.validate(made, None)) == ['metadata.name: Invalid value: "a.b": must not contain dots']


def test_one_address_becomes_a_list() -> None:
    made = service(clusterIP="10.96.0.9")
    SERVICES.prepare_create(made)
    assert made["spec"]["clusterIPs"] == ["10.96.0.9"]


def test_what_was_chosen_stays_when_it_is_not_mentioned() -> None:
    old = placed(type="NodePort", ports=[{"port": 80, "nodePort": 30001}], ipFamilies=["IPv4"])
    spec, found = updated(old, service(type="NodePort", ipFamilies=["IPv4"]))
    assert not found
    assert (spec["clusterIP"], spec["clusterIPs"], spec["ports"][0]["nodePort"]) == ("10.96.0.5", ["10.96.0.5"], 30001)


def test_another_address_is_refused() -> None:
    _, found = updated(placed(), placed(clusterIP="10.96.0.6"))
    assert found == ['spec.clusterIPs[0]: Invalid value: ["10.96.0.6"]: may not change once set']


def test_a_client_that_knows_one_address_only_may_change_it() -> None:
    new = service(clusterIP="10.96.0.6", clusterIPs=["10.96.0.5"])
    spec, _ = updated(placed(), new)
    assert spec["clusterIPs"] == ["10.96.0.6"]


def test_what_the_new_type_may_not_have_goes() -> None:
    old = placed(type="NodePort", ports=[{"port": 80, "nodePort": 30001}])
    new = copy.deepcopy(old)
    new["spec"]["type"] = "ClusterIP"
    spec, found = updated(old, new)
    assert not found
    assert "nodePort" not in spec["ports"][0]
    assert "externalTrafficPolicy" not in spec

    named = copy.deepcopy(old)
    named["spec"] |= {"type": "ExternalName", "externalName": "a.b"}
    spec, found = updated(old, named)
    assert not found
    assert "clusterIP" not in spec


def test_a_class_of_load_balancer_is_for_ever() -> None:
    old = placed(**BALANCED, loadBalancerClass="a.io/x")
    _, found = updated(old, placed(**BALANCED, loadBalancerClass="a.io/y"))
    assert found == ['spec.loadBalancerClass: Invalid value: "a.io/y": may not change once set']


def answering(*points: dict[str, Any], **spec: Any) -> list[str]:
    assert SERVICES.validate_status
    old = service(**spec)
    return said(SERVICES.validate_status({**old, "status": {"loadBalancer": {"ingress": list(points)}}}, old))


def test_status() -> None:
    assert not answering({"ip": "10.0.0.1", "ipMode": "VIP"}, **BALANCED)
    assert answering({"ip": "10.0.0.1"}) == [
        "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"
    ]
    assert answering({"hostname": "10.0.0.1", "ipMode": "VIP"}, **BALANCED) == [
        "status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set",
        'status.loadBalancer.ingress[0].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
    ]


@pytest.mark.parametrize(
    ("made", "cells"),
    [
        (placed(), ["ClusterIP", "10.96.0.5", "<none>", "80/TCP"]),
        (placed(type="NodePort", ports=[{"port": 80, "nodePort": 30080}, {"port": 53, "protocol": "UDP"}]),
         ["NodePort", "10.96.0.5", "<none>", "80:30080/TCP,53/UDP"]),
        (placed(**BALANCED), ["LoadBalancer", "10.96.0.5", "<pending>", "80/TCP"]),
        ({**placed(**BALANCED, externalIPs=["1.1.1.1"]), "status": {"loadBalancer": {"ingress": [{"ip": "2.2.2.2"}]}}},
         ["LoadBalancer", "10.96.0.5", "2.2.2.2,1.1.1.1", "80/TCP"]),
        (service(type="ExternalName", externalName="a.b", ports=[]), ["ExternalName", "<none>", "a.b", "<none>"]),
        (placed(externalIPs=["1.1.1.1"]), ["ClusterIP", "10.96.0.5", "1.1.1.1", "80/TCP"]),
    ],
)  # fmt: skip
def test_columns(made: dict[str, Any], cells: list[str]) -> None:
    assert [c.value(made, NOW) for c in SERVICES.columns][:4] == cells


def behind(*subsets: dict[str, Any]) -> dict[str, Any]:
    made = {"metadata": {"name": "a", "namespace": "b"}, "subsets": list(subsets)}
    ENDPOINTS.default(made)
    return made


@pytest.mark.parametrize(
    ("subset", "expected"),
    [
        ({"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}, []),
        ({}, ["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"]),
        (
            {"addresses": [{"ip": "169.254.1.1", "hostname": "A"}]},
            None,
        ),
        (
            {"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 1}, {"port": 2, "name": "b"}]},
            ["subsets[0].ports[0].name: Required value"],
        ),
    ],
)
def test_faults_of_endpoints(subset: dict[str, Any], expected: list[str] | None) -> None:
    found = said(ENDPOINTS.validate(behind(subset), None))
    assert found == expected if expected is not None else len(found) == 2
    assert not ENDPOINTS.validate(behind(subset), behind(subset)), "what was accepted once is not judged again"


@pytest.mark.parametrize(
    ("subsets", "cell"),
    [
        ([], "<none>"),
        ([{"addresses": [{"ip": "10.0.0.1"}]}], "10.0.0.1"),
        ([{"addresses": [{"ip": f"10.0.0.{i}"} for i in range(1, 6)], "ports": [{"port": 80}]}],
         "10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more..."),
        ([{"addresses": [{"ip": "fd00::1"}], "ports": [{"port": 80}]}], "[fd00::1]:80"),
    ],
)  # fmt: skip
def test_columns_of_endpoints(subsets: list[dict[str, Any]], cell: str) -> None:
    assert ENDPOINTS.columns[0].value(behind(*subsets), NOW) == cell
