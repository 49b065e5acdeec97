"""Fit a decoded body to its type, as Go's decoding into the type would: one walk, in place.

Nulls and empty optional lists and maps go, unknown fields go (and are told), quantities and times get their one form,
a value of a wrong type ends it. What is missing is no fault here: validation judges that.
"""

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from armillary.base.quantity import canonical, parse_quantity
from armillary.engine.apiserver.schema.node import Form, Node

# Where a container stands: (the container around it, its key there). Made for containers only, since most
# values are scalars and nearly all of them fit.
At = tuple[Any, "str | int"]
Fit = Callable[[Any, "At | None", "str | int", "Found"], Any]

_DROP = object()
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)$")
_TIME_LAYOUTS = {Form.TIME: "2006-01-02T15:04:05Z07:00", Form.MICRO_TIME: "2006-01-02T15:04:05.000000Z07:00"}
_QUANTITY_FAULT = r"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_ZEROS: dict[Form, Callable[[], Any]] = {
    Form.STRING: str, Form.BYTES: str, Form.BOOLEAN: bool, Form.INTEGER: int, Form.NUMBER: int, Form.STRUCT: dict,
    Form.QUANTITY: lambda: "0", Form.INT_OR_STRING: int,
}  # fmt: skip
MOST_STRICT_FAULTS = 100  # sigs.k8s.io/json, "limit strict errors"


class Unfit(Exception):
    """A value that its type can't hold; the message is Go's."""


@dataclass(slots=True)
class Found:
    """What a walk came across."""

    root: Node
    unknown: list[At] = field(default_factory=list)

    def faults(self) -> list[str]:
        """The unknown fields, in the words of strict decoding."""
        return [f'unknown field "{path_text(at)}"' for at in self.unknown[:MOST_STRICT_FAULTS]]


def fit(value: dict[str, Any], root: Node) -> Found:
    """Make `value` what a struct of type `root` would hold. Raises Unfit."""
    found = Found(root)
    fit_of(root)(value, None, "", found)
    return found


def segments(at: At | None) -> list[str | int]:
    """The steps from the root to a place."""
    steps: list[str | int] = []
    while at is not None:
        at, step = at
        steps.append(step)
    return steps[::-1]


def path_text(at: At) -> str:
    """`spec.containers[0].name`."""
    text = ""
    for step in segments(at):
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _json_type(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def _unfit(found: Found, at: At | None, key: str | int, what: str, go: str) -> Unfit:
    """The error Go's decoder gives: the innermost struct, and the fields (not indexes) that lead there."""
    node: Node | None = found.root
    struct, fields = "", []
    for step in segments((at, key)):
        if node is None:
            break
        if node.form is Form.STRUCT:
            struct = node.struct
            fields.append(str(step))
        node = node.child(step)
    place = f"Go struct field {struct}.{'.'.join(fields)}" if struct else "Go value"
    return Unfit(f"json: cannot unmarshal {what} into {place} of type {go}")


def fit_of(node: Node) -> Fit:
    """What goes over values of a type, compiled when first asked for."""
    if node.fit is None:
        node.fit = _MAKERS[node.form](node)
    made: Fit = node.fit
    return made


def _struct(node: Node) -> Fit:
    table: dict[str, tuple[type | None, Node, bool]] = {}

    def fit_struct(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        if type(value) is not dict:
            raise _unfit(found, at, key, _json_type(value), node.go)
        fields = table or _compile(node, table)
        here = (at, key) if key != "" or at is not None else None
        dropped: list[str] = []
        for name, sub in value.items():
            known = fields.get(name)
            if known is None:
                found.unknown.append((here, name))
                dropped.append(name)
            elif sub is None:
                dropped.append(name)
            elif type(sub) is not known[0]:
                inner = known[1]
                new = (inner.fit or fit_of(inner))(sub, here, name, found)
                if new is not sub:
                    value[name] = new
                if known[2] and not new:
                    dropped.append(name)
        for name in dropped:
            del value[name]
        return value

    return fit_struct


def _compile(node: Node, table: dict[str, tuple[type | None, Node, bool]]) -> dict[str, tuple[type | None, Node, bool]]:
    """Fields: the Python type that is right as it stands (None: has to be looked at), and whether empty is absent."""
    plain: dict[Form, type] = {Form.STRING: str, Form.BOOLEAN: bool}
    for name, sub in node.fields.items():
        omitted = sub.form in (Form.LIST, Form.MAP) and name not in node.required
        table[name] = plain.get(sub.form), sub, omitted
    return table


def _map(node: Node) -> Fit:
    def fit_map(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        if type(value) is not dict:
            raise _unfit(found, at, key, _json_type(value), node.go)
        item = node.item
        if item.form is Form.STRING:
            for name, sub in value.items():
                if type(sub) is not str:
                    if sub is not None:
                        raise _unfit(found, (at, key), name, _json_type(sub), "string")
                    value[name] = ""
            return value
        fit_item, here = fit_of(item), (at, key)
        for name, sub in value.items():
            value[name] = _zero(item) if sub is None else fit_item(sub, here, name, found)
        return value

    return fit_map


def _list(node: Node) -> Fit:
    def fit_list(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        if type(value) is not list:
            raise _unfit(found, at, key, _json_type(value), node.go)
        item, here = node.item, (at, key)
        fit_item = fit_of(item)
        for i, sub in enumerate(value):
            value[i] = _zero(item) if sub is None else fit_item(sub, here, i, found)
        return value

    return fit_list


def _zero(node: Node) -> Any:
    made = _ZEROS.get(node.form)
    return made() if made is not None else None


def _string(node: Node) -> Fit:
    def fit_string(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        if type(value) is not str:
            raise _unfit(found, at, key, _json_type(value), "string")
        return value

    return fit_string


def _boolean(node: Node) -> Fit:
    def fit_boolean(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        if type(value) is not bool:
            raise _unfit(found, at, key, _json_type(value), "bool")
        return value

    return fit_boolean


def _integer(node: Node) -> Fit:
    most = (1 << (node.bits - 1)) - 1

    def fit_integer(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        if type(value) is int and -most - 1 <= value <= most:
            return value
        what = f"number {value}" if type(value) in (int, float) else _json_type(value)
        raise _unfit(found, at, key, what, node.go)

    return fit_integer


def _number(node: Node) -> Fit:
    def fit_number(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        if type(value) not in (int, float):
            raise _unfit(found, at, key, _json_type(value), "float64")
        return value

    return fit_number


def _any(node: Node) -> Fit:
    def fit_any(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        return value

    return fit_any


def _bytes(node: Node) -> Fit:
    def fit_bytes(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        if type(value) is not str:
            raise _unfit(found, at, key, _json_type(value), "[]uint8")
        try:
            binascii.a2b_base64(value, strict_mode=True)
        except (binascii.Error, ValueError):
            return _loose_base64(value)
        return value

    return fit_bytes


def _loose_base64(text: str) -> str:
    """Base64 with line breaks, as Go reads it."""
    bare = text.replace("\n", "").replace("\r", "")
    try:
        binascii.a2b_base64(bare, strict_mode=True)
    except (binascii.Error, ValueError) as exc:
        wrong = re.search(r"[^A-Za-z0-9+/\r\n]", text)
        raise Unfit(f"illegal base64 data at input byte {wrong.start() if wrong else len(text)}") from exc
    return bare


def _time(node: Node) -> Fit:
    form = node.form

    def fit_time(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        if type(value) is not str:
            raise Unfit(f"json: cannot unmarshal {_json_type(value)} into Go value of type string")
        return canonical_time(value, form)

    return fit_time


@lru_cache(maxsize=4096)
def canonical_time(text: str, form: Form) -> str:
    """In UTC; whole seconds, or microseconds. Raises Unfit."""
    try:
        if not _TIME.match(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        layout = _TIME_LAYOUTS[form]
        raise Unfit(f'parsing time "{text}" as "{layout}": cannot parse "{text}" as "2006"') from exc
    return moment.isoformat(timespec="microseconds" if form is Form.MICRO_TIME else "seconds").replace("+00:00", "Z")


def _quantity(node: Node) -> Fit:
    def fit_quantity(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        if type(value) not in (str, int, float):
            raise Unfit(_QUANTITY_FAULT)
        return canonical_quantity(value if type(value) is str else str(value))

    return fit_quantity


@lru_cache(maxsize=4096)
def canonical_quantity(text: str) -> str:
    """The one form of a quantity. Raises Unfit."""
    try:
        # Numbers of more digits than any resource has are refused before they cost anything.
        if len(text) > 64 or abs(parse_quantity(text).adjusted()) > 40:
            raise Unfit("unable to parse quantity's suffix")
        return canonical(text)
    except (ValueError, ArithmeticError) as exc:
        raise Unfit(_QUANTITY_FAULT) from exc


def _int_or_string(node: Node) -> Fit:
    def fit_int_or_string(value: Any, at: At | None, key: str | int, found: Found) -> Any:
        if type(value) is str or (type(value) is int and -(1 << 31) <= value < 1 << 31):
            return value
        what = f"number {value}" if type(value) in (int, float) else _json_type(value)
        raise Unfit(f"json: cannot unmarshal {what} into Go value of type int32")

    return fit_int_or_string


_MAKERS: dict[Form, Callable[[Node], Fit]] = {
    Form.STRUCT: _struct,
    Form.MAP: _map,
    Form.LIST: _list,
    Form.STRING: _string,
    Form.BOOLEAN: _boolean,
    Form.INTEGER: _integer,
    Form.NUMBER: _number,
    Form.BYTES: _bytes,
    Form.TIME: _time,
    Form.MICRO_TIME: _time,
    Form.QUANTITY: _quantity,
    Form.INT_OR_STRING: _int_or_string,
    Form.ANY: _any,
}
