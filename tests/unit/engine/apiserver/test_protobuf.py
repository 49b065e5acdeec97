"""Bodies in Kubernetes' protobuf are read as the JSON that Go would have sent."""

import random
import struct
from typing import Any

import orjson
import pytest

from armillary.base.errors import BadRequest, UnsupportedMediaType
from armillary.engine.apiserver.protobuf.decode import MAGIC, messages, to_json


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def part(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def scalar(code: str, value: Any) -> bytes | int:
    match code:
        case "s":
            return str(value).encode()
        case "b" | "i":
            return int(value)
        case "Q":
            return part(1, value.encode())
        case "N":
            return part(1, 0) + part(2, value) if isinstance(value, int) else part(1, 1) + part(3, value.encode())
    return message(code, value)


def message(name: str, obj: dict[str, Any]) -> bytes:
    """The inverse of what is tested, for the types that the tests use."""
    found = b""
    for number, field in messages()[name].items():
        if field.mark == "+":
            found += part(number, message(field.code, obj))
        elif field.name not in obj:
            continue
        elif field.mark == "*":
            found += b"".join(part(number, scalar(field.code, v)) for v in obj[field.name])
        elif field.mark == "{}":
            for key, value in obj[field.name].items():
                found += part(number, part(1, key.encode()) + part(2, scalar(field.code, value)))
        else:
            found += part(number, scalar(field.code, obj[field.name]))
    return found


def sent(api_version: str, kind: str, raw: bytes) -> bytes:
    return MAGIC + part(1, part(1, api_version.encode()) + part(2, kind.encode())) + part(2, raw)


def test_an_object_comes_out_as_json() -> None:
    obj = {
        "metadata": {"name": "web", "labels": {"a": "b"}},
        "spec": {
            "replicas": 0,
            "template": {
                "spec": {
                    "containers": [
                        {
                            "name": "c",
                            "ports": [{"containerPort": 80}],
                            "resources": {"limits": {"cpu": "1"}},
                            "livenessProbe": {"httpGet": {"port": "http"}, "periodSeconds": 3},
                        }
                    ],
                    "volumes": [{"name": "v", "emptyDir": {}}],
                    "automountServiceAccountToken": False,
                }
            },
        },
    }
    found = orjson.loads(to_json(sent("apps/v1", "Deployment", message("apps/v1.Deployment", obj))))
    assert found == {"kind": "Deployment", "apiVersion": "apps/v1"} | obj


def test_what_go_sends_for_nothing_is_left_out() -> None:
    zeros = {"name": "x", "namespace": "", "generation": 0}
    raw = part(1, message("meta/v1.ObjectMeta", zeros) + part(8, b"")) + part(3, b"")
    found = orjson.loads(to_json(sent("v1", "Pod", raw)))
    assert found == {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x"}}


def test_times_bytes_and_numbers() -> None:
    meta = part(8, part(1, 1767225600)) + part(1, b"s")
    secret = orjson.loads(to_json(sent("v1", "Secret", part(1, meta) + part(2, part(1, b"k") + part(2, b"\x00\x01")))))
    assert secret["metadata"]["creationTimestamp"] == "2026-01-01T00:00:00Z"
    assert secret["data"] == {"k": "AAE="}
    schema = part(9, 0)[:1].replace(b"\x48", b"\x49") + struct.pack("<d", 1.5)
    assert schema  # a double is eight bytes after its tag


def test_options_are_of_no_group() -> None:
    found = orjson.loads(to_json(sent("policy/v1", "DeleteOptions", part(1, 5))))
    assert found["gracePeriodSeconds"] == 5


def test_kinds_that_are_not_known_are_refused() -> None:
    with pytest.raises(UnsupportedMediaType):
        to_json(sent("example.com/v1", "Foo", b""))


def test_every_field_leads_to_a_message_or_a_known_type() -> None:
    codes = {field.code for fields in messages().values() for field in fields.values()}
    unknown = {code for code in codes if len(code) > 1} - messages().keys()
    assert unknown <= {"apiextensions/v1.CustomResourceSubresourceStatus"}  # has no fields


def test_broken_bytes_are_refused() -> None:
    good = sent(
        "v1", "Pod", message("core/v1.Pod", {"metadata": {"name": "x"}, "spec": {"containers": [{"name": "c"}]}})
    )
    dice = random.Random(1)
    for _ in range(2000):
        body = bytearray(good)
        for _ in range(dice.randint(1, 4)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        try:
            orjson.loads(to_json(bytes(body[: dice.randint(0, len(body))])))
        except (BadRequest, UnsupportedMediaType):
            continue
