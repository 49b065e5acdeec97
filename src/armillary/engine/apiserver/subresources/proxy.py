"""Passing HTTP on to a pod, a service's pod or a node's agent: the `proxy` subresources.

Semantics: k8s.io/kubernetes, ResourceLocation of pods, services and nodes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

import aiohttp
from yarl import URL

from armillary.base.errors import BadRequest, Unavailable
from armillary.engine.apiserver.ports import Call
from armillary.engine.apiserver.subresources.agents import Agents
from armillary.engine.apiserver.subresources.body import look_up
from armillary.engine.apiserver.subresources.relay import relay
from armillary.engine.apiserver.subresources.tunnel import is_upgrade, tunnel
from armillary.engine.kinds.faults import shown
from armillary.engine.kinds.resource import Json

# Headers that concern one connection only (RFC 9110, 7.6.1), and what is only meant for us.
_HOP_BY_HOP = frozenset(
    (
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
        "upgrade", "host", "content-length", "authorization",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a request goes. `agent` when it is a node's agent at its own port."""

    scheme: str
    host: str
    port: int
    agent: bool = False

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Proxies:
    """The handlers of `pods/proxy`, `services/proxy` and `nodes/proxy`."""

    agents: Agents

    async def pod(self, call: Call) -> None:
        scheme, name, port = _split(call.name, "pod")
        pod = look_up(call, "pods", call.namespace, name)
        status = pod.get("status") or {}
        await self._pass(call, _Place(scheme, _checked(status.get("podIP", "")), int(port or _first_port(pod["spec"]))))

    async def service(self, call: Call) -> None:
        scheme, name, port = _split(call.name, "service")
        if port.isdigit():
            port = _port_name(look_up(call, "services", call.namespace, name), int(port))
        endpoints = look_up(call, "endpoints", call.namespace, name)
        places = list(_endpoints(call, endpoints, port))
        if not places:
            raise Unavailable(f"no endpoints available for service {shown(call.name)}")
        host, number = random.choice(places)  # noqa: S311  # any of them will do
        await self._pass(call, _Place(scheme, host, number))

    async def node(self, call: Call) -> None:
        scheme, name, port = _split(call.name, "node")
        host, own = self.agents.address(call, name)
        is_agent = port in ("", str(own))
        await self._pass(call, _Place("https" if is_agent else scheme, host, own if is_agent else int(port), is_agent))

    async def _pass(self, call: Call, place: _Place) -> None:
        query = call.scope.get("query_string", b"").decode("latin-1")
        target = f"/{call.rest}" + (f"?{query}" if query else "")
        if is_upgrade(call):
            far = await self.agents.connect(place.host, place.port, tls=place.scheme == "https", verify=place.agent)
            await tunnel(call, far, place.authority, target)
            return
        url = URL(f"{place.scheme}://{place.authority}{target}", encoded=True)
        try:
            async with self.agents.session.request(
                call.method,
                url,
                headers=_onward(call.headers),
                data=call.body or None,
                allow_redirects=False,
                ssl=place.agent,  # what a pod shows cannot be judged, and is not
            ) as answer:
                await relay(call, answer, _backward(answer))
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise Unavailable(f"error trying to reach service: {exc}") from exc


def _split(text: str, kind: str) -> tuple[str, str, str]:
    """`name`, `name:port` or `scheme:name:port`."""
    match text.split(":"):
        case [name] if name:
            return "http", name, ""
        case [name, port] if name:
            return "http", name, port
        case [scheme, name, port] if name and scheme in ("http", "https", ""):
            return scheme or "http", name, port
    raise BadRequest(f"invalid {kind} request {shown(text)}")


def _checked(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError as exc:
        raise BadRequest("address not allowed") from exc
    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified:
        raise BadRequest("address not allowed")
    return host


def _first_port(spec: Json) -> int:
    ports = (port["containerPort"] for container in spec["containers"] for port in container.get("ports") or ())
    return next(ports, 80)


def _port_name(service: Json, number: int) -> str:
    for port in service["spec"].get("ports") or ():
        if port["port"] == number:
            return str(port.get("name", ""))
    name = service["metadata"]["name"]
    raise Unavailable(f"no service port {number} found for service {shown(name)}")


def _endpoints(call: Call, endpoints: Json, port: str) -> Iterator[tuple[str, int]]:
    """Only pods that are what the endpoints say: else anybody who writes endpoints could reach anywhere from here."""
    for subset in endpoints.get("subsets") or ():
        numbers = [p["port"] for p in subset.get("ports") or () if p.get("name", "") == port]
        for address in subset.get("addresses") or ():
            target = address.get("targetRef") or {}
            pod = call.server.objects.get("pods", target.get("namespace", ""), target.get("name", ""))
            if numbers and target.get("kind") == "Pod" and pod is not None:
                ips = [found["ip"] for found in (pod.get("status") or {}).get("podIPs") or ()]
                if address["ip"] in (*ips, (pod.get("status") or {}).get("podIP")):
                    yield _checked(address["ip"]), numbers[0]


def _onward(headers: Mapping[str, str]) -> dict[str, str]:
    return {n: v for n, v in headers.items() if n not in _HOP_BY_HOP and not n.startswith("impersonate-")}


def _backward(answer: aiohttp.ClientResponse) -> list[tuple[bytes, bytes]]:
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in answer.headers.items()
        if name.lower() not in _HOP_BY_HOP or name.lower() == "content-length"
    ]
