"""Custom resources declared once: from a typed `Kind` and a few words comes its CustomResourceDefinition.

Schemas are structural (apiextensions.k8s.io/v1): no references, every level has a type. Field documentation is the
`description` of `msgspec.Meta`; `pattern`, `min_length`, `ge` and the like become the schema's.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect

from armillary.kube.kind import Kind


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `kubectl get`: a JSON path below the object; those of `priority` 1 show with `-o wide`."""

    name: str
    path: str
    type: str = "string"
    priority: int = 0


@dataclass(frozen=True, slots=True)
class CustomResource:
    """A kind of our own. Its type has `metadata`, `spec` and, with a status subresource, `status`."""

    kind: Kind[Any]
    summary: str  # one sentence for `kubectl explain` and the reference
    short: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    categories: tuple[str, ...] = ("armillary",)
    longest_name: int = 63  # characters; names are DNS labels

    @property
    def name(self) -> str:
        """Of its definition: `workspaces.tenancy.armillary.io`."""
        return f"{self.kind.plural}.{self.kind.group}"


LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"  # RFC 1123
AGE = Column("Age", ".metadata.creationTimestamp", "date")


def definition_of(resource: CustomResource) -> dict[str, Any]:
    """The CustomResourceDefinition, as one writes it."""
    kind = resource.kind
    name = {"type": "string", "maxLength": resource.longest_name, "pattern": LABEL}
    properties = {"metadata": {"type": "object", "properties": {"name": name}}, **_properties(kind.type)}
    schema = {"type": "object", "description": resource.summary, "properties": properties}
    has_status = "status" in properties
    names: dict[str, Any] = {
        "kind": kind.name,
        "listKind": f"{kind.name}List",
        "plural": kind.plural,
        "singular": kind.name.lower(),
    }
    names |= _given(shortNames=list(resource.short) or None)
    version = {
        "name": kind.version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "additionalPrinterColumns": [_column(c) for c in (*resource.columns, AGE)],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": resource.name, "labels": {"app.kubernetes.io/managed-by": "armillary"}},
        "spec": {
            "group": kind.group,
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "names": names | {"categories": list(resource.categories)},
            "versions": [version | ({"subresources": {"status": {}}} if has_status else {})],
        },
    }


def _column(column: Column) -> dict[str, Any]:
    wide = {"priority": column.priority} if column.priority else {}
    return {"name": column.name, "type": column.type, "jsonPath": column.path} | wide


def _properties(type_: type[Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema_of(inspect.type_info(type_))["properties"]
    return {name: schema for name, schema in found.items() if name != "metadata"}


def schema_of(info: inspect.Type) -> dict[str, Any]:
    """A type as a structural schema. Raises TypeError for what has none."""
    match info:
        case inspect.Metadata(type=inner, extra_json_schema=extra):
            return schema_of(inner) | dict(extra or {})
        case inspect.StructType():
            return _struct(info)
        case inspect.UnionType(types=types):
            (present,) = (t for t in types if not isinstance(t, inspect.NoneType))
            return schema_of(present)
        case inspect.DictType(value_type=values):
            return {"type": "object", "additionalProperties": schema_of(values)}
        case inspect.VarTupleType(item_type=items) | inspect.ListType(item_type=items):
            return {"type": "array", "items": schema_of(items)} | _given(maxItems=info.max_length)
        case _:
            return _scalar(info)


def _scalar(info: inspect.Type) -> dict[str, Any]:
    match info:
        case inspect.StrType():
            return {"type": "string"} | _given(
                pattern=info.pattern, minLength=info.min_length, maxLength=info.max_length
            )
        case inspect.LiteralType(values=values):
            return {"type": "string", "enum": list(values)}
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.IntType():
            return {"type": "integer", "format": "int64"} | _given(minimum=info.ge, maximum=info.le)
        case inspect.AnyType():
            return {"x-kubernetes-preserve-unknown-fields": True}
    raise TypeError(f"{info} has no structural schema")


def _struct(info: inspect.StructType) -> dict[str, Any]:
    required = [field.encode_name for field in info.fields if field.required]
    properties = {field.encode_name: schema_of(field.type) for field in info.fields}
    return {"type": "object", "properties": properties} | _given(required=required or None)


def _given(**rules: Any) -> dict[str, Any]:
    return {key: value for key, value in rules.items() if value is not None}


def doc(description: str, **rules: Any) -> msgspec.Meta:
    """Documentation of a field, and its rules: `Annotated[str, doc("What it is.", max_length=63)]`."""
    return msgspec.Meta(description=description, **rules)
