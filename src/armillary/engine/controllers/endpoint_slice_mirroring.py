"""Endpoints made by hand for services without a selector, mirrored as endpoint slices.

Upstream: pkg/controller/endpointslicemirroring.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from armillary.engine.controllers import service_pods as behind
from armillary.engine.controllers.endpoint_slice import BY_SERVICE
from armillary.engine.controllers.pods import prefix
from armillary.engine.controllers.slices import MANAGED_BY, SERVICE_NAME, Shape, Wanted, arrange, names
from armillary.kube.kinds.core import ENDPOINTS, SERVICE, EndpointAddress, Endpoints, EndpointSubset, Service
from armillary.kube.kinds.discovery import ENDPOINT_SLICE, Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import Key, is_ending, key_of, owned_by
from armillary.kube.reconcile import Controller, Decision, Reads, Watch

MANAGER = "endpointslicemirroring-controller.k8s.io"
SKIP = "endpointslice.kubernetes.io/skip-mirror"
_LEADER = "control-plane.alpha.kubernetes.io/leader"
_NOT_COPIED = {
    "endpoints.kubernetes.io/last-change-trigger-time",
    "kubectl.kubernetes.io/last-applied-configuration",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """Endpoints, the service of their name, and the slices that mirror them."""

    endpoints: Endpoints
    service: Service | None
    slices: tuple[EndpointSlice, ...]
    now: datetime


async def observe(key: Key, reads: Reads) -> Seen | None:
    endpoints = reads.get(ENDPOINTS, key[1], key[0])
    if endpoints is None:
        return None
    slices = reads.by(ENDPOINT_SLICE, BY_SERVICE.name, f"{MANAGER}/{key[0]}/{key[1]}")
    return Seen(endpoints, reads.get(SERVICE, key[1], key[0]), tuple(slices), reads.now())


def decide(seen: Seen) -> Decision:
    wanted: dict[Shape, list[Endpoint]] = {}
    if _is_mirrored(seen.endpoints, seen.service):
        for subset in seen.endpoints.subsets:
            for shape, endpoint in _endpoints_of(subset):
                wanted.setdefault(shape, []).append(endpoint)
    number = sum(map(len, wanted.values()))
    seed = (seen.endpoints.metadata.uid, seen.now.isoformat())
    free = names(prefix(seen.endpoints.metadata.name), *seed, endpoints=wanted)
    actions = arrange(Wanted(_meta(seen.endpoints), wanted, free), seen.slices)
    return Decision(f"mirrors {number} endpoints" if actions or number else "has nothing to mirror", actions)


def _is_mirrored(endpoints: Endpoints, service: Service | None) -> bool:
    return (
        service is not None
        and not service.spec.selector
        and not is_ending(endpoints)
        and endpoints.metadata.labels.get(SKIP) != "true"
        and _LEADER not in endpoints.metadata.annotations
    )


def _endpoints_of(subset: EndpointSubset) -> Iterable[tuple[Shape, Endpoint]]:
    ports = tuple(
        EndpointPort(name=p.name, port=p.port, protocol=p.protocol, app_protocol=p.app_protocol) for p in subset.ports
    )
    for ready, addresses in ((True, subset.addresses), (False, subset.not_ready_addresses)):
        for address in addresses:
            yield (behind.family(address.ip), ports), _endpoint(address, ready)


def _endpoint(address: EndpointAddress, ready: bool) -> Endpoint:
    return Endpoint(
        addresses=(address.ip,),
        conditions=EndpointConditions(ready=ready),
        hostname=address.hostname,
        node_name=address.node_name,
        target_ref=address.target_ref,
    )


def _meta(endpoints: Endpoints) -> ObjectMeta:
    meta = endpoints.metadata
    return ObjectMeta(
        namespace=meta.namespace,
        generate_name=prefix(meta.name),
        labels=meta.labels | {SERVICE_NAME: meta.name, MANAGED_BY: MANAGER},
        annotations={k: v for k, v in meta.annotations.items() if k not in _NOT_COPIED},
        owner_references=(owned_by(ENDPOINTS, endpoints),),
    )


def _of_slice(item: EndpointSlice, reads: Reads) -> Iterable[Key]:
    if item.metadata.labels.get(MANAGED_BY) == MANAGER and item.metadata.labels.get(SERVICE_NAME):
        yield item.metadata.namespace, item.metadata.labels[SERVICE_NAME]


def _of_service(item: Service, reads: Reads) -> Iterable[Key]:
    yield key_of(item)


MIRRORED_SLICES = Controller(
    name="endpoint-slice-mirroring-controller",
    root=ENDPOINTS,
    observe=observe,
    decide=decide,
    watches=(Watch(SERVICE, _of_service), Watch(ENDPOINT_SLICE, _of_slice)),
    indexes=(BY_SERVICE,),
)
