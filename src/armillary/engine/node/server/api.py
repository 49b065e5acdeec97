"""The kubelet API: logs, exec, attach, port forwarding, stats. Over TLS, for the API server and administrators."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from armillary.base.clock import Clock, parse_time
from armillary.engine.node.agent import NodeAgent
from armillary.engine.node.inotify import Notices
from armillary.engine.node.launch import log_directory, log_path
from armillary.engine.node.logs import LogQuery, read_log
from armillary.engine.node.record import ContainerRecord, PodRecord, Run
from armillary.engine.node.runtime.port import Runtime, RuntimeFault
from armillary.engine.node.server.forward import TUNNELED, forward_tunneled
from armillary.engine.node.server.http import Answer, Request, serve_connection
from armillary.engine.node.server.remote import V5, attach_v5, exec_v5
from armillary.engine.node.server.tunnel import tunnel
from armillary.engine.node.settings import NodeSettings
from armillary.engine.node.stats.collect import NodeStats
from armillary.engine.node.turn import container_of

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
GROUP, USER = "system:masters", "kube-apiserver"


class KubeletApi:
    """Answers requests; `serve` listens."""

    def __init__(
        self, settings: NodeSettings, agent: NodeAgent, runtime: Runtime, stats: NodeStats, notices: Notices,
        clock: Clock,
    ) -> None:  # fmt: skip
        self._settings, self._agent, self._runtime = settings, agent, runtime
        self._stats, self._notices, self._clock = stats, notices, clock

    async def serve(self) -> None:
        """Until cancelled."""
        server = await asyncio.start_server(
            self._connection, self._settings.address, self._settings.port, ssl=server_tls(self._settings)
        )
        async with server:
            await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        allowed = may_call(writer.get_extra_info("peercert") or {})
        await serve_connection(reader, writer, self.handle if allowed else _refuse)

    async def handle(self, request: Request) -> None:
        match request.path:
            case ("healthz",):
                await request.answer("ok")
            case ("containerLogs", namespace, pod, container):
                await self._logs(request, namespace, pod, container)
            case ("exec", namespace, pod, container):
                await self._exec(request, self._record(namespace, pod), container)
            case ("exec", namespace, pod, uid, container):
                await self._exec(request, self._record(namespace, pod, uid), container)
            case ("attach", namespace, pod, container):
                await self._attach(request, self._record(namespace, pod), container)
            case ("attach", namespace, pod, uid, container):
                await self._attach(request, self._record(namespace, pod, uid), container)
            case ("portForward", namespace, pod):
                await self._forward(request, self._record(namespace, pod))
            case ("portForward", namespace, pod, uid):
                await self._forward(request, self._record(namespace, pod, uid))
            case ("pods",) | ("runningpods",):
                await request.answer(self._pods(), "application/json")
            case _:
                await self._measured(request)

    async def _measured(self, request: Request) -> None:
        match request.path:
            case ("stats", "summary"):
                await request.answer_json(await self._stats.summary(request.flag("only_cpu_and_memory")))
            case ("metrics",):
                await request.answer(self._own_metrics(), _PROMETHEUS)
            case ("metrics", "cadvisor"):
                await request.answer(await self._stats.cadvisor_metrics(), _PROMETHEUS)
            case ("metrics", "resource"):
                await request.answer(await self._stats.resource_metrics(), _PROMETHEUS)
            case _:
                raise Answer(404, "404 page not found\n")

    # Who is meant

    def _record(self, namespace: str, name: str, uid: str = "") -> PodRecord:
        record = self._agent.record(namespace, name, uid)
        if record is None:
            raise Answer(404, f'pod "{name}" does not exist')
        return record

    def _running(self, record: PodRecord, name: str) -> Run:
        found = record.containers.get(name)
        if found is None or not found.is_running or found.current is None:
            raise Answer(404, f'container not found ("{name}")')
        return found.current

    # Logs

    async def _logs(self, request: Request, namespace: str, pod: str, name: str) -> None:
        record = self._record(namespace, pod)
        found = record.containers.get(name)
        if found is None:
            raise Answer(404, f'container "{name}" not found in pod "{pod}"')
        has_inits = bool(record.pod.spec.init_containers)
        run = run_with_logs(found, pod, has_inits, previous=request.flag("previous"))
        path = log_directory(self._settings, record.pod) / log_path(name, run.attempt)
        await request.stream(self._log(path, self._query(request), record, run))

    async def _log(self, path: Path, query: LogQuery, record: PodRecord, run: Run) -> AsyncGenerator[bytes, None]:
        def is_running() -> bool:
            meta = record.pod.metadata
            now = self._agent.record(meta.namespace, meta.name, meta.uid)
            return now is not None and any(c.is_running and c.current == run for c in now.containers.values())

        try:
            async for piece in read_log(path, query, self._notices, is_running):
                yield piece
        except FileNotFoundError as exc:
            raise Answer(400, f"unable to retrieve container logs for containerd://{run.id}") from exc

    def _query(self, request: Request) -> LogQuery:
        since = parse_time(request.value("sinceTime")) if request.value("sinceTime") else None
        if request.value("sinceSeconds"):
            since = self._clock.now() - timedelta(seconds=int(request.value("sinceSeconds")))
        tail, limit = request.value("tailLines"), request.value("limitBytes")
        stream = request.value("stream")
        return LogQuery(
            follow=request.flag("follow"),
            tail_lines=int(tail) if tail else None,
            since=since,
            timestamps=request.flag("timestamps"),
            limit_bytes=int(limit) if limit else None,
            stream="Stdout" if stream == "Stdout" else "Stderr" if stream == "Stderr" else "All",
        )

    # Streams

    async def _exec(self, request: Request, record: PodRecord, name: str) -> None:
        run, command = self._running(record, name), request.query.get("command", [])
        stdin, stdout, stderr, tty = _wishes(request)
        if V5 in request.protocols and request.is_websocket:
            await exec_v5(request, self._runtime, run.id, command, stdin=stdin, tty=tty)
            return
        url = await self._ask(
            self._runtime.exec_url(run.id, command, stdin=stdin, stdout=stdout, stderr=stderr and not tty, tty=tty)
        )
        await tunnel(request, url)

    async def _attach(self, request: Request, record: PodRecord, name: str) -> None:
        run = self._running(record, name)
        stdin, stdout, stderr, _ = _wishes(request)
        tty = container_of(record.pod, name).tty is True  # what it has, whatever the client believes
        if V5 in request.protocols and request.is_websocket:
            try:
                await attach_v5(request, self._runtime, run.id, stdin=stdin, output=stdout, error=stderr, tty=tty)
            except RuntimeFault as exc:
                raise Answer(500, exc.message) from exc
            return
        url = await self._ask(
            self._runtime.attach_url(run.id, stdin=stdin, stdout=stdout, stderr=stderr and not tty, tty=tty)
        )
        await tunnel(request, url)

    async def _forward(self, request: Request, record: PodRecord) -> None:
        if not record.sandbox.ready:
            raise Answer(404, f'pod not found ("{record.pod.metadata.name}")')
        named = ",".join(request.query.get("port", ())).split(",")
        ports = [int(port) for port in named if port.isdigit()]
        url = await self._ask(self._runtime.port_forward_url(record.sandbox.id, ports))
        if TUNNELED in request.protocols:
            await forward_tunneled(request, url)
        else:
            await tunnel(request, url)

    async def _ask(self, asked: Awaitable[str]) -> str:
        try:
            return await asked
        except RuntimeFault as exc:
            raise Answer(500, exc.message) from exc

    # What is here

    def _pods(self) -> bytes:
        items = [record.pod for record in self._agent.records()]
        return msgspec.json.encode({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items})

    def _own_metrics(self) -> str:
        records = self._agent.records()
        running = sum(found.is_running for record in records for found in record.containers.values())
        pods = sum(any(found.is_running for found in record.containers.values()) for record in records)
        return (
            "# HELP kubelet_node_name The node's name. The count is always 1.\n# TYPE kubelet_node_name gauge\n"
            f'kubelet_node_name{{node="{self._settings.node_name}"}} 1\n'
            "# HELP kubelet_running_containers Number of containers currently running\n"
            "# TYPE kubelet_running_containers gauge\n"
            f'kubelet_running_containers{{container_state="running"}} {running}\n'
            "# HELP kubelet_running_pods Number of pods that have a running pod sandbox\n"
            f"# TYPE kubelet_running_pods gauge\nkubelet_running_pods {pods}\n"
        )


def server_tls(settings: NodeSettings) -> ssl.SSLContext:
    """Every client shows a certificate of the cluster's CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.tls.certificate, settings.tls.key)
    context.load_verify_locations(settings.tls.client_ca)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def may_call(certificate: Mapping[str, Any]) -> bool:
    """By the certificate's subject, as `ssl` tells it."""
    names = [pair for part in certificate.get("subject", ()) for pair in part]
    return ("organizationName", GROUP) in names or ("commonName", USER) in names


async def _refuse(request: Request) -> None:
    raise Answer(403, "Forbidden (nodes/proxy)")


def run_with_logs(found: ContainerRecord, pod: str, has_inits: bool, *, previous: bool) -> Run:
    """Whose logs are meant. Raises Answer, in kubelet's words."""
    name, current = found.name, found.current
    if previous:
        # A container that waits for its next run shows the one that ended as its last.
        ended = current if found.waiting is not None and current is not None and current.ended else found.last
        if ended is None:
            raise Answer(400, f'previous terminated container "{name}" in pod "{pod}" not found')
        return ended
    if current is not None:
        return current
    reason = found.waiting.reason if found.waiting else "PodInitializing" if has_inits else "ContainerCreating"
    why = _WAITING.get(reason, reason)
    raise Answer(400, f'container "{name}" in pod "{pod}" is waiting to start: {why}')


_WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


def _wishes(request: Request) -> tuple[bool, bool, bool, bool]:
    """stdin, stdout, stderr, tty; names as the API server passes them on, or as users wrote them."""
    return (
        request.flag("input") or request.flag("stdin"),
        request.flag("output") or request.flag("stdout"),
        request.flag("error") or request.flag("stderr"),
        request.flag("tty"),
    )
