"""Devices that ask too often, and where forms may lead."""

import pytest

from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.identity.decide.oauth import (
    POLL_SECONDS,
    Asked,
    Poll,
    form_target,
    is_assured,
    polled,
)
from armillary.platform.capabilities.identity.kinds import OAuthClient, OAuthClientSpec


@pytest.mark.parametrize(
    ("last", "now", "interval", "is_in_time"),
    [
        (None, 100.0, POLL_SECONDS, True),
        (Poll(100.0, 2.0), 102.0, 2.0, True),
        (Poll(100.0, 2.0), 101.6, 2.0, True),
        (Poll(100.0, 2.0), 101.0, 7.0, False),
        (Poll(100.0, 7.0), 102.0, 12.0, False),
        (Poll(100.0, 7.0), 107.0, 7.0, True),
    ],
)
def test_a_device_that_asks_too_soon_waits_longer(
    last: Poll | None, now: float, interval: float, is_in_time: bool
) -> None:
    assert polled(last, now) == (Poll(now, interval), is_in_time)


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("https://app.example/back?x=1", "https://app.example"),
        ("https://app.example:8443/back", "https://app.example:8443"),
        ("http://127.0.0.1:4711/", "http://127.0.0.1:4711"),
        ("http://[::1]:4711/", "http:"),
        ("com.example.app:/back", "com.example.app:"),
        ("https://a b;script-src */", ""),
        ("https://me@app.example/", ""),
        ("", ""),
    ],
)
def test_a_policy_names_where_an_answer_goes(uri: str, target: str) -> None:
    assert form_target(uri) == target


@pytest.mark.parametrize(
    ("uri", "secret", "assured"),
    [
        ("https://app.example/back", "", True),
        ("http://127.0.0.1:4711/", "", False),
        ("http://127.0.0.1:4711/", "a hash", True),
        ("com.example.app:/back", "", False),
    ],
)
def test_who_can_be_nobody_else_need_not_be_asked_about_again(uri: str, secret: str, assured: bool) -> None:
    client = OAuthClient(metadata=ObjectMeta(name="app"), spec=OAuthClientSpec(secret_hash=secret))
    assert is_assured(Asked(client, uri, "", "", "", (), frozenset(), None)) is assured
