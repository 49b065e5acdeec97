"""What a schema says of a type: its form, its fields, and how lists and maps are merged."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Protocol


class Form(Enum):
    """How a value of a type is written."""

    STRING = "string"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    BYTES = "bytes"
    TIME = "time"
    MICRO_TIME = "micro time"
    QUANTITY = "quantity"
    INT_OR_STRING = "int or string"
    STRUCT = "struct"
    MAP = "map"
    LIST = "list"
    ANY = "any"


_SCALARS = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": (Form.QUANTITY, "resource.Quantity"),
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": (Form.INT_OR_STRING, "intstr.IntOrString"),
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": (Form.TIME, "v1.Time"),
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": (Form.MICRO_TIME, "v1.MicroTime"),
}
_GO = {"string": "string", "boolean": "bool", "int32": "int32", "int64": "int64", "number": "float64"}


@dataclass(frozen=True, slots=True)
class Merge:
    """How two values of a field become one."""

    list_type: str = ""  # atomic, set, map
    map_keys: tuple[str, ...] = ()
    map_type: str = ""  # atomic, granular
    strategies: frozenset[str] = frozenset()  # of strategic merge: merge, replace, retainKeys
    merge_key: str = ""


NO_MERGE = Merge()


class Makes(Protocol):
    """Makes the type of a field or an item from its schema."""

    def of(self, schema: Mapping[str, Any]) -> "Node": ...


class Node:
    """The type of a value. `fields` and `item` are made when first looked at, for types may contain themselves."""

    def __init__(self, types: "Makes", form: Form, go: str, schema: Mapping[str, Any], merge: Merge) -> None:
        self._types, self._schema = types, schema
        self.form = form
        self.go = go  # what Go calls it, for messages
        self.merge = merge
        self.fit: Any = None  # compiled by `schema.fit` when first needed
        self.required = frozenset(schema.get("required", ()))
        self.bits = 64 if schema.get("format") != "int32" else 32

    @property
    def struct(self) -> str:
        return self.go.rpartition(".")[2]

    @cached_property
    def fields(self) -> dict[str, "Node"]:
        """Of a struct."""
        return {name: self._types.of(sub) for name, sub in self._schema.get("properties", {}).items()}

    @cached_property
    def item(self) -> "Node":
        """Of a list or a map."""
        return self._types.of(self._schema.get("items") or self._schema.get("additionalProperties") or {})

    def child(self, segment: str | int) -> "Node | None":
        """The type at a step of a path."""
        if self.form is Form.STRUCT:
            return self.fields.get(str(segment))
        return self.item if self.form in (Form.MAP, Form.LIST) else None


class Types:
    """Makes nodes from schemas; one node for each named type."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._named: dict[str, Node] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._definitions

    def named(self, name: str) -> Node:
        node = self._named.get(name)
        if node is None:
            node = self._named[name] = self._make(self._definitions[name], name, NO_MERGE)
        return node

    def of(self, schema: Mapping[str, Any]) -> Node:
        """The type of a field or an item, with how it is merged there."""
        name, merge = schema.get("$ref", ""), _merge_of(schema)
        if name and name not in self._definitions:
            return Node(self, Form.ANY, "interface {}", {}, merge)
        if not name:
            return self._make(schema, "", merge)
        return self.named(name) if merge == NO_MERGE else self._make(self._definitions[name], name, merge)

    def _make(self, schema: Mapping[str, Any], name: str, merge: Merge) -> Node:
        merge = merge if merge != NO_MERGE else _merge_of(schema)
        if name in _SCALARS:
            return Node(self, *_SCALARS[name], schema, merge)
        form, go = _form(schema)
        if form is Form.LIST:
            go = "[]" + self.of(schema.get("items", {})).go
        elif form is Form.MAP:
            go = "map[string]" + self.of(schema["additionalProperties"]).go
        elif form is Form.STRUCT:
            *_, package, struct = ("", *name.rsplit(".", 2)) if name else ("v1", "Object")
            go = f"{package.rpartition('.')[2]}.{struct}"
        return Node(self, form, go, schema, merge)


def _form(schema: Mapping[str, Any]) -> tuple[Form, str]:
    match schema.get("type"):
        case "string" if schema.get("format") == "byte":
            return Form.BYTES, "[]uint8"
        case "string":
            return Form.STRING, "string"
        case "boolean":
            return Form.BOOLEAN, "bool"
        case "integer":
            return Form.INTEGER, _GO.get(schema.get("format", ""), "int64")
        case "number":
            return Form.NUMBER, "float64"
        case "array":
            return Form.LIST, ""
        case "object" if "properties" in schema:
            return Form.STRUCT, ""
        case "object" if schema.get("additionalProperties"):
            return Form.MAP, ""
    return (Form.INT_OR_STRING, "intstr.IntOrString") if schema.get("x-kubernetes-int-or-string") else (Form.ANY, "")


def _merge_of(schema: Mapping[str, Any]) -> Merge:
    strategies = schema.get("x-kubernetes-patch-strategy", "")
    return Merge(
        list_type=schema.get("x-kubernetes-list-type", ""),
        map_keys=tuple(schema.get("x-kubernetes-list-map-keys", ())),
        map_type=schema.get("x-kubernetes-map-type", ""),
        strategies=frozenset(strategies.split(",")) if strategies else frozenset(),
        merge_key=schema.get("x-kubernetes-patch-merge-key", ""),
    )
