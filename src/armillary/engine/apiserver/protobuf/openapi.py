"""The OpenAPI v2 document in protobuf: what kubectl validates lists and several other things with.

Form: github.com/google/gnostic-models, openapiv2/OpenAPIv2.proto. What Go's clients read is written: schemas, and for
each operation its kind and its query parameters.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

MEDIA = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
ASKED = (MEDIA, "application/com.github.proto-openapi.spec.v2@v1.0+protobuf")  # the other is what clients ask for
_OPERATIONS = {"get": 2, "put": 3, "post": 4, "delete": 5, "patch": 7}


def encode_document(document: Mapping[str, Any]) -> bytes:
    """A v2 document as its message."""
    info = _text(1, document["info"]["title"]) + _text(2, document["info"]["version"])
    paths = b"".join(_bytes(2, _named(path, _path(item))) for path, item in document["paths"].items())
    return b"".join((
        _text(1, document["swagger"]),
        _bytes(2, info),
        _bytes(8, paths),
        _bytes(9, _schemas(document["definitions"])),
    ))  # fmt: skip


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode()) if value else b""


def _named(name: str, value: bytes) -> bytes:
    return _text(1, name) + _bytes(2, value)


def _any(value: Any) -> bytes:
    return _bytes(2, orjson.dumps(value))  # as YAML, which JSON is


def _schemas(schemas: Mapping[str, Any]) -> bytes:
    return b"".join(_bytes(1, _named(name, _schema(schema))) for name, schema in schemas.items())


def _schema(schema: Mapping[str, Any]) -> bytes:
    return b"".join(_parts(schema))


def _parts(schema: Mapping[str, Any]) -> Iterator[bytes]:
    yield _text(1, schema.get("$ref", ""))
    yield _text(2, schema.get("format", ""))
    yield _text(4, schema.get("description", ""))
    if "default" in schema:
        yield _bytes(5, _any(schema["default"]))
    yield from (_text(19, name) for name in schema.get("required", ()))
    yield from (_bytes(20, _any(value)) for value in schema.get("enum", ()))
    if isinstance(schema.get("additionalProperties"), dict):
        yield _bytes(21, _bytes(1, _schema(schema["additionalProperties"])))
    if "type" in schema:
        yield _bytes(22, _text(1, schema["type"]))
    if "items" in schema:
        yield _bytes(23, _bytes(1, _schema(schema["items"])))
    if "properties" in schema:
        yield _bytes(25, _schemas(schema["properties"]))
    yield from _extensions(31, schema)


def _extensions(field: int, found: Mapping[str, Any]) -> Iterator[bytes]:
    yield from (_bytes(field, _named(name, _any(value))) for name, value in found.items() if name.startswith("x-"))


def _path(item: Mapping[str, Any]) -> bytes:
    return b"".join(_bytes(number, _operation(item[verb])) for verb, number in _OPERATIONS.items() if verb in item)


def _operation(operation: Mapping[str, Any]) -> bytes:
    return b"".join((*_query(operation["parameters"]), *_extensions(13, operation)))


def _query(parameters: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    for parameter in parameters:
        if parameter["in"] == "query":
            said = _text(2, "query") + _text(4, parameter["name"]) + _text(6, parameter["type"])
            yield _bytes(8, _bytes(1, _bytes(2, _bytes(3, said))))
