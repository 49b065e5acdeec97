"""Which issuers and ID tokens are believed."""

from typing import Any

import pytest

from armillary.platform.capabilities.federation.decide.tokens import ALGORITHMS, Endpoints, endpoints_of, fault_of

ISSUER, NOW = "https://sso.example", 1_000_000.0
CLAIMS: dict[str, Any] = {
    "iss": ISSUER, "aud": "armillary", "sub": "ann", "nonce": "n", "exp": NOW + 300, "iat": NOW,
}  # fmt: skip
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://sso.example/authorize",
    "token_endpoint": "https://token.example/token",
    "jwks_uri": "https://sso.example/keys",
}


def fault(**changes: Any) -> str:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not ...}
    return fault_of(claims, issuer=ISSUER, client_id="armillary", nonce="n", now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": ["armillary"]},
        {"aud": ["armillary", "other"], "azp": "armillary"},
        {"exp": NOW - 30},  # clocks differ a little
        {"iat": NOW + 30},
        {"nbf": NOW - 1},
    ],
)
def test_what_is_believed(changes: dict[str, Any]) -> None:
    assert fault(**changes) == ""


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"iss": ISSUER + "/"}, "another issuer"),
        ({"iss": ...}, "another issuer"),
        ({"aud": "other"}, "meant for another"),
        ({"aud": []}, "meant for another"),
        ({"aud": ...}, "meant for another"),
        ({"aud": "armillary-two"}, "meant for another"),
        ({"aud": ["armillary", "other"]}, "given to another"),
        ({"azp": "other"}, "given to another"),
        ({"sub": ""}, "names nobody"),
        ({"sub": 7}, "names nobody"),
        ({"sub": "x" * 256}, "names nobody"),
        ({"nonce": "other"}, "does not belong"),
        ({"nonce": ...}, "does not belong"),
        ({"nonce": ""}, "does not belong"),
        ({"exp": NOW - 61}, "run out"),
        ({"exp": ...}, "when it is valid"),
        ({"exp": "tomorrow"}, "when it is valid"),
        ({"exp": True}, "when it is valid"),
        ({"iat": ...}, "when it is valid"),
        ({"iat": NOW + 61}, "future"),
        ({"nbf": NOW + 61}, "future"),
        ({"iat": NOW - 601}, "too old"),
    ],
)
def test_what_is_not_believed(changes: dict[str, Any], because: str) -> None:
    assert because in fault(**changes)


def test_only_keys_that_nobody_else_has_sign() -> None:
    assert not [name for name in ALGORITHMS if name == "none" or name.startswith("HS")]


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"issuer": "https://sso.example/"}, "calls itself"),
        ({"issuer": None}, "calls itself"),
        ({"token_endpoint": "http://sso.example/token"}, "token_endpoint"),
        ({"token_endpoint": None}, "token_endpoint"),
        ({"jwks_uri": "http://169.254.169.254/"}, "jwks_uri"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri"),
        ({"userinfo_endpoint": "http://sso.example/me"}, "userinfo_endpoint"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
    ],
)
def test_descriptions_that_are_not_believed(changes: dict[str, Any], because: str) -> None:
    found = endpoints_of(DOCUMENT | changes, ISSUER, insecure=False)
    assert isinstance(found, str)
    assert because in found


@pytest.mark.parametrize(
    ("methods", "in_body"),
    [
        (None, False),
        (["client_secret_basic"], False),
        (["client_secret_post", "client_secret_basic"], False),
        (["client_secret_post"], True),
        (["private_key_jwt"], False),
    ],
)
def test_how_the_secret_is_shown(methods: list[str] | None, in_body: bool) -> None:
    found = endpoints_of(DOCUMENT | {"token_endpoint_auth_methods_supported": methods}, ISSUER, insecure=False)
    assert isinstance(found, Endpoints)
    assert found.secret_in_body is in_body
