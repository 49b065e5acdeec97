"""The OAuth 2.1 and OpenID Connect server: each rule by a request that breaks it."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.component.platform.identity.conftest import (
    CHALLENGE,
    PASSWORD,
    VERIFIER,
    World,
    answered,
    authorize_path,
    opened,
)
from tests.harness.platform import ORIGIN, Asking, running_platform

from armillary.platform.capabilities.identity.decide.oauth import is_proven
from armillary.platform.capabilities.identity.kinds import OAUTH_CLIENT

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
async def browser(world: World) -> Asking:
    await world.user("ann", display_name="Ann")
    await world.application(trusted=True)
    return await world.browser("ann")


async def test_discovery_and_the_whole_way(world: World, browser: Asking) -> None:
    found = (await world.nobody().get("/.well-known/openid-configuration")).json
    assert found == (await world.nobody().get("/.well-known/oauth-authorization-server")).json
    assert found["issuer"] == ORIGIN
    got = (await world.redeem(await world.code(browser))).json
    keys = KeySet.import_key_set((await world.nobody().get("/oauth/keys")).json)
    claims = jwt.decode(got["id_token"], keys, algorithms=found["id_token_signing_alg_values_supported"]).claims
    told = {name: claims[name] for name in ("iss", "aud", "sub", "nonce", "name")}
    assert told == {"iss": ORIGIN, "aud": "app", "sub": "ann", "nonce": "n1", "name": "Ann"}
    assert {"at_hash", "auth_time", "exp", "iat"} <= set(claims)
    assert "d" not in str((await world.nobody().get("/oauth/keys")).json["keys"][0].keys()).split("'")
    asking = world.bearer(got["access_token"])
    for method in ("GET", "POST"):
        assert (await asking(method, "/oauth/userinfo")).json["preferred_username"] == "ann"


async def test_an_answer_names_its_issuer_and_state(browser: Asking) -> None:
    told = answered(await browser.get(authorize_path()))
    assert (told["state"], told["iss"]) == ("s1", ORIGIN)


@pytest.mark.parametrize(
    "more",
    [
        {"client_id": "other"},
        {"redirect_uri": "https://app.example/back/"},
        {"redirect_uri": "https://app.example/back?x=1"},
        {"redirect_uri": "https://app.example.evil.example/back"},
        {"redirect_uri": "https://evil.example"},
        {"redirect_uri": ""},
        {"redirect_uri": "javascript:alert(1)"},
    ],
)
async def test_open_redirect_by_redirect_uri(browser: Asking, more: dict[str, str]) -> None:
    answer = await browser.get(authorize_path(**more))
    assert answer.status == 400
    assert not answer.header("location")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
    ],
)
async def test_requests_that_break_a_rule_are_told_to_the_client(
    browser: Asking, more: dict[str, str], error: str
) -> None:
    told = answered(await browser.get(authorize_path(**more)))
    assert (told["error"], told["state"]) == (error, "s1")


@pytest.mark.parametrize(
    "more",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": CHALLENGE},
        {"code_verifier": ""},
        {"redirect_uri": "https://app.example/other"},
        {"client_id": "second"},
    ],
)
async def test_a_code_is_bound_to_its_request(world: World, browser: Asking, more: dict[str, str]) -> None:
    await world.application("second", redirect_uris=("https://app.example/back",))
    answer = await world.redeem(await world.code(browser), **more)
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")


async def test_a_code_lasts_a_minute(world: World, browser: Asking) -> None:
    code = await world.code(browser)
    world.clock.ahead = timedelta(seconds=61)
    assert (await world.redeem(code)).json["error"] == "invalid_grant"


async def test_code_reuse_revokes_what_came_of_it(world: World, browser: Asking) -> None:
    code = await world.code(browser)
    got = (await world.redeem(code)).json
    asking = world.bearer(got["access_token"])
    assert (await asking.get("/oauth/userinfo")).status == 200
    assert (await world.redeem(code)).json["error"] == "invalid_grant"
    assert (await asking.get("/oauth/userinfo")).status == 401
    again = await world.token(grant_type="refresh_token", refresh_token=got["refresh_token"])
    assert again.json["error"] == "invalid_grant"


async def test_refresh_rotation_and_reuse(world: World, browser: Asking) -> None:
    first = (await world.redeem(await world.code(browser))).json
    second = (await world.token(grant_type="refresh_token", refresh_token=first["refresh_token"])).json
    assert second["refresh_token"] != first["refresh_token"]
    raced = await world.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert raced.json["error"] == "invalid_grant"
    assert (await world.bearer(second["access_token"]).get("/oauth/userinfo")).status == 200, "a race is no theft"
    world.clock.ahead = timedelta(seconds=20)
    stolen = await world.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert stolen.json["error"] == "invalid_grant"
    assert (await world.bearer(second["access_token"]).get("/oauth/userinfo")).status == 401
    last = await world.token(grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert last.json["error"] == "invalid_grant"


async def test_a_refresh_token_is_its_clients_own(world: World, browser: Asking) -> None:
    await world.application("second")
    got = (await world.redeem(await world.code(browser))).json
    stolen = await world.token(grant_type="refresh_token", refresh_token=got["refresh_token"], client_id="second")
    assert stolen.json["error"] == "invalid_grant"


async def test_a_disabled_users_refresh_token_is_worth_nothing(world: World, browser: Asking) -> None:
    got = (await world.redeem(await world.code(browser))).json
    admin = await world.admin_token()
    assert (await admin.patch("/platform/v1/users/ann", {"disabled": True})).status == 200
    again = await world.token(grant_type="refresh_token", refresh_token=got["refresh_token"])
    assert again.json["error"] == "invalid_grant"


@pytest.mark.parametrize("port", ["1", "8000", "65535"])
async def test_native_clients_have_any_port_of_the_loopback(world: World, browser: Asking, port: str) -> None:
    uri = f"http://127.0.0.1:{port}/callback"
    told = answered(await browser.get(authorize_path(client_id="armillary-cli", redirect_uri=uri)))
    got = await world.redeem(told["code"], redirect_uri=uri, client_id="armillary-cli")
    assert "all" in got.json["scope"].split()


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:8000/other",
        "http://127.0.0.2:8000/callback",
        "http://127.0.0.1.evil.example:8000/callback",
        "http://127.0.0.1:8000@evil.example/callback",
        "http://evil@127.0.0.1:8000/callback",
        "https://127.0.0.1:8000/callback",
        "http://127.0.0.1:x/callback",
    ],
)
async def test_the_loopback_is_no_hole(browser: Asking, uri: str) -> None:
    assert (await browser.get(authorize_path(client_id="armillary-cli", redirect_uri=uri))).status == 400


async def test_a_confidential_client_shows_its_secret(world: World, browser: Asking) -> None:
    await world.application("web", secret="s3cret", trusted=True)
    code = await world.code(browser, client_id="web")
    for wrong in ({}, {"client_secret": "wrong"}, {"client_secret": ""}):
        answer = await world.redeem(code, client_id="web", **wrong)
        assert (answer.status, answer.json["error"]) == (401, "invalid_client")
    assert (await world.redeem(code, client_id="web", client_secret="s3cret")).status == 200
    assert (await world.redeem(code, client_id="app", client_secret="x")).json["error"] == "invalid_client"


async def test_silent_requests_never_show_a_page(world: World, browser: Asking) -> None:
    told = answered(await world.nobody().get(authorize_path(prompt="none")))
    assert told["error"] == "login_required"
    assert "code" in answered(await browser.get(authorize_path(prompt="none")))
    await world.application("stranger")
    told = answered(await browser.get(authorize_path(prompt="none", client_id="stranger")))
    assert told["error"] == "consent_required"


async def test_prompts_and_ages_ask_again(world: World, browser: Asking) -> None:
    assert (await browser.get(authorize_path(prompt="login"))).status == 200
    fresh = await world.browser("ann")
    world.clock.ahead = timedelta(seconds=120)
    assert (await fresh.get(authorize_path(max_age="60"))).status == 200
    assert "code" in answered(await fresh.get(authorize_path(max_age="600")))


async def test_an_untrusted_application_needs_consent(world: World, browser: Asking) -> None:
    await world.application("stranger", display_name="<b>Stranger</b>")
    asked = authorize_path(client_id="stranger", scope="openid email")
    page = await browser.get(asked)
    assert page.status == 200
    assert b"&lt;b&gt;Stranger" in page.body
    forged = await browser.get(f"{asked}&consent=0000")
    assert forged.status == 200, "still asked"
    refused = await world.form(browser, "/oauth/consent", next=asked, answer="refuse")
    assert answered(refused)["error"] == "access_denied"
    allowed = await world.form(browser, "/oauth/consent", next=asked, answer="allow")
    assert "code" in answered(await browser.get(allowed.header("location")))
    elsewhere = Asking(browser.door, {**browser.headers, "sec-fetch-site": "cross-site"})
    assert (await world.form(elsewhere, "/oauth/consent", next=asked, answer="allow")).status == 403


async def allow(world: World, browser: Asking, asked: str) -> dict[str, str]:
    """What the application is told after a question that was answered with yes."""
    page = await browser.get(asked)
    assert (page.status, b'value="allow"' in page.body) == (200, True)
    allowed = await world.form(browser, "/oauth/consent", next=asked, answer="allow")
    return answered(await browser.get(allowed.header("location")))


async def test_a_consent_is_remembered_for_what_it_was_given(world: World, browser: Asking) -> None:
    await world.application("wiki", display_name="Wiki")
    await world.application("other")
    asked = authorize_path(client_id="wiki", scope="openid email")
    assert "code" in await allow(world, browser, asked)
    for again in (asked, authorize_path(client_id="wiki", scope="openid"), f"{asked}&prompt=none"):
        assert "code" in answered(await browser.get(again)), "asked once"
    for more in ({"scope": "openid profile"}, {"client_id": "other"}, {"prompt": "consent"}):
        query = {"client_id": "wiki", "scope": "openid email", **more}
        assert (await browser.get(authorize_path(**query))).status == 200, more
    assert "code" in await allow(world, browser, authorize_path(client_id="wiki", scope="openid profile"))
    assert "code" in answered(await browser.get(authorize_path(client_id="wiki", scope="profile email")))
    await world.user("ben")
    assert (await (await world.browser("ben")).get(asked)).status == 200, "everybody is asked themselves"
    await world.running.admin.delete(OAUTH_CLIENT, "wiki")
    clients = world.deps.reads.of(OAUTH_CLIENT)
    assert await clients.wait_until(lambda: clients.get("wiki") is None, 10)
    await world.application("wiki")
    assert (await browser.get(asked)).status == 200, "another application of that name"


async def test_a_public_client_on_the_loopback_is_asked_about_each_time(world: World, browser: Asking) -> None:
    await world.application("native", redirect_uris=("http://127.0.0.1/back",))
    asked = authorize_path(client_id="native", redirect_uri="http://127.0.0.1:4711/back")
    assert "code" in await allow(world, browser, asked)
    assert "code" in await allow(world, browser, asked), "anybody may say that it were this one"


async def test_a_consent_is_taken_back(world: World, browser: Asking) -> None:
    await world.application("wiki", display_name="Wiki")
    asked = authorize_path(client_id="wiki", scope="openid email")
    got = (await world.redeem((await allow(world, browser, asked))["code"], client_id="wiki")).json
    (listed,) = (await browser.get("/platform/v1/me/consents")).json["items"]
    assert (listed["client"], listed["displayName"], listed["scopes"]) == ("wiki", "Wiki", ["openid", "email"])
    await world.user("ben")
    bens = await world.browser("ben")
    assert (await bens.get("/platform/v1/me/consents")).json["items"] == []
    assert (await bens.delete("/platform/v1/me/consents/wiki")).status == 404
    assert (await world.bearer(got["access_token"]).get("/oauth/userinfo")).status == 200
    assert (await browser.delete("/platform/v1/me/consents/wiki")).status == 204
    assert (await world.bearer(got["access_token"]).get("/oauth/userinfo")).status == 401, "what it opened has ended"
    assert (await browser.get(asked)).status == 200, "asked again"
    assert (await browser.get("/platform/v1/me/consents")).json["items"] == []
    assert (await browser.delete("/platform/v1/me/consents/wiki")).status == 404


async def test_an_applications_token_is_not_for_the_platform(world: World, browser: Asking) -> None:
    await world.application("stranger")
    asked = authorize_path(client_id="stranger")
    allowed = await world.form(browser, "/oauth/consent", next=asked, answer="allow")
    code = answered(await browser.get(allowed.header("location")))["code"]
    asking = world.bearer((await world.redeem(code, client_id="stranger")).json["access_token"])
    assert (await asking.get("/oauth/userinfo")).status == 200
    assert (await asking.get("/platform/v1/me")).json["reason"] == "ScopeMissing"


async def device(world: World) -> dict[str, Any]:
    answer = await world.form(world.nobody(), "/oauth/device_authorization", client_id="armillary-cli")
    assert answer.status == 200
    found: dict[str, Any] = answer.json
    return found


async def poll(world: World, code: str, client: str = "armillary-cli") -> dict[str, Any]:
    found: dict[str, Any] = (await world.token(grant_type=DEVICE, device_code=code, client_id=client)).json
    return found


async def test_a_device_is_let_in(world: World, browser: Asking) -> None:
    given = await device(world)
    assert (await poll(world, given["device_code"]))["error"] == "authorization_pending"
    typed = given["user_code"].lower().replace("-", "")
    page = await world.form(browser, "/oauth/device", user_code=typed)
    assert page.status == 200
    world.clock.ahead += timedelta(seconds=given["interval"])
    assert (await poll(world, given["device_code"]))["error"] == "authorization_pending", "asked before let in"
    await world.form(browser, "/oauth/device", user_code=typed, answer="allow")
    got = await poll(world, given["device_code"])
    assert (await world.bearer(got["access_token"]).get("/platform/v1/me")).json["name"] == "ann"
    assert (await poll(world, given["device_code"]))["error"] == "invalid_grant"


async def test_a_device_that_asks_too_often_is_told_to_slow_down(world: World, browser: Asking) -> None:
    given, other = await device(world), await device(world)

    async def told(seconds: float, code: str = given["device_code"]) -> str:
        world.clock.ahead += timedelta(seconds=seconds)
        found: str = (await poll(world, code))["error"]
        return found

    assert await told(0) == "authorization_pending"
    assert await told(given["interval"]) == "authorization_pending"
    assert await told(0) == "slow_down"
    assert await told(given["interval"]) == "slow_down", "5 seconds longer from then on"
    assert await told(given["interval"] + 10) == "authorization_pending", "and 5 more"
    assert await told(0, other["device_code"]) == "authorization_pending", "another device is another's business"
    await world.form(browser, "/oauth/device", user_code=given["user_code"], answer="allow")
    assert "access_token" in await poll(world, given["device_code"]), "who has been let in waits no longer"


async def test_a_device_is_refused(world: World, browser: Asking) -> None:
    given = await device(world)
    await world.form(browser, "/oauth/device", user_code=given["user_code"], answer="refuse")
    assert (await poll(world, given["device_code"]))["error"] in ("access_denied", "invalid_grant")


async def test_devices_that_may_not(world: World, browser: Asking) -> None:
    given = await device(world)
    assert (await poll(world, given["device_code"], "app"))["error"] == "invalid_grant"
    assert (await poll(world, "guess"))["error"] == "invalid_grant"
    assert (await poll(world, given["user_code"]))["error"] == "invalid_grant"
    assert (await world.form(browser, "/oauth/device", user_code="XXXX-XXXX", answer="allow")).status == 404
    world.clock.ahead = timedelta(minutes=11)
    assert (await poll(world, given["device_code"]))["error"] == "expired_token"


async def test_revocation_is_at_once(world: World, browser: Asking) -> None:
    got = (await world.redeem(await world.code(browser))).json
    await world.application("second")
    await world.form(world.nobody(), "/oauth/revoke", client_id="second", token=got["refresh_token"])
    assert (await world.bearer(got["access_token"]).get("/oauth/userinfo")).status == 200, "not theirs"
    answer = await world.form(world.nobody(), "/oauth/revoke", client_id="app", token=got["refresh_token"])
    assert answer.status == 200
    assert (await world.bearer(got["access_token"]).get("/oauth/userinfo")).status == 401
    assert (await world.form(world.nobody(), "/oauth/revoke", client_id="app", token="unknown")).status == 200


async def test_introspection_is_for_confidential_clients(world: World, browser: Asking) -> None:
    await world.application("web", secret="s3cret", trusted=True)
    code = await world.code(browser, client_id="web")
    got = (await world.redeem(code, client_id="web", client_secret="s3cret")).json
    shown = {"client_id": "web", "client_secret": "s3cret"}
    found = await world.form(world.nobody(), "/oauth/introspect", token=got["access_token"], **shown)
    assert (found.json["active"], found.json["sub"]) == (True, "ann")
    for token in ("junk", "", "arm_x"):
        dead = await world.form(world.nobody(), "/oauth/introspect", token=token, **shown)
        assert dead.json == {"active": False}
    refused = await world.form(world.nobody(), "/oauth/introspect", token=got["access_token"], client_id="app")
    assert refused.json["error"] == "invalid_client"


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/a\r\nb"],
)
async def test_open_redirect_by_next(world: World, onward: str) -> None:
    await world.user("ann")
    answer = await world.form(world.nobody(), "/oauth/login", name="ann", password=PASSWORD, next=onward)
    assert (answer.status, answer.header("location")) == (303, "/")


async def test_the_sign_in_page(world: World) -> None:
    await world.user("ann", must_change=True)
    for tag, word in (("zh-CN,zh;q=0.9,en;q=0.8", "登录"), ("en-GB", "Sign in"), ("", "Sign in")):
        page = await world.nobody().get("/oauth/login?next=/console", headers={"accept-language": tag})
        assert word in page.body.decode()
        assert "default-src 'none'" in page.header("content-security-policy")
        assert b"<script" not in page.body
        assert b"style=" not in page.body
    page = await world.nobody().get("/oauth/login?next=%22%3E%3Cscript%3E")
    assert b"<script" not in page.body
    wrong = await world.form(world.nobody(), "/oauth/login", name="<b>", password="x", next="/")
    assert wrong.status == 401
    assert b"<b>" not in wrong.body
    first = await world.form(world.nobody(), "/oauth/login", name="ann", password=PASSWORD, next="/console")
    cookie = first.header("set-cookie").partition(";")[0]
    at_page = Asking(world.running.platform.door, {"cookie": cookie, "sec-fetch-site": "same-origin"})
    mine = {"password": "another fine phrase", "next": "/console"}
    assert (await world.form(at_page, "/oauth/password", again="other", **mine)).status == 422
    changed = await world.form(at_page, "/oauth/password", again=mine["password"], **mine)
    assert changed.header("location") == "/console"
    assert (await at_page.get("/platform/v1/me")).json["mustChangePassword"] is False


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("https://app.example/back", "'self' https://app.example"),
        ("http://127.0.0.1:4711/back", "'self' http://127.0.0.1:4711"),
        ("http://[::1]:4711/back", "'self' http:"),
        ("https://evil.example/back", "'self'"),
    ],
)
async def test_forms_lead_here_and_to_the_application_that_asks(world: World, uri: str, target: str) -> None:
    """Whatever gets into a page can't have a password sent elsewhere; the way to the application stays open."""
    uris = ("https://app.example/back", "http://127.0.0.1/back", "http://[::1]/back")
    await world.application("native", redirect_uris=uris)
    await world.user("ann", must_change=True)
    onward = authorize_path(client_id="native", redirect_uri=uri)
    wrong = await world.form(world.nobody(), "/oauth/login", name="ann", password="x", next=onward)
    right = await world.form(world.nobody(), "/oauth/login", name="ann", password=PASSWORD, next=onward)
    page = await world.nobody().get(f"/oauth/login?{urlencode({'next': onward})}")
    for answer in (page, wrong, right):
        policy = answer.header("content-security-policy").split("; ")
        assert f"form-action {target}" in policy
    assert "form-action 'self'" in (await world.nobody().get("/oauth/login")).header("content-security-policy")


async def test_signing_out_ends_the_browsers_session(world: World, browser: Asking) -> None:
    got = (await world.redeem(await world.code(browser))).json
    plain = await browser.get("/oauth/logout")
    assert plain.status == 200
    assert (await browser.get("/platform/v1/me")).status == 200, "asked first: a link must not sign anybody out"
    hinted = f"/oauth/logout?id_token_hint={got['id_token']}&post_logout_redirect_uri="
    away = await browser.get(f"{hinted}https://evil.example&client_id=app")
    assert not away.header("location")
    assert (await browser.get("/platform/v1/me")).status == 401


async def test_a_verifier_is_checked_by_its_hash() -> None:
    assert is_proven(VERIFIER, CHALLENGE)
    # RFC 7636, appendix B
    assert is_proven("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")


STEPS = st.lists(st.sampled_from(["refresh", "stolen", "code"]), min_size=1, max_size=5)


@given(steps=STEPS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_shown_twice_ends_the_session_for_both(tmp_path_factory: Any, steps: list[str]) -> None:
    """In any order: the newest refresh token works, until one secret is shown that was used before."""

    async def story() -> None:
        async with opened(tmp_path_factory.mktemp("p"), running_platform) as world:
            await world.user("ann")
            await world.application(trusted=True)
            code = await world.code(await world.browser("ann"))
            got = (await world.redeem(code)).json
            spent: list[str] = []
            lives = True
            for step in steps:
                world.clock.ahead += timedelta(seconds=20)  # no race
                if step == "refresh":
                    answer = await world.token(grant_type="refresh_token", refresh_token=got["refresh_token"])
                    assert (answer.status == 200) is lives
                    if lives:
                        spent.append(got["refresh_token"])
                        got = answer.json
                elif step == "code" or spent:
                    shown = {"grant_type": "refresh_token", "refresh_token": spent[0]} if step == "stolen" else {}
                    answer = await world.token(**shown) if shown else await world.redeem(code)
                    assert answer.json["error"] == "invalid_grant"
                    lives = False
                alive = (await world.bearer(got["access_token"]).get("/oauth/userinfo")).status == 200
                assert alive is lives

    asyncio.run(story())
