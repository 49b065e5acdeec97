"""Values of custom resources against the schema of their definition: defaults, and what is wrong.

Wording: k8s.io/kube-openapi, pkg/validation, and k8s.io/apiextensions-apiserver, pkg/apiserver/validation. What an
update leaves as it was is not judged again. Rules in CEL are not asked.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from armillary.base.errors import Cause
from armillary.engine.kinds.faults import duplicate, invalid, required, shown, too_long, too_many, unsupported
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.structural import (
    INT_OR_STRING,
    LIST_TYPE,
    MAP_KEYS,
    compile_pattern,
    extra_schema,
    item_schema,
    properties_of,
)

NOWHERE = "<nil>"  # where upstream puts faults of anyOf, oneOf, allOf and not
_UUID = re.compile(r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_MAC = re.compile(r"(?i)[0-9a-f]{2}(?::[0-9a-f]{2}){5,7}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5,7}")


def apply_defaults(value: Any, schema: Json | None) -> None:
    """Fill in what the schema gives a default for, at any depth."""
    if schema is None:
        return
    if isinstance(value, dict):
        properties, extra = properties_of(schema), extra_schema(schema)
        for name, sub in properties.items():
            default = sub.get("default")
            if default is not None and (name not in value or (value[name] is None and not sub.get("nullable"))):
                value[name] = deepcopy(default)
        for name, inner in value.items():
            if isinstance(inner, dict | list):
                apply_defaults(inner, properties.get(name, extra))
    elif isinstance(value, list):
        items = item_schema(schema)
        for inner in value if items is not None else ():
            if isinstance(inner, dict | list):
                apply_defaults(inner, items)


def check_value(value: Any, schema: Json, path: str = "", old: Any = None) -> list[Cause]:
    """The faults of a value that stands at `path`; `old` is what stood there before."""
    if old is not None and value == old:
        return []
    fault = _type_fault(value, schema, path)
    if fault is not None:
        return [fault]
    found = list(_check_branches(value, schema, path))
    if value is None:
        return found
    if enum := schema.get("enum"):
        found += _check_enum(value, enum, path)
    match value:
        case str():
            found += _check_text(value, schema, path)
        case bool():
            pass
        case int() | float():
            found += _check_number(value, schema, path)
        case list():
            found += _check_list(value, schema, path, old if isinstance(old, list) else None)
        case dict():
            found += _check_object(value, schema, path, old if isinstance(old, dict) else {})
    return found


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case int():
            return "integer"
        case float():
            return "number"
        case list():
            return "array"
    return "object"


def _type_fault(value: Any, schema: Json, path: str) -> Cause | None:
    wanted = "integer,string" if schema.get(INT_OR_STRING) else schema.get("type") or ""
    if not wanted or (value is None and schema.get("nullable")):
        return None
    given = _type_of(value)
    fits = given in wanted.split(",") or (given == "integer" and wanted == "number")
    if fits or (given == "number" and "integer" in wanted and float(value).is_integer()):
        return None
    return type_invalid(path, given, f'{path} in body must be of type {wanted}: "{given}"')


def type_invalid(field: str, value: Any, detail: str) -> Cause:
    return Cause("FieldValueTypeInvalid", field, f"Invalid value: {shown(value)}: {detail}")


def _check_branches(value: Any, schema: Json, path: str) -> Iterator[Cause]:
    if anyof := schema.get("anyOf"):
        results = [check_value(value, branch, path) for branch in anyof]
        if all(results):
            yield invalid(NOWHERE, "", f'"{path}" must validate at least one schema (anyOf)')
            yield from min(results, key=len)
    if oneof := schema.get("oneOf"):
        results = [check_value(value, branch, path) for branch in oneof]
        valid = sum(not faults for faults in results)
        if valid != 1:
            many = f"Found {valid} valid alternatives" if valid else "Found none valid"
            fault = f'"{path}" must validate one and only one schema (oneOf). {many}'
            yield invalid(NOWHERE, "", fault)
            if not valid:
                yield from min(results, key=len)
    if allof := schema.get("allOf"):
        results = [check_value(value, branch, path) for branch in allof]
        if any(results):
            none = ". None validated" if all(results) else ""
            yield invalid(NOWHERE, "", f'"{path}" must validate all the schemas (allOf){none}')
            for faults in results:
                yield from faults
    negated = schema.get("not")
    if negated is not None and not check_value(value, negated, path):
        yield invalid(NOWHERE, "", f'"{path}" must not validate the schema (not)')


def _check_enum(value: Any, enum: Sequence[Any], path: str) -> Iterator[Cause]:
    if not any(value == allowed and type(value) is type(allowed) for allowed in enum):
        words = [allowed if isinstance(allowed, str) else shown(allowed) for allowed in enum]
        yield unsupported(path, value, words)


def _check_text(value: str, schema: Json, path: str) -> Iterator[Cause]:
    most, least, pattern = schema.get("maxLength"), schema.get("minLength"), schema.get("pattern")
    if most is not None and len(value) > most:
        yield too_long(path, most)
    if least is not None and len(value) < least:
        yield invalid(path, value, f"{path} in body should be at least {least} chars long")
    compiled = compile_pattern(pattern) if pattern else None
    if compiled is not None and not compiled.search(value):
        yield invalid(path, value, f"{path} in body should match '{pattern}'")
    rule = _FORMATS.get((schema.get("format") or "").replace("-", ""))
    if rule is not None and not rule(value):
        fault = f"{path} in body must be of type {schema['format']}: {shown(value)}"
        yield type_invalid(path, value, fault)


def _bound(bound: float, value: float) -> str:
    """A bound as Go prints it: like the value, whole or with an exponent from 1e+06 on."""
    if type(value) is int:
        return str(int(bound))
    exact = Decimal(repr(float(bound))).normalize()
    exponent = exact.adjusted()
    if -4 <= exponent < 6:
        return f"{exact:f}"
    mantissa = exact.scaleb(-exponent)
    return f"{mantissa:f}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _check_number(value: float, schema: Json, path: str) -> Iterator[Cause]:
    least, most, factor = schema.get("minimum"), schema.get("maximum"), schema.get("multipleOf")
    if factor and value % factor:
        yield invalid(path, value, f"{path} in body should be a multiple of {_bound(factor, value)}")
    if least is not None:
        exclusive = bool(schema.get("exclusiveMinimum"))
        if value < least or (exclusive and value == least):
            how = "greater than" if exclusive else "greater than or equal to"
            yield invalid(path, value, f"{path} in body should be {how} {_bound(least, value)}")
    if most is not None:
        exclusive = bool(schema.get("exclusiveMaximum"))
        if value > most or (exclusive and value == most):
            how = "less than" if exclusive else "less than or equal to"
            yield invalid(path, value, f"{path} in body should be {how} {_bound(most, value)}")


def _check_list(value: list[Any], schema: Json, path: str, old: list[Any] | None) -> Iterator[Cause]:
    items, most, least = item_schema(schema), schema.get("maxItems"), schema.get("minItems")
    known = _by_keys(old, schema) if old is not None else {}
    if items is not None:
        for i, item in enumerate(value):
            before = known.get(_key(item, schema.get(MAP_KEYS) or (), items)) if known else None
            yield from check_value(item, items, f"{path}[{i}]", before)
    if least is not None and len(value) < least:
        yield invalid(path, len(value), f"{path} in body should have at least {least} items")
    if most is not None and len(value) > most:
        yield too_many(path, len(value), most)
    yield from _check_unique(value, schema, path)


def _key(item: Any, keys: Sequence[str], schema: Json) -> str | None:
    """What an item of a list of type map is known by; defaults stand for keys that are not there."""
    if not isinstance(item, dict) or not keys:
        return None
    properties = properties_of(schema)
    return shown([item.get(k, properties.get(k, {}).get("default")) for k in keys])


def _by_keys(items: list[Any], schema: Json) -> dict[str | None, Any]:
    keys, inner = schema.get(MAP_KEYS) or (), item_schema(schema) or {}
    return {key: item for item in items if (key := _key(item, keys, inner)) is not None}


def _check_unique(value: list[Any], schema: Json, path: str) -> Iterator[Cause]:
    kind, keys, seen = schema.get(LIST_TYPE), schema.get(MAP_KEYS) or (), set()
    if kind not in ("set", "map"):
        return
    for i, item in enumerate(value):
        key = _key(item, keys, item_schema(schema) or {}) if kind == "map" else shown(item)
        if key is not None and key in seen:
            told = {k: item.get(k) for k in keys} if kind == "map" else item
            yield duplicate(f"{path}[{i}]", told)
        seen.add(key)


def _check_object(value: Json, schema: Json, path: str, old: Json) -> Iterator[Cause]:
    properties, extra = properties_of(schema), extra_schema(schema)
    least, most = schema.get("minProperties"), schema.get("maxProperties")
    if least is not None and len(value) < least:
        yield invalid(path, len(value), f"{path} in body should have at least {least} properties")
    if most is not None and len(value) > most:
        yield too_many(path, len(value), most)
    for name, inner in value.items():
        sub = properties.get(name, extra)
        if sub is not None:
            yield from check_value(inner, sub, f"{path}.{name}" if path else name, old.get(name))
    for name in schema.get("required") or ():
        if name not in value:
            yield required(f"{path}.{name}" if path else name)


def _is_ip(version: int) -> Callable[[str], bool]:
    def rule(text: str) -> bool:
        try:
            return ipaddress.ip_address(text).version == version
        except ValueError:
            return False

    return rule


def _is_cidr(text: str) -> bool:
    try:
        return "/" in text and ipaddress.ip_network(text, strict=False) is not None
    except ValueError:
        return False


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        return "T" in text.upper() and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


_FORMATS: dict[str, Callable[[str], bool]] = {
    "date": _is_date,
    "datetime": _is_moment,
    "ipv4": _is_ip(4),
    "ipv6": _is_ip(6),
    "cidr": _is_cidr,
    "mac": lambda text: _MAC.fullmatch(text) is not None,
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
    "byte": lambda text: _BASE64.fullmatch(text) is not None,
}


_GO_TYPES = {str: "string", bool: "bool", dict: "map[string]interface {}", list: "[]interface {}"}


def check_replicas(obj: Json, path: str) -> Iterator[Cause]:
    """A count that the scale subresource reads, at a path such as `.spec.replicas`."""
    value: Any = obj
    for step in path.lstrip(".").split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if value is None:
        return
    if type(value) is not int:
        told = value if isinstance(value, str) else shown(value)
        go = _GO_TYPES.get(type(value), "float64")
        yield invalid(path, 0, f"{path} accessor error: {told} is of the type {go}, expected int64")
    elif value < 0:
        yield invalid(path, value, "should be a non-negative integer")
    elif value > 0x7FFFFFFF:
        yield invalid(path, value, f"should be less than or equal to {0x7FFFFFFF}")
