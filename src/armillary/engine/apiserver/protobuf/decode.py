"""Request bodies in Kubernetes' protobuf as JSON: clients in Go send built-in kinds so, and take JSON back.

Form: k8s.io/apimachinery, runtime/serializer/protobuf: a magic number, then a message `Unknown` with apiVersion,
kind and the object's own bytes. What Go would leave out of JSON as a zero value is left out here.
"""

import base64
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from armillary.base.errors import BadRequest, UnsupportedMediaType

MEDIA = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"
_FILE = Path(__file__).with_name("messages.txt")
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO_SECONDS = -62135596800  # Go's zero time
_SCHEMA = "apiextensions/v1.JSONSchemaProps"
_ZEROS: dict[str, Any] = {"s": "", "b": False, "i": 0, "y": "", "d": 0.0, "Q": "0", "N": 0, "V": []}


class Broken(Exception):
    """Bytes that are no such message."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message; see messages.txt."""

    name: str
    mark: str  # "", ?, *, {}, +
    code: str


@cache
def messages() -> Mapping[str, Mapping[int, Field]]:
    """Every message by `package.Name`, its fields by number."""
    found: dict[str, dict[int, Field]] = {}
    for line in _FILE.read_text().splitlines():
        if line.startswith("#"):
            continue
        name, *fields = line.split()
        found[name] = dict(_field(text) for text in fields)
    return found


def _field(text: str) -> tuple[int, Field]:
    name, _, rest = text.rpartition("#")
    number, _, code = rest.partition(":")
    bare = code.lstrip("?*{}+")
    return int(number), Field(name, code[: len(code) - len(bare)], bare)


def to_json(body: bytes) -> bytes:
    """An object's JSON. Raises BadRequest, UnsupportedMediaType."""
    try:
        if not body.startswith(MAGIC):
            raise Broken("the magic number is missing")
        api_version = kind = ""
        raw = b""
        for number, _, value in _parts(body[len(MAGIC) :]):
            if number == 1:
                for part, _, text in _parts(_as_bytes(value)):
                    api_version = _text(text) if part == 1 else api_version
                    kind = _text(text) if part == 2 else kind
            elif number == 2:
                raw = _as_bytes(value)
        head = {"kind": kind, "apiVersion": api_version}
        return orjson.dumps(head | _message(message_of(api_version, kind), raw))
    except (Broken, RecursionError, orjson.JSONEncodeError) as exc:
        raise BadRequest(f"the object provided is unrecognized: proto: {exc}") from exc


def message_of(api_version: str, kind: str) -> str:
    """The message of a kind. Raises UnsupportedMediaType for one that has none here."""
    group, _, version = api_version.rpartition("/")
    name = f"{group.partition('.')[0] or 'core'}/{version}.{kind}"
    if kind in ("DeleteOptions", "Status"):
        name = f"meta/v1.{kind}"
    if name not in messages():
        raise UnsupportedMediaType(f"{kind} in {api_version} can't be read from {MEDIA}: send application/json")
    return name


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Broken("unexpected EOF")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7


def _parts(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Field numbers, wire types and values."""
    at, size = 0, len(data)
    while at < size:
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield tag >> 3, wire, value
            continue
        if wire == _BYTES:
            length, at = _varint(data, at)
        elif wire in (_FIXED64, _FIXED32):
            length = 8 if wire == _FIXED64 else 4
        else:
            raise Broken(f"illegal wireType {wire}")
        if at + length > size:
            raise Broken("unexpected EOF")
        yield tag >> 3, wire, data[at : at + length]
        at += length


def _as_bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise Broken("wrong wireType")
    return value


def _text(value: int | bytes) -> str:
    try:
        return _as_bytes(value).decode()
    except UnicodeDecodeError as exc:
        raise Broken("invalid UTF-8") from exc


def _integer(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise Broken("wrong wireType")
    return value - (1 << 64) if value >> 63 else value


def _message(name: str, data: bytes) -> dict[str, Any]:
    fields = messages().get(name, {})
    found: dict[str, Any] = {}
    for number, _, raw in _parts(data):
        field = fields.get(number)
        if field is None:
            continue  # of a newer version
        match field.mark:
            case "+":
                found |= _message(field.code, _as_bytes(raw))
            case "*":
                found.setdefault(field.name, []).append(_value(field.code, raw))
            case "{}":
                key, value = _entry(field.code, _as_bytes(raw))
                found.setdefault(field.name, {})[key] = value
            case mark:
                value = _value(field.code, raw)
                if value is not None and (mark == "?" or value not in (_ZEROS.get(field.code), "", {})):
                    found[field.name] = value
    return found


def _entry(code: str, data: bytes) -> tuple[str, Any]:
    key, value = "", _ZEROS.get(code, {})
    for number, _, raw in _parts(data):
        if number == 1:
            key = _text(raw)
        elif number == 2:
            value = _value(code, raw)
    return key, value


def _value(code: str, raw: int | bytes) -> Any:
    read = _READERS.get(code)
    return _message(code, _as_bytes(raw)) if read is None else read(raw)


def _boolean(raw: int | bytes) -> bool:
    return _integer(raw) != 0


def _base64(raw: int | bytes) -> str:
    return base64.b64encode(_as_bytes(raw)).decode()


def _double(raw: int | bytes) -> float:
    data = _as_bytes(raw)
    if len(data) != 8:
        raise Broken("wrong wireType")
    found: float = struct.unpack("<d", data)[0]
    return found


def _moment(raw: int | bytes) -> datetime | None:
    parts = {number: _integer(value) for number, _, value in _parts(_as_bytes(raw))}
    seconds = parts.get(1, 0)
    if not parts or seconds == _ZERO_SECONDS:
        return None
    try:
        return _EPOCH + timedelta(seconds=seconds, microseconds=parts.get(2, 0) // 1000)
    except OverflowError as exc:
        raise Broken("a time out of range") from exc


def _time(raw: int | bytes) -> str | None:
    moment = _moment(raw)
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _micro_time(raw: int | bytes) -> str | None:
    moment = _moment(raw)
    return None if moment is None else moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _quantity(raw: int | bytes) -> str:
    return next((_text(value) for number, _, value in _parts(_as_bytes(raw)) if number == 1), "0")


def _int_or_string(raw: int | bytes) -> int | str:
    parts = {number: value for number, _, value in _parts(_as_bytes(raw))}
    return _text(parts.get(3, b"")) if parts.get(1) else _integer(parts.get(2, 0))


def _raw_json(raw: int | bytes) -> Any:
    data = next((_as_bytes(value) for number, _, value in _parts(_as_bytes(raw)) if number == 1), b"")
    try:
        return orjson.loads(data) if data else None
    except orjson.JSONDecodeError as exc:
        raise Broken("raw JSON that is none") from exc


def _strings(raw: int | bytes) -> list[str]:
    return [_text(value) for number, _, value in _parts(_as_bytes(raw)) if number == 1]


def _schema_or_array(raw: int | bytes) -> Any:
    parts = list(_parts(_as_bytes(raw)))
    schema = next((_message(_SCHEMA, _as_bytes(value)) for number, _, value in parts if number == 1), None)
    return schema or [_message(_SCHEMA, _as_bytes(value)) for number, _, value in parts if number == 2]


def _schema_or_bool(raw: int | bytes) -> Any:
    parts = {number: value for number, _, value in _parts(_as_bytes(raw))}
    return _message(_SCHEMA, _as_bytes(parts[2])) if 2 in parts else bool(parts.get(1, 0))


def _schema_or_strings(raw: int | bytes) -> Any:
    parts = list(_parts(_as_bytes(raw)))
    schema = next((_message(_SCHEMA, _as_bytes(value)) for number, _, value in parts if number == 1), None)
    return schema or [_text(value) for number, _, value in parts if number == 2]


_READERS = {
    "s": _text,
    "b": _boolean,
    "i": _integer,
    "y": _base64,
    "d": _double,
    "T": _time,
    "M": _micro_time,
    "Q": _quantity,
    "N": _int_or_string,
    "R": _raw_json,
    "V": _strings,
    "A": _schema_or_array,
    "B": _schema_or_bool,
    "P": _schema_or_strings,
}
