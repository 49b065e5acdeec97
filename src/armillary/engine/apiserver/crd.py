"""Custom resources: what a CustomResourceDefinition says, as resources that the server serves.

Rules: k8s.io/apiextensions-apiserver, pkg/registry/customresource. Versions differ in nothing but their name
(conversion None); rules in CEL and conversion by webhook are not there yet.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from armillary.base.errors import Cause
from armillary.engine.apiserver import jsonpath
from armillary.engine.apiserver.custom_values import apply_defaults, check_replicas, check_value
from armillary.engine.apiserver.registry import version_rank
from armillary.engine.apiserver.schema.custom import CustomTypes
from armillary.engine.apiserver.schema.node import Node, Types
from armillary.engine.apiserver.schemas import META
from armillary.engine.kinds import names
from armillary.engine.kinds.columns import AGE, since
from armillary.engine.kinds.crd_rules import is_true, storage_version
from armillary.engine.kinds.fields import dig, spec_of, status_of
from armillary.engine.kinds.meta import validate_meta
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.structural import properties_of
from armillary.engine.kinds.workload import count_change

_ROOT = ("apiVersion", "kind", "metadata")
_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_VERBS_WHILE_ENDING = _VERBS[1:]
_LIST_META = f"{META}.ListMeta"
_OBJECT_META = f"{META}.ObjectMeta"


@dataclass(frozen=True, slots=True)
class Custom:
    """What is served of some definitions: resources, and for each its type and its OpenAPI schema."""

    resources: tuple[Resource, ...]
    nodes: Mapping[str, Node]
    schemas: Mapping[str, Json]


def custom_of(definitions: Iterable[Json], built_in: Types) -> Custom:
    """What these definitions have to be served; those that are not established are left out."""
    types = CustomTypes(built_in)
    resources: list[Resource] = []
    nodes: dict[str, Node] = {}
    schemas: dict[str, Json] = {}
    for definition in definitions:
        if not is_true(definition, "Established"):
            continue
        for version in served_versions(definition):
            resource, schema = resource_of(definition, version), schema_of(version)
            nodes[resource.schema] = types.root(resource.kind, schema)
            resources.append(resource)
            schemas |= _open_schemas(resource, schema)
    return Custom(tuple(resources), nodes, schemas)


def served_versions(definition: Json) -> list[Json]:
    return [v for v in spec_of(definition).get("versions") or () if v.get("served")]


def _stored_version(definition: Json) -> str:
    """The version in which objects are written: the storage version, as long as it is served."""
    served = [v.get("name") or "" for v in served_versions(definition)]
    storage = storage_version(spec_of(definition))
    return storage if storage in served or not served else served[0]


def schema_of(version: Json) -> Json:
    found = dig(version, "schema", "openAPIV3Schema")
    return found if isinstance(found, dict) else {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def resource_of(definition: Json, version: Json) -> Resource:
    """One version of a custom resource."""
    spec, accepted = spec_of(definition), status_of(definition).get("acceptedNames") or {}
    group, kind, schema = spec.get("group") or "", accepted.get("kind") or "", schema_of(version)
    stored, name = _stored_version(definition), version.get("name") or ""
    subresources = version.get("subresources") or {}
    has_status, scale = subresources.get("status") is not None, subresources.get("scale")
    served = tuple(sub for sub, there in (("status", has_status), ("scale", scale is not None)) if there)
    places = [field.get("jsonPath") or "" for field in version.get("selectableFields") or ()]
    validate, validate_status = _validators(schema, scale, namespaced=spec.get("scope") == "Namespaced")
    reverse = ".".join(reversed(group.split(".")))
    return Resource(
        group=group,
        version=name,
        kind=kind,
        plural=accepted.get("plural") or "",
        schema=f"{reverse}.{name}.{kind}",
        namespaced=spec.get("scope") == "Namespaced",
        singular=accepted.get("singular") or kind.lower(),
        short_names=tuple(accepted.get("shortNames") or ()),
        categories=tuple(accepted.get("categories") or ()),
        verbs=_VERBS_WHILE_ENDING if is_true(definition, "Terminating") else _VERBS,
        subresources=served,
        columns=columns_of(version.get("additionalPrinterColumns") or ()),
        default=lambda obj: apply_defaults(obj, schema),
        validate=validate,
        validate_status=validate_status,
        prepare_create=_forget_status if has_status else _leave,
        prepare_update=None if has_status else _count_status,
        fields=_fields_of(places),
        selectable=tuple(place.lstrip(".") for place in places),
        stored_as=stored if stored != name else "",
        scale=None if scale is None else _scale_paths(scale),
        has_status=has_status,
        deprecation=_deprecation(spec, version),
        custom=True,
    )


def _deprecation(spec: Json, version: Json) -> str:
    """What users of a deprecated version are told: what it says itself, or which one is newer."""
    if not version.get("deprecated"):
        return ""
    if (said := version.get("deprecationWarning")) is not None:
        return str(said)
    group, kind, name = spec.get("group"), dig(spec, "names", "kind"), version["name"]
    others = [other["name"] for other in spec["versions"] if other.get("served") and not other.get("deprecated")]
    newer = [other for other in others if version_rank(other) < version_rank(name)]
    told = f"{group}/{name} {kind} is deprecated"
    return f"{told}; use {group}/{min(newer, key=version_rank)} {kind}" if newer else told


def _leave(obj: Json) -> None:
    """Nothing to prepare."""


def _forget_status(obj: Json) -> None:
    obj.pop("status", None)


def _count_status(new: Json, old: Json) -> None:
    # Without a subresource of its own the status is as good as any field.
    if new.get("status") != old.get("status"):
        count_change(new, old)


def _scale_paths(scale: Json) -> tuple[str, str, str]:
    paths = (scale.get(f"{field}Path") or "" for field in ("specReplicas", "statusReplicas", "labelSelector"))
    spec, status, selector = (path.lstrip(".") for path in paths)
    return spec, status, selector


def _validators(
    schema: Json, scale: Json | None, *, namespaced: bool
) -> tuple[Callable[[Json, Json | None], Sequence[Cause]], Callable[[Json, Json], Sequence[Cause]]]:
    body = {**schema, "properties": {k: v for k, v in properties_of(schema).items() if k not in _ROOT}}
    status_schema, meta_schema = properties_of(schema).get("status"), properties_of(schema).get("metadata")
    replicas, status_replicas = ((scale or {}).get(f"{field}ReplicasPath") or "" for field in ("spec", "status"))

    def validate(new: Json, old: Json | None) -> Sequence[Cause]:
        found = validate_meta(new, old, names.dns_subdomain, namespaced=namespaced, built_in=False)
        if meta_schema is not None:  # rules about metadata.name and generateName: a definition may have no others
            found += check_value(new["metadata"], meta_schema, "metadata")
        found += check_value(_body(new), body, "", None if old is None else _body(old))
        for path in filter(None, (replicas, status_replicas)):
            found += check_replicas(new, path)
        return found

    def validate_status(new: Json, old: Json) -> Sequence[Cause]:
        found = validate_meta(new, old, names.dns_subdomain, namespaced=namespaced, built_in=False)
        status = new.get("status")
        if status is not None and status_schema is not None:
            found += check_value(status, status_schema, "status", old.get("status"))
        return [*found, *(check_replicas(new, status_replicas) if status_replicas else ())]

    return validate, validate_status


def _body(obj: Json) -> Json:
    """What the definition's schema is about."""
    return {field: value for field, value in obj.items() if field not in _ROOT}


def _fields_of(places: Sequence[str]) -> Callable[[Json], Mapping[str, str]]:
    def fields(obj: Json) -> Mapping[str, str]:
        return {place.lstrip("."): _text(jsonpath.find(place, obj)) for place in places}

    return fields


def columns_of(columns: Sequence[Json]) -> tuple[Column, ...]:
    """The columns that a version names; an age when it names none."""
    return tuple(_column(column) for column in columns) or (AGE,)


def _column(column: Json) -> Column:
    kind, path = column.get("type") or "string", column.get("jsonPath") or ""
    shown = _SHOWN.get(kind, _as_text)

    def value(obj: Json, now: datetime) -> Any:
        try:
            found = jsonpath.find(path, obj)
        except ValueError:  # a path that is more than we know of them
            return None
        return None if found is None else shown(found, now)

    return Column(
        column.get("name") or "",
        "string" if kind == "date" else kind,
        value,
        column.get("description") or f"Custom resource definition column (in JSONPath format): {path}",
        column.get("format") or "",
        column.get("priority") or 0,
    )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else str(value)


def _as_text(value: Any, now: datetime) -> Any:
    return _text(value)


def _as_integer(value: Any, now: datetime) -> Any:
    return int(value) if type(value) in (int, float) else None


def _as_number(value: Any, now: datetime) -> Any:
    return float(value) if type(value) in (int, float) else None


def _as_flag(value: Any, now: datetime) -> Any:
    return value if isinstance(value, bool) else None


def _as_age(value: Any, now: datetime) -> Any:
    if not isinstance(value, str):
        return None
    found = since(value, now)
    return "<invalid>" if found == "<unknown>" else found


_SHOWN: dict[str, Callable[[Any, datetime], Any]] = {
    "integer": _as_integer,
    "number": _as_number,
    "boolean": _as_flag,
    "date": _as_age,
}


def _open_schemas(resource: Resource, schema: Json) -> dict[str, Json]:
    """What OpenAPI says of a custom resource and its lists."""
    gvk = {"group": resource.group, "version": resource.version}
    described: Json = {
        **schema,
        "properties": {
            **properties_of(schema),
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"$ref": _OBJECT_META},
        },
        "x-kubernetes-group-version-kind": [{**gvk, "kind": resource.kind}],
    }
    listed: Json = {
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"$ref": _LIST_META},
            "items": {"type": "array", "items": {"$ref": resource.schema}},
        },
        "x-kubernetes-group-version-kind": [{**gvk, "kind": f"{resource.kind}List"}],
    }
    return {resource.schema: described, f"{resource.schema}List": listed}
