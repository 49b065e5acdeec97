"""The downward API: what a container may be told about its pod and its resources. Pure.

Paths and roundings as kubelet's: pkg/fieldpath and pkg/api/v1/resource.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal

from armillary.base.quantity import parse_quantity, whole
from armillary.engine.node.containers import AnyContainer, lasting_containers
from armillary.engine.node.faults import ConfigError
from armillary.kube.kinds.core import Pod, ResourceFieldSelector, ResourceRequirements

# A container without these limits is told the node's allocatable share instead.
DEFAULTED = ("cpu", "memory", "ephemeral-storage")

_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\", '"': '\\"',
}  # fmt: skip


def field_value(path: str, pod: Pod, host_ips: Sequence[str] = (), pod_ips: Sequence[str] = ()) -> str:
    """What a `fieldRef` stands for. Raises ConfigError for a path that is not offered."""
    meta = pod.metadata
    if path.endswith("']") and "['" in path:
        base, key = path[:-2].split("['", 1)
        match base:
            case "metadata.labels":
                return meta.labels.get(key, "")
            case "metadata.annotations":
                return meta.annotations.get(key, "")
        raise ConfigError(f"field label does not support subscript: {path}")
    match path:
        case "metadata.labels":
            return format_map(meta.labels)
        case "metadata.annotations":
            return format_map(meta.annotations)
        case "metadata.name" | "metadata.namespace" | "metadata.uid":
            return str(getattr(meta, path.removeprefix("metadata.")))
        case "status.hostIP":
            return host_ips[0] if host_ips else ""
        case "status.hostIPs":
            return ",".join(host_ips)
        case "status.podIP":
            return pod_ips[0] if pod_ips else ""
        case "status.podIPs":
            return ",".join(pod_ips)
    return _spec_value(path, pod)


def _spec_value(path: str, pod: Pod) -> str:
    match path:
        case "spec.nodeName" | "spec.host":
            return pod.spec.node_name
        case "spec.serviceAccountName":
            return pod.spec.service_account_name
        case "spec.restartPolicy" | "spec.schedulerName" | "status.phase":
            raise ConfigError(f"unsupported fieldPath: {path}")
    raise ConfigError(f"field label not supported: {path}")


def resource_value(
    selector: ResourceFieldSelector, pod: Pod, container: AnyContainer | None, allocatable: Mapping[str, str]
) -> str:
    """What a `resourceFieldRef` stands for, in units of its divisor, rounded up.

    `container` is the one asked for when the selector names none.
    """
    if selector.container_name or container is None:
        container = container_named(pod, selector.container_name)
    which, _, name = selector.resource.partition(".")
    if which not in ("limits", "requests") or not (name in DEFAULTED or name.startswith("hugepages-")):
        raise ConfigError(f"unsupported container resource : {selector.resource}")
    resources = container.resources or ResourceRequirements()
    given = (resources.limits if which == "limits" else resources.requests).get(name, "0")
    if which == "limits" and name in DEFAULTED and not parse_quantity(given):
        pod_limits = pod.spec.resources.limits if pod.spec.resources else {}
        given = pod_limits.get(name) or allocatable.get(name, "0")
    divisor = parse_quantity(selector.divisor or "0") or 1
    amount = parse_quantity(given) if name == "cpu" else Decimal(whole(given))
    return str(int((amount / divisor).to_integral_value(ROUND_CEILING)))


def container_named(pod: Pod, name: str) -> AnyContainer:
    for container in lasting_containers(pod):
        if container.name == name:
            return container
    raise ConfigError(f"container {name} not found")


def format_map(values: Mapping[str, str]) -> str:
    """One `key="value"` a line, sorted, quoted as Go quotes."""
    return "\n".join(f"{key}={_quote(values[key])}" for key in sorted(values))


def _quote(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else _numeric(ord(c))) for c in text) + '"'


def _numeric(code: int) -> str:
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
