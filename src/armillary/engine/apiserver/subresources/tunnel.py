"""The engine's tunnels: a client's upgraded request, carried on to a node's agent or a pod."""

from armillary.base.serving.connection import Streams
from armillary.base.serving.tunnel import asks_to_upgrade
from armillary.base.serving.tunnel import tunnel as carry
from armillary.engine.apiserver.auth.authenticate import BEARER_PROTOCOL
from armillary.engine.apiserver.ports import Call

# Not for whom the request is passed on to.
_OURS = frozenset(("host", "authorization", "content-length", "transfer-encoding", "expect"))


def is_upgrade(call: Call) -> bool:
    return asks_to_upgrade(call.headers)


async def tunnel(call: Call, far: Streams, host: str, target: str) -> None:
    """Ask the far side to switch protocols at `target`; then carry bytes until both sides are done."""
    await carry(call.scope, call.send, far, _head(call, host, target))


def _head(call: Call, host: str, target: str) -> bytes:
    lines = [f"{call.method} {target} HTTP/1.1", f"Host: {host}"]
    for raw_name, raw_value in call.scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name.lower() in _OURS or name.lower().startswith("impersonate-"):
            continue
        if name.lower() == "sec-websocket-protocol":
            kept = [p.strip() for p in value.split(",") if not p.strip().startswith(BEARER_PROTOCOL)]
            value = ", ".join(kept)
        lines.append(f"{name}: {value}")
    if call.body:
        lines.append(f"Content-Length: {len(call.body)}")
    return "\r\n".join((*lines, "", "")).encode("latin-1") + call.body
