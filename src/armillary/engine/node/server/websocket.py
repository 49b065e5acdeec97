"""WebSockets of the kubelet API: messages of bytes, in one of the protocols that Kubernetes speaks."""

from collections.abc import Sequence

from armillary.base.errors import BadRequest
from armillary.base.serving import websocket
from armillary.base.serving.websocket import WebSocket
from armillary.engine.node.server.http import Answer, Request


async def accept(request: Request, subprotocols: Sequence[str]) -> WebSocket:
    """Upgrade the connection to the first of `subprotocols` that the client offers. Raises Answer."""
    streams = request.reader, request.writer
    try:
        return await websocket.accept(request.head, lambda: streams, is_text=False, subprotocols=subprotocols)
    except BadRequest as exc:
        raise Answer(400, exc.message) from exc
