"""What is wrong with what people write into workspaces and projects, field by field. Pure.

The schema has seen to types and lengths; here is what it can't say.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from armillary.base.errors import Cause
from armillary.base.quantity import parse_quantity
from armillary.kube.labels import is_subdomain, label_key
from armillary.platform.capabilities.identity.kinds import USER_NAME
from armillary.platform.capabilities.tenancy.kinds import Allowed, Limits, Network, ProjectSpec, WorkspaceSpec

_is_user = re.compile(USER_NAME).fullmatch
_PLAIN = frozenset(
    {
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage",
        "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods", "services",
        "services.nodeports", "services.loadbalancers", "configmaps", "secrets", "persistentvolumeclaims",
        "replicationcontrollers", "resourcequotas",
    }
)  # fmt: skip
_PREFIXES = ("count/", "requests.")
_BY_CLASS = ".storageclass.storage.k8s.io/"


def invalid(field: str, value: object, message: str) -> Cause:
    return Cause("FieldValueInvalid", field, f'Invalid value: "{value}": {message}')


def workspace_faults(spec: WorkspaceSpec) -> tuple[Cause, ...]:
    return (*_user("spec.manager", spec.manager), *quota_faults(spec.quota.hard), *_network(spec.network))


def project_faults(spec: Any) -> tuple[Cause, ...]:
    """Of a project or a DevOps project."""
    found = [*_user("spec.creator", spec.creator)]
    if isinstance(spec, ProjectSpec):
        found += [*quota_faults(spec.quota.hard), *_limits(spec.limits), *_network(spec.network)]
    return tuple(found)


def _user(field: str, name: str) -> Iterator[Cause]:
    if name and not _is_user(name):
        yield invalid(field, name, "is not a user's name")


def quota_faults(hard: Mapping[str, str]) -> Iterator[Cause]:
    for name, amount in hard.items():
        field = f"spec.quota.hard[{name}]"
        if not _is_counted(name):
            yield invalid(field, name, "is not a resource that a quota can count, like requests.cpu or count/pods")
        yield from _quantity(field, amount)


def _is_counted(name: str) -> bool:
    """Names of a ResourceQuota: k8s.io, "Resource Quotas". Extended resources have `requests.` only."""
    if name in _PLAIN:
        return True
    if _BY_CLASS in name:
        return name.partition(_BY_CLASS)[2] in ("requests.storage", "persistentvolumeclaims")
    prefix = next((p for p in _PREFIXES if name.startswith(p)), "")
    rest = name.removeprefix(prefix)
    if prefix == "count/":
        return bool(is_subdomain(rest))
    return bool(prefix) and not label_key(rest) and ("/" in rest or rest.startswith("hugepages-"))


def _quantity(field: str, amount: str) -> Iterator[Cause]:
    try:
        if parse_quantity(amount) < 0:
            yield invalid(field, amount, "must be greater than or equal to 0")
    except ValueError as exc:
        yield invalid(field, amount, str(exc))


def _limits(limits: Limits) -> Iterator[Cause]:
    sides = {"default": limits.default, "defaultRequest": limits.default_request, "max": limits.max}
    bad = False
    for side, amounts in sides.items():
        for name, amount in amounts.items():
            for fault in _quantity(f"spec.limits.{side}[{name}]", amount):
                bad = True
                yield fault
    if not bad:
        yield from _above("default", limits.default, limits.max, "max")
        yield from _above("defaultRequest", limits.default_request, limits.default, "default")
        yield from _above("defaultRequest", limits.default_request, limits.max, "max")


def _above(side: str, amounts: Mapping[str, str], most: Mapping[str, str], other: str) -> Iterator[Cause]:
    for name, amount in amounts.items():
        if name in most and parse_quantity(amount) > parse_quantity(most[name]):
            yield invalid(f"spec.limits.{side}[{name}]", amount, f"must not be more than {other}, {most[name]}")


def _network(network: Network) -> Iterator[Cause]:
    for number, one in enumerate(network.allow):
        yield from _allowed(f"spec.network.allow[{number}]", one)


def _allowed(field: str, one: Allowed) -> Iterable[Cause]:
    given = [name for name in ("workspace", "namespace", "cidr") if getattr(one, name)]
    if len(given) != 1:
        return [Cause("FieldValueInvalid", field, "exactly one of workspace, namespace and cidr must be given")]
    try:
        if one.cidr:
            ipaddress.ip_network(one.cidr)
    except ValueError as exc:
        return [invalid(f"{field}.cidr", one.cidr, str(exc))]
    name = one.workspace or one.namespace
    if name and not (is_subdomain(name) and "." not in name and len(name) <= 63):
        return [invalid(f"{field}.{given[0]}", name, "is not a name")]
    return []
