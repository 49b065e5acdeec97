"""Services become map elements, and a change of a service touches only its own."""

import pytest

from armillary.engine.network.balancers import Balancer, HostPort, balancers, host_ports
from armillary.engine.network.rules import Net, change, install, remaining, ruleset
from armillary.kube.kinds.core import (
    Container,
    ContainerPort,
    Pod,
    PodSpec,
    PodStatus,
    Service,
    ServicePort,
    ServiceSpec,
)
from armillary.kube.kinds.discovery import Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from armillary.kube.kinds.meta import ObjectMeta

NET = Net("t", "br0", "10.244.0.0/16", "10.96.0.0/16")


def balancer(*ips: str, node_port: int = 0, affinity: bool = False, keeps: bool = False) -> Balancer:
    backends = tuple((ip, 8080) for ip in ips)
    return Balancer("d/a", "tcp", ("10.96.0.9",), 80, node_port, backends, affinity, keeps)


def service(**spec: object) -> Service:
    base = {"cluster_ip": "10.96.0.9", "ports": (ServicePort(port=80, protocol="TCP"),), "type": "ClusterIP"}
    return Service(metadata=ObjectMeta(name="a", namespace="d"), spec=ServiceSpec(**(base | spec)))


def piece(*endpoints: Endpoint, port: int = 8080) -> EndpointSlice:
    meta = ObjectMeta(name="a-1", namespace="d", labels={"kubernetes.io/service-name": "a"})
    ports = (EndpointPort(port=port, protocol="TCP"),)
    return EndpointSlice(metadata=meta, address_type="IPv4", endpoints=endpoints, ports=ports)


def endpoint(ip: str, *, ready: bool = True, serving: bool = True, terminating: bool = False) -> Endpoint:
    return Endpoint(
        addresses=(ip,), conditions=EndpointConditions(ready=ready, serving=serving, terminating=terminating)
    )


@pytest.mark.parametrize(
    ("endpoints", "behind"),
    [
        ([endpoint("10.0.0.1")], ["10.0.0.1"]),
        ([endpoint("10.0.0.2"), endpoint("10.0.0.1")], ["10.0.0.1", "10.0.0.2"]),
        ([endpoint("10.0.0.1", ready=False, serving=False)], []),
        ([endpoint("10.0.0.1"), endpoint("10.0.0.2", ready=False, terminating=True)], ["10.0.0.1"]),
        ([endpoint("10.0.0.2", ready=False, terminating=True)], ["10.0.0.2"]),
    ],
    ids=["one", "sorted", "not ready", "ending is left out", "ending is better than none"],
)
def test_endpoints_behind_a_service(endpoints: list[Endpoint], behind: list[str]) -> None:
    (found,) = balancers([service()], [piece(*endpoints)])
    assert [ip for ip, _ in found.backends] == behind


@pytest.mark.parametrize("spec", [{"cluster_ip": "None"}, {"cluster_ip": "", "type": "ExternalName"}])
def test_services_without_an_address_have_no_rules(spec: dict[str, object]) -> None:
    assert balancers([service(**spec)], [piece(endpoint("10.0.0.1"))]) == ()


def test_host_ports_of_running_pods() -> None:
    ports = (ContainerPort(container_port=80, host_port=8080, host_ip="127.0.0.1"), ContainerPort(container_port=90))
    spec = PodSpec(containers=(Container(name="c", ports=ports),))
    running = Pod(spec=spec, status=PodStatus(pod_ip="10.244.0.9", phase="Running"))
    done = Pod(spec=spec, status=PodStatus(pod_ip="10.244.0.8", phase="Succeeded"))
    assert host_ports([running, done]) == (HostPort("tcp", "127.0.0.1", 8080, "10.244.0.9", 80),)


def test_a_change_touches_only_what_differs() -> None:
    other = Balancer("d/b", "udp", ("10.96.0.10",), 53, 0, (("10.0.0.9", 53),), affinity=False, keeps_source=False)
    old = ruleset([balancer("10.0.0.1"), other], [])
    new = ruleset([balancer("10.0.0.1", "10.0.0.2"), other], [])
    commands = change(NET, old, new)
    assert "10.96.0.10" not in commands
    assert "add element inet t backends { 10.96.0.9 . tcp . 80 . 0x00000001 : 10.0.0.2 . 8080 }" in commands
    assert "delete element inet t services { 10.96.0.9 . tcp . 80 }" in commands
    assert change(NET, new, new) == ""


def test_chains_made_once_are_not_made_again() -> None:
    one, two = ruleset([balancer("10.0.0.1")], []), ruleset([balancer("10.0.0.1", "10.0.0.2")], [])
    held = remaining(one, two)
    back = change(NET, held, one)
    assert "add chain" not in back
    assert "add chain" not in change(NET, remaining(held, one), two)


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        (balancer("10.0.0.1"), "10.96.0.9 . tcp . 80 : goto lb1"),
        (balancer("10.0.0.1", affinity=True), "10.96.0.9 . tcp . 80 : goto st1"),
        (balancer("10.0.0.1", node_port=30000), "tcp . 30000 : goto node_lb1"),
        (balancer("10.0.0.1", node_port=30000, keeps=True), "tcp . 30000 : goto node_kept_lb1"),
        (balancer(node_port=30000), "closed_node_ports { tcp . 30000 }"),
        (balancer("10.0.0.1"), "hairpins { 10.0.0.1 . 10.0.0.1 }"),
    ],
)
def test_elements(wanted: Balancer, line: str) -> None:
    assert line in install(NET, ruleset([wanted], []))
