"""What is shown with a request: forged, ended, lent and narrowed tokens; named after the classes of known faults."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from tests.component.platform.identity.conftest import PASSWORD, World
from tests.harness.platform import ORIGIN, Asking

from armillary.kube.kinds.core import SECRET
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import PolicyRule
from armillary.platform.capabilities.access.kinds import DEPARTMENT, Department, DepartmentSpec
from armillary.platform.capabilities.identity.kinds import ACCESS_TOKEN, SESSION, USER
from armillary.platform.capabilities.identity.ports import Offer, Vouched
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE, Workspace
from armillary.platform.frame.caller import Caller

ME = "/platform/v1/me"
IAM = "iam.armillary.io"


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


async def test_forged_tokens(world: World) -> None:
    await world.user("ann")
    _, said = await world.signed_in("ann")
    real = said["accessToken"]
    claims, head = claims_of(real), real.split(".")[0]
    kid = json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]
    public = (await world.nobody().get("/oauth/keys")).json["keys"][0]
    pem = RSAKey.import_key(public).as_pem(private=False)
    other = RSAKey.generate_key(2048)
    sign = world.deps.keys.sign
    forged = {
        "alg none": f"{encoded({'alg': 'none', 'kid': kid})}.{encoded(claims)}.",
        "no signature": ".".join(real.split(".")[:2]) + ".",
        "another key": jwt.encode({"alg": "RS256", "kid": kid}, claims, other, algorithms=["RS256"]),
        "no key named": jwt.encode({"alg": "RS256"}, claims, other, algorithms=["RS256"]),
        "HS256 by the public key": _hs256(kid, claims, pem),
        "changed claims": f"{head}.{encoded(claims | {'sid': 'session-x'})}.{real.split('.')[2]}",
        "another audience": await sign(claims | {"aud": "app"}, "at+jwt"),
        "another issuer": await sign(claims | {"iss": "https://evil.example"}, "at+jwt"),
        "expired": await sign(claims | {"exp": 1}, "at+jwt"),
        "never expires": await sign({k: v for k, v in claims.items() if k != "exp"}, "at+jwt"),
        "no session": await sign({k: v for k, v in claims.items() if k != "sid"}, "at+jwt"),
        "a session there is not": await sign(claims | {"sid": "session-none"}, "at+jwt"),
        "a session's path": await sign(claims | {"sid": "../users/ann"}, "at+jwt"),
        "not a token": "x",
        "empty": "",
        "not base64": "ä.ö.ü",
        "unknown access token": "arm_unknown",
    }
    for what, token in forged.items():
        asking = Asking(world.running.platform.door, {"authorization": f"Bearer {token}"})
        assert (await asking.get(ME)).status == 401, what
    assert (await world.bearer(real).get(ME)).status == 200


def _hs256(kid: str, claims: dict[str, Any], pem: bytes) -> str:
    text = f"{encoded({'alg': 'HS256', 'kid': kid})}.{encoded(claims)}"
    mac = hmac.new(pem, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


async def test_an_id_token_is_no_access_token(world: World) -> None:
    await world.user("ann")
    await world.application(trusted=True)
    got = (await world.redeem(await world.code(await world.browser("ann")))).json
    assert (await world.bearer(got["id_token"]).get(ME)).status == 401
    assert (await world.bearer(got["refresh_token"]).get(ME)).status == 401


async def test_session_not_revoked(world: World) -> None:
    """Ended sessions are refused with the very next request, and what they have open ends."""
    await world.user("ann")
    here, _ = await world.signed_in("ann")
    there, said = await world.signed_in("ann")
    name = claims_of(said["accessToken"])["sid"]
    ended = asyncio.Event()
    with world.running.parts.streams.opened(Caller("ann", session=name), ended.set):
        assert (await here.delete(f"{ME}/sessions/{name}")).status == 204
        assert ended.is_set()
    assert (await there.get(ME)).status == 401
    refreshed = await world.token(
        grant_type="refresh_token", refresh_token=said["refreshToken"], client_id="armillary-cli"
    )
    assert refreshed.json["error"] == "invalid_grant"
    assert (await here.get(ME)).status == 200


async def test_signing_out_ends_the_session(world: World) -> None:
    await world.user("ann")
    asking, _ = await world.signed_in("ann")
    assert (await asking.post("/platform/v1/logout")).status == 204
    assert (await asking.get(ME)).status == 401


async def test_disabling_ends_everything_at_once_for_good(world: World) -> None:
    await world.user("ann")
    asking, _ = await world.signed_in("ann")
    token = (await asking.post(f"{ME}/tokens", {"displayName": "ci"})).json["token"]
    admin, ended = await world.admin_token(), asyncio.Event()
    with world.running.parts.streams.opened(Caller("ann", session="any"), ended.set):
        assert (await admin.patch("/platform/v1/users/ann", {"disabled": True})).status == 200
        assert ended.is_set()
    assert (await asking.get(ME)).status == 401
    assert (await world.bearer(token).get(ME)).status == 401
    assert (await admin.patch("/platform/v1/users/ann", {"disabled": False})).status == 200
    assert (await asking.get(ME)).status == 401
    assert (await world.bearer(token).get(ME)).status == 401
    assert (await world.login("ann", PASSWORD)).status == 200


async def test_a_name_used_again_inherits_nothing(world: World) -> None:
    await world.user("ann")
    asking, _ = await world.signed_in("ann")
    await world.running.admin.delete(USER, "ann")
    await world.settled(lambda: world.deps.reads.get(USER, "ann") is None)
    await world.user("ann")
    assert (await asking.get(ME)).status == 401


async def test_sessions_run_out_and_idle_cookies_sooner(world: World) -> None:
    await world.user("ann")
    browser = await world.browser("ann")
    asking, said = await world.signed_in("ann")
    world.clock.ahead = timedelta(minutes=11)
    assert (await asking.get(ME)).status == 401, "an access token lasts ten minutes"
    world.clock.ahead = timedelta(hours=13)
    assert (await browser.get(ME)).status == 401
    world.clock.ahead = timedelta(days=8)
    again = await world.token(grant_type="refresh_token", refresh_token=said["refreshToken"], client_id="armillary-cli")
    assert again.json["error"] == "invalid_grant"


async def test_a_replica_that_has_not_seen_the_session_yet(world: World) -> None:
    await world.user("ann")
    _, said = await world.signed_in("ann")
    cache = world.deps.reads.of(SESSION)
    cache._items.pop(("", claims_of(said["accessToken"])["sid"]))  # as another replica's is for a moment
    assert (await world.bearer(said["accessToken"]).get(ME)).status == 200


async def test_access_tokens_are_made_shown_once_and_revoked(world: World) -> None:
    await world.user("ann")
    asking, _ = await world.signed_in("ann")
    made = await asking.post(f"{ME}/tokens", {"displayName": "ci", "scopes": ["read"], "days": 1})
    assert made.status == 201
    token = made.json["token"]
    assert token.startswith("arm_")
    listed = await asking.get(f"{ME}/tokens")
    assert token not in listed.body.decode()
    mine = world.bearer(token)
    assert (await mine.get(ME)).json["scopes"] == ["read"]
    assert (await mine.patch(ME, {"phone": "1"})).json["reason"] == "ScopeMissing"
    assert (await mine.post(f"{ME}/tokens", {"scopes": ["all"]})).status == 403
    await world.user("eve")
    eve, _ = await world.signed_in("eve")
    name = made.json["name"]
    assert (await eve.delete(f"{ME}/tokens/{name}")).status == 404
    assert (await asking.delete(f"{ME}/tokens/{name}")).status == 204
    assert (await mine.get(ME)).status == 401


async def test_access_tokens_expire(world: World) -> None:
    await world.user("ann")
    asking, _ = await world.signed_in("ann")
    token = (await asking.post(f"{ME}/tokens", {"days": 1})).json["token"]
    world.clock.ahead = timedelta(hours=25)
    assert (await world.bearer(token).get(ME)).status == 401


async def test_a_token_makes_none_that_may_more(world: World) -> None:
    await world.user("ann")
    asking, _ = await world.signed_in("ann")
    platform = (await asking.post(f"{ME}/tokens", {"scopes": ["platform"]})).json["token"]
    for scopes in (["all"], ["kubernetes"], ["platform", "kubernetes"], ["read"]):
        assert (await world.bearer(platform).post(f"{ME}/tokens", {"scopes": scopes})).status == 403, scopes
    assert (await world.bearer(platform).post(f"{ME}/credential")).status == 403
    assert (await world.bearer(platform).post(f"{ME}/kubeconfig", {"scopes": ["kubernetes"]})).status == 403
    assert (await asking.post(f"{ME}/tokens", {"scopes": ["everything"]})).status == 422


async def test_the_last_use_is_noted_to_a_minute(world: World) -> None:
    await world.user("ann")
    asking, said = await world.signed_in("ann")
    token = (await asking.post(f"{ME}/tokens", {})).json
    await world.bearer(token["token"]).get(ME)
    world.clock.ahead = timedelta(minutes=2)
    await world.bearer(token["token"]).get(ME)
    cache = world.deps.reads.of(ACCESS_TOKEN)
    assert await cache.wait_until(lambda: bool(cache.get(token["name"]).spec.seen), 5)  # type: ignore[union-attr]
    assert said["user"] == "ann"


async def test_kubeconfigs(world: World) -> None:
    await world.user("ann")
    asking, _ = await world.signed_in("ann")
    plain = (await asking.get(f"{ME}/kubeconfig")).body.decode()
    assert f"{ORIGIN}/clusters/host" in plain
    assert "credential" in plain
    assert "certificate-authority-data" in plain
    assert "token:" not in plain
    assert (await asking.get(f"{ME}/kubeconfig?cluster=other")).status == 404
    given = (await asking.post(f"{ME}/credential")).json["token"]
    lent = world.bearer(given)
    assert (await lent.get(ME)).json["reason"] == "ScopeMissing", "for clusters alone"
    assert claims_of(given)["scope"] == "kubernetes"
    whole = await asking.post(f"{ME}/kubeconfig", {"scopes": ["kubernetes"], "displayName": "ci"})
    assert "arm_" in whole.body.decode()
    assert (await asking.post(f"{ME}/kubeconfig", {"scopes": ["all"]})).status == 400


async def test_unauthenticated_kubeconfig(world: World) -> None:
    for method, path in (("GET", f"{ME}/kubeconfig"), ("POST", f"{ME}/kubeconfig"), ("POST", f"{ME}/credential")):
        assert (await world.nobody()(method, path)).status == 401


async def test_credentials_in_answers(world: World) -> None:
    """No hash, and no secret but where it is made."""
    await world.user("ann")
    asking, said = await world.signed_in("ann")
    browser = await world.browser("ann")
    await asking.post(f"{ME}/tokens", {"displayName": "ci"})
    admin = await world.admin_token()
    hashes = [h for s in world.deps.reads.list(SESSION) for h in (s.spec.cookie_hash, s.spec.refresh_hash) if h]
    hashes += [t.spec.hash for t in world.deps.reads.list(ACCESS_TOKEN)]
    hashes += [said["refreshToken"], browser.headers["cookie"].partition("=")[2], "argon2"]
    paths = ("/me", "/me/sessions", "/me/tokens")
    bodies = [(await asking.get(f"/platform/v1{path}")).body.decode() for path in paths]
    others = ("/users", "/users/ann", "/users/ann/sessions", "/users/ann/tokens")
    bodies += [(await admin.get(f"/platform/v1{path}")).body.decode() for path in others]
    assert all(len(body) > 20 for body in bodies)
    assert not [secret for secret in hashes for body in bodies if secret in body]
    kept = await world.running.admin.list(SECRET, "armillary-system")
    assert PASSWORD not in repr(kept)


IDOR = [
    ("GET", "/platform/v1/users", None),
    ("GET", "/platform/v1/users/ann", None),
    ("GET", "/platform/v1/users/nobody", None),
    ("GET", "/platform/v1/users/ann/sessions", None),
    ("GET", "/platform/v1/users/ann/tokens", None),
    ("GET", "/platform/v1/users/lookup?name=ann", None),
    ("GET", "/platform/v1/users/lookup?name=nobody", None),
    ("POST", "/platform/v1/users", {"name": "new"}),
    ("PATCH", "/platform/v1/users/ann", {"disabled": True}),
    ("DELETE", "/platform/v1/users/ann", None),
    ("PUT", "/platform/v1/users/ann/password", {}),
    ("DELETE", "/platform/v1/users/ann/sessions", None),
    ("POST", "/platform/v1/oauthclients/app/secret", None),
]


@pytest.mark.parametrize(("method", "path", "body"), IDOR, ids=lambda value: str(value))
async def test_idor_on_others_accounts(world: World, method: str, path: str, body: Any) -> None:
    await world.user("ann")
    await world.user("eve")
    await world.signed_in("ann")
    eve, _ = await world.signed_in("eve")
    answer = await eve(method, path, body)
    assert answer.status in (403, 404)
    gone = await eve(method, path.replace("ann", "nobody"), body)
    assert answer.body.replace(b"ann", b"nobody") == gone.body.replace(b"ann", b"nobody"), "tells who exists"
    assert (await world.login("ann", PASSWORD)).status == 200


async def test_others_sessions_are_not_there(world: World) -> None:
    await world.user("ann")
    await world.user("eve")
    ann, said = await world.signed_in("ann")
    eve, _ = await world.signed_in("eve")
    name = claims_of(said["accessToken"])["sid"]
    assert (await eve.delete(f"{ME}/sessions/{name}")).status == 404
    assert (await ann.get(ME)).status == 200


async def manager(world: World) -> Asking:
    """Somebody who manages users and nothing else."""
    await world.user("max")
    resources = ("users", "users/password", "users/sessions", "users/tokens")
    await world.let("max", PolicyRule(verbs=("*",), api_groups=(IAM,), resources=resources))
    return (await world.signed_in("max"))[0]


async def test_an_administrator_manages_users(world: World) -> None:
    max_ = await manager(world)
    made = await max_.post("/platform/v1/users", {"name": "ann", "email": "ann@example.org"})
    assert made.status == 201
    ann, said = await world.signed_in("ann", made.json["password"])
    assert said["mustChangePassword"] is True
    assert (await max_.post("/platform/v1/users", {"name": "bob", "email": "ANN@example.org"})).status == 422
    assert (await max_.post("/platform/v1/users", {"name": "Bob.X"})).status == 422
    again = await max_.put("/platform/v1/users/ann/password", {})
    assert (await ann.get(ME)).status == 401
    assert (await world.login("ann", made.json["password"])).status == 401
    assert (await world.login("ann", again.json["password"])).status == 200
    assert [u["name"] for u in (await max_.get("/platform/v1/users?search=ann@")).json["items"]] == ["ann"]
    assert (await max_.delete("/platform/v1/users/ann")).status == 204
    assert (await world.login("ann", again.json["password"])).status == 401


async def test_escalation_by_a_password_reset(world: World) -> None:
    """Who may reset passwords must not become a platform administrator that way."""
    root, max_ = await world.admin_token(), await manager(world)
    for method, path, body in (
        ("PUT", "/platform/v1/users/root/password", {}),
        ("PATCH", "/platform/v1/users/root", {"email": "max@example.org"}),
        ("PATCH", "/platform/v1/users/root", {"disabled": True}),
        ("DELETE", "/platform/v1/users/root", None),
    ):
        assert (await max_(method, path, body)).status == 403, path
    assert (await root.get(ME)).status == 200
    assert (await root.put("/platform/v1/users/max/password", {})).status == 200


async def test_groups_are_the_providers_and_the_departments(world: World) -> None:
    await world.user("ann", groups=("staff", "team-b:admins"))
    admin = world.running.admin
    made = await admin.create(WORKSPACE, Workspace(metadata=ObjectMeta(name="team-a")))
    await admin.patch(
        WORKSPACE, made.metadata.name, "", {"status": {"namespace": "workspace-team-a"}}, subresource="status"
    )
    for namespace in ("workspace-team-a", "team-b-web"):
        path = f"/api/v1/namespaces/{namespace}"
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        await admin.call("POST", path.rpartition("/")[0], body=json.dumps(manifest).encode())

    async def department(name: str, namespace: str, parent: str = "", *members: str) -> None:
        spec = DepartmentSpec(parent=parent, members=members)
        item = Department(metadata=ObjectMeta(name=name, namespace=namespace), spec=spec)
        written = await admin.create(DEPARTMENT, item, namespace)
        await world.deps.reads.of(DEPARTMENT).wait_revision(written.metadata.resource_version)

    await department("all", "workspace-team-a", "dev")
    await department("dev", "workspace-team-a", "all")
    await department("web", "workspace-team-a", "dev", "ann")
    await department("admins", "team-b-web", "", "ann")  # a tenant's own namespace is no workspace
    asking, _ = await world.signed_in("ann")
    groups = (await asking.get(ME)).json["groups"]
    assert groups == ["staff", "team-a:all", "team-a:dev", "team-a:web"]


async def test_whom_providers_vouch_for(world: World) -> None:
    world.elsewhere.offered = [Offer("ldap", "LDAP", "ldap", True, False), Offer("sso", "SSO", "oidc", False, True)]
    world.elsewhere.people = {
        "carl": Vouched("ldap", "uid=carl", "Carl.X", groups=("staff", "x:y")),
        "bob": Vouched("ldap", "uid=bob", "bob"),
        "ann-code": Vouched("sso", "1", "ann", "ann@example.org", True),
        "eve-code": Vouched("sso", "2", "eve", "eve@example.org", True),
        "claimed": Vouched("sso", "3", "x", "bob@example.org", False),
    }
    await world.user("ann", email="ann@example.org")
    await world.user("bob", email="bob@example.org")
    carl, said = await world.signed_in("carl")
    assert said["user"] == "carl-x"
    assert (await carl.get(ME)).json["groups"] == ["staff"]
    assert (await world.signed_in("carl"))[1]["user"] == "carl-x"

    async def by_sso(code: str) -> Any:
        going = await world.nobody().get("/oauth/providers/sso?next=/console")
        cookie = going.header("set-cookie").partition(";")[0]
        browser = Asking(world.running.platform.door, {"cookie": cookie})
        stolen = await browser.get(f"/oauth/callback/sso?code={code}&state=other")
        assert stolen.status == 401
        assert (await world.nobody().get(f"/oauth/callback/sso?code={code}&state=st")).status == 401
        return await browser.get(f"/oauth/callback/sso?code={code}&state=st")

    came = await by_sso("ann-code")
    assert (came.status, came.header("location")) == (303, "/console")
    assert (await world.fresh("ann")).spec.identities[0].subject == "1"
    assert (await by_sso("eve-code")).status == 403
    assert (await by_sso("claimed")).status == 403
