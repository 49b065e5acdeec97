"""Logs come through, connections are carried to the agent and back, and refusals say what is wrong."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.fakes.apiserver import FakeVerbs, FixedAuthorizer, Sent, call
from tests.harness.agent import StubAgent, connected, running_agent

from armillary.base.clock import SystemClock
from armillary.base.errors import ApiError, BadRequest, Denied, Internal, Invalid, NotFound, Unavailable
from armillary.base.pki import ensure_pki
from armillary.base.pki_files import Pki
from armillary.base.serving.connection import TAKE_OVER, streams_over
from armillary.engine.apiserver.ports import Answer
from armillary.engine.apiserver.subresources.agents import Agents, agent_tls
from armillary.engine.apiserver.subresources.pods import PodLogs, PodStreams
from armillary.engine.apiserver.subresources.proxy import Proxies
from armillary.engine.kinds.resource import Json


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return ensure_pki(tmp_path_factory.mktemp("keys"), [], ["127.0.0.1"], SystemClock().now(), node="one")


@dataclass
class World:
    agent: StubAgent
    agents: Agents
    verbs: FakeVerbs


def pod(*names: str, node: str = "one", **status: object) -> Json:
    return {"spec": {"nodeName": node, "containers": [{"name": name} for name in names]}, "status": status}


@pytest.fixture
async def world(keys: Pki) -> AsyncIterator[World]:
    agents = Agents(agent_tls(keys.ca, keys.crt("apiserver-kubelet-client"), keys.key("apiserver-kubelet-client")))
    verbs = FakeVerbs()
    async with running_agent(keys) as agent:
        endpoint = {"kubeletEndpoint": {"Port": agent.port}}
        addresses = [{"type": "Hostname", "address": "one"}, {"type": "InternalIP", "address": "127.0.0.1"}]
        status = {"addresses": addresses, "daemonEndpoints": endpoint}
        verbs.objects.put("nodes", {"status": status}, name="one")
        verbs.objects.put("nodes", {"status": {}}, name="mute")
        for name in ("p", "fail", "gone", "refuse"):
            verbs.objects.put("pods", pod("c"), name=name, namespace="ns")
        verbs.objects.put("pods", pod("a", "b"), name="two", namespace="ns")
        verbs.objects.put("pods", pod("c", node=""), name="new", namespace="ns")
        verbs.objects.put("pods", pod("c", node="mute"), name="lost", namespace="ns")
        yield World(agent, agents, verbs)
    await agents.close()


async def log(world: World, name: str = "p", **query: str) -> tuple[Answer | None, Sent]:
    sent = Sent()
    asked = call(
        world.verbs, "pods", "log", method="GET", name=name, query={k: [v] for k, v in query.items()}, send=sent.send
    )
    return await PodLogs(world.agents).get(asked), sent


async def test_a_log_comes_from_the_agent(world: World) -> None:
    answer, sent = await log(world)
    assert answer is None
    assert (sent.status, sent.body) == (200, b"one\n\n")
    assert world.agent.asked == ["GET /containerLogs/ns/p/c?stream=All"]
    assert world.agent.users == ["kube-apiserver"]


async def test_every_option_is_passed_on(world: World) -> None:
    await log(
        world, "two", container="b", previous="true", timestamps="1", sinceTime="2026-03-01T13:00:00+01:00",
        tailLines="0", limitBytes="9", follow="false",
    )  # fmt: skip
    assert world.agent.asked == [
        "GET /containerLogs/ns/two/b?previous=true&timestamps=true&tailLines=0&limitBytes=9"
        "&sinceTime=2026-03-01T12%3A00%3A00Z&stream=All"
    ]


async def test_a_followed_log_comes_as_it_grows_and_ends_with_the_client(world: World) -> None:
    sent, leaving = Sent(), asyncio.Event()
    first = asyncio.Event()

    async def send(message: dict[str, Any]) -> None:
        await sent.send(message)
        if message.get("body"):
            first.set()

    async def receive() -> Json:
        await leaving.wait()
        return {"type": "http.disconnect"}

    asked = call(
        world.verbs, "pods", "log", method="GET", name="p", query={"follow": ["true"]}, send=send, receive=receive
    )
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        running = group.create_task(PodLogs(world.agents).get(asked))
        await first.wait()
        assert sent.body == b"one\n\n"
        assert not running.done()
        leaving.set()
    world.agent.log_more.set()
    _, whole = await log(world, follow="true")
    assert whole.body == b"one\n\ntwo\n"


@pytest.mark.parametrize(
    ("name", "query", "error", "why"),
    [
        ("none", {}, NotFound, 'pods "none" not found'),
        ("two", {}, BadRequest, "a container name must be specified for pod two, choose one of: [a b]"),
        ("p", {"container": "x"}, BadRequest, "container x is not valid for pod p"),
        ("p", {"tailLines": "-1"}, Invalid, 'PodLogOptions "p" is invalid: tailLines: Invalid value: -1'),
        ("p", {"tailLines": "x"}, BadRequest, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("p", {"limitBytes": "0"}, Invalid, "limitBytes: Invalid value: 0: must be greater than 0"),
        ("p", {"sinceSeconds": "5", "sinceTime": "2026-03-01T12:00:00Z"}, Invalid, "at most one of `sinceTime`"),
        ("p", {"stream": "Both"}, Invalid, 'stream: Unsupported value: "Both"'),
        ("p", {"stream": "Stdout", "tailLines": "1"}, Invalid, "mutually exclusive"),
        ("lost", {}, Internal, "no preferred addresses found"),
        ("fail", {}, Internal, "Internal error occurred: it broke"),
        ("refuse", {}, BadRequest, "no such container"),
        ("gone", {}, NotFound, "the server could not find the requested resource ( pods/log gone)"),
    ],
)
async def test_logs_refused(world: World, name: str, query: dict[str, str], error: type[ApiError], why: str) -> None:
    with pytest.raises(error) as refused:
        await log(world, name, **query)
    assert why in refused.value.message


async def test_a_pod_without_a_node_has_no_log(world: World) -> None:
    answer, _ = await log(world, "new")
    assert answer is not None
    assert answer.status == 204


UPGRADE = {"connection": "Upgrade", "upgrade": "SPDY/3.1", "x-stream-protocol-version": "v4.channel.k8s.io"}


async def stream(
    world: World, what: str = "exec", name: str = "p", *, allowed: str = "*", method: str = "POST",
    sent: Sent | None = None,
    headers: dict[str, str] | None = None, query: dict[str, list[str]] | None = None, **extensions: Any,
) -> None:  # fmt: skip
    streams = PodStreams(world.agents, FixedAuthorizer([allowed]))
    handler = {"exec": streams.exec, "attach": streams.attach, "portforward": streams.port_forward}[what]
    await handler(
        call(
            world.verbs, "pods", what, method=method, name=name, query=query, extensions=extensions,
            headers=UPGRADE if headers is None else headers, send=(sent or Sent()).send,
        )
    )  # fmt: skip


async def test_bytes_go_both_ways_until_the_agent_ends(world: World) -> None:
    async with asyncio.timeout(10), connected() as ((reader, writer), front):
        writer.write(b"POST /exec HTTP/1.1\r\n\r\nearly ")
        await front.head
        async with asyncio.TaskGroup() as group:
            query = {"command": ["sh", "-c", "a b"], "stdin": ["true"], "stdout": ["1"], "tty": ["false"]}
            group.create_task(
                stream(world, query=query, **{TAKE_OVER: lambda: streams_over(front.transport, front.rest)})
            )
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 Switching Protocols")
            assert await reader.readexactly(12) == b"hello;EARLY "
            big = b"x" * 300_000
            writer.write(big)
            assert await reader.readexactly(len(big)) == big.upper()
            writer.write(b"bye")
            assert await reader.read() == b";over"
    assert world.agent.asked == ["POST /exec/ns/p/c?input=1&output=1&command=sh&command=-c&command=a+b"]
    assert world.agent.headers[0]["x-stream-protocol-version"] == "v4.channel.k8s.io"
    assert world.agent.headers[0]["host"] == f"127.0.0.1:{world.agent.port}"


async def test_the_agent_learns_when_the_client_is_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("armillary.base.serving.tunnel.DRAIN_SECONDS", 0.05)
    async with asyncio.timeout(10), connected() as ((reader, writer), front):
        writer.write(b"GET /attach HTTP/1.1\r\n\r\n")
        await front.head
        async with asyncio.TaskGroup() as group:
            take_over = {TAKE_OVER: lambda: streams_over(front.transport, front.rest)}
            group.create_task(stream(world, "attach", method="GET", **take_over))
            await reader.readuntil(b"hello;")
            writer.close()
        await world.agent.gone.wait()


async def test_secrets_of_the_client_stay_here(world: World) -> None:
    headers = {
        **UPGRADE,
        "authorization": "Bearer secret",
        "impersonate-user": "bob",
        "sec-websocket-protocol": "base64url.bearer.authorization.k8s.io.c2VjcmV0, v5.channel.k8s.io",
    }
    await stream(world, name="refuse", headers=headers)
    (seen,) = world.agent.headers
    assert seen["sec-websocket-protocol"] == "v5.channel.k8s.io"
    assert not {"authorization", "impersonate-user"} & set(seen)


async def test_the_agents_refusal_is_the_answer(world: World) -> None:
    sent = Sent()
    await stream(world, name="refuse", sent=sent)
    assert (sent.status, sent.body) == (400, b"no such container")


async def test_ports_are_forwarded_to_the_pod(world: World) -> None:
    await stream(world, "portforward", "refuse", query={"ports": ["80", "81"]})
    assert world.agent.asked == ["POST /portForward/ns/refuse?port=80%2C81"]


@pytest.mark.parametrize(
    ("how", "error", "why"),
    [
        ({"headers": {}}, BadRequest, "Upgrade request required"),
        ({"name": "new"}, BadRequest, "pod new does not have a host assigned"),
        ({"name": "none"}, NotFound, 'pods "none" not found'),
        ({"name": "two"}, BadRequest, "choose one of: [a b]"),
        ({"method": "GET", "allowed": "get pods/exec p"}, Denied, 'pods "p" is forbidden: not listed'),
        ({}, BadRequest, "this connection can't be upgraded"),
    ],
)
async def test_streams_refused(world: World, how: dict[str, Any], error: type[ApiError], why: str) -> None:
    with pytest.raises(error) as refused:
        await stream(world, **how)
    assert why in refused.value.message


async def test_an_agent_of_another_cluster_is_not_spoken_to(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = ensure_pki(tmp_path_factory.mktemp("other"), [], ["127.0.0.1"], SystemClock().now(), node="one")
    async with running_agent(other) as impostor:
        node = world.verbs.objects.get("nodes", "", "one")
        assert node is not None
        node["status"]["daemonEndpoints"]["kubeletEndpoint"]["Port"] = impostor.port
        with pytest.raises(Internal, match="error dialing backend"):
            await stream(world)
        with pytest.raises(Internal):
            await log(world)
        assert impostor.asked == []


async def proxied(world: World, plural: str, name: str, rest: str, **how: Any) -> Sent:
    sent, proxies = Sent(), Proxies(world.agents)
    handler = {"pods": proxies.pod, "services": proxies.service, "nodes": proxies.node}[plural]
    await handler(call(world.verbs, plural, "proxy", name=name, rest=rest, send=sent.send, **how))
    return sent


async def test_a_nodes_agent_is_reached_through_its_proxy(world: World) -> None:
    sent = await proxied(
        world, "nodes", "one", "stats/summary", method="GET", query_string=b"only_cpu=true",
        headers={"authorization": "Bearer secret", "accept": "x/y"},
    )  # fmt: skip
    assert (sent.status, sent.body) == (200, b"/stats/summary ")
    assert world.agent.asked == ["GET /stats/summary?only_cpu=true"]
    assert world.agent.users == ["kube-apiserver"]
    assert world.agent.headers[0]["accept"] == "x/y"
    assert "authorization" not in world.agent.headers[0]
    start = sent.messages[0]
    assert (b"x-kept", b"yes") in start["headers"]


async def test_a_service_is_reached_through_a_pod_that_is_really_there(world: World, keys: Pki) -> None:
    objects = world.verbs.objects
    port = {"name": "web", "port": 80}
    objects.put("services", {"spec": {"ports": [port]}}, name="s", namespace="ns")
    target = {"kind": "Pod", "namespace": "ns", "name": "p"}
    address = {"ip": "127.0.0.1", "targetRef": target}
    subset = {"addresses": [address], "ports": [{"name": "web", "port": world.agent.port}]}
    objects.put("endpoints", {"subsets": [subset]}, name="s", namespace="ns")
    with pytest.raises(Unavailable, match='no service port 81 found for service "s"'):
        await proxied(world, "services", "s:81", "")
    with pytest.raises(Unavailable, match='no endpoints available for service "s:80"'):
        await proxied(world, "services", "s:80", "")
    found = objects.get("pods", "ns", "p")
    assert found is not None
    found["status"]["podIP"] = "127.0.0.1"
    with pytest.raises(BadRequest, match="address not allowed"):
        await proxied(world, "services", "s:80", "")


@pytest.mark.parametrize(
    ("plural", "name", "why"),
    [
        ("pods", "a:b:c", 'invalid pod request "a:b:c"'),
        ("pods", "p", "address not allowed"),
        ("services", ":", "invalid"),
    ],
)
async def test_proxies_refused(world: World, plural: str, name: str, why: str) -> None:
    with pytest.raises(BadRequest) as refused:
        await proxied(world, plural, name, "")
    assert why in refused.value.message
