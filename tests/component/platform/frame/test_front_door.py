"""The front door in front of a whole cluster: who comes in, what is refused and in which words."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct
from tests.harness.platform import ORIGIN, Running, running_platform

from armillary.base.words import Words
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    RoleRef,
    Subject,
)
from armillary.platform.capabilities.tenancy.kinds import KINDS
from armillary.platform.frame.capability import FORM, Call, Capability, Needs, Open, Reply, Route
from armillary.platform.frame.parts import Parts


class Thing(Struct):
    name: str
    size: Annotated[int, Meta(ge=1)] = 1


class Filter(Struct, forbid_unknown_fields=True):
    limit: int = 10
    label: tuple[str, ...] = ()


@dataclass
class Deps:
    parts: Parts


async def echo(call: Call, deps: Deps) -> Any:
    return {"user": call.caller.user if call.caller else "", "path": dict(call.path), "body": call.body}


async def listed(call: Call, deps: Deps) -> Any:
    return {"limit": call.query.limit, "label": call.query.label}


async def redirect(call: Call, deps: Deps) -> Reply:
    return Reply(status=303, headers=(("location", "/console"), ("set-cookie", "a=b")))


async def nothing(call: Call, deps: Deps) -> None:
    return None


async def fails(call: Call, deps: Deps) -> None:
    raise KeyError("secret")


def needs(verb: str, name: str = "") -> Needs:
    return Needs(verb, "tenancy.armillary.io", "workspaces", name=name)


ROUTES: tuple[Route[Deps], ...] = (
    Route("GET", "/things/{name}", echo, needs("get", "{name}"), "One.", returns=dict[str, Any]),
    Route("DELETE", "/things/{name}", nothing, needs("delete", "{name}"), "Delete."),
    Route("GET", "/things", listed, needs("list"), "All.", returns=dict[str, Any], query=Filter),
    Route("POST", "/mine", echo, Open.SIGNED_IN, "Mine.", returns=dict[str, Any], body=Thing, status=201),
    Route("GET", "/mine", echo, Open.SIGNED_IN, "Mine.", returns=dict[str, Any]),
    Route("PUT", "/password", nothing, Open.SIGNED_IN, "Mine.", before_password_change=True),
    Route("GET", "//userinfo", echo, Open.SIGNED_IN, "Me.", returns=dict[str, Any], scope="openid"),
    Route("POST", "//oauth/form", echo, Open.ANYBODY, "Form.", returns=dict[str, Any], body=FORM),
    Route("GET", "//oauth/go", redirect, Open.ANYBODY, "Go."),
    Route("GET", "/fails", fails, Open.SIGNED_IN, "Fails."),
)
TRIED = Capability("tried", Words("Tried.", "试。"), connect=Deps, kinds=KINDS, routes=ROUTES)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with running_platform(tmp_path, TRIED) as found:
        yield found


async def let(running: Running, user: str, *verbs: str) -> None:
    rule = PolicyRule(verbs=verbs, api_groups=("tenancy.armillary.io",), resources=("workspaces",))
    await running.admin.create(CLUSTER_ROLE, ClusterRole(metadata=ObjectMeta(name=user), rules=(rule,)))
    ref = RoleRef(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=user)
    who = Subject(api_group="rbac.authorization.k8s.io", kind="User", name=f"armillary:{user}")
    binding = ClusterRoleBinding(metadata=ObjectMeta(name=user), role_ref=ref, subjects=(who,))
    await running.admin.create(CLUSTER_ROLE_BINDING, binding)


async def test_the_clusters_rbac_decides(running: Running) -> None:
    await let(running, "ann", "get", "list")
    ann, bob = running.as_user("ann"), running.as_user("bob")
    assert (await ann.get("/platform/v1/things/a")).json["path"] == {"name": "a"}
    assert (await ann.delete("/platform/v1/things/a")).status == 403
    assert (await bob.get("/platform/v1/things")).status == 403
    hidden = await bob.get("/platform/v1/things/a")
    assert (hidden.status, hidden.json["message"]) == (404, 'workspaces.tenancy.armillary.io "a" not found')


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_unauthenticated_access_to_every_route(running: Running, route: Route[Deps]) -> None:
    path = route.path[1:] if route.path.startswith("//") else f"/platform/v1{route.path}"
    answer = await running.nobody()(route.method, path.format(name="a"))
    if route.needs is Open.ANYBODY:
        assert answer.status < 400
    else:
        assert (answer.status, answer.json["reason"]) == (401, "Unauthorized")
        assert answer.header("www-authenticate") == 'Bearer realm="armillary"'


async def test_invalid_tokens_are_told(running: Running) -> None:
    answer = await running.as_user("invalid").get("/platform/v1/mine")
    assert answer.header("www-authenticate") == 'Bearer realm="armillary", error="invalid_token"'
    assert (await running.as_user("invalid").get("/oauth/go")).status == 303  # one can sign in anew


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/platform/v1/things?limit=5&label=a&label=b", 200, ""),
        ("/platform/v1/things?limit=x", 400, "limit"),
        ("/platform/v1/things?limit=1&limit=2", 400, "limit"),
        ("/platform/v1/things?other=1", 400, "other"),
        ("/platform/v1/things/..", 400, ""),
        ("/platform/v1/things/%2e%2e", 400, ""),
        ("/platform/v1/things/a%2Fb", 400, ""),
        ("/platform/v1/things/", 404, ""),
        ("/platform/v1//things", 404, ""),
        ("/platform/v1/unknown", 404, ""),
    ],
)
async def test_reads(running: Running, path: str, status: int, field: str) -> None:
    await let(running, "ann", "get", "list")
    answer = await running.as_user("ann").get(path)
    assert answer.status == status
    if field:
        assert answer.json["details"]["causes"][0]["field"] == field


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"name": "a"}, 201, ""),
        ({"name": 1}, 422, "name: invalid value 1: expected `str`, got `int`"),
        ({"name": "a", "size": 0}, 422, "size: invalid value 0: expected `int` >= 1"),
        ({}, 422, "name: required value"),
        (b"{", 415, "the body must be application/json, not of no type"),
    ],
)
async def test_bodies(running: Running, body: Any, status: int, message: str) -> None:
    answer = await running.as_user("ann").post("/platform/v1/mine", body)
    assert (answer.status, answer.json.get("message", "")) == (status, message)


async def test_a_body_has_a_limit(running: Running) -> None:
    answer = await running.as_user("ann").post("/platform/v1/mine", {"name": "a" * (1 << 20)})
    assert (answer.status, answer.json["reason"]) == (413, "RequestEntityTooLarge")


async def test_forms(running: Running) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await running.nobody().post("/oauth/form", b"a=1&b=x+y", headers=headers)
    assert answer.json["body"] == {"a": "1", "b": "x y"}
    assert (await running.nobody().post("/oauth/form", b"a=1&a=2", headers=headers)).status == 400


async def test_other_methods(running: Running) -> None:
    ann = running.as_user("ann")
    assert (await ann("OPTIONS", "/platform/v1/mine")).header("allow") == "GET, HEAD, OPTIONS, POST"
    refused = await ann("PATCH", "/platform/v1/mine")
    assert (refused.status, refused.header("allow")) == (405, "GET, HEAD, OPTIONS, POST")
    head = await ann("HEAD", "/platform/v1/mine")
    assert (head.status, head.body) == (200, b"")
    assert (await ann.put("/platform/v1/password")).status == 204


async def test_a_bug_tells_nothing(running: Running) -> None:
    answer = await running.as_user("ann").get("/platform/v1/fails")
    assert answer.status == 500
    assert "secret" not in answer.body.decode()
    assert answer.header("x-request-id") in answer.json["message"]


async def test_who_must_change_their_password_does_that_first(running: Running) -> None:
    ann = running.as_user("ann", must_change_password=True)
    assert (await ann.get("/platform/v1/mine")).json["reason"] == "PasswordChangeRequired"
    assert (await ann.put("/platform/v1/password")).status == 204


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("all", "POST", "/platform/v1/mine", 201),
        ("platform", "POST", "/platform/v1/mine", 201),
        ("read", "POST", "/platform/v1/mine", 403),
        ("read", "GET", "/platform/v1/mine", 200),
        ("kubernetes", "GET", "/platform/v1/mine", 403),
        ("openid", "GET", "/platform/v1/mine", 403),
        ("openid", "GET", "/userinfo", 200),
        ("kubernetes", "GET", "/userinfo", 403),
    ],
)
async def test_scopes_of_tokens(running: Running, scope: str, method: str, path: str, status: int) -> None:
    ann = running.as_user("ann", scopes=frozenset({scope}))
    assert (await ann(method, path, {"name": "a"})).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"origin": ORIGIN}, 201),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"sec-fetch-site": "cross-site", "origin": ORIGIN}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://evil.example", "authorization": "Basic YTpi"}, 403),
    ],
)
async def test_cookies_are_for_our_own_pages(running: Running, headers: dict[str, str], status: int) -> None:
    sent = {"cookie": "x=1; user=ann", **headers}
    assert (await running.nobody().post("/platform/v1/mine", {"name": "a"}, headers=sent)).status == status


async def test_every_answer_is_guarded(running: Running) -> None:
    for answer in (await running.nobody().get("/nowhere"), await running.as_user("ann").get("/platform/v1/mine")):
        assert answer.header("content-security-policy") == "default-src 'none'; frame-ancestors 'none'"
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("strict-transport-security")
        assert answer.header("referrer-policy") == "same-origin"
        assert answer.header("cache-control") == "no-store"


async def test_a_request_keeps_its_id(running: Running) -> None:
    asked = running.as_user("ann")
    assert (await asked.get("/x", headers={"x-request-id": "abc-12345"})).header("x-request-id") == "abc-12345"
    assert len((await asked.get("/x", headers={"x-request-id": "a b\n"})).header("x-request-id")) == 16
