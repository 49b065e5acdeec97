"""The front door: one ASGI application for everything that the platform serves.

A request's way: find the route -> who asks, and may they (`gate`) -> decode -> handler -> answer. What lies below
/clusters/ goes to a cluster's API server (`passthrough`); what no route answers may be a file of the console.
"""

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import msgspec

from armillary.base.errors import ApiError, BadRequest, Internal, MethodNotAllowed, NotFound
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.capability import Call, Conversation, Reply, Route
from armillary.platform.frame.decode import decode_body, decode_query
from armillary.platform.frame.ending import Ending
from armillary.platform.frame.exchange import Exchange, Receive, Send, refusal, request_id_of
from armillary.platform.frame.gate import Gate
from armillary.platform.frame.lines import send_lines
from armillary.platform.frame.metrics import Metrics
from armillary.platform.frame.pages import State
from armillary.platform.frame.parts import Parts
from armillary.platform.frame.router import Found, Router
from armillary.platform.frame.shares import Shares
from armillary.platform.frame.sockets import is_websocket, speak

log = logging.getLogger(__name__)

API = "/platform/v1"
_NAMELESS = "other"  # in metrics: what a client asks for must not become a label


@dataclass(frozen=True, slots=True)
class Bound:
    """A route with what its handler is given; `tag` is its capability's name."""

    route: Route[Any]
    deps: Any
    tag: str

    @property
    def path(self) -> str:
        """From the origin."""
        path = self.route.path
        return path[1:] if path.startswith("//") else API + path


class Other(Protocol):
    """Answers for a whole part of the paths."""

    async def __call__(self, exchange: Exchange) -> bool:
        """Whether it has answered."""
        ...


class FrontDoor:
    """`others` are asked in turn for what no route answers: by the beginning of the path."""

    def __init__(
        self,
        routes: Sequence[Bound],
        parts: Parts,
        gate: Gate,
        metrics: Metrics,
        shares: Shares,
        state: State,
        others: Sequence[tuple[str, Other]] = (),
    ) -> None:
        self._router: Router[Bound] = Router()
        for bound in routes:
            self._router.add(bound.route.method, bound.path, bound)
        self._parts, self._gate, self._metrics, self._shares = parts, gate, metrics, shares
        self._others = others
        self._secure = is_strict(parts.settings.origin)
        self._state = state

    async def leave(self) -> None:
        """Be not ready from now on, and end every stream."""
        self._state.leaving = True
        self._parts.streams.end_all()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"no answer to {scope['type']}")
        began = self._parts.clock.monotonic()
        request_id = request_id_of(scope["headers"], lambda: f"{self._parts.random.getrandbits(64):016x}")
        exchange = Exchange(scope, receive, send, request_id, self._secure)
        try:
            await self._answer(exchange)
        except ApiError as error:
            await self._refuse(exchange, error)
        except Exception:  # boundary: a bug is answered as one and the server goes on
            log.exception("request failed", extra=_told(exchange))
            await self._refuse(exchange, Internal(f"an internal error: the log says more, at {request_id}"))
        finally:
            self._tell(exchange, self._parts.clock.monotonic() - began)

    def _tell(self, exchange: Exchange, seconds: float) -> None:
        self._metrics.count(exchange.route or _NAMELESS, exchange.method, exchange.status, seconds)
        log.info("request", extra=_told(exchange) | {"ms": round(seconds * 1000, 1)})

    async def _refuse(self, exchange: Exchange, error: ApiError) -> None:
        if exchange.status:
            log.info("answer cut off", extra=_told(exchange) | {"error": str(error)})
            return
        shown = "authorization" in exchange.headers or bool(exchange.cookies)
        await exchange.answer(refusal(error, shown=shown))

    async def _answer(self, exchange: Exchange) -> None:
        found = self._router.find(exchange.path)
        if found is None:
            for prefix, other in self._others:
                if exchange.path.startswith(prefix) and await other(exchange):
                    return
            raise NotFound("there is nothing at this path")
        bound = await self._bound(exchange, found)
        if bound is None:
            return
        route = bound.route
        exchange.route = bound.path
        caller = await self._gate.admit(exchange, route, found.path)
        ending = Ending()
        if caller is None:
            await self._serve(exchange, bound, found.path, None, ending)
            return
        if route.socket and not is_websocket(exchange.headers):
            error = BadRequest("this is a WebSocket: ask for an upgrade", code=426, reason="UpgradeRequired")
            await exchange.answer(replace(refusal(error), headers=(("upgrade", "websocket"),)))
            return
        with self._parts.streams.opened(caller, ending), self._shares.held(caller.user, is_stream=route.socket):
            await self._serve(exchange, bound, found.path, caller, ending)

    async def _serve(
        self, exchange: Exchange, bound: Bound, path: Mapping[str, str], caller: Caller | None, ending: Ending
    ) -> None:
        route = bound.route
        call = Call(
            caller=caller,
            path=path,
            query=None if route.query is None else decode_query(exchange.query, route.query),
            body=None if route.body is None else await self._body(exchange, route),
            headers=exchange.headers,
            cookies=exchange.cookies,
            address=exchange.address,
            request_id=exchange.request_id,
        )
        value = await route.handler(call, bound.deps)
        if route.socket:
            await self._speak(exchange, value, call.user, ending)
        else:
            await self._give(exchange, route, ending, value)

    async def _speak(self, exchange: Exchange, value: Conversation, caller: Caller, ending: Ending) -> None:
        async def who() -> Caller:
            return await self._gate.authenticated(exchange)

        await speak(exchange, value, caller, who, self._parts.clock, ending, lambda: self._state.leaving)

    async def _body(self, exchange: Exchange, route: Route[Any]) -> Any:
        return decode_body(await exchange.read(), exchange.headers.get("content-type", ""), route.body)

    async def _bound(self, exchange: Exchange, found: Found[Bound]) -> Bound | None:
        """The route of this method; None for OPTIONS, which is answered here."""
        methods = found.methods
        bound = methods.get(exchange.method) or (methods.get("GET") if exchange.method == "HEAD" else None)
        if bound is not None:
            return bound
        allowed = sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())})
        allow = (("allow", ", ".join(allowed)),)
        if exchange.method == "OPTIONS":
            await exchange.answer(Reply(status=204, headers=allow))
            return None
        error = MethodNotAllowed(f"{exchange.method} is not allowed here; {', '.join(allowed)} are")
        reply = refusal(error)
        await exchange.answer(Reply(reply.body, reply.status, headers=allow))
        return None

    async def _give(self, exchange: Exchange, route: Route[Any], ending: Ending, value: Any) -> None:
        match value:
            case Reply():
                await exchange.answer(value)
            case None if route.returns is None:
                await exchange.answer(Reply(status=204 if route.status == 200 else route.status))
            case AsyncIterator():
                await send_lines(exchange, route.status, value, ending)
            case _:
                await exchange.answer(Reply(msgspec.json.encode(value), route.status))


def is_strict(origin: str) -> bool:
    """Whether browsers may be told to use TLS only: not for names that other servers of a machine share."""
    scheme, _, host = origin.partition("://")
    name = host.partition(":")[0]
    return scheme == "https" and name != "localhost" and not name.replace(".", "").isdigit() and host[:1] != "["


def _told(exchange: Exchange) -> dict[str, object]:
    """For the log: never the query, which may hold codes and tokens."""
    return {
        "request": exchange.request_id,
        "method": exchange.method,
        # A route's own path where it holds a secret (the guard's).
        "path": exchange.route if "{secret}" in exchange.route else exchange.path,
        "user": exchange.user,
        "address": exchange.address,
        "code": exchange.status,
    }
