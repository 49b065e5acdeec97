"""What containers ask for and may use: rules for resource lists, sums over a pod, the quality-of-service class.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateContainerResourceRequirements", pkg/apis/core/helper,
k8s.io/component-helpers/resource.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import duplicate, forbidden, invalid, not_supported, required, wrong
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import ZERO, check_quantity, quantity

CONTAINER_RESOURCES = frozenset({"cpu", "memory", "ephemeral-storage"})
_COUNTED = frozenset(
    {
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
        "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
    }
)  # fmt: skip
_ASKED = frozenset({f"{kind}.{what}" for kind in ("requests", "limits") for what in CONTAINER_RESOURCES})
STANDARD_QUOTA_RESOURCES = CONTAINER_RESOURCES | _COUNTED | _ASKED | {"requests.storage"}
STANDARD_RESOURCES = STANDARD_QUOTA_RESOURCES | {"storage"}
POD_RESOURCES = ("cpu", "hugepages-", "memory")
QOS_RESOURCES = ("cpu", "memory")

Rule = Callable[[str, str], list[Cause]]


def is_huge_page(name: str) -> bool:
    return name.startswith("hugepages-")


def is_native(name: str) -> bool:
    """Kubernetes' own, in contrast to what device plugins and others add."""
    return "/" not in name or "kubernetes.io/" in name


def is_extended(name: str) -> bool:
    return not (is_native(name) or name.startswith("requests.") or names.label_key(f"requests.{name}"))


def may_overcommit(name: str) -> bool:
    """Whether a container may use more than it asks for."""
    return is_native(name) and not is_huge_page(name)


def is_counted(name: str) -> bool:
    """Whether only whole numbers make sense."""
    return name in _COUNTED or ("/" in name and is_extended(name))


def check_resource_name(name: str, field: str) -> list[Cause]:
    """The name of any resource."""
    found = wrong(field, name, names.label_key(name))
    huge = name.startswith(("hugepages-", "requests.hugepages-"))
    if not found and "/" not in name and name not in STANDARD_RESOURCES and not huge:
        found.append(invalid(field, name, "must be a standard resource type or fully qualified"))
    return found


def check_container_resource_name(name: str, field: str) -> list[Cause]:
    """The name of a resource that a container may ask for."""
    found = check_resource_name(name, field)
    if "/" not in name:
        if name not in CONTAINER_RESOURCES and not is_huge_page(name):
            found.append(invalid(field, name, "must be a standard resource for containers"))
    elif not is_native(name) and not is_extended(name):
        found.append(invalid(field, name, "doesn't follow extended resource name standard"))
    return found


def check_pod_resource_name(name: str, field: str) -> list[Cause]:
    """The name of a resource that may be given for a pod as a whole."""
    found = check_resource_name(name, field)
    if not found and name not in QOS_RESOURCES and not is_huge_page(name):
        found.append(not_supported(field, name, POD_RESOURCES))
    return found


def check_amount(name: str, value: object, field: str) -> list[Cause]:
    """The amount of a resource: not negative, and whole where parts make no sense."""
    number = quantity(value)
    if number is None or number < 0:
        return check_quantity(field, value)
    if is_counted(name) and number != number.to_integral_value():
        return [invalid(field, value, "must be an integer")]
    return []


def check_resources(
    resources: Json, claims: Collection[str], rule: Rule = check_container_resource_name
) -> list[Cause]:
    """ResourceRequirements; fields are relative to them."""
    limits: Json = resources.get("limits") or {}
    requests: Json = resources.get("requests") or {}
    found: list[Cause] = []
    for kind, amounts in (("limits", limits), ("requests", requests)):
        for name, value in amounts.items():
            if name not in CONTAINER_RESOURCES or rule is not check_container_resource_name:
                found += rule(name, f"{kind}[{name}]")
            number = quantity(value)
            if number is None or number < 0 or name not in CONTAINER_RESOURCES:
                found += check_amount(name, value, f"{kind}[{name}]")
                found += _check_huge_page(name, value, f"{kind}[{name}]")
            if kind == "requests":
                found += _check_request(name, value, limits)
    both = {*limits, *requests}
    if any(map(is_huge_page, both)) and not both & {"cpu", "memory"}:
        found.append(forbidden("", "HugePages require cpu or memory"))
    if asked := resources.get("claims"):
        found += _check_claims(asked, claims)
    return found


def _check_request(name: str, value: object, limits: Json) -> list[Cause]:
    if name not in limits:
        over = may_overcommit(name)
        return [] if over else [required("limits", "Limit must be set for non overcommitable resources")]
    number, limit = quantity(value), quantity(limits[name])
    if number is None or limit is None or number == limit:
        return []
    if not may_overcommit(name):
        return [invalid("requests", str(value), f"must be equal to {name} limit of {limits[name]}")]
    if number > limit:
        return [invalid("requests", str(value), f"must be less than or equal to {name} limit of {limits[name]}")]
    return []


def _check_huge_page(name: str, value: object, field: str) -> list[Cause]:
    number = quantity(value)
    if number is None or not is_huge_page(name):
        return []
    size = quantity(name.removeprefix("hugepages-"))
    if size is None or size <= 0 or size != size.to_integral_value() or number % size != 0:
        return [invalid(field, str(value), f"{value} is not positive integer multiple of {name}")]
    return []


def _check_claims(asked: Iterable[Json], claims: Collection[str]) -> list[Cause]:
    found: list[Cause] = []
    seen: set[str] = set()
    for i, claim in enumerate(asked):
        field, name, request = f"claims[{i}]", claim.get("name") or "", claim.get("request") or ""
        if not name:
            found.append(required(field))
        else:
            key = f"{name}/{request}" if request else name
            if request:
                found += wrong(f"{field}.request", request, names.dns_label(request))
            if name in seen or key in seen:
                found.append(duplicate(field, name if name in seen else key))
            elif not request and any(s.partition("/")[0] == name for s in seen):
                found.append(duplicate(field, name))
            seen.add(key)
        if name not in claims:
            have = f": {', '.join(sorted(claims))}" if claims else " which is empty"
            fault = f'Not found: "{name}": must be one of the names in pod.spec.resourceClaims{have}'
            found.append(Cause("FieldValueNotFound", field, fault))
    return found


def is_sidecar(container: Json) -> bool:
    """An init container that keeps running beside the others."""
    return container.get("restartPolicy") == "Always"


def aggregate(spec: Json, kind: str) -> dict[str, Decimal]:
    """The `requests` or `limits` of all containers together: init containers run one after the other."""
    total = _total(spec.get("containers"), kind)
    sidecars: dict[str, Decimal] = {}
    most: dict[str, Decimal] = {}
    for container in spec.get("initContainers") or ():
        own = _amounts(container, kind)
        if is_sidecar(container):
            _add(total, own)
            _add(sidecars, own)
            step = dict(sidecars)
        else:
            step = dict(sidecars)
            _add(step, own)
        for name, value in step.items():
            most[name] = max(value, most.get(name, ZERO))
    return {name: max(total.get(name, ZERO), most.get(name, ZERO)) for name in {**total, **most}}


def _total(containers: Iterable[Json] | None, kind: str) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for container in containers or ():
        _add(total, _amounts(container, kind))
    return total


def _amounts(container: Json, kind: str) -> dict[str, Decimal]:
    given: Json = (container.get("resources") or {}).get(kind) or {}
    return {name: quantity(value) or ZERO for name, value in given.items()}


def _add(total: dict[str, Decimal], more: Mapping[str, Decimal]) -> None:
    for name, value in more.items():
        total[name] = total.get(name, ZERO) + value


def qos_class(spec: Json) -> str:
    """Guaranteed, Burstable or BestEffort."""
    if own := spec.get("resources"):
        holders = [{"resources": own}]
    else:
        holders = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    requests: dict[str, Decimal] = {}
    limits: dict[str, Decimal] = {}
    guaranteed = True
    for holder in holders:
        asked = {n: v for n, v in _amounts(holder, "requests").items() if n in QOS_RESOURCES and v > 0}
        bound = {n: v for n, v in _amounts(holder, "limits").items() if n in QOS_RESOURCES and v > 0}
        _add(requests, asked)
        _add(limits, bound)
        guaranteed = guaranteed and len(bound) == len(QOS_RESOURCES)
    if not requests and not limits:
        return "BestEffort"
    return "Guaranteed" if guaranteed and requests == limits else "Burstable"
