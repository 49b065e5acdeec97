"""Request bodies in protocol buffers, as stock Go clients send them, turned into JSON. Pure.

Envelope: k8s.io/apimachinery, runtime/serializer/protobuf: four bytes, then a message `Unknown` around the object.
"""

import base64
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from armillary.base.errors import BadRequest
from armillary.engine.apiserver.protobuf.numbers import Field, Message, message_name, messages
from armillary.engine.kinds.resource import Json

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"
MOST_DEPTH = 64

_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

_Value = int | bytes


def decode(body: bytes) -> Json:
    """The object in an envelope. Raises BadRequest."""
    if not body.startswith(MAGIC):
        raise BadRequest("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    try:
        envelope = dict(_fields(body[len(MAGIC) :]))
        meta = dict(_fields(_bytes(envelope.get(1, b""))))
        api_version, kind = _bytes(meta.get(1, b"")).decode(), _bytes(meta.get(2, b"")).decode()
        name = message_name(api_version, kind)
        if name is None:
            raise BadRequest(
                f'no kind "{kind}" is registered for version "{api_version}" in protocol buffers; send JSON'
            )
        obj: Json = _message(name, _bytes(envelope.get(2, b"")), 0)
    except (ValueError, IndexError, OverflowError, struct.error) as exc:
        raise BadRequest(f"the object provided is unrecognized: {exc}") from exc
    return {"apiVersion": api_version, "kind": kind} | obj


def _bytes(value: _Value) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number stands where bytes are expected")
    return value


def _fields(data: bytes) -> Iterator[tuple[int, _Value]]:
    """Numbers and values of a message in order (protobuf.dev, "Encoding")."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        value: _Value
        match wire:
            case 0:
                value, at = _varint(data, at)
            case 2:
                length, at = _varint(data, at)
                if at + length > end:
                    raise ValueError("unexpected EOF")
                value, at = data[at : at + length], at + length
            case 1 | 5:
                size = 8 if wire == _FIXED64 else 4
                if at + size > end:
                    raise ValueError("unexpected EOF")
                value, at = int.from_bytes(data[at : at + size], "little"), at + size
            case _:
                raise ValueError(f"illegal wire type {wire}")
        yield number, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("integer overflow")


def _message(name: str, data: bytes, depth: int) -> Any:
    """A message as the JSON that its kind has."""
    if depth > MOST_DEPTH:
        raise ValueError("nested too deeply")
    special = _SPECIAL.get(name)
    if special is not None:
        return special(dict(_fields(data)))
    known = messages()[name]
    found: dict[str, Any] = {}
    for number, value in _fields(data):
        field = known.get(number)
        if field is not None:  # else of a newer version: unknown fields are dropped
            _put(found, field, value, depth)
    return found["items"] if set(found) <= {"items"} and _is_list(known) else found


def _is_list(message: Message) -> bool:
    """A message that only wraps a list (ExtraValue) is that list in JSON."""
    return list(message) == [1] and message[1].name == "items" and message[1].repeated


def _put(found: dict[str, Any], field: Field, value: _Value, depth: int) -> None:
    if field.mapped:
        entry = dict(_fields(_bytes(value)))
        key = _bytes(entry.get(1, b"")).decode()
        found.setdefault(field.name, {})[key] = _value(field.type, entry.get(2, _zero(field.type)), depth)
        return
    decoded = _value(field.type, value, depth)
    if field.inline:
        if decoded:
            found.update(decoded)
    elif field.repeated:
        found.setdefault(field.name, []).append(decoded)
    elif field.nullable or (decoded not in ("", 0, None) and decoded != {} and decoded is not False):
        # Go writes fields that are not pointers even when they are zero; in JSON these are left out.
        found[field.name] = decoded


def _zero(type_: str) -> _Value:
    return 0 if type_ in "bid" else b""


def _value(type_: str, value: _Value, depth: int) -> Any:
    match type_:
        case "s":
            return _bytes(value).decode()
        case "y":
            return base64.b64encode(_bytes(value)).decode()
        case "b":
            return bool(value)
        case "i":
            number = int(value) if isinstance(value, int) else int.from_bytes(value, "little")
            return number - (1 << 64) if number >= 1 << 63 else number
        case "d":
            return struct.unpack("<d", int(value).to_bytes(8, "little"))[0] if isinstance(value, int) else 0.0
    return _message(type_, _bytes(value), depth + 1)


def _signed(value: _Value) -> int:
    return int(_value("i", value, 0))


def _time(fields: dict[int, _Value]) -> str | None:
    moment = _EPOCH + timedelta(seconds=_signed(fields.get(1, 0)))
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if fields else None


def _micro_time(fields: dict[int, _Value]) -> str | None:
    moment = _EPOCH + timedelta(seconds=_signed(fields.get(1, 0)), microseconds=_signed(fields.get(2, 0)) // 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if fields else None


def _quantity(fields: dict[int, _Value]) -> str:
    return _bytes(fields.get(1, b"")).decode() or "0"


def _int_or_string(fields: dict[int, _Value]) -> int | str:
    if fields.get(1, 0) == 1:
        return _bytes(fields.get(3, b"")).decode()
    # An int32 below zero comes as ten bytes, sign extended.
    return _signed(fields.get(2, 0))


def _raw(fields: dict[int, _Value]) -> Any:
    """JSON inside: RawExtension, FieldsV1, a schema's `JSON`."""
    data = _bytes(fields.get(1, b""))
    if data.startswith(MAGIC):
        return decode(data)
    try:
        return orjson.loads(data) if data else None
    except orjson.JSONDecodeError as exc:
        raise ValueError(f"embedded JSON: {exc}") from exc


_SPECIAL = {
    f"{_META}.Time": _time,
    f"{_META}.MicroTime": _micro_time,
    f"{_META}.FieldsV1": _raw,
    "io.k8s.apimachinery.pkg.api.resource.Quantity": _quantity,
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": _int_or_string,
    "io.k8s.apimachinery.pkg.runtime.RawExtension": _raw,
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON": _raw,
}
