"""Subresources of pods that the node's agent answers: log, exec, attach, portforward.

Semantics and wording: k8s.io/kubernetes, pkg/registry/core/pod (strategy.go, rest/).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from armillary.base.clock import format_time
from armillary.base.errors import ApiError, BadRequest, Cause, Internal, error_of
from armillary.engine.apiserver.auth.node import containers_of
from armillary.engine.apiserver.auth.refusal import forbidden
from armillary.engine.apiserver.ports import Answer, Attributes, Authorizer, Call
from armillary.engine.apiserver.subresources.agents import Agents
from armillary.engine.apiserver.subresources.body import flag, look_up, text
from armillary.engine.apiserver.subresources.relay import relay
from armillary.engine.apiserver.subresources.tunnel import is_upgrade, tunnel
from armillary.engine.kinds.faults import forbidden as forbidden_field
from armillary.engine.kinds.faults import invalid, not_supported, refusal
from armillary.engine.kinds.resource import Json

STREAMS = ("All", "Stdout", "Stderr")
MOST_REFUSAL_BYTES = 50_000


def container_of(pod: Json, wanted: str) -> str:
    """The container that is meant. Raises BadRequest when that is not clear."""
    name, spec = pod["metadata"]["name"], pod["spec"]
    if wanted:
        if all(container["name"] != wanted for container in containers_of(spec)):
            raise BadRequest(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(spec["containers"]) == 1:
        only: str = spec["containers"][0]["name"]
        return only
    names = " ".join(container["name"] for container in containers_of(spec))
    raise BadRequest(f"a container name must be specified for pod {name}, choose one of: [{names}]")


@dataclass(frozen=True, slots=True)
class PodLogs:
    """The handler of `pods/log`."""

    agents: Agents

    async def get(self, call: Call) -> Answer | None:
        query = _log_query(call)
        pod = look_up(call, "pods", call.namespace, call.name)
        container = container_of(pod, text(call, "container"))
        node = pod["spec"].get("nodeName")
        if not node:
            return Answer(b"", 204, "text/plain")
        host, port = self.agents.address(call, node)
        path = _path("containerLogs", call.namespace, call.name, container)
        url = f"https://{_bracketed(host)}:{port}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            async with self.agents.session.get(URL(url, encoded=True)) as answer:
                if not 200 <= answer.status <= 206:
                    body = (await answer.content.read(MOST_REFUSAL_BYTES)).decode(errors="replace")
                    raise _refusal(answer.status, call.name, body)
                await relay(call, answer, [(b"content-type", b"text/plain")])
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise Internal(f'Get "{url}": {exc}') from exc
        return None


def _log_query(call: Call) -> dict[str, str]:
    """What the agent is asked for. Raises BadRequest, Invalid."""
    query = {name: "true" for name in ("follow", "previous", "timestamps") if flag(call, name)}
    faults: list[Cause] = []
    since, since_time = _integer(call, "sinceSeconds"), text(call, "sinceTime")
    tail, limit = _integer(call, "tailLines"), _integer(call, "limitBytes")
    stream = text(call, "stream") or "All"
    if tail is not None and tail < 0:
        faults.append(invalid("tailLines", tail, "must be greater than or equal to 0"))
    if limit is not None and limit < 1:
        faults.append(invalid("limitBytes", limit, "must be greater than 0"))
    if since is not None and since_time:
        faults.append(forbidden_field("", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    elif since is not None and since < 1:
        faults.append(invalid("sinceSeconds", since, "must be greater than 0"))
    if stream not in STREAMS:
        faults.append(not_supported("stream", stream, STREAMS))
    if stream != "All" and tail is not None:
        faults.append(forbidden_field("", "`tailLines` and specific `stream` are mutually exclusive for now"))
    if since_time:
        try:
            since_time = format_time(datetime.fromisoformat(since_time))
        except ValueError as exc:
            raise BadRequest(f"parsing time {since_time!r} as RFC 3339: {exc}") from exc
    if faults:
        raise refusal("", "PodLogOptions", call.name, faults)
    numbers = {"sinceSeconds": since, "tailLines": tail, "limitBytes": limit}
    query |= {name: str(value) for name, value in numbers.items() if value is not None}
    return query | ({"sinceTime": since_time} if since_time else {}) | {"stream": stream}


def _integer(call: Call, name: str) -> int | None:
    said = text(call, name)
    if not said:
        return None
    try:
        return int(said)
    except ValueError as exc:
        raise BadRequest(f'strconv.ParseInt: parsing "{said}": invalid syntax') from exc


def _refusal(status: int, pod: str, body: str) -> ApiError:
    if status == 500:
        return Internal(f"Internal error occurred: {body}")
    if status == 400:
        return BadRequest(body)
    said = f"the server could not find the requested resource ( pods/log {pod})" if status == 404 else body
    return error_of(status, None, said)


@dataclass(frozen=True, slots=True)
class PodStreams:
    """The handlers of `pods/exec`, `pods/attach` and `pods/portforward`."""

    agents: Agents
    authorizer: Authorizer

    async def exec(self, call: Call) -> None:
        commands = [("command", word) for word in call.query.get("command", ())]
        await self._to_container(call, "exec", commands)

    async def attach(self, call: Call) -> None:
        await self._to_container(call, "attach", ())

    async def port_forward(self, call: Call) -> None:
        self._check_may_create(call)
        pod = look_up(call, "pods", call.namespace, call.name)
        ports = [port for said in call.query.get("ports", ()) for port in said.split(",")]
        await self._go(call, pod, _path("portForward", call.namespace, call.name), [("port", ",".join(ports))])

    async def _to_container(self, call: Call, what: str, commands: Sequence[tuple[str, str]]) -> None:
        self._check_may_create(call)
        pod = look_up(call, "pods", call.namespace, call.name)
        container = container_of(pod, text(call, "container"))
        wishes = [
            (theirs, "1")
            for ours, theirs in (("stdin", "input"), ("stdout", "output"), ("stderr", "error"), ("tty", "tty"))
            if flag(call, ours)
        ]
        await self._go(call, pod, _path(what, call.namespace, call.name, container), [*wishes, *commands])

    async def _go(self, call: Call, pod: Json, path: str, query: Sequence[tuple[str, str]]) -> None:
        node = pod["spec"].get("nodeName")
        if not node:
            raise BadRequest(f"pod {call.name} does not have a host assigned")
        if not is_upgrade(call):
            raise BadRequest("Upgrade request required")
        host, port = self.agents.address(call, node)
        asked = urlencode([(name, value) for name, value in query if value])
        far = await self.agents.connect(host, port)
        await tunnel(call, far, f"{_bracketed(host)}:{port}", f"{path}?{asked}" if asked else path)

    def _check_may_create(self, call: Call) -> None:
        """A GET (WebSockets know no other method) does what a POST does, and needs the same permission."""
        if call.method != "GET":
            return
        asked = Attributes(
            call.user, "create", "", "v1", "pods", call.subresource, namespace=call.namespace, name=call.name
        )
        verdict = self.authorizer.authorize(asked)
        if not verdict.allowed:
            raise forbidden("", "pods", call.name, verdict.reason)


def _path(*parts: str) -> str:
    return "/" + "/".join(quote(part, safe="") for part in parts)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
