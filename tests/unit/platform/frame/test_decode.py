"""What does not fit is refused by field and value, and secrets are not repeated."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from armillary.base.errors import ApiError, BadRequest, Invalid, UnsupportedMediaType
from armillary.platform.frame.capability import FORM
from armillary.platform.frame.decode import decode_body, decode_query

JSON = "application/json; charset=utf-8"


class Inner(Struct, forbid_unknown_fields=True, rename="camel"):
    full_name: str = ""
    password: str = ""


class Body(Struct):
    items: list[Inner] = []
    labels: dict[str, int] = {}


class Query(Struct):
    limit: int = 1
    deep: bool = False
    name: list[str] | None = None


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (b'{"items": [{}, {"fullName": 7}]}', "items[1].fullName", "invalid value 7: expected `str`, got `int`"),
        (b'{"items": [{"password": 7}]}', "items[0].password", "invalid value: expected `str`, got `int`"),
        (b'{"items": [{"other": 7}]}', "items[0].other", "there is no such field"),
        (b'{"items": 7}', "items", "invalid value 7: expected `array`, got `int`"),
        (b'{"labels": {"a": "x"}}', "labels[...]", "invalid value: expected `int`, got `str`"),
        (b"[]", "", "invalid value: expected `object`, got `array`"),
    ],
)
def test_bodies_that_do_not_fit(body: bytes, field: str, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode_body(body, JSON, Body)
    (cause,) = refused.value.causes
    assert (cause.field, cause.message) == (field, message)


@pytest.mark.parametrize(
    ("body", "media", "type_", "error"),
    [
        (b"{", JSON, Body, BadRequest),
        (b"\xff", JSON, Body, BadRequest),
        (b"[" * 100_000, JSON, Body, BadRequest),
        (b"{}", "text/plain", Body, UnsupportedMediaType),
        (b"{}", "", Body, UnsupportedMediaType),
        (b"a=1", JSON, FORM, UnsupportedMediaType),
        (b"a=1&a=2", "application/x-www-form-urlencoded", FORM, BadRequest),
        (b"&".join([b"a=1"] * 500), "application/x-www-form-urlencoded", FORM, BadRequest),
    ],
)
def test_bodies_that_cant_be_read(body: bytes, media: str, type_: Any, error: type[ApiError]) -> None:
    with pytest.raises(error):
        decode_body(body, media, type_)


def test_bodies_that_fit() -> None:
    assert decode_body(b"", "", Body) == Body()
    assert decode_body(b"{}", "application/merge-patch+json", dict[str, Any]) == {}
    assert decode_body(b"\x00\xff", "", bytes) == b"\x00\xff"


def test_queries() -> None:
    assert decode_query(b"limit=5&deep=true&name=a&name=b", Query) == Query(5, True, ["a", "b"])
    assert decode_query(b"a=1&b=", dict[str, str]) == {"a": "1", "b": ""}


@given(st.binary(max_size=60))
def test_whatever_is_sent_is_an_answer(sent: bytes) -> None:
    for read in (lambda: decode_query(sent, Query), lambda: decode_body(sent, JSON, Body)):
        with suppress(BadRequest, Invalid):
            read()
