"""Objects of few words for the node's tests."""

import base64
from typing import Any

import msgspec

from armillary.kube.kinds.core import ConfigMap, Container, Pod, Secret, Service

Json = dict[str, Any]


def pod(spec: Json | None = None, **meta: Any) -> Pod:
    """A pod from JSON; one container `main` unless the spec has its own."""
    given = {"metadata": {"name": "web", "namespace": "shop", "uid": "u1", **meta}}
    given["spec"] = {"containers": [{"name": "main"}], "dnsPolicy": "ClusterFirst", **(spec or {})}
    return msgspec.convert(given, type=Pod)


def container(**given: Any) -> Container:
    return msgspec.convert({"name": "main", **given}, type=Container)


def resources(requests: str = "", limits: str = "", name: str = "main", **more: Any) -> Json:
    """A container with `cpu memory` requests and limits: `resources("100m 64Mi", "1 -")`."""
    names = ("cpu", "memory")
    sides = {"requests": requests.split(), "limits": limits.split()}
    given = {side: {n: v for n, v in zip(names, values, strict=False) if v != "-"} for side, values in sides.items()}
    return {"name": name, "resources": given, **more}


def config_map(name: str, binary: dict[str, bytes] | None = None, **data: str) -> ConfigMap:
    coded = {key: base64.b64encode(value).decode() for key, value in (binary or {}).items()}
    return msgspec.convert(
        {"metadata": {"name": name, "namespace": "shop"}, "data": data, "binaryData": coded}, type=ConfigMap
    )


def secret(name: str, kind: str = "Opaque", **data: str | bytes) -> Secret:
    coded = {
        key.replace("__", "."): base64.b64encode(v if isinstance(v, bytes) else v.encode()).decode()
        for key, v in data.items()
    }
    return msgspec.convert({"metadata": {"name": name, "namespace": "shop"}, "data": coded, "type": kind}, type=Secret)


def service(name: str, ip: str, *ports: tuple[str, int], namespace: str = "shop") -> Service:
    spec = {"clusterIP": ip, "ports": [{"name": n, "port": p, "protocol": "TCP"} for n, p in ports]}
    return msgspec.convert({"metadata": {"name": name, "namespace": namespace}, "spec": spec}, type=Service)
