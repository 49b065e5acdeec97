"""Kubernetes quantities: `500m`, `2Gi`, `1e3`.

Grammar and canonical form: k8s.io/apimachinery, api/resource, "Quantity".
"""

import re
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from functools import lru_cache

_BINARY = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50, "Ei": 1 << 60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_FORM = re.compile(r"^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$")


@lru_cache(maxsize=4096)  # the same few quantities come again and again
def parse_quantity(text: str | int | float) -> Decimal:
    """The number meant. Raises ValueError with a message fit for a user."""
    found = _FORM.match(str(text))
    if found is None:
        raise ValueError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    number, suffix = found.group(1), found.group(2) or ""
    try:
        if suffix in _BINARY:
            return Decimal(number) * _BINARY[suffix]
        if suffix in _DECIMAL:
            return Decimal(number).scaleb(_DECIMAL[suffix])
        return Decimal(number).scaleb(int(suffix[1:]))
    except (InvalidOperation, OverflowError) as exc:
        raise ValueError(f"{text!r} is out of range") from exc


def milli(text: str | int | float) -> int:
    """In thousandths, rounded up: CPU as millicores."""
    return int((parse_quantity(text) * 1000).to_integral_value(ROUND_CEILING))


def whole(text: str | int | float) -> int:
    """In units, rounded up: bytes, pods."""
    return int(parse_quantity(text).to_integral_value(ROUND_CEILING))


def canonical(text: str | int | float) -> str:
    """The form the API stores: no fraction, the largest suffix that keeps it whole, same family of suffixes."""
    value = parse_quantity(text)
    found = _FORM.match(str(text))
    suffix = (found.group(2) or "") if found else ""
    if value == 0:
        return "0"
    if suffix in _BINARY and value == value.to_integral_value() and abs(value) >= 1024:
        number, best = int(value), ""
        for name, size in _BINARY.items():
            if number % size == 0:
                best = name
        return f"{number // _BINARY[best]}{best}" if best else str(number)
    return _canonical_exponent(value) if suffix[:1] in ("e", "E") and len(suffix) > 1 else _canonical_decimal(value)


def _canonical_decimal(value: Decimal) -> str:
    nano = int((value * 10**9).to_integral_value(ROUND_CEILING))  # finer than nano is rounded up
    best, power = "n", -9
    for name, exponent in _DECIMAL.items():
        if nano % 10 ** (exponent + 9) == 0 and exponent > power:
            best, power = name, exponent
    return f"{nano // 10 ** (power + 9)}{best}"


def _canonical_exponent(value: Decimal) -> str:
    plain = _canonical_decimal(value)
    suffix = plain.lstrip("+-0123456789")
    return plain.removesuffix(suffix) + (f"e{_DECIMAL[suffix]}" if suffix else "")
