"""What the OpenID Connect adapter promises: with a certified provider, and against one that lies."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from joserfc.jwk import RSAKey
from msgspec import structs
from tests.fakes.oidc import LyingProvider, lying_provider
from tests.harness.oidc import CALLBACK, CLIENT, CLIENT_SECRET, OidcServer, running_oidc

from armillary.base.clock import SystemClock
from armillary.base.errors import Unauthorized, Unavailable
from armillary.platform.capabilities.federation.adapters.oidc import KEYS_AGAIN_SECONDS, RelyingParty
from armillary.platform.capabilities.federation.kinds import GroupMapping, Oidc
from armillary.platform.capabilities.federation.trial import Steps
from armillary.platform.capabilities.identity.ports import Redirect, Vouched

SCOPES = ("openid", "profile", "email", "groups")
OPS = (GroupMapping(group="ops", as_group="operators"),)


class LaterClock(SystemClock):
    """Ahead of the machine's by as much as a test says."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.ahead)


def party(
    server: Any, *, secret: str = CLIENT_SECRET, clock: SystemClock | None = None, **changes: Any
) -> RelyingParty:
    ca = getattr(server, "ca", "")
    spec = Oidc(issuer=server.issuer, client_id=CLIENT, ca=ca, insecure=not ca, scopes=SCOPES)
    return RelyingParty("sso", structs.replace(spec, **changes), secret, OPS, clock or SystemClock())


async def sign_in(server: OidcServer, relying: RelyingParty, login: str) -> Vouched:
    begun = await relying.begin(CALLBACK)
    got = await server.sign_in(begun.url, login)
    assert got["state"] == begun.state
    return await relying.finish(CALLBACK, got["code"], begun)


# With a certified provider


@pytest.mark.parametrize("how", [{}, {"userinfo": False}, {"auth": "client_secret_post"}, {"tls": False}], ids=str)
async def test_people_are_vouched_for(tmp_path: Path, how: dict[str, Any]) -> None:
    async with running_oidc(tmp_path / "oidc", **how) as server:
        relying = party(server)
        ann, bob = await sign_in(server, relying, "ann"), await sign_in(server, relying, "bob")
    assert ann == Vouched("sso", "ann", "ann", "ann@example.org", True, "Ann Example", ("operators",))
    assert bob == Vouched("sso", "bob", "bob", "bob@example.org", False, "Bob Example", ())


async def test_a_code_is_of_use_once_and_with_its_verifier_only(tmp_path: Path) -> None:
    async with running_oidc(tmp_path / "oidc") as server:
        relying = party(server)
        begun = await relying.begin(CALLBACK)
        code = (await server.sign_in(begun.url, "ann"))["code"]
        with pytest.raises(Unauthorized, match="begin again"):
            await relying.finish(CALLBACK, code, Redirect("", begun.state, begun.nonce, "x" * 43))
        begun = await relying.begin(CALLBACK)
        code = (await server.sign_in(begun.url, "ann"))["code"]
        with pytest.raises(Unauthorized, match="does not belong"):
            await relying.finish(CALLBACK, code, Redirect("", begun.state, "another", begun.verifier))
        with pytest.raises(Unauthorized, match="begin again"):
            await relying.finish(CALLBACK, code, begun)
        for lacking in (Redirect("", "s", "", "v"), Redirect("", "s", "n", "")):
            with pytest.raises(Unauthorized, match="not begun here"):
                await relying.finish(CALLBACK, code, lacking)


async def test_a_new_key_is_looked_for_once_a_minute(tmp_path: Path) -> None:
    clock = LaterClock()
    async with running_oidc(tmp_path / "oidc") as server:
        relying = party(server, clock=clock)
        await sign_in(server, relying, "ann")
        await server.rotate()
        with pytest.raises(Unauthorized, match="not signed"):
            await sign_in(server, relying, "ann")
        clock.ahead = KEYS_AGAIN_SECONDS
        assert (await sign_in(server, relying, "ann")).name == "ann"


async def test_a_trial_tells_what_is_wrong(tmp_path: Path) -> None:
    async with running_oidc(tmp_path / "oidc") as server:
        works, wrong_secret, wrong_ca = Steps(), Steps(), Steps()
        await party(server).look(CALLBACK, works, asks_client=True)
        with pytest.raises(Unavailable):
            await party(server, secret="guessed").look(CALLBACK, wrong_secret, asks_client=True)
        with pytest.raises(Unavailable):
            await party(server, ca="").look(CALLBACK, wrong_ca, asks_client=True)
    assert [step.name for step in works.done] == ["discovery", "keys", "client"]
    assert works.trial().succeeded
    assert wrong_secret.trial().fault == "the provider refuses our request for tokens: invalid_client"
    assert "certificate verify failed" in wrong_ca.trial().fault
    assert CLIENT_SECRET not in str((works, wrong_secret, wrong_ca))


async def test_an_issuer_goes_by_one_name(tmp_path: Path) -> None:
    async with running_oidc(tmp_path / "oidc") as server:
        with pytest.raises(Unavailable, match="calls itself"):
            await party(server, issuer=server.issuer.replace("127.0.0.1", "localhost")).begin(CALLBACK)


async def test_what_does_not_answer_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        await RelyingParty(
            "sso", Oidc(issuer="https://127.0.0.1:1", client_id=CLIENT), CLIENT_SECRET, (), SystemClock()
        ).begin(CALLBACK)


# Against one that lies


@pytest.fixture
async def liar() -> AsyncIterator[LyingProvider]:
    async with lying_provider() as running:
        yield running


async def finish(liar: LyingProvider, relying: RelyingParty | None = None) -> Vouched:
    relying = relying or party(liar)
    begun = await relying.begin(CALLBACK)
    liar.nonce = begun.nonce
    return await relying.finish(CALLBACK, "code", begun)


async def test_one_that_does_not_lie_is_believed(liar: LyingProvider) -> None:
    assert (await finish(liar)).subject == "ann"


async def test_what_is_sent_to_begin_and_to_finish(liar: LyingProvider) -> None:
    relying = party(liar)
    begun, other = await relying.begin(CALLBACK), await relying.begin(CALLBACK)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}
    assert sent["response_type"] == "code"
    assert sent["code_challenge_method"] == "S256"
    assert (sent["state"], sent["nonce"], sent["redirect_uri"]) == (begun.state, begun.nonce, CALLBACK)
    assert not {begun.state, begun.nonce, begun.verifier} & {other.state, other.nonce, other.verifier}
    assert begun.verifier not in begun.url
    liar.nonce = begun.nonce
    await relying.finish(CALLBACK, "code", begun)
    (form,) = liar.forms
    assert (form["code"], form["code_verifier"]) == ("code", begun.verifier)
    assert form["authorization"].startswith("Basic ")
    assert "client_secret" not in form
    assert liar.asked.count("/.well-known/openid-configuration") == 1


@pytest.mark.parametrize(
    ("claims", "because"),
    [
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"aud": "other"}, "another application"),
        ({"nonce": "replayed"}, "does not belong"),
        ({"exp": 1, "iat": 0}, "run out"),
        ({"sub": None}, "names nobody"),
    ],
)
async def test_claims_that_are_not_believed(liar: LyingProvider, claims: dict[str, Any], because: str) -> None:
    liar.claims = claims
    with pytest.raises(Unauthorized, match=because):
        await finish(liar)


async def test_forged_signatures_are_not_believed(liar: LyingProvider) -> None:
    liar.signing = RSAKey.generate_key(2048)
    with pytest.raises(Unauthorized, match="not signed"):
        await finish(liar)
    liar.header = {"kid": "two"}
    with pytest.raises(Unauthorized, match="not signed"):
        await finish(liar)


def part(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_only_the_issuers_own_key_signs(liar: LyingProvider, algorithm: str) -> None:
    """RFC 8725, 2.1: no signature at all; the published key taken for the secret of an HMAC."""
    now = int(datetime.now(UTC).timestamp())
    claims = {"iss": liar.issuer, "aud": CLIENT, "sub": "ann", "iat": now, "exp": now + 60}
    signed = part(json.dumps({"alg": algorithm, "kid": "one"}).encode()) + "." + part(json.dumps(claims).encode())
    mac = hmac.digest(liar.key.as_pem(private=False), signed.encode(), "sha256") if algorithm == "HS256" else b""
    liar.answers["/token"] = web.json_response({"id_token": f"{signed}.{part(mac)}"})
    with pytest.raises(Unauthorized, match="not signed"):
        await finish(liar)


async def test_userinfo_of_somebody_else_is_left_out(liar: LyingProvider) -> None:
    liar.userinfo = {"sub": "eve", "email": "admin@example.org", "email_verified": True, "groups": ["ops"]}
    vouched = await finish(liar)
    assert (vouched.subject, vouched.email, vouched.groups) == ("ann", "", ())


@pytest.mark.parametrize("path", ["/token", "/keys", "/me", "/.well-known/openid-configuration"])
async def test_nobody_is_led_elsewhere(liar: LyingProvider, path: str) -> None:
    liar.answers[path] = web.Response(status=307, headers={"location": f"{liar.issuer}/elsewhere"})
    with pytest.raises(Unavailable):
        await finish(liar)
    assert "/elsewhere" not in liar.asked


@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri", "userinfo_endpoint", "authorization_endpoint"])
async def test_endpoints_elsewhere_without_tls_are_not_asked(liar: LyingProvider, endpoint: str) -> None:
    liar.document = {endpoint: "http://169.254.169.254/latest/meta-data"}
    with pytest.raises(Unavailable, match="only https"):
        await finish(liar)


async def test_http_is_not_spoken_unless_told_to(liar: LyingProvider) -> None:
    with pytest.raises(Unavailable, match="only https"):
        await finish(liar, party(liar, insecure=False))


@pytest.mark.parametrize("path", ["/token", "/keys", "/me", "/.well-known/openid-configuration"])
@pytest.mark.parametrize("body", [b"x" * (2 << 20), b"{", b"[]", b"\xff"], ids=["long", "cut", "list", "binary"])
async def test_whatever_it_answers_is_an_answer(liar: LyingProvider, path: str, body: bytes) -> None:
    liar.answers[path] = web.Response(body=body, content_type="application/json")
    relying = party(liar)
    if path == "/me" and len(body) < 100:
        assert (await finish(liar, relying)).name == ""
        return
    with pytest.raises(Unavailable):
        await finish(liar, relying)


async def test_errors_do_not_repeat_what_a_stranger_wrote(liar: LyingProvider) -> None:
    liar.answers["/token"] = web.json_response({"error": "<script>", "error_description": CLIENT_SECRET}, status=400)
    with pytest.raises(Unavailable, match=r"tokens: status 400$"):
        await finish(liar)
