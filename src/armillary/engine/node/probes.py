"""Asking a container how it is: over HTTP, TCP, gRPC, or by a command in it. Words as kubelet's prober."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiohttp
import grpc
from yarl import URL

from armillary.base.clock import Clock
from armillary.base.errors import ArmillaryError
from armillary.engine.node.containers import AnyContainer
from armillary.engine.node.env import expand
from armillary.engine.node.record import ProbeKind
from armillary.engine.node.runtime.port import Runtime, RuntimeFault
from armillary.kube.kinds.core import GRPCAction, HTTPGetAction, Probe

USER_AGENT = "kube-probe/1.36"
MOST_BODY_BYTES = 10 * 1024
MOST_REDIRECTS = 10
# Code SERVING of grpc.health.v1.HealthCheckResponse, as it stands on the wire: field 1, value 1.
_SERVING = b"\x08\x01"
_PHASES = {"startup": "Startup", "liveness": "Liveness", "readiness": "Readiness"}


class ProbeFault(ArmillaryError):
    """The probe can't be tried: that says nothing about the container."""


@dataclass(frozen=True, slots=True)
class Outcome:
    succeeded: bool
    text: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What is probed."""

    container: AnyContainer
    id: str
    pod_ip: str


def resolve_port(port: int | str, container: AnyContainer) -> int:
    """A number, or the name of one of the container's ports. Raises ProbeFault."""
    if isinstance(port, str) and not port.isdigit():
        found = next((p.container_port for p in container.ports if p.name == port), 0)
        if not found:
            raise ProbeFault(f"couldn't find port: {port!r} in {container.name!r}")
        return found
    number = int(port)
    if not 0 < number < 65536:
        raise ProbeFault(f"invalid port number: {number}")
    return number


class Prober:
    """Carries probes out; close it at the end."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def probe(self, probe: Probe, target: Target) -> Outcome:
        """Once. Raises ProbeFault."""
        seconds = float(probe.timeout_seconds or 1)
        if probe.exec is not None:
            return await self._exec(probe.exec.command, target, seconds)
        if probe.http_get is not None:
            return await self._http(probe.http_get, target, seconds)
        if probe.tcp_socket is not None:
            host = probe.tcp_socket.host or target.pod_ip
            return await _tcp(host, resolve_port(probe.tcp_socket.port, target.container), seconds)
        if probe.grpc is not None:
            return await _grpc(probe.grpc, target.pod_ip, seconds)
        raise ProbeFault(f"missing probe handler for {target.container.name}")

    async def _exec(self, command: tuple[str, ...], target: Target, seconds: float) -> Outcome:
        values = {v.name: v.value for v in target.container.env if v.value_from is None}
        try:
            done = await self._runtime.execute(target.id, [expand(word, values) for word in command], seconds)
        except RuntimeFault as exc:
            if exc.code == "DEADLINE_EXCEEDED":
                return Outcome(False, f"command timed out: {' '.join(command)!r} timed out after {seconds:g}s")
            raise ProbeFault(f"rpc error: code = {exc.code} desc = {exc.message}") from exc
        text = (done.stdout + done.stderr)[:MOST_BODY_BYTES].decode(errors="replace")
        return Outcome(done.exit_code == 0, text)

    async def _http(self, action: HTTPGetAction, target: Target, seconds: float) -> Outcome:
        url = url_of(action, target)
        try:
            async with asyncio.timeout(seconds):
                return await self._fetch(url, action, 0)
        except TimeoutError:
            text = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
            return Outcome(False, f'Get "{url}": {text}')
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            return Outcome(False, f'Get "{url}": {_network_fault(exc, url)}')

    async def _fetch(self, url: str, action: HTTPGetAction, redirects: int) -> Outcome:
        session = self._sessions()
        async with session.get(
            URL(url, encoded=True), headers=headers_of(action), allow_redirects=False, ssl=_ANY_CERTIFICATE
        ) as answer:
            body = (await answer.content.read(MOST_BODY_BYTES)).decode(errors="replace")
            if 300 <= answer.status < 400:
                return await self._follow(answer, action, body, redirects)
            if 200 <= answer.status < 300:
                return Outcome(True, body)
            return Outcome(False, f"HTTP probe failed with statuscode: {answer.status}")

    async def _follow(
        self, answer: aiohttp.ClientResponse, action: HTTPGetAction, body: str, redirects: int
    ) -> Outcome:
        location = answer.headers.get("location", "")
        target = answer.url.join(URL(location)) if location else None
        if target is None or target.host != answer.url.host:
            return Outcome(True, f"Probe terminated redirects, Response body: {body}", warning=True)
        if redirects + 1 >= MOST_REDIRECTS:
            return Outcome(False, f'Get "{location}": stopped after {MOST_REDIRECTS} redirects')
        return await self._fetch(str(target), action, redirects + 1)

    def _sessions(self) -> aiohttp.ClientSession:
        if self._session is None:
            # A probe must see the server as a newcomer does: no connection is kept.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True, limit=0))
        return self._session


def _any_certificate() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


# A container proves nothing to its own node: kubelet does not verify either.
_ANY_CERTIFICATE = _any_certificate()


def url_of(action: HTTPGetAction, target: Target) -> str:
    """Where an httpGet action goes. Raises ProbeFault."""
    scheme = (action.scheme or "HTTP").lower()
    host = action.host or target.pod_ip
    port = resolve_port(action.port, target.container)
    path = action.path or "/"
    rest = urlsplit(path if path.startswith("/") else f"/{path}")
    query = f"?{rest.query}" if rest.query else ""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{rest.path}{query}"


def headers_of(action: HTTPGetAction, agent: str = USER_AGENT) -> dict[str, str]:
    given = {header.name: header.value for header in action.http_headers}
    names = {name.lower() for name in given}
    defaults = {"User-Agent": agent, "Accept": "*/*"}
    # A header that is given empty is left out: kubelet's way to have none.
    return {k: v for k, v in ({k: v for k, v in defaults.items() if k.lower() not in names} | given).items() if v}


def _network_fault(exc: Exception, url: str) -> str:
    found = exc.os_error if isinstance(exc, aiohttp.ClientConnectorError) else exc
    if isinstance(found, ConnectionRefusedError):
        return f"dial tcp {urlsplit(url).netloc}: connect: connection refused"
    if isinstance(found, aiohttp.ServerDisconnectedError):
        return "EOF"
    return str(found)


async def _tcp(host: str, port: int, seconds: float) -> Outcome:
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(host, port)
    except ConnectionRefusedError:
        return Outcome(False, f"dial tcp {host}:{port}: connect: connection refused")
    except TimeoutError:
        return Outcome(False, f"dial tcp {host}:{port}: i/o timeout")
    except OSError as exc:
        return Outcome(False, f"dial tcp {host}:{port}: {exc.strerror or exc}")
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return Outcome(True)


async def _grpc(action: GRPCAction, host: str, seconds: float) -> Outcome:
    service = (action.service or "").encode()
    request = (b"\x0a" + bytes([len(service)]) + service) if service else b""
    address = f"{host}:{action.port}"
    async with grpc.aio.insecure_channel(address) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        try:
            answer: bytes = await check(request, timeout=seconds, metadata=(("user-agent", USER_AGENT),))
        except grpc.aio.AioRpcError as exc:
            return Outcome(False, _grpc_fault(exc, address, seconds))
    if answer != _SERVING:
        return Outcome(False, 'service unhealthy (responded with "NOT_SERVING")')
    return Outcome(True)


def _grpc_fault(exc: grpc.aio.AioRpcError, address: str, seconds: float) -> str:
    match exc.code():
        case grpc.StatusCode.UNIMPLEMENTED:
            text = "error: this server does not implement the grpc health protocol (grpc.health.v1.Health)"
            return f"{text}: {exc.details()}"
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return f"timeout: health rpc did not complete within {seconds:g}s"
        case grpc.StatusCode.UNAVAILABLE:
            return f'timeout: failed to connect service "{address}" within {seconds:g}s: {exc.details()}'
    return f"error: health rpc probe failed: {exc.details()}"


Report = Callable[[bool], None]
Tell = Callable[[str, str], None]  # reason, message


async def watch_health(
    prober: Prober, kind: ProbeKind, probe: Probe, target: Target, started_at: datetime, clock: Clock,
    report: Report, tell: Tell,
) -> None:  # fmt: skip
    """Probe in the probe's rhythm and report each change that passes its threshold, until cancelled.

    A startup or liveness probe that has made its final point is not asked again.
    """
    period = float(probe.period_seconds or 10)
    enough = {True: probe.success_threshold or 1, False: probe.failure_threshold or 3}
    begin = started_at + timedelta(seconds=probe.initial_delay_seconds or 0)
    await clock.sleep(max(0.0, (begin - clock.now()).total_seconds()))
    last: bool | None = None
    in_a_row, reported = 0, None
    while True:
        due = clock.monotonic() + period
        outcome = await _ask(prober, kind, probe, target, tell)
        if outcome is not None:
            in_a_row = in_a_row + 1 if outcome == last else 1
            last = outcome
            if in_a_row >= enough[outcome]:
                if outcome != reported:
                    report(outcome)
                    reported = outcome
                if kind == "startup" or (kind == "liveness" and not outcome):
                    return
        await clock.sleep(max(0.0, due - clock.monotonic()))


async def _ask(prober: Prober, kind: ProbeKind, probe: Probe, target: Target, tell: Tell) -> bool | None:
    """None if it could not be tried."""
    name = _PHASES[kind]
    try:
        outcome = await prober.probe(probe, target)
    except ProbeFault as exc:
        tell("Unhealthy", f"{name} probe errored and resulted in unknown state: {exc}")
        return None
    if outcome.warning:
        tell("ProbeWarning", f"{name} probe warning: {outcome.text}")
    elif not outcome.succeeded:
        tell("Unhealthy", f"{name} probe failed: {outcome.text}")
    return outcome.succeeded


def probes_of(container: AnyContainer) -> Mapping[ProbeKind, Probe]:
    given: dict[ProbeKind, Probe | None] = {
        "startup": container.startup_probe,
        "liveness": container.liveness_probe,
        "readiness": container.readiness_probe,
    }
    return {kind: probe for kind, probe in given.items() if probe is not None}
