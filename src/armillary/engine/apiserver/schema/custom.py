"""Types of custom resources: made of the structural schemas that their definitions give.

Other than built-in types they take values of the wrong type as they come, for validation tells those; fields that
the schema does not know go, nulls go where the schema has none. Rules: k8s.io/apiextensions-apiserver,
pkg/apiserver/schema/pruning and defaulting.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from armillary.engine.apiserver.schema.fit import At, Fit, Found, fit_of
from armillary.engine.apiserver.schema.node import Form, Merge, Node, Types
from armillary.engine.kinds.structural import (
    EMBEDDED,
    INT_OR_STRING,
    LIST_TYPE,
    MAP_KEYS,
    MAP_TYPE,
    PRESERVE,
    extra_schema,
    item_schema,
    properties_of,
)

_FORMS = {"string": Form.STRING, "boolean": Form.BOOLEAN, "integer": Form.INTEGER, "number": Form.NUMBER}
_GO = {Form.STRING: "string", Form.BOOLEAN: "bool", Form.INTEGER: "int64", Form.NUMBER: "float64"}
_META_TYPE = {"$ref": "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
_TEXT = {"type": "string"}


class CustomTypes:
    """Makes nodes of structural schemas; metadata is of the built-in type."""

    def __init__(self, built_in: Types) -> None:
        self._built_in = built_in

    def root(self, kind: str, schema: Mapping[str, Any]) -> Node:
        """The type of a custom resource."""
        node = self.of({**schema, "type": "object", EMBEDDED: True})
        node.go = f"v1.{kind}"
        return node

    def of(self, schema: Mapping[str, Any]) -> Node:
        """The type of a field or an item."""
        if "$ref" in schema:
            return self._built_in.of(schema)
        whole = dict(schema)
        if schema.get(EMBEDDED):
            known = dict(properties_of(whole))
            whole["properties"] = {**known, "apiVersion": _TEXT, "kind": _TEXT, "metadata": _META_TYPE}
        return CustomNode(self, whole)


class CustomNode(Node):
    """A type that `fit` goes over leniently."""

    def __init__(self, types: CustomTypes, schema: Mapping[str, Any]) -> None:
        form = _form_of(schema)
        merge = Merge(
            list_type=schema.get(LIST_TYPE) or "",
            map_keys=tuple(schema.get(MAP_KEYS) or ()),
            map_type=schema.get(MAP_TYPE) or "",
        )
        super().__init__(types, form, _GO.get(form, "interface {}"), schema, merge)
        self.fit = _lenient(self)

    @property
    def preserves(self) -> bool:
        """Whether fields that are not known stay."""
        return bool(self._schema.get(PRESERVE))

    @property
    def nullable(self) -> bool:
        return bool(self._schema.get("nullable"))

    @cached_property
    def extra(self) -> Node | None:
        """The type of fields that are not named, if there may be any."""
        extra = extra_schema(dict(self._schema))
        if extra is None:
            return self._types.of({}) if self._schema.get("additionalProperties") is True else None
        return self._types.of(extra)

    @cached_property
    def item(self) -> Node:
        schema = dict(self._schema)
        return self._types.of(item_schema(schema) or extra_schema(schema) or {})


def _form_of(schema: Mapping[str, Any]) -> Form:
    kind = schema.get("type")
    if kind == "array":
        return Form.LIST
    if kind == "object":
        return Form.MAP if extra_schema(dict(schema)) and not properties_of(dict(schema)) else Form.STRUCT
    return Form.ANY if schema.get(INT_OR_STRING) else _FORMS.get(str(kind), Form.ANY)


def _lenient(node: CustomNode) -> Fit:
    def fit_custom(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        if type(value) is dict:
            here = (at, key) if key != "" or at is not None else None
            _fit_fields(node, value, here, found)
        elif type(value) is list:
            fit_item = fit_of(node.item)
            for i, sub in enumerate(value):
                if sub is not None:
                    value[i] = fit_item(sub, (at, key), i, found)
        return value

    return fit_custom


def _fit_fields(node: CustomNode, value: dict[str, Any], here: At | None, found: Found) -> None:
    fields, extra = node.fields, node.extra
    dropped: list[str] = []
    for name, sub in value.items():
        known = fields.get(name) or extra
        if known is None:
            if not node.preserves:
                found.unknown.append((here, name))
                dropped.append(name)
        elif sub is None:
            if not (isinstance(known, CustomNode) and known.nullable):
                dropped.append(name)
        elif (fitted := fit_of(known)(sub, here, name, found)) is not sub:
            value[name] = fitted
    for name in dropped:
        del value[name]
