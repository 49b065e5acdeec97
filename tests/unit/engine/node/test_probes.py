import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
import pytest
from tests.fakes.runtime import FakeRuntime
from tests.unit.engine.node.build import container
from tests.unit.engine.node.clock import TestClock

from armillary.base.clock import SystemClock
from armillary.engine.node.hooks import HookFailed, run_bounded, run_hook
from armillary.engine.node.probes import (
    Outcome,
    ProbeFault,
    Prober,
    Target,
    headers_of,
    resolve_port,
    url_of,
    watch_health,
)
from armillary.engine.node.runtime.port import Executed, RuntimeFault
from armillary.kube.kinds.core import HTTPGetAction, LifecycleHandler, Probe

WEB = container(ports=[{"name": "web", "containerPort": 8080}])
TARGET = Target(WEB, "c1", "127.0.0.1")


class Commands(FakeRuntime):
    """Everything runs; `commands` answers."""

    async def execute(self, id: str, command: Any, timeout_seconds: float) -> Executed:
        self._check("execute")
        self.executed.append((id, tuple(command)))
        return self.commands(tuple(command))


@pytest.fixture
def runtime() -> Commands:
    return Commands()


@pytest.fixture
async def prober(runtime: Commands) -> AsyncIterator[Prober]:
    made = Prober(runtime)
    yield made
    await made.close()


def probe(**given: Any) -> Probe:
    return msgspec.convert(given, Probe)


@asynccontextmanager
async def web(*answers: bytes) -> AsyncIterator[int]:
    """A server that gives these answers, one a connection."""
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(left.pop(0))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def says(status: str, *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"HTTP/1.1 {status}\r\n{lines}Content-Length: 2\r\n\r\nhi".encode()


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([says("200 OK")], Outcome(True, "hi")),
        ([says("201 Created")], Outcome(True, "hi")),
        ([says("500 Oops")], Outcome(False, "HTTP probe failed with statuscode: 500")),
        ([says("302 Found", "Location: /there"), says("200 OK")], Outcome(True, "hi")),
        (
            [says("302 Found", "Location: http://example.com/")],
            Outcome(True, "Probe terminated redirects, Response body: hi", warning=True),
        ),
    ],
)
async def test_http(prober: Prober, answers: list[bytes], outcome: Outcome) -> None:
    async with web(*answers) as port:
        assert await prober.probe(probe(httpGet={"port": port}), TARGET) == outcome


async def test_http_to_nobody(prober: Prober) -> None:
    async with web() as port:
        pass
    outcome = await prober.probe(probe(httpGet={"port": port, "path": "/up"}), TARGET)
    assert outcome.text == (f'Get "http://127.0.0.1:{port}/up": dial tcp 127.0.0.1:{port}: connect: connection refused')


async def test_tcp(prober: Prober) -> None:
    async with web() as port:
        assert (await prober.probe(probe(tcpSocket={"port": port}), TARGET)).succeeded
    refused = await prober.probe(probe(tcpSocket={"port": port}), TARGET)
    assert refused == Outcome(False, f"dial tcp 127.0.0.1:{port}: connect: connection refused")


async def test_exec(prober: Prober, runtime: Commands) -> None:
    runtime.commands = lambda command: Executed(int(command[1]), b"out", b"err")
    assert await prober.probe(probe(exec={"command": ["exit", "0"]}), TARGET) == Outcome(True, "outerr")
    assert not (await prober.probe(probe(exec={"command": ["exit", "1"]}), TARGET)).succeeded
    runtime.faults["execute"] = RuntimeFault("UNKNOWN", "no")
    with pytest.raises(ProbeFault):
        await prober.probe(probe(exec={"command": ["exit", "0"]}), TARGET)
    runtime.faults["execute"] = RuntimeFault("DEADLINE_EXCEEDED", "slow")
    assert not (await prober.probe(probe(exec={"command": ["exit", "0"]}), TARGET)).succeeded


async def test_grpc_to_nobody(prober: Prober) -> None:
    async with web() as port:
        pass
    outcome = await prober.probe(probe(grpc={"port": port}), TARGET)
    assert not outcome.succeeded
    assert outcome.text.startswith("timeout: ")


@pytest.mark.parametrize(("port", "number"), [("web", 8080), (80, 80), ("81", 81)])
def test_ports(port: Any, number: int) -> None:
    assert resolve_port(port, WEB) == number


@pytest.mark.parametrize("port", ["other", 0, 70000])
def test_ports_that_are_none(port: Any) -> None:
    with pytest.raises(ProbeFault):
        resolve_port(port, WEB)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"port": "web"}, "http://127.0.0.1:8080/"),
        ({"port": 1, "path": "/a?b=c", "scheme": "HTTPS", "host": "h"}, "https://h:1/a?b=c"),
        ({"port": 1, "path": "a"}, "http://127.0.0.1:1/a"),
    ],
)
def test_where_a_request_goes(given: dict[str, Any], url: str) -> None:
    assert url_of(msgspec.convert(given, HTTPGetAction), TARGET) == url


def test_headers() -> None:
    given = {"port": 1, "httpHeaders": [{"name": "accept", "value": ""}, {"name": "X-A", "value": "b"}]}
    assert headers_of(msgspec.convert(given, HTTPGetAction)) == {"User-Agent": "kube-probe/1.36", "X-A": "b"}


@pytest.mark.parametrize(
    ("kind", "answers", "given", "reports"),
    [
        ("readiness", "+", {}, [True]),
        ("readiness", "--+", {"failureThreshold": 2}, [False, True]),
        ("readiness", "-+", {"failureThreshold": 2}, [True]),
        ("readiness", "+-+-++", {"successThreshold": 2, "failureThreshold": 9}, [True]),
        ("liveness", "+--", {"failureThreshold": 2}, [True, False]),
        ("startup", "--+", {"failureThreshold": 30}, [True]),
        ("startup", "---", {"failureThreshold": 3}, [False]),
    ],
)
async def test_thresholds(
    runtime: Commands, kind: Any, answers: str, given: dict[str, Any], reports: list[bool]
) -> None:
    left = list(answers)

    def answer(command: tuple[str, ...]) -> Executed:
        return Executed(0 if left.pop(0) == "+" else 1, b"", b"")

    runtime.commands = answer
    clock, heard = TestClock(), []
    watched = watch_health(
        Prober(runtime), kind, probe(exec={"command": ["x"]}, **given), TARGET, clock.now(), clock,
        heard.append, lambda reason, message: None,
    )  # fmt: skip
    with suppress(IndexError):  # the answers are used up: it would go on
        await watched
    assert heard == reports


def hook(**given: Any) -> LifecycleHandler:
    return msgspec.convert(given, LifecycleHandler)


async def test_hooks(runtime: Commands) -> None:
    clock = SystemClock()
    await run_hook(hook(exec={"command": ["x"]}), TARGET, "web_shop(u)", runtime, clock)
    runtime.commands = lambda command: Executed(2, b"", b"bad")
    with pytest.raises(HookFailed, match=r'Exec lifecycle hook \(\[x y\]\) for Container "main" in Pod "web_shop'):
        await run_hook(hook(exec={"command": ["x", "y"]}), TARGET, "web_shop(u)", runtime, clock)
    async with web(says("500 Oops")) as port:
        await run_hook(hook(httpGet={"port": port}), TARGET, "web_shop(u)", runtime, clock)
    with pytest.raises(HookFailed):
        await run_hook(hook(httpGet={"port": port}), TARGET, "web_shop(u)", runtime, clock)
    await run_bounded(0.01, hook(sleep={"seconds": 100}), TARGET, "web_shop(u)", runtime, clock)
