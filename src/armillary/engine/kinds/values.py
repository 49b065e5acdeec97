"""Values in fields and how they compare: quantities, percentages, ports, addresses, zero values.

Rules: k8s.io/apimachinery, api/resource, util/intstr and util/validation.
"""

import ipaddress
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from armillary.base.errors import Cause
from armillary.base.quantity import canonical, parse_quantity
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import invalid, required, wrong
from armillary.engine.kinds.resource import Json

NOT_NEGATIVE = "must be greater than or equal to 0"
POSITIVE = "must be greater than zero"
ZERO = Decimal(0)
_MILLI = Decimal("0.001")

# Fields whose zero value says the same as their absence (Go values that are no pointers), so that a client which
# drops zero values changes nothing. Every other false or 0 has a meaning of its own.
_NO_POINTERS = (
    "hostNetwork hostPID hostIPC hostPort nodePort initialDelaySeconds readOnly stdin stdinOnce tty paused "
    "minReadySeconds publishNotReadyAddresses unschedulable generation observedGeneration restartCount "
    "readyReplicas availableReplicas currentReplicas updatedReplicas fullyLabeledReplicas"
)
_ZERO_IS_ABSENT = frozenset(_NO_POINTERS.split())
_RESOURCE_LISTS = (
    "limits requests capacity allocatable overhead hard used max min default defaultRequest maxLimitRequestRatio "
    "allocatedResources"
)
_QUANTITY_MAPS = frozenset(_RESOURCE_LISTS.split())


def same(one: Any, other: Any) -> bool:
    """Whether two values mean the same: absent and empty are alike, and so are 1000m and 1."""
    return bool(one == other or _essence(one) == _essence(other))


def _essence(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        if key in _QUANTITY_MAPS:
            return {k: _number(v) for k, v in value.items()} or None
        found = {k: _essence(v, k) for k, v in value.items()}
        return {k: v for k, v in found.items() if v is not None and not (not v and k in _ZERO_IS_ABSENT)} or None
    if isinstance(value, list):
        return [_essence(v) for v in value] or None
    return None if value == "" else value


def _number(value: Any) -> Any:
    try:
        return parse_quantity(value)
    except (ValueError, TypeError):
        return value


def quantity(value: Any) -> Decimal | None:
    """The number that a quantity means; None when it is not one."""
    try:
        return parse_quantity(value)
    except (ValueError, TypeError):
        return None


def amount(resources: Json | None, name: str) -> Decimal:
    """What a resource list says of a resource; 0 when it says nothing that can be read."""
    return quantity(resources.get(name)) or ZERO if resources else ZERO


def quantity_problem(value: Any) -> str:
    """What is wrong with the form of a quantity; empty when nothing is."""
    try:
        parse_quantity(value)
    except (ValueError, TypeError) as exc:
        return str(exc)
    return ""


def settle_quantity(holder: Json | None, name: str) -> None:
    """Put a quantity into the form in which the API stores it; what is no quantity is left for validation."""
    if holder and (value := holder.get(name)) is not None:
        holder[name] = _settled(value)


def settle_quantities(resources: Json | None) -> None:
    """As `settle_quantity` for a resource list, whose values are rounded up to thousandths."""
    if resources:
        for name, value in resources.items():
            resources[name] = _settled_milli(value)


@lru_cache(maxsize=4096)
def _settled(value: Any) -> Any:
    try:
        return canonical(value)
    except (ValueError, TypeError):
        return value


@lru_cache(maxsize=4096)
def _settled_milli(value: Any) -> Any:
    number = quantity(value)
    if number is None:
        return value
    milli = number / _MILLI
    if milli == milli.to_integral_value():
        return canonical(value)
    return canonical(f"{int(milli.to_integral_value('ROUND_CEILING'))}m")


def format_quantity(number: Decimal, *, binary: bool = False) -> str:
    """A number as a quantity; `binary` prefers Ki, Mi, Gi where they are exact."""
    if binary and number % 1024 == 0:
        return canonical(f"{int(number) // 1024}Ki")
    return canonical(format(number, "f"))


def check_quantity(field: str, value: Any, *, positive: bool = False) -> list[Cause]:
    """A quantity that must not be negative, or must be `positive`."""
    number = quantity(value)
    if number is None:
        return [invalid(field, value, quantity_problem(value))]
    if number < 0 or (positive and number == 0):
        return [invalid(field, str(value), POSITIVE if positive else NOT_NEGATIVE)]
    return []


def check_not_negative(field: str, value: int | None) -> list[Cause]:
    return [invalid(field, value, NOT_NEGATIVE)] if value is not None and value < 0 else []


def check_int_or_percent(field: str, value: Any) -> list[Cause]:
    """A count that is not negative, or a percentage."""
    if isinstance(value, str):
        return wrong(field, value, names.percent(value))
    return check_not_negative(field, value)


def check_at_most_100_percent(field: str, value: Any) -> list[Cause]:
    share = percentage(value)
    return [invalid(field, value, "must not be greater than 100%")] if share is not None and share > 100 else []


def percentage(value: Any) -> int | None:
    """The number in `25%`; None for anything else."""
    return int(value[:-1]) if isinstance(value, str) and re.fullmatch(r"[0-9]+%", value) else None


def check_port_number_or_name(field: str, value: Any) -> list[Cause]:
    """A port as an integer or the name of one."""
    if isinstance(value, str):
        return wrong(field, value, names.port_name(value))
    return wrong(field, value, names.port_number(value))


@lru_cache(maxsize=1024)
def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(value)
    except ValueError:
        return None
    return None if "%" in value else found


@lru_cache(maxsize=1024)
def _sloppy(value: str) -> bool:
    """Whether this is an address but for leading zeros."""
    return _address(re.sub(r"(^|\.)0+(?=\d)", r"\1", value)) is not None


def is_ip(value: str) -> bool:
    return _address(value) is not None


def is_ipv6(value: str) -> bool:
    found = _address(value)
    return found is not None and found.version == 6


def check_ip(field: str, value: str, *, canonical_form: bool = False) -> list[Cause]:
    """An IP address; fields younger than strict validation ask for the `canonical_form`."""
    found = _address(value)
    if found is None:
        if _sloppy(value):
            return [invalid(field, value, "must not have leading 0s")]
        return [invalid(field, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return [invalid(field, value, "must not be an IPv4-mapped IPv6 address")]
    if canonical_form and str(found) != value:
        return [invalid(field, value, f'must be in canonical form ("{found}")')]
    return []


def check_cidr(field: str, value: str) -> list[Cause]:
    """An address and the length of its prefix, no bits beyond it."""
    malformed = [invalid(field, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    address, slash, length = value.partition("/")
    if not slash or not length.isascii() or not length.isdecimal() or len(length) > 3:
        return malformed
    found = _address(address)
    if found is None or (len(length) > 1 and length[0] == "0"):
        sloppy = _sloppy(address) and int(length) <= 128
        return [invalid(field, value, "must not have leading 0s in IP or prefix length")] if sloppy else malformed
    if int(length) > found.max_prefixlen:
        return malformed
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return [invalid(field, value, "must not have an IPv4-mapped IPv6 address")]
    if ipaddress.ip_network(value, strict=False).network_address != found:
        return [invalid(field, value, "must not have bits set beyond the prefix length")]
    return []


def check_domain_path(field: str, value: str) -> list[Cause]:
    """`acme.io/some/path`."""
    if not value:
        return [required(field)]
    host, slash, path = value.partition("/")
    if not (slash and host and path):
        return [invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    found = wrong(field, host, names.dns_subdomain(host))
    form = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
    if not re.fullmatch(form, path):
        found.append(invalid(field, path, names.regex_problem("Invalid path", form)))
    return found
