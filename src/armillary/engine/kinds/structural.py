"""The schemas that custom resources may have: structural ones, in which every field has its one type.

Rules: k8s.io/apiextensions-apiserver, pkg/apiserver/schema/validation.go and pkg/apis/apiextensions/validation
"ValidateCustomResourceDefinitionOpenAPISchema". Rules in CEL (x-kubernetes-validations) are not compiled here.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from armillary.base.errors import Cause
from armillary.engine.kinds.faults import forbidden, invalid, required, under, unsupported
from armillary.engine.kinds.resource import Json

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_META = frozenset({"metadata", "kind", "apiVersion"})
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
# What may stand at the root of a schema while the status is a subresource.
_AT_ROOT = (
    "Description", "Type", "Format", "Title", "Maximum", "ExclusiveMaximum", "Minimum", "ExclusiveMinimum",
    "MaxLength", "MinLength", "Pattern", "MaxItems", "MinItems", "UniqueItems", "MultipleOf", "Required", "Items",
    "Properties", "ExternalDocs", "Example", "XPreserveUnknownFields", "XValidations",
)  # fmt: skip
_ROOT_FIELDS = frozenset(name[:1].lower() + name[1:] for name in _AT_ROOT if not name.startswith("X")) | {
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
}
_UNSUPPORTED = ("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref")
_NESTED = (
    ("type", "must be empty to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
    ("x-kubernetes-embedded-resource", "must be false to be structural"),
    ("x-kubernetes-int-or-string", "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
    ("x-kubernetes-validations", "must be empty to be structural"),
)
_LIST_TYPES = ("atomic", "set", "map")
_MAP_TYPES = ("granular", "atomic")

PRESERVE = "x-kubernetes-preserve-unknown-fields"
EMBEDDED = "x-kubernetes-embedded-resource"
INT_OR_STRING = "x-kubernetes-int-or-string"
LIST_TYPE = "x-kubernetes-list-type"
MAP_TYPE = "x-kubernetes-map-type"
MAP_KEYS = "x-kubernetes-list-map-keys"


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> "re.Pattern[str] | None":
    """A schema's pattern; None when it is none. Written for Go's engine, and nearly always good for ours as well."""
    try:
        return re.compile(text.replace(r"\z", r"\Z"))
    except (re.error, OverflowError, RecursionError):
        return None


def properties_of(schema: Json) -> Mapping[str, Json]:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def extra_schema(schema: Json) -> Json | None:
    """The schema of the values of a map; None when there is none (or it is only said that there may be any)."""
    found = schema.get("additionalProperties")
    return found if isinstance(found, dict) else None


def item_schema(schema: Json) -> Json | None:
    found = schema.get("items")
    return found if isinstance(found, dict) else None


def check_schema(schema: Json, *, has_status: bool) -> list[Cause]:
    """The faults of a version's `openAPIV3Schema`, relative to it."""
    found = list(_check_root(schema)) if has_status else []
    if schema.get("nullable"):
        found.append(forbidden("nullable", "nullable cannot be true at the root"))
    found += sorted(_check_invariants(schema, "root"), key=lambda cause: (cause.field, cause.message))
    found += _check_standard(schema, is_root=True)
    return found


def _check_root(schema: Json) -> Iterator[Cause]:
    for field, value in schema.items():
        if not value and value != 0:
            continue
        if field == "type" and value != "object":
            fault = (
                'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
            )
            yield invalid("type", value, fault)
            return
        if field not in _ROOT_FIELDS:
            allowed = " ".join(_AT_ROOT)
            fault = (
                f"only [{allowed}] fields are allowed at the root of the schema if the status subresource is enabled"
            )
            yield invalid("", schema, fault)
            return


def _check_invariants(schema: Json, level: str) -> Iterator[Cause]:
    """That a schema is structural; `level` is root, item or field."""
    kind, items, extra = schema.get("type") or "", schema.get("items"), schema.get("additionalProperties")
    embedded = bool(schema.get(EMBEDDED))
    if kind == "array" and items is None:
        yield required("items", "must be specified")
    if isinstance(items, dict):
        yield from under("items", _check_invariants(items, "item"))
    for name, sub in properties_of(schema).items():
        yield from under(f"properties[{name}]", _check_invariants(sub, "field"))
    if extra is not None:
        if level == "root":
            yield forbidden("additionalProperties", "must not be used at the root")
        if embedded:
            fault = "must not be used if x-kubernetes-embedded-resource is set"
            yield forbidden("additionalProperties", fault)
        if isinstance(extra, dict):
            yield from under("additionalProperties", _check_invariants(extra, "field"))
    yield from _check_type(schema, kind, level, embedded=embedded)
    yield from _check_value_rules(schema)
    yield from _check_meta(schema, level, embedded=embedded)


def _check_type(schema: Json, kind: str, level: str, *, embedded: bool) -> Iterator[Cause]:
    either, preserves = bool(schema.get(INT_OR_STRING)), bool(schema.get(PRESERVE))
    if either and preserves:
        yield invalid(PRESERVE, True, "must be false if x-kubernetes-int-or-string is true")
    if either and embedded:
        yield invalid(EMBEDDED, True, "must be false if x-kubernetes-int-or-string is true")
    if embedded and kind != "object":
        fault = "must be object if x-kubernetes-embedded-resource is true"
        yield invalid("type", kind, fault) if kind else required("type", fault)
    elif not kind and not either and not preserves:
        where = {"root": "at the root", "item": "for specified array items", "field": "for specified object fields"}
        yield required("type", f"must not be empty {where[level]}")
    if level == "root" and kind and kind != "object":
        yield invalid("type", kind, "must be object at the root")


def _check_meta(schema: Json, level: str, *, embedded: bool) -> Iterator[Cause]:
    properties, checked = properties_of(schema), level == "root" or embedded
    for name in ("kind", "apiVersion"):
        sub = properties.get(name)
        if checked and sub is not None and sub.get("type") != "string":
            yield invalid(f"properties[{name}].type", sub.get("type") or "", "must be string")
    metadata = properties.get("metadata")
    if metadata is not None and checked and metadata.get("type") != "object":
        yield invalid("properties[metadata].type", metadata.get("type") or "", "must be object")
    if metadata is not None and level == "root":
        rest = {k: v for k, v in metadata.items() if k not in ("type", "default") and v}
        if set(properties_of(metadata)) <= {"name", "generateName"}:
            rest.pop("properties", None)
        if rest:
            fault = "must not specify anything other than name and generateName, but metadata is implicitly specified"
            yield forbidden("properties[metadata]", fault)
    if embedded and not schema.get(PRESERVE) and not properties:
        fault = (
            "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
        )
        yield required("properties", fault)


def _check_value_rules(schema: Json) -> Iterator[Cause]:
    """What stands in anyOf, allOf, oneOf and not may restrict values, and give no types."""
    for field in ("anyOf", "allOf", "oneOf"):
        branches = schema.get(field) or ()
        if field == "anyOf" and branches == _INT_OR_STRING:
            continue
        for i, branch in enumerate(branches):
            first = field == "allOf" and i == 0
            yield from under(f"{field}[{i}]", _check_nested(branch, int_or_string=first))
    if (negated := schema.get("not")) is not None:
        yield from under("not", _check_nested(negated))
    pattern = schema.get("pattern")
    if pattern and compile_pattern(pattern) is None:
        yield invalid("pattern", pattern, "must be a valid regular expression, but isn't: error parsing regexp")


def _check_nested(schema: Json, *, int_or_string: bool = False) -> Iterator[Cause]:
    if int_or_string and schema.get("anyOf") == _INT_OR_STRING:
        schema = {k: v for k, v in schema.items() if k != "anyOf"}
    yield from _check_value_rules(schema)
    if isinstance(schema.get("items"), dict):
        yield from under("items", _check_nested(schema["items"]))
    for name, sub in properties_of(schema).items():
        yield from under(f"properties[{name}]", _check_nested(sub))
    if "metadata" in properties_of(schema):
        yield forbidden("properties[metadata]", "must not be specified in a nested context")
    if schema.get("additionalProperties") is not None:
        yield forbidden("additionalProperties", "must be undefined to be structural")
    for field, fault in _NESTED:
        if schema.get(field) or (field == "default" and schema.get(field) is not None):
            yield forbidden(field, fault)


def _check_standard(schema: Json, *, is_root: bool = False, no_defaults: str = "") -> Iterator[Cause]:
    """What the API supports of JSON schemas."""
    kind = schema.get("type") or ""
    if kind and kind not in _TYPES:
        yield unsupported("type", kind, _TYPES)
    if schema.get("default") is not None and no_defaults:
        yield forbidden("default", f"must not be set {no_defaults}")
    for field in _UNSUPPORTED:
        if schema.get(field):
            yield forbidden(field, f"{field} is not supported")
    if kind == "null":
        yield forbidden("type", "type cannot be set to null, use nullable as an alternative")
    if isinstance(schema.get("items"), list):
        yield forbidden("items", "items must be a schema object and not an array")
    if schema.get("uniqueItems"):
        fault = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield forbidden("uniqueItems", fault)
    extra, properties = schema.get("additionalProperties"), properties_of(schema)
    if properties and extra is not None and extra is not True:
        yield forbidden("additionalProperties", "additionalProperties and properties are mutual exclusive")
    if schema.get(PRESERVE) is False:
        yield invalid(PRESERVE, False, "must be true or undefined")
    yield from _check_lists(schema, kind)
    yield from _check_children(schema, is_root=is_root, no_defaults=no_defaults)


def _check_children(schema: Json, *, is_root: bool, no_defaults: str) -> Iterator[Cause]:
    for name, sub in properties_of(schema).items():
        reason = f"in top-level {name}" if is_root and name in _META else no_defaults
        yield from under(f"properties[{name}]", _check_standard(sub, no_defaults=reason))
    for field, child in (("items", item_schema(schema)), ("additionalProperties", extra_schema(schema))):
        if child is not None:
            yield from under(field, _check_standard(child, no_defaults=no_defaults))
    for field in ("allOf", "oneOf", "anyOf"):
        for i, branch in enumerate(schema.get(field) or ()):
            yield from under(f"{field}[{i}]", _check_standard(branch, no_defaults=no_defaults))
    if isinstance(schema.get("not"), dict):
        yield from under("not", _check_standard(schema["not"], no_defaults=no_defaults))


def _check_lists(schema: Json, kind: str) -> Iterator[Cause]:
    list_type, keys, map_type = schema.get(LIST_TYPE), schema.get(MAP_KEYS) or (), schema.get(MAP_TYPE)
    if list_type is not None:
        if kind != "array":
            fault = "must be array if x-kubernetes-list-type is specified"
            yield invalid("type", kind, fault) if kind else required("type", fault)
        if list_type not in _LIST_TYPES:
            yield unsupported(LIST_TYPE, list_type, _LIST_TYPES)
    if keys and list_type != "map":
        fault = "must be map if x-kubernetes-list-map-keys is non-empty"
        yield invalid(LIST_TYPE, list_type, fault) if list_type else required(LIST_TYPE, fault)
    if list_type == "map":
        yield from _check_keys(schema, keys)
    if map_type is not None:
        if kind != "object":
            fault = "must be object if x-kubernetes-map-type is specified"
            yield invalid("type", kind, fault) if kind else required("type", fault)
        if map_type not in _MAP_TYPES:
            yield unsupported(MAP_TYPE, map_type, _MAP_TYPES)


def _check_keys(schema: Json, keys: Any) -> Iterator[Cause]:
    if not keys:
        yield required(MAP_KEYS, "must not be empty if x-kubernetes-list-type is map")
    items = item_schema(schema)
    if items is None:
        yield required("items", "must have a schema if x-kubernetes-list-type is map")
        return
    if items.get("type") != "object":
        fault = "must be object if parent array's x-kubernetes-list-type is map"
        yield invalid("items.type", items.get("type") or "", fault)
    if items.get("nullable"):
        yield forbidden("items.nullable", "cannot be nullable when x-kubernetes-list-type is map")
    properties, wanted = properties_of(items), items.get("required") or ()
    seen: set[str] = set()
    for i, key in enumerate(keys):
        sub = properties.get(key)
        if sub is None:
            fault = "entries must all be names of item properties"
            yield invalid(f"{MAP_KEYS}[{i}]", key, fault)
        elif sub.get("type") in ("array", "object"):
            fault = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            yield invalid(f"items.properties[{key}].type", sub["type"], fault)
        elif key not in wanted and sub.get("default") is None:
            fault = (
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
            )
            yield required(f"items.properties[{key}].default", fault)
        elif sub.get("nullable"):
            fault = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"
            yield forbidden(f"items.properties[{key}].nullable", fault)
        if key in seen:
            yield invalid(MAP_KEYS, list(keys), "must not contain duplicate entries")
        seen.add(key)
