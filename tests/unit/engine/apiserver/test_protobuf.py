"""Bodies in protocol buffers, as Go's clients send them."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from armillary.base.errors import BadRequest, UnsupportedMediaType
from armillary.engine.apiserver.protobuf.decode import MAGIC, to_json


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = b""
    while True:
        byte, value = value & 0x7F, value >> 7
        if not value:
            return out + bytes([byte])
        out += bytes([byte | 0x80])


def message(*fields: tuple[int, Any]) -> bytes:
    """Field numbers and values: an int is a varint, text and bytes stand behind their length."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def body(api_version: str, kind: str, raw: bytes) -> bytes:
    return MAGIC + message((1, message((1, api_version), (2, kind))), (2, raw))


META = (1, message((1, "a"), (3, "ns")))


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (
            body("v1", "ConfigMap", message(META, (2, message((1, "k"), (2, "v"))), (2, message((1, "empty"))))),
            {"metadata": {"name": "a", "namespace": "ns"}, "data": {"k": "v", "empty": ""}},
        ),
        (body("v1", "Secret", message(META, (2, message((1, "k"), (2, b"\x00\xff"))))), {"data": {"k": "AP8="}}),
        (body("apps/v1", "Deployment", message((2, message((1, 0), (5, 0))))), {"spec": {"replicas": 0}}),
        (
            body(
                "v1",
                "Pod",
                message(
                    (
                        2,
                        message((1, message((1, "v"), (2, message((2, b"")))))),
                    )
                ),
            ),
            {"spec": {"volumes": [{"name": "v", "emptyDir": {}}]}},
        ),
        (
            body("policy/v1", "PodDisruptionBudget", message((2, message((1, message((1, 1), (3, "50%"))))))),
            {"spec": {"minAvailable": "50%"}},
        ),
        (
            body("policy/v1", "PodDisruptionBudget", message((2, message((1, message((1, 0), (2, -1))))))),
            {"spec": {"minAvailable": -1}},
        ),
        (
            body("v1", "ResourceQuota", message((2, message((1, message((1, "pods"), (2, message((1, "3"))))))))),
            {"spec": {"hard": {"pods": "3"}}},
        ),
        (
            body("coordination.k8s.io/v1", "Lease", message((2, message((3, message((1, 0), (2, 5000))))))),
            {"spec": {"acquireTime": "1970-01-01T00:00:00.000005Z"}},
        ),
        (
            body("meta.k8s.io/v1", "DeleteOptions", message((1, 0), (4, "Orphan"))),
            {"gracePeriodSeconds": 0, "propagationPolicy": "Orphan"},
        ),
    ],
    ids=["map", "bytes", "zero of a pointer", "inline and empty", "percent", "negative", "quantity", "time", "options"],
)
def test_what_is_meant(sent: bytes, meant: dict[str, Any]) -> None:
    found = orjson.loads(to_json(sent))
    assert {key: found[key] for key in meant} == meant


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"{}", BadRequest),
        (body("example.com/v1", "Thing", b""), UnsupportedMediaType),
        (MAGIC + b"\x0a\xff", BadRequest),
        (body("v1", "Pod", b"\x0a\x7f"), BadRequest),
        (body("v1", "Pod", b"\x08" + b"\xff" * 11), BadRequest),
        (body("v1", "ConfigMap", message((1, 5))), BadRequest),
    ],
    ids=["no envelope", "unknown kind", "cut off", "shorter than it says", "endless number", "wrong wire type"],
)
def test_what_is_refused(sent: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        to_json(sent)


@given(st.binary(max_size=200), st.sampled_from(["Pod", "Deployment", "Lease", "Event"]))
def test_no_bytes_break_it(raw: bytes, kind: str) -> None:
    version = {"Pod": "v1", "Deployment": "apps/v1", "Lease": "coordination.k8s.io/v1", "Event": "v1"}[kind]
    for sent in (raw, MAGIC + raw, body(version, kind, raw)):
        try:
            assert isinstance(orjson.loads(to_json(sent)), dict)
        except (BadRequest, UnsupportedMediaType):
            continue
