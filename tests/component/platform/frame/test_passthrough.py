"""A cluster's own API through the front door: as the caller, and nothing that the caller sends can change that."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.harness.platform import Running, listening_platform, running_platform

from armillary.base.serving.client import Endpoint, Pool
from armillary.kube.client import Client
from armillary.kube.kinds.core import CONFIG_MAP, SERVICE_ACCOUNT, ConfigMap, ServiceAccount
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    ROLE_BINDING,
    RoleBinding,
    RoleRef,
    Subject,
)
from armillary.kube.transport.http import Http
from armillary.platform.frame.clusters import Link
from armillary.platform.frame.passthrough import Upstream

API = "/clusters/host/api/v1"
MAPS = f"{API}/namespaces/default/configmaps"
RBAC = "rbac.authorization.k8s.io"


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with running_platform(tmp_path) as found:
        await let(found, "ann", "edit")
        yield found


async def let(running: Running, user: str, role: str) -> None:
    """A cluster role in the namespace `default`."""
    who = Subject(api_group=RBAC, kind="User", name=f"armillary:{user}")
    ref = RoleRef(api_group=RBAC, kind="ClusterRole", name=role)
    binding = RoleBinding(metadata=ObjectMeta(name=f"{user}-{role}"), role_ref=ref, subjects=(who,))
    await running.admin.create(ROLE_BINDING, binding, "default")


def a_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


async def test_a_request_goes_on_as_the_caller(running: Running) -> None:
    made = await running.as_user("ann").post(MAPS, a_map("one", a="1"))
    assert (made.status, made.json["data"]) == (201, {"a": "1"})
    assert (await running.as_user("bob").get(f"{MAPS}/one")).json["reason"] == "Forbidden"
    who = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    path = "/clusters/host/apis/authentication.k8s.io/v1/selfsubjectreviews"
    told = (await running.as_user("bob", "team").post(path, who)).json["status"]["userInfo"]
    assert (told["username"], told["groups"]) == ("armillary:bob", ["armillary:team", "system:authenticated"])


@pytest.mark.parametrize(
    "headers",
    [
        {"x-remote-user": "admin", "x-remote-group": "system:masters"},
        {"connection": "close, impersonate-user, authorization"},
        {"x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1"},
    ],
)
async def test_confused_headers(running: Running, headers: dict[str, str]) -> None:
    who = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    path = "/clusters/host/apis/authentication.k8s.io/v1/selfsubjectreviews"
    told = (await running.as_user("bob").post(path, who, headers=headers)).json["status"]["userInfo"]
    assert (told["username"], told["groups"]) == ("armillary:bob", ["system:authenticated"])


@pytest.mark.parametrize(
    "rest",
    [
        "api/v1/namespaces/default/../kube-system/secrets",
        "api/v1/namespaces/default/%2e%2e/kube-system/secrets",
        "api/v1/namespaces/default/.%2E/kube-system/secrets",
        "api/v1/namespaces/default/%252e%252e/kube-system/secrets",
        "api/v1/namespaces/default%2f..%2fkube-system/secrets",
        "api/v1/namespaces//secrets",
        "api//v1/pods",
        "api/v1/namespaces/default\\..\\x",
        "api/v1/pods%00",
        "api/v1/pods%0d%0aX-Remote-User:admin",
        "api/v1/./pods",
    ],
)
async def test_path_traversal(running: Running, rest: str) -> None:
    answer = await running.as_user("ann").get(f"/clusters/host/{rest}")
    assert (answer.status, answer.json["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize(
    "path",
    ["/clusters/none/api", "/clusters/host/debug/pprof", "/clusters/host", "/clusters/", "/clusters/host/",
     "/clusters/a.example:443/api", "/clusters/HOST/api", "/clusters/host%2F..%2F/api"],
)  # fmt: skip
async def test_proxy_ssrf_only_known_clusters_are_reached(running: Running, path: str) -> None:
    assert (await running.as_user("ann").get(path)).status == 404


@pytest.mark.parametrize("rest", ["api", "apis", "version", "openapi/v3", "healthz", "livez", "readyz", "api/v1/pods"])
async def test_unauthenticated_access(running: Running, rest: str) -> None:
    answer = await running.nobody().get(f"/clusters/host/{rest}")
    assert (answer.status, answer.header("www-authenticate")) == (401, 'Bearer realm="armillary"')
    assert (await running.as_user("invalid").get(f"/clusters/host/{rest}")).status == 401


@pytest.mark.parametrize(
    ("scope", "method", "rest", "status"),
    [
        ("kubernetes", "GET", "api/v1/namespaces/default/configmaps", 200),
        ("read", "GET", "api/v1/namespaces/default/configmaps", 200),
        ("read", "GET", "api/v1/namespaces/default/services/x/proxy/", 403),
        ("read", "GET", "api/v1/namespaces/default/pods/x/exec", 403),
        ("read", "DELETE", "api/v1/namespaces/default/configmaps/x", 403),
        ("platform", "GET", "api/v1/namespaces/default/configmaps", 403),
        ("openid", "GET", "version", 403),
    ],
)
async def test_scopes(running: Running, scope: str, method: str, rest: str, status: int) -> None:
    ann = running.as_user("ann", scopes=frozenset({scope}))
    assert (await ann(method, f"/clusters/host/{rest}")).status == status


async def test_pages_of_other_sites_are_refused(running: Running) -> None:
    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "cookie": "user=ann"}
    path = f"{API}/namespaces/default/pods/x/exec"
    for more in ({}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = await running.nobody().get(path, headers=upgrade | more)
        assert (answer.status, answer.json["reason"]) == (403, "CrossSiteRequest")
    ours = await running.nobody().get(path, headers=upgrade | {"origin": "https://platform.example"})
    assert ours.status == 404  # by the API server: there is no such pod
    assert (await running.nobody().post(MAPS, a_map("x"), headers={"cookie": "user=ann"})).status == 403


async def test_who_must_change_their_password_does_that_first(running: Running) -> None:
    answer = await running.as_user("ann", must_change_password=True).get(MAPS)
    assert answer.json["reason"] == "PasswordChangeRequired"


@pytest.mark.parametrize("name", ["impersonate-user", "Impersonate-Group", "impersonate-uid", "impersonate-extra-x"])
async def test_confused_headers_that_would_impersonate_are_refused(running: Running, name: str) -> None:
    answer = await running.as_user("ann").get(MAPS, headers={name: "admin"})
    assert (answer.status, answer.json["reason"]) == (403, "Forbidden")


# What is noted


async def test_writes_are_noted_and_reads_are_not(running: Running) -> None:
    ann = running.as_user("ann")
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {}}
    await ann.get(MAPS)
    await ann.post("/clusters/host/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    await ann.post(f"{MAPS}?dryRun=All", a_map("dry"))
    assert running.audit.noted == []
    generated = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "g-"}}
    name = (await ann.post(MAPS, generated, headers={"user-agent": "tried/1"})).json["metadata"]["name"]
    await ann.delete(f"{MAPS}/{name}")
    await ann.delete(f"{MAPS}/{name}")
    await running.as_user("bob").delete(f"{MAPS}/{name}")
    made, gone, missed, denied = running.audit.noted
    assert (made.action, made.user, made.outcome, made.code) == ("create", "ann", "success", 201)
    assert (made.cluster, made.namespace, made.group, made.resource, made.name) == (
        "host", "default", "", "configmaps", name,
    )  # fmt: skip
    assert (made.agent, made.address, made.session) == ("tried/1", "198.51.100.7", "session-ann")
    assert orjson.loads(made.after)["metadata"]["name"] == name
    assert (gone.action, gone.outcome, gone.after) == ("delete", "success", b"")
    assert (missed.outcome, missed.code, missed.after) == ("failed", 404, b"")
    assert (denied.user, denied.outcome, denied.code) == ("bob", "denied", 403)


async def test_credentials_in_answers_are_not_kept(running: Running) -> None:
    await let(running, "ann", "admin")
    await running.admin.create(SERVICE_ACCOUNT, ServiceAccount(metadata=ObjectMeta(name="robot")), "default")
    path = f"{API}/namespaces/default/serviceaccounts/robot/token"
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = await running.as_user("ann").post(path, body)
    assert answer.json["status"]["token"]
    (deed,) = running.audit.noted
    assert (deed.resource, deed.subresource, deed.after) == ("serviceaccounts", "token", b"")


# A cluster that answers as a test wants it to


@dataclass
class Stub:
    """Answers every request with `answer`, or takes it over."""

    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heads.append(head.decode())
                writer.write(self.answer)
                if self.answer.startswith(b"HTTP/1.1 101"):
                    while data := await reader.read(1 << 16):
                        writer.write(data.upper())
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.ended.set()


@pytest.fixture
async def stub(running: Running) -> AsyncIterator[Stub]:
    """In the place of the host's API server, for what is passed through."""
    found = Stub()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    clusters: Any = running.parts.clusters
    upstream = Upstream(Pool(Endpoint(host, port)), ((b"Authorization", b"Bearer ours"),), b"/prefix")
    clusters.link = Link(clusters.link.client, clusters.link.for_others, upstream)
    async with server:
        yield found
        upstream.pool.close()


async def test_what_the_api_server_gets(running: Running, stub: Stub) -> None:
    headers = {
        "cookie": "user=ann", "x-custom": "kept", "accept": "application/json", "referer": "https://a/", "te": "x",
        "proxy-authorization": "x", "x-request-id": "abcdefgh", "expect": "100-continue", "x-hop": "1",
        "connection": "keep-alive, X-Hop",
    }  # fmt: skip
    await running.as_user("ann", "team", "开发").get("/clusters/host/api/v1/pods?a=%20b&watch=0", headers=headers)
    (head,) = stub.heads
    lines = head.split("\r\n")
    assert lines[0] == "GET /prefix/api/v1/pods?a=%20b&watch=0 HTTP/1.1"
    assert lines[2:-2] == [
        "Authorization: Bearer ours",
        "Impersonate-User: armillary:ann",
        "Impersonate-Group: armillary:team",
        "Impersonate-Group: armillary:开发",
        "Impersonate-Group: system:authenticated",
        "x-custom: kept",
        "accept: application/json",
    ]


async def test_what_the_client_gets_of_somebodys_server(running: Running, stub: Stub) -> None:
    stub.answer = (
        b"HTTP/1.1 302 Found\r\nContent-Type: text/html\r\nSet-Cookie: session=evil\r\nLocation: /elsewhere\r\n"
        b"Content-Security-Policy: script-src *\r\nAccess-Control-Allow-Origin: *\r\nClear-Site-Data: *\r\n"
        b"Service-Worker-Allowed: /\r\nWWW-Authenticate: Basic\r\nAuthorization: x\r\nContent-Length: 4\r\n\r\n<a/>"
    )
    answer = await running.as_user("ann").get(f"{API}/namespaces/default/services/web/proxy/page")
    assert (answer.status, answer.body, len(stub.heads)) == (302, b"<a/>", 1)  # no redirect is followed
    assert answer.header("content-security-policy").startswith("sandbox;")
    assert answer.header("x-content-type-options") == "nosniff"
    names = {name for name, _ in answer.headers}
    assert not names & {
        "set-cookie", "access-control-allow-origin", "clear-site-data", "service-worker-allowed", "www-authenticate",
        "authorization",
    }  # fmt: skip
    assert [name for name, _ in answer.headers].count("content-security-policy") == 1


async def test_a_name_that_no_header_may_hold_is_refused(running: Running, stub: Stub) -> None:
    answer = await running.as_user("ann", "team\r\nImpersonate-Group: system:masters").get("/clusters/host/version")
    assert (answer.status, stub.heads) == (403, [])


async def test_a_connection_that_the_server_has_closed_is_no_fault(running: Running, stub: Stub) -> None:
    stub.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    for _ in range(3):
        assert (await running.as_user("ann").get("/clusters/host/version")).body == b"ok"


@pytest.mark.parametrize("answer", [b"no http", b"HTTP/1.1 200 OK\r\n\xff", b"HTTP/1.1 2"])
async def test_a_cluster_that_does_not_speak_http_is_unavailable(running: Running, stub: Stub, answer: bytes) -> None:
    stub.answer = answer + b"\r\n\r\n"
    asked = await running.as_user("ann").get("/clusters/host/version")
    assert (asked.status, asked.json["reason"]) == (503, "ServiceUnavailable")


async def test_one_caller_can_not_have_everything(running: Running, stub: Stub) -> None:
    stub.answer = b""
    ann = running.as_user("ann")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ann.get("/clusters/host/version")) for _ in range(100)]
        while len(stub.heads) < 100:
            await asyncio.sleep(0.005)
        refused = await ann.get("/clusters/host/version")
        stub.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        assert (refused.status, refused.header("retry-after")) == (429, "1")
        assert (await running.as_user("bob").get("/clusters/host/version")).status == 200
        for task in tasks:
            task.cancel()


async def test_session_not_revoked_before_the_cluster_has_answered(running: Running, stub: Stub) -> None:
    stub.answer = b""
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        asked = group.create_task(running.as_user("ann").get("/clusters/host/version"))
        while not stub.heads:
            await asyncio.sleep(0.005)
        running.parts.streams.end_session("session-ann")
        assert (await asked).status == 503


# On sockets


@pytest.fixture
async def listening(tmp_path: Path) -> AsyncIterator[Running]:
    async with listening_platform(tmp_path) as found:
        await let(found, "ann", "edit")
        yield found


def trust(running: Running) -> ssl.SSLContext:
    assert running.pki is not None
    return ssl.create_default_context(cafile=str(running.pki.ca))


async def test_watches_come_as_they_happen_and_end_with_their_session(listening: Running) -> None:
    ann = Http(f"{listening.url}/clusters/host", tls=trust(listening), headers={"authorization": "Bearer ann"})
    async with ann, asyncio.timeout(20):
        watch = Client(ann).watch(CONFIG_MAP, "default", resource_version="0")
        client = Client(ann)
        await client.create(CONFIG_MAP, ConfigMap(metadata=ObjectMeta(name="seen")), "default")
        names = []
        async for event in watch:
            if event.object is None:  # a bookmark; there may be one on the way when the session ends
                continue
            names.append(event.object.metadata.name)
            if names[-1] == "seen":
                assert len(listening.parts.streams) == 1
                listening.parts.streams.end_session("session-ann")
        assert names[-1] == "seen"
        assert len(listening.parts.streams) == 0


async def dial(
    running: Running, stub: Stub, path: str, *, protocol: str = "SPDY/3.1"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(running.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust(running))
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer ann\r\nConnection: Upgrade\r\n"
        f"Upgrade: {protocol}\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\nX-Remote-User: admin\r\n\r\n".encode()
    )
    return reader, writer


@pytest.fixture
async def far(listening: Running) -> AsyncIterator[Stub]:
    found = Stub(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n")
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    clusters: Any = listening.parts.clusters
    clusters.link = Link(
        clusters.link.client, clusters.link.for_others, Upstream(Pool(Endpoint(*server.sockets[0].getsockname())))
    )
    async with server:
        yield found


EXEC = f"{API}/namespaces/default/pods/web/exec?command=sh&stdin=true"


async def test_terminals_are_tunnelled_as_the_caller_and_noted_at_once(listening: Running, far: Stub) -> None:
    async with asyncio.timeout(20):
        reader, writer = await dial(listening, far, EXEC)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"HELLO"
        (deed,) = listening.audit.noted
        assert (deed.action, deed.resource, deed.name, deed.code) == ("exec", "pods", "web", 101)
        assert deed.outcome == "success"
        big = b"x" * 300_000
        writer.write(big)
        assert await reader.readexactly(len(big)) == big.upper()
        writer.close()
        await far.ended.wait()
    (head,) = far.heads
    assert "Impersonate-User: armillary:ann\r\n" in head
    assert "admin" not in head
    assert "Bearer" not in head


@pytest.mark.parametrize("how", ["session", "user", "leave"])
async def test_session_not_revoked_terminals_end_at_once(listening: Running, far: Stub, how: str) -> None:
    async with asyncio.timeout(20):
        reader, writer = await dial(listening, far, EXEC)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"a")
        assert await reader.read(1) == b"A"
        match how:
            case "session":
                listening.parts.streams.end_session("session-ann")
            case "user":
                listening.parts.streams.end_user("ann")
            case "leave":
                await listening.platform.door.leave()
        assert await reader.read() == b""
        await far.ended.wait()
        writer.close()


async def test_a_refused_terminal_is_an_ordinary_answer(listening: Running, far: Stub) -> None:
    far.answer = b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    async with asyncio.timeout(20):
        reader, writer = await dial(listening, far, EXEC)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 403 ")
        assert b"content-security-policy: sandbox" in head
        writer.write(b"GET /api/v1/secrets HTTP/1.1\r\nHost: a\r\n\r\n")  # CVE-2018-1002105: nobody listens any more
        assert (await reader.read()).endswith(b"{}\r\n0\r\n\r\n")
        await far.ended.wait()
        writer.close()
    assert len(far.heads) == 1
    (deed,) = listening.audit.noted
    assert (deed.action, deed.outcome, deed.code) == ("exec", "denied", 403)


async def test_another_http_inside_is_not_tunnelled(listening: Running, far: Stub) -> None:
    far.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    async with asyncio.timeout(20):
        reader, writer = await dial(listening, far, EXEC, protocol="h2c")
        assert (await reader.read()).endswith(b"ok")
        writer.close()
    assert "h2c" not in far.heads[0]
    assert "pgrade" not in far.heads[0]


async def test_a_terminal_that_nobody_has_answered_ends_too(listening: Running, far: Stub) -> None:
    far.answer = b""
    async with asyncio.timeout(20):
        reader, writer = await dial(listening, far, EXEC)
        while not far.heads:
            await asyncio.sleep(0.005)
        listening.parts.streams.end_session("session-ann")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 503 ")
        writer.close()
    (deed,) = listening.audit.noted
    assert (deed.action, deed.outcome, deed.code) == ("exec", "failed", 503)


async def test_large_bodies_are_streamed_both_ways(listening: Running) -> None:
    ann = Http(f"{listening.url}/clusters/host", tls=trust(listening), headers={"authorization": "Bearer ann"})
    data = {str(n): "x" * 1000 for n in range(900)}
    async with ann, asyncio.timeout(20):
        item = ConfigMap(metadata=ObjectMeta(name="big"), data=data)
        await Client(ann).create(CONFIG_MAP, item, "default")
        assert (await Client(ann).get(CONFIG_MAP, "big", "default")).data == data
