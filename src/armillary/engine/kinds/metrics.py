"""The resources of metrics.k8s.io: usage of nodes and pods. They are not stored: node agents are asked."""

from typing import Any

from armillary.engine.kinds.resource import Resource

GROUP = "metrics.k8s.io"
_PREFIX = "io.k8s.metrics.pkg.apis.metrics.v1beta1"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_QUANTITIES = {
    "type": "object",
    "additionalProperties": {"$ref": "io.k8s.apimachinery.pkg.api.resource.Quantity"},
    "description": "What is used: cpu in cores, memory in bytes.",
}


def _resource(kind: str, plural: str, *, namespaced: bool) -> Resource:
    return Resource(
        group=GROUP,
        version="v1beta1",
        kind=kind,
        plural=plural,
        schema=f"{_PREFIX}.{kind}",
        namespaced=namespaced,
        verbs=("get", "list"),
        has_status=False,
        counts_generation=False,
    )


def _schema(kind: str, usage: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": f"{kind} holds what was used over a short time.",
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"$ref": f"{_META}.ObjectMeta"},
            "timestamp": {"$ref": f"{_META}.Time"},
            "window": {"type": "string", "description": "Over how long it was measured."},
            **usage,
        },
        "x-kubernetes-group-version-kind": [{"group": GROUP, "kind": kind, "version": "v1beta1"}],
    }


NODE_METRICS = _resource("NodeMetrics", "nodes", namespaced=False)
POD_METRICS = _resource("PodMetrics", "pods", namespaced=True)
RESOURCES: tuple[Resource, ...] = (NODE_METRICS, POD_METRICS)

# No package brings these schemas; they are small.
SCHEMAS: dict[str, Any] = {
    NODE_METRICS.schema: _schema("NodeMetrics", {"usage": _QUANTITIES}),
    POD_METRICS.schema: _schema(
        "PodMetrics",
        {
            "containers": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "usage": _QUANTITIES},
                },
            }
        },
    ),
}
