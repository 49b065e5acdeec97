"""The way to the nodes' agents: their kubelet API, over TLS, as the API server."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import aiohttp

from armillary.base.errors import Internal
from armillary.engine.apiserver.ports import Call
from armillary.engine.apiserver.subresources.body import look_up

DEFAULT_PORT = 10250
CONNECT_SECONDS = 10.0


def agent_tls(ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """Believes certificates of the cluster's CA only, and shows its own."""
    context = ssl.create_default_context(cafile=str(ca))
    context.load_cert_chain(certificate, key)
    return context


class Agents:
    """Connections to agents. Close it when the server ends."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    def address(self, call: Call, node: str) -> tuple[str, int]:
        """Where the agent of that node listens. Raises NotFound, Internal."""
        status = look_up(call, "nodes", "", node).get("status") or {}
        addresses = {a["type"]: a["address"] for a in status.get("addresses") or ()}
        host = addresses.get("InternalIP") or addresses.get("ExternalIP") or addresses.get("Hostname")
        if not host:
            raise Internal(f"no preferred addresses found; known addresses: {list(addresses.values())}")
        port = ((status.get("daemonEndpoints") or {}).get("kubeletEndpoint") or {}).get("Port")
        return host, int(port or DEFAULT_PORT)

    @property
    def session(self) -> aiohttp.ClientSession:
        """For plain requests; made when it is first needed, in the loop that needs it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._tls, limit=0),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                auto_decompress=False,
            )
        return self._session

    async def connect(
        self, host: str, port: int, *, tls: bool = True, verify: bool = True
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection of one's own. Raises Internal when there is none to be had."""
        context = (self._tls if verify else _trusting_all()) if tls else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await asyncio.open_connection(host, port, ssl=context)
        except (OSError, TimeoutError) as exc:
            raise Internal(f"error dialing backend: dial tcp {host}:{port}: {exc}") from exc

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _trusting_all() -> ssl.SSLContext:
    """For pods, whose certificates nobody could judge."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
