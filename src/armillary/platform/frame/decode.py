"""What a client sent, as the types that a route declares; what does not fit is refused by field and value."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import msgspec
from msgspec import inspect

from armillary.base.errors import BadRequest, Cause, Invalid, UnsupportedMediaType
from armillary.platform.frame.capability import FORM

MOST_FIELDS = 200
FORM_TYPE = "application/x-www-form-urlencoded"

_WHERE = re.compile(r"^(?P<what>.*?)(?: - at `(?P<where>.*)`)?$", re.DOTALL)
_FIELD = re.compile(r"^Object (?P<fault>missing required|contains unknown) field `(?P<field>[^`]*)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_SECRET = re.compile(r"passw|secret|token|hash|credential|private|kubeconfig", re.IGNORECASE)
_MOST_SHOWN = 64
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decode_query(text: bytes, type_: Any) -> Any:
    """A query string as `type_`; lists are given by repeating their name. Raises BadRequest."""
    try:
        given = parse_qs(text.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as exc:
        raise BadRequest(f"the query can't be read: {exc}") from exc
    lists = _lists_of(type_)
    flat: dict[str, Any] = {}
    for name, values in given.items():
        if name not in lists and len(values) > 1:
            cause = Cause("FieldValueDuplicate", name, "given more than once")
            raise BadRequest(f"{name}: given more than once", causes=[cause])
        flat[name] = values if name in lists else values[0]
    try:
        return msgspec.convert(flat, type_, strict=False)
    except msgspec.ValidationError as exc:
        cause = cause_of(exc, flat)
        raise BadRequest(_said([cause]), causes=[cause]) from exc


def decode_body(body: bytes, content_type: str, type_: Any) -> Any:
    """A body as `type_`. Raises UnsupportedMediaType, BadRequest if it can't be read, Invalid if it does not fit."""
    if type_ is bytes:
        return body
    media = content_type.partition(";")[0].strip().lower()
    if type_ is FORM:
        return _form(body, media)
    if body and not (media == "application/json" or media.endswith("+json")):
        raise UnsupportedMediaType(f"the body must be application/json, not {media or 'of no type'}")
    try:
        return msgspec.json.decode(body or b"{}", type=type_)
    except msgspec.ValidationError as exc:
        cause = cause_of(exc, _plain(body))  # what does not fit may be broken further on
        raise Invalid(_said([cause]), causes=[cause]) from exc
    except _BROKEN as exc:
        raise _not_json(exc) from exc


def _plain(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body or b"{}")
    except _BROKEN as exc:
        raise _not_json(exc) from exc


def _not_json(why: Exception) -> BadRequest:
    return BadRequest(f"the body is not JSON: {why}")


def _form(body: bytes, media: str) -> dict[str, str]:
    if body and media != FORM_TYPE:
        raise UnsupportedMediaType(f"the body must be {FORM_TYPE}, not {media or 'of no type'}")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as exc:
        raise BadRequest(f"the form can't be read: {exc}") from exc
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadRequest("a field of the form is given more than once")
    return fields


def _lists_of(type_: Any) -> frozenset[str]:
    info = inspect.type_info(type_)
    if not isinstance(info, inspect.StructType):
        return frozenset()
    return frozenset(field.encode_name for field in info.fields if _is_list(field.type))


def _is_list(info: inspect.Type) -> bool:
    match info:
        case inspect.Metadata(type=inner):
            return _is_list(inner)
        case inspect.UnionType(types=types):
            return any(_is_list(inner) for inner in types)
    return isinstance(info, inspect.CollectionType | inspect.TupleType)


def cause_of(exc: msgspec.ValidationError, sent: Any) -> Cause:
    """The field that a validation error is about, with the value that was sent (unless it may be a secret)."""
    parts = _WHERE.fullmatch(str(exc))
    what, where = (parts["what"], parts["where"] or "") if parts else (str(exc), "")
    where = where.removeprefix("$").removeprefix("key` in `$")
    named = _FIELD.fullmatch(what)
    if named is not None:
        field = f"{where}.{named['field']}".lstrip(".")
        if named["fault"] == "missing required":
            return Cause("FieldValueRequired", field, "required value")
        return Cause("FieldValueForbidden", field, "there is no such field")
    told = what[:1].lower() + what[1:]
    shown = _shown(where, _at(sent, where))
    return Cause("FieldValueInvalid", where.lstrip("."), f"invalid value{shown}: {told}")


def _at(value: Any, where: str) -> Any:
    for name, index in _STEP.findall(where):
        if name and isinstance(value, Mapping) and name in value:
            value = value[name]
        elif index.isdigit() and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            return None
    return value


def _shown(where: str, value: Any) -> str:
    if value is None or isinstance(value, Mapping | list) or _SECRET.search(where):
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return f" {text}" if len(text) <= _MOST_SHOWN else ""


def _said(causes: list[Cause]) -> str:
    return "; ".join(f"{cause.field}: {cause.message}" if cause.field else cause.message for cause in causes)
