"""Endpoints and endpoint slices: who stands behind a service, on which ports, and in how many writes."""

from typing import Any

import pytest
from msgspec import structs
from tests.harness.settles import World, assert_settles, settle, world_of
from tests.unit.engine.controllers.builders import HERE, meta, pod

from armillary.engine.controllers import slices
from armillary.engine.controllers.endpoint_slice import ENDPOINT_SLICES
from armillary.engine.controllers.endpoint_slice_mirroring import MIRRORED_SLICES
from armillary.engine.controllers.endpoints import ENDPOINTS_OF_SERVICES
from armillary.engine.controllers.service_pods import services_of
from armillary.engine.controllers.slices import Wanted, arrange
from armillary.kube.kinds.core import (
    ENDPOINTS,
    NODE,
    POD,
    SERVICE,
    Container,
    ContainerPort,
    EndpointAddress,
    EndpointPort,
    Endpoints,
    EndpointSubset,
    Node,
    Pod,
    PodIP,
    Service,
    ServicePort,
    ServiceSpec,
)
from armillary.kube.kinds.discovery import ENDPOINT_SLICE, Endpoint, EndpointSlice
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.reconcile import Create, Delete, Update

ALL = [ENDPOINT_SLICES, ENDPOINTS_OF_SERVICES, MIRRORED_SLICES]


def service(*ports: ServicePort, cluster_ip: str = "10.96.0.7", **spec: Any) -> Service:
    chosen = ports or (ServicePort(port=80, target_port=8080, protocol="TCP"),)
    known = {"selector": {"app": "web"}, "ip_families": ("IPv4",), "type": "ClusterIP"} | spec
    return Service(metadata=meta("web", team="a"), spec=ServiceSpec(ports=chosen, cluster_ip=cluster_ip, **known))


def serving(number: int, *, port: str = "", **how: Any) -> Pod:
    made = pod(f"p{number:03}", **({"ready": True, "node": "n1"} | how))
    container = Container(name="main", image="web:1", ports=(ContainerPort(container_port=9090, name=port or "http"),))
    ip = f"10.244.0.{number}"
    return structs.replace(
        made,
        spec=structs.replace(made.spec, containers=(container,)),
        status=structs.replace(made.status, pod_ip=ip, pod_ips=(PodIP(ip=ip),)),
    )


def world(of: Service, *pods: Pod) -> World:
    node = Node(metadata=ObjectMeta(name="n1", labels={"topology.kubernetes.io/zone": "z1"}))
    return world_of(ALL, (SERVICE, of), (NODE, node)).holding(POD, *pods)


def slices_of(world: World) -> list[EndpointSlice]:
    return list(world.list(ENDPOINT_SLICE))


def shape(world: World) -> Any:
    found = [(s.address_type, s.ports, sorted(e.addresses for e in s.endpoints)) for s in slices_of(world)]
    return sorted(found, key=repr), [e.subsets for e in world.list(ENDPOINTS)]


def test_a_slice_and_endpoints_tell_of_ready_pods() -> None:
    rest = assert_settles(ALL, world(service(), serving(1), serving(2, ready=False)), shape)
    (made,) = slices_of(rest)
    assert made.metadata.labels == {
        "team": "a",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }
    assert made.metadata.owner_references[0].kind == "Service"
    assert [(p.port, p.protocol) for p in made.ports] == [(8080, "TCP")]
    first, second = made.endpoints
    assert first.conditions is not None
    assert (first.conditions.ready, first.conditions.serving, first.conditions.terminating) == (True, True, False)
    assert second.conditions is not None
    assert second.conditions.ready is False
    assert (first.node_name, first.zone, first.target_ref and first.target_ref.name) == ("n1", "z1", "p001")
    (subset,) = rest.get(ENDPOINTS, "web", HERE).subsets
    assert [a.ip for a in subset.addresses] == ["10.244.0.1"]
    assert [a.ip for a in subset.not_ready_addresses] == ["10.244.0.2"]
    assert (
        rest.get(ENDPOINTS, "web", HERE).metadata.labels["endpoints.kubernetes.io/managed-by"] == "endpoint-controller"
    )


@pytest.mark.parametrize(
    ("everyone", "ready", "in_endpoints"),
    [(False, False, []), (True, True, ["10.244.0.1"])],
)
def test_an_ending_pod_still_serves_but_is_not_ready(everyone: bool, ready: bool, in_endpoints: list[str]) -> None:
    start = world(service(publish_not_ready_addresses=everyone), serving(1, ending=True))
    rest = settle(ALL, start)
    conditions = slices_of(rest)[0].endpoints[0].conditions
    assert conditions is not None
    assert (conditions.ready, conditions.serving, conditions.terminating) == (ready, True, True)
    subsets = rest.get(ENDPOINTS, "web", HERE).subsets
    assert [a.ip for s in subsets for a in s.addresses] == in_endpoints


def test_finished_pods_and_those_without_address_are_left_out() -> None:
    start = world(service(), serving(1, phase="Succeeded", ready=False), pod("p2"))
    assert slices_of(settle(ALL, start))[0].endpoints == ()


def test_a_named_port_is_looked_up_in_each_pod() -> None:
    of = service(
        ServicePort(port=80, target_port="http", name="main"), ServicePort(port=81, target_port="no", name="x")
    )
    rest = settle(ALL, world(of, serving(1), serving(2, port="other")))
    by_ports = {tuple((p.name, p.port) for p in s.ports): len(s.endpoints) for s in slices_of(rest)}
    assert by_ports == {(("main", 9090),): 1, (): 1}
    (subset,) = rest.get(ENDPOINTS, "web", HERE).subsets
    assert [(p.name, p.port) for p in subset.ports] == [("main", 9090)]


def test_headless_services_are_labelled_and_need_no_ports() -> None:
    of = service(cluster_ip="None")
    of = structs.replace(of, spec=structs.replace(of.spec, ports=()))
    named = serving(1)
    named = structs.replace(named, spec=structs.replace(named.spec, hostname="db-0", subdomain="web"))
    rest = settle(ALL, world(of, named))
    (made,) = slices_of(rest)
    assert made.metadata.labels["service.kubernetes.io/headless"] == ""
    assert (made.ports, made.endpoints[0].hostname) == ((), "db-0")
    assert rest.get(ENDPOINTS, "web", HERE).subsets[0].addresses[0].hostname == "db-0"


def test_no_pod_leaves_an_empty_slice_that_is_used_again() -> None:
    empty = settle(ALL, world(service()))
    (before,) = slices_of(empty)
    assert before.endpoints == ()
    (after,) = slices_of(settle(ALL, empty.holding(POD, serving(1))))
    assert (after.metadata.name, len(after.endpoints)) == (before.metadata.name, 1)


def test_services_without_selector_or_by_name_get_none() -> None:
    for of in (service(selector={}), service(type="ExternalName", external_name="x.example")):
        rest = settle(ALL, world(of, serving(1)))
        assert (slices_of(rest), rest.list(ENDPOINTS)) == ([], [])


def test_endpoints_go_with_their_service() -> None:
    start = settle(ALL, world(service(), serving(1))).without(SERVICE, (HERE, "web"))
    seen = settle([structs_root(ENDPOINTS)], start)
    assert seen.list(ENDPOINTS) == []


def structs_root(kind: Any) -> Any:
    """The controller, asked about the keys of its endpoints rather than of services that are gone."""
    from dataclasses import replace

    return replace(ENDPOINTS_OF_SERVICES, root=kind)


def test_endpoints_made_by_hand_are_mirrored() -> None:
    by_hand = Endpoints(
        metadata=meta("web"),
        subsets=(
            EndpointSubset(
                addresses=(EndpointAddress(ip="192.0.2.1"), EndpointAddress(ip="2001:db8::1")),
                not_ready_addresses=(EndpointAddress(ip="192.0.2.2"),),
                ports=(EndpointPort(port=5432, name="db"),),
            ),
        ),
    )
    start = world(service(selector={})).holding(ENDPOINTS, by_hand)
    rest = assert_settles(ALL, start, shape)
    assert {(s.address_type, len(s.endpoints)) for s in slices_of(rest)} == {("IPv4", 2), ("IPv6", 1)}
    label = {"endpointslice.kubernetes.io/skip-mirror": "true"}
    marked = structs.replace(by_hand, metadata=structs.replace(by_hand.metadata, labels=label))
    assert slices_of(settle(ALL, start.holding(ENDPOINTS, marked))) == []


def test_a_pod_wakes_only_services_that_select_it() -> None:
    other = structs.replace(service(selector={"app": "web", "tier": "x"}), metadata=meta("other"))
    start = world(service(), serving(1)).holding(SERVICE, other)
    assert list(services_of(serving(1), start)) == [(HERE, "web")]


def endpoints(count: int, first: int = 0) -> list[Endpoint]:
    return [Endpoint(addresses=(f"10.0.{n // 250}.{n % 250}",)) for n in range(first, first + count)]


def filled(*sizes: int) -> list[EndpointSlice]:
    made, first = [], 0
    for number, size in enumerate(sizes):
        here = tuple(endpoints(size, first))
        made.append(EndpointSlice(metadata=meta(f"s{number}"), address_type="IPv4", endpoints=here))
        first += size
    return made


@pytest.mark.parametrize(
    ("existing", "wanted", "writes"),
    [
        ([], 250, ["create 100", "create 100", "create 50"]),
        (filled(100, 50), 150, []),
        (filled(100, 50), 170, ["update 70"]),
        (filled(100, 100), 220, ["create 20"]),
        (filled(100, 50), 100, ["delete"]),
        (filled(50), 0, ["update 0"]),
        ([], 0, ["create 0"]),
    ],
)
def test_slices_change_as_little_as_possible(existing: list[EndpointSlice], wanted: int, writes: list[str]) -> None:
    shape: slices.Shape = ("IPv4", ())
    actions = arrange(Wanted(meta(""), {shape: endpoints(wanted)}, [f"n{n}" for n in range(9)]), existing)
    assert [brief(action) for action in actions] == writes


def brief(action: Any) -> str:
    match action:
        case Create(_, item) | Update(_, item):
            return f"{type(action).__name__.lower()} {len(item.endpoints)}"
        case Delete():
            return "delete"
    raise AssertionError(action)
