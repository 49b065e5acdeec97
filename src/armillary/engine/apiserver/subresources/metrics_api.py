"""The metrics API (metrics.k8s.io/v1beta1) from a node's summary, for `kubectl top` and autoscalers. Pure.

As metrics-server writes it: a pod is left out while one of its containers has no rate yet.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]
API_VERSION = "metrics.k8s.io/v1beta1"
WINDOW = "10s"  # how far apart readings are


def node_metrics(summary: Mapping[str, Any], labels: Mapping[str, str] | None = None) -> Json | None:
    """NodeMetrics of the node, None if it has no rate yet."""
    node = summary["node"]
    usage = _usage(node)
    if usage is None:
        return None
    return _object("NodeMetrics", {"name": node["nodeName"]}, labels, node["cpu"]["time"]) | {"usage": usage}


def pod_metrics(
    summary: Mapping[str, Any], labels: Mapping[tuple[str, str], Mapping[str, str]] | None = None
) -> list[Json]:
    """PodMetrics of the node's pods. `labels` are those of the pods, by namespace and name."""
    found = (_pod(pod, labels or {}) for pod in summary["pods"])
    return [pod for pod in found if pod is not None]


def metrics_list(kind: str, items: Iterable[Json]) -> Json:
    """A list of `kind` (NodeMetrics, PodMetrics)."""
    return {"kind": f"{kind}List", "apiVersion": API_VERSION, "metadata": {}, "items": list(items)}


def _pod(pod: Mapping[str, Any], labels: Mapping[tuple[str, str], Mapping[str, str]]) -> Json | None:
    name, namespace = pod["podRef"]["name"], pod["podRef"]["namespace"]
    containers = []
    for container in pod["containers"]:
        usage = _usage(container)
        if usage is None:
            return None
        containers.append({"name": container["name"], "usage": usage})
    if not containers:
        return None
    time = pod["containers"][0]["cpu"]["time"]
    meta = {"name": name, "namespace": namespace}
    return _object("PodMetrics", meta, labels.get((namespace, name)), time) | {"containers": containers}


def _object(kind: str, meta: Mapping[str, str], labels: Mapping[str, str] | None, time: str) -> Json:
    metadata: Json = {**meta, "creationTimestamp": time}
    if labels:
        metadata["labels"] = dict(labels)
    return {
        "kind": kind,
        "apiVersion": API_VERSION,
        "metadata": metadata,
        "timestamp": time,
        "window": WINDOW,
    }


def _usage(measured: Mapping[str, Any]) -> Json | None:
    cores = measured.get("cpu", {}).get("usageNanoCores")
    memory = measured.get("memory", {}).get("workingSetBytes")
    if cores is None or memory is None:
        return None
    return {"cpu": f"{cores}n" if cores else "0", "memory": f"{memory // 1024}Ki" if memory else "0"}
