"""What an object uses of a ResourceQuota, and whether a quota's scopes take it in. Pure.

Semantics: k8s.io/kubernetes, pkg/quota/v1/evaluator/core.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from armillary.base.clock import parse_time
from armillary.engine.apiserver.admission.amounts import Amount, Amounts, parse_amounts, pod_amounts
from armillary.engine.kinds.resource import Json

ONE = Amount(Decimal(1))
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_POD_NAMES = frozenset(
    ("count/pods", "pods", *_COMPUTE, *(f"{sort}.{name}" for sort in ("requests", "limits") for name in _COMPUTE))
)
# Who limits these must be told by every container what it takes.
_MUST_SAY = frozenset(("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"))
_SERVICE_NAMES = frozenset(("count/services", "services", "services.nodeports", "services.loadbalancers"))
_CLAIM_NAMES = ("persistentvolumeclaims", "requests.storage")
_BY_CLASS = ".storageclass.storage.k8s.io/"
_ALIASES = frozenset(("configmaps", "resourcequotas", "replicationcontrollers", "secrets"))


def tracked(resource: str, names: Iterable[str]) -> frozenset[str]:
    """Those of a quota's names that objects of this resource count in."""
    return frozenset(name for name in names if _is_tracked(resource, name))


def _is_tracked(resource: str, name: str) -> bool:
    match resource:
        case "pods":
            return (
                name in _POD_NAMES
                or name.startswith(("hugepages-", "requests.hugepages-"))
                or (name.startswith("requests.") and "/" in name)
            )
        case "services":
            return name in _SERVICE_NAMES
        case "persistentvolumeclaims":
            plain = name.partition(_BY_CLASS)[2] or name
            return plain in _CLAIM_NAMES or name == "count/persistentvolumeclaims"
    return name == f"count/{resource}" or (resource in _ALIASES and name == resource)


def usage(resource: str, obj: Json, now: datetime) -> Amounts:
    """What this object uses."""
    match resource:
        case "pods":
            return _pod_usage(obj, now)
        case "services":
            return _service_usage(obj["spec"])
        case "persistentvolumeclaims":
            return _claim_usage(obj)
    counted = {f"count/{resource}": ONE}
    return counted | ({resource: ONE} if resource in _ALIASES else {})


def _pod_usage(pod: Json, now: datetime) -> Amounts:
    used = {"count/pods": ONE}
    if not _is_alive(pod, now):
        return used
    requests, limits = (pod_amounts(pod["spec"], sort, overhead=True) for sort in ("requests", "limits"))
    return used | {"pods": ONE} | _computed(requests, limits)


def _computed(requests: Mapping[str, Amount], limits: Mapping[str, Amount]) -> Amounts:
    used: Amounts = {}
    for name, amount in requests.items():
        if name in _COMPUTE or name.startswith("hugepages-"):
            used[name] = used[f"requests.{name}"] = amount
        elif "/" in name:
            used[f"requests.{name}"] = amount
    used |= {f"limits.{name}": limits[name] for name in _COMPUTE if name in limits}
    return used


def _is_alive(pod: Json, now: datetime) -> bool:
    if (pod.get("status") or {}).get("phase") in ("Failed", "Succeeded"):
        return False
    due, grace = pod["metadata"].get("deletionTimestamp"), pod["metadata"].get("deletionGracePeriodSeconds")
    return not (due and grace is not None and now > parse_time(due) + timedelta(seconds=grace))


def _service_usage(spec: Json) -> Amounts:
    kind, ports = spec.get("type"), spec.get("ports") or ()
    count = len(ports) if kind in ("NodePort", "LoadBalancer") else 0
    if kind == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is False:
        count = sum(1 for port in ports if port.get("nodePort"))
    return {
        "count/services": ONE,
        "services": ONE,
        "services.nodeports": Amount(Decimal(count)),
        "services.loadbalancers": Amount(Decimal(int(kind == "LoadBalancer"))),
    }


def _claim_usage(claim: Json) -> Amounts:
    used = {"count/persistentvolumeclaims": ONE, "persistentvolumeclaims": ONE}
    wanted = ((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage")
    if wanted is not None:
        allocated = ((claim.get("status") or {}).get("allocatedResources") or {}).get("storage", "0")
        amount = max((Amount.parse(text) for text in (wanted, allocated)), key=lambda found: found.value)
        used["requests.storage"] = Amount(amount.value.to_integral_value(ROUND_CEILING), amount.binary)
    annotations = claim["metadata"].get("annotations") or {}
    name = annotations.get("volume.beta.kubernetes.io/storage-class") or claim["spec"].get("storageClassName")
    if name:
        used |= {f"{name}{_BY_CLASS}{key}": used[key] for key in _CLAIM_NAMES if key in used}
    return used


def missing_values(names: Iterable[str], spec: Json) -> str:
    """What the containers must say and don't, as `must specify ...`; empty if nothing is missing."""
    if (spec.get("resources") or {}).get("requests") or (spec.get("resources") or {}).get("limits"):
        return ""
    required = sorted(_MUST_SAY.intersection(names))
    silent: dict[str, set[str]] = {}
    for container in (*spec["containers"], *(spec.get("initContainers") or ())):
        resources = container.get("resources") or {}
        said = _computed(parse_amounts(resources.get("requests")), parse_amounts(resources.get("limits")))
        for name in required:
            if name not in said:
                silent.setdefault(name, set()).add(container["name"])
    if not silent:
        return ""
    return "must specify " + "; ".join(f"{name} for: {','.join(sorted(silent[name]))}" for name in sorted(silent))


def in_scopes(resource: str, spec: Json, obj: Json) -> bool:
    """Whether a quota with this spec counts the object, as far as its scopes go."""
    selectors = [{"scopeName": scope, "operator": "Exists"} for scope in spec.get("scopes") or ()]
    selectors += (spec.get("scopeSelector") or {}).get("matchExpressions") or ()
    if not selectors:
        return True
    return resource == "pods" and all(_in_scope(selector, obj["spec"]) for selector in selectors)


def _in_scope(selector: Json, spec: Json) -> bool:
    match selector["scopeName"]:
        case "Terminating":
            return is_terminating(spec)
        case "NotTerminating":
            return not is_terminating(spec)
        case "BestEffort":
            return _is_best_effort(spec)
        case "NotBestEffort":
            return not _is_best_effort(spec)
        case "CrossNamespacePodAffinity":
            return _reaches_other_namespaces(spec.get("affinity") or {})
        case "PriorityClass":
            name, values = spec.get("priorityClassName") or "", selector.get("values") or ()
            match selector["operator"]:
                case "In":
                    return name in values
                case "NotIn":
                    return name not in values
                case "DoesNotExist":
                    return not name
            return bool(name)
    return False


def is_terminating(spec: Json) -> bool:
    """In a quota's sense: meant to run for a limited time."""
    deadline = spec.get("activeDeadlineSeconds")
    return deadline is not None and deadline >= 0


def _is_best_effort(spec: Json) -> bool:
    return not any(
        parse_amounts((holder.get("resources") or {}).get(sort)).get(name, Amount(Decimal(0))).value
        for holder in (spec, *spec["containers"], *(spec.get("initContainers") or ()))
        for sort in ("requests", "limits")
        for name in ("cpu", "memory")
    )


def _reaches_other_namespaces(affinity: Json) -> bool:
    for sort in ("podAffinity", "podAntiAffinity"):
        found = affinity.get(sort) or {}
        terms = list(found.get("requiredDuringSchedulingIgnoredDuringExecution") or ())
        weighted = found.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        terms += [term.get("podAffinityTerm") or {} for term in weighted]
        if any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms):
            return True
    return False
