"""What a cluster contains before anybody has made anything; checked at every start, and in part while it runs."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial

from armillary.base.clock import Clock
from armillary.base.errors import AlreadyExists
from armillary.engine.apiserver.ports import User, Verbs
from armillary.engine.kinds.resource import Json

SYSTEM = User("system:apiserver", ("system:masters", "system:authenticated"))
RBAC = "rbac.authorization.k8s.io"
LOCAL_PATH = "armillary.io/local-path"
VITAL = ("Namespace", "Service", "Endpoints", "EndpointSlice")
KEEP_SECONDS = 10.0  # k8s.io/kubernetes, pkg/controlplane "DefaultEndpointReconcilerInterval"
AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate"


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """What some of the objects must name. `api_address` is where pods reach the API server."""

    api_service_ip: str
    api_address: str
    api_port: int
    dns_service_ip: str
    dns_address: str


def wanted(facts: ClusterFacts) -> list[Json]:
    """The objects, in an order in which each finds what it needs."""
    return [
        *(_namespace(name) for name in ("default", "kube-system", "kube-public", "kube-node-lease")),
        _priority_class("system-node-critical", 2_000_001_000, "must not be moved from their current node."),
        _priority_class(
            "system-cluster-critical",
            2_000_000_000,
            "must run in the cluster, but can be moved to another node if necessary.",
        ),
        _storage_class(),
        *_service("default", "kubernetes", facts.api_service_ip, facts.api_address, {"https": (443, facts.api_port)}),
        *_dns(facts),
    ]


def _namespace(name: str) -> Json:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _priority_class(name: str, value: int, who: str) -> Json:
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": value,
        "description": f"Used for system critical pods that {who}",
    }


def _storage_class() -> Json:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": "local-path",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": LOCAL_PATH,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    }


def _dns(facts: ClusterFacts) -> list[Json]:
    """Cluster DNS under the name that clients and tests look for."""
    objects = _service("kube-system", "kube-dns", facts.dns_service_ip, facts.dns_address, {"dns-tcp": (53, 53)})
    service, endpoints, piece = objects
    service["metadata"]["labels"] |= {
        "k8s-app": "kube-dns",
        "kubernetes.io/cluster-service": "true",  # `kubectl cluster-info` lists these
        "kubernetes.io/name": "CoreDNS",
    }
    udp = {"name": "dns", "port": 53, "protocol": "UDP"}
    service["spec"]["ports"].insert(0, udp | {"targetPort": 53})
    endpoints["subsets"][0]["ports"].insert(0, udp)
    piece["ports"].insert(0, udp)
    return objects


def _service(namespace: str, name: str, ip: str, address: str, ports: dict[str, tuple[int, int]]) -> list[Json]:
    """A Service without selector, with the Endpoints and EndpointSlice that lead to one address."""
    meta = {"name": name, "namespace": namespace}
    behind = [{"name": port, "port": target, "protocol": "TCP"} for port, (_, target) in ports.items()]
    front = [
        {"name": port, "port": number, "targetPort": target, "protocol": "TCP"}
        for port, (number, target) in ports.items()
    ]
    labels = {"component": "apiserver", "provider": "kubernetes"} if name == "kubernetes" else {}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {**meta, "labels": dict(labels)},
            "spec": {"type": "ClusterIP", "clusterIP": ip, "ports": front, "sessionAffinity": "None"},
        },
        {
            "apiVersion": "v1",
            "kind": "Endpoints",
            # Mirroring would make a second slice of it.
            "metadata": {**meta, "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
            "subsets": [{"addresses": [{"ip": address}], "ports": list(behind)}],
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {**meta, "labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
            "ports": list(behind),
        },
    ]


async def keep(verbs: Verbs, clock: Clock, facts: ClusterFacts) -> None:
    """Until cancelled: what the cluster can't do without comes back when somebody deletes it."""
    vital = [obj for obj in wanted(facts) if obj["kind"] in VITAL]
    while True:
        await clock.sleep(KEEP_SECONDS)
        await ensure(verbs, vital)


async def ensure(verbs: Verbs, objects: Sequence[Json]) -> None:
    """Create what is missing; mend roles and bindings that lack something, unless their annotation forbids it."""
    for obj in objects:
        group = obj["apiVersion"].rpartition("/")[0]
        resource = verbs.resource(_plural(obj["kind"]) + (f".{group}" if group else ""))
        meta = obj["metadata"]
        namespace = meta.get("namespace", "")
        found = verbs.objects.get(resource.name, namespace, meta["name"])
        if found is None:
            try:
                await verbs.create(SYSTEM, resource, namespace, obj)
            except AlreadyExists:
                continue
        elif group == RBAC and _mended(obj, deepcopy(found)) != found:
            await verbs.update(SYSTEM, resource, namespace, meta["name"], partial(_mended, obj))
        elif obj["kind"] in ("Endpoints", "EndpointSlice") and _moved(found, obj):
            await verbs.update(SYSTEM, resource, namespace, meta["name"], partial(_rebodied, obj))


def _plural(kind: str) -> str:
    lower = kind.lower()
    return lower if lower.endswith("endpoints") else lower + ("es" if lower.endswith("s") else "s")


def _rebodied(obj: Json, kept: Json) -> Json:
    """What is kept, with everything but its metadata as in `obj`."""
    return kept | {key: value for key, value in obj.items() if key != "metadata"}


def _moved(found: Json, obj: Json) -> bool:
    """Whether the address behind a Service of ours is another one now."""
    return any(found.get(key) != obj[key] for key in ("subsets", "endpoints", "ports") if key in obj)


def _mended(obj: Json, kept: Json) -> Json:
    """A role or binding with what it lacks of ours; what others have added stays."""
    meta = kept["metadata"]
    if (meta.get("annotations") or {}).get(AUTO_UPDATE) == "false":
        return kept
    for words in ("labels", "annotations"):
        if ours := obj["metadata"].get(words):
            meta[words] = ours | (meta.get(words) or {})
    for key in ("rules", "subjects"):
        have = kept.get(key) or []
        if missing := [item for item in obj.get(key) or () if item not in have]:
            kept[key] = have + missing
    if ours := obj.get("aggregationRule"):
        # Its rules are then the aggregation's.
        kept["aggregationRule"] = kept.get("aggregationRule") or ours
    return kept
