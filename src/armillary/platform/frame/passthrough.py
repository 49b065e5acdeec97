"""/clusters/NAME/...: a cluster's own API, as the caller.

A request goes on to that cluster's API server with the platform's credentials and the caller's name in impersonation
headers; nothing that the client sent can change either. Heads are looked at, bodies are streams of bytes.
"""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from armillary.base.errors import ApiError, Denied, MethodNotAllowed, Unavailable
from armillary.base.serving.client import Exchange as Far
from armillary.base.serving.client import Head, Header, Pool
from armillary.base.serving.connection import TAKE_OVER
from armillary.base.serving.tunnel import asks_to_upgrade, tunnel
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.ending import Ending
from armillary.platform.frame.exchange import Exchange
from armillary.platform.frame.gate import Gate, check_origin, check_scopes
from armillary.platform.frame.kube_path import STREAMED, Subject, split, subject_of
from armillary.platform.frame.parts import Audit, Deed, Streams
from armillary.platform.frame.shares import Shares

PREFIX = "/clusters/"
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))  # no TRACE: it repeats credentials
HEAD_SECONDS = 120.0  # until an answer begins: API servers end what takes longer
MOST_KEPT_BYTES = 1 << 18  # of an answer, for the audit log
_PROTOCOLS = frozenset(("websocket", "spdy/3.1"))
BEARER_PROTOCOL = "base64url.bearer.authorization.k8s.io."

# What concerns one connection (RFC 9110, 7.6.1), who the client says to be, and where it says to come from.
_NOT_SENT_ON = frozenset(
    (
        b"host", b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"content-length",
        b"expect", b"authorization", b"cookie", b"forwarded", b"origin", b"referer", b"via", b"x-real-ip",
        b"x-request-id", b"audit-id", b"service-worker",
    )
)  # fmt: skip
_NOT_SENT_ON_PREFIXES = (b"impersonate-", b"x-remote-", b"x-forwarded-", b"proxy-", b"sec-fetch-", b"x-original-")
_NOT_SENT_BACK = frozenset(
    (
        b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"proxy-authenticate",
        b"proxy-connection", b"set-cookie", b"set-cookie2", b"strict-transport-security", b"clear-site-data",
        b"service-worker-allowed", b"content-security-policy", b"content-security-policy-report-only",
        b"x-frame-options", b"x-content-type-options", b"referrer-policy", b"alt-svc", b"authorization", b"date",
        b"server", b"x-request-id", b"www-authenticate", b"authentication-info", b"public-key-pins", b"refresh",
    )
)  # fmt: skip
# Whatever stands in an answer, it is no page of ours: no script, no form, an origin of its own.
_SANDBOX = (b"content-security-policy", b"sandbox; default-src 'none'; frame-ancestors 'none'")


@dataclass(frozen=True, slots=True)
class Upstream:
    """A cluster's API server, and what the platform shows it."""

    pool: Pool
    credentials: tuple[Header, ...] = ()
    prefix: bytes = b""  # before every path


class Upstreams(Protocol):
    """Raises NotFound for a cluster there is not, Unavailable for one not connected."""

    def upstream(self, cluster: str) -> Upstream: ...


class _Meta(msgspec.Struct):
    name: str = ""
    namespace: str = ""


class _Named(msgspec.Struct):
    kind: str = ""
    metadata: _Meta = msgspec.field(default_factory=_Meta)


@dataclass(frozen=True, slots=True)
class _Passing:
    """One request on its way."""

    exchange: Exchange
    caller: Caller
    cluster: str
    target: bytes
    subject: Subject
    upstream: Upstream
    ending: Ending = field(default_factory=Ending)


@dataclass(frozen=True, slots=True)
class PassThrough:
    """The part of the front door below /clusters/."""

    gate: Gate
    upstreams: Upstreams
    streams: Streams
    audit: Audit
    shares: Shares

    async def __call__(self, exchange: Exchange) -> bool:
        cluster, rest = split(exchange.path)
        subject = subject_of(exchange.method, rest, exchange.query)
        exchange.route = f"{PREFIX}{{cluster}}"
        if exchange.method not in _METHODS:
            raise MethodNotAllowed(f"{exchange.method} is not allowed here")
        check_origin(exchange, self.gate.origin, is_safe=not subject.is_proxy)
        caller = await self._caller(exchange)
        if any(name.startswith("impersonate-") for name in exchange.headers):
            # Left out in silence, what was meant for another would be done with all rights of one's own.
            raise Denied("others can't be impersonated through the platform")
        is_upgrade = _leaves_http(exchange)
        check_scopes(caller, "kubernetes", is_read=subject.is_read and not is_upgrade)
        target = f"{rest}?".encode("latin-1") + exchange.query if exchange.query else rest.encode("latin-1")
        upstream = self.upstreams.upstream(cluster)
        passing = _Passing(exchange, caller, cluster, target, subject, upstream)
        lasts = subject.is_stream or is_upgrade
        with self.streams.opened(caller, passing.ending), self.shares.held(caller.user, is_stream=lasts):
            try:
                await (self._tunnel(passing) if is_upgrade else self._pass(passing))
            except ApiError as error:
                self._note(passing, error.code)
                raise
            except ConnectionError as exc:
                self._note(passing, Unavailable.code)
                raise Unavailable(f"cluster {cluster} does not answer: {exc}", retry_after_seconds=1) from exc
        return True

    async def _caller(self, exchange: Exchange) -> Caller:
        """As everywhere; browsers may also show a token among the protocols of a WebSocket, as Kubernetes has it."""
        shown = _token_of(exchange.headers.get("sec-websocket-protocol", ""))
        if shown and "authorization" not in exchange.headers:
            exchange.headers["authorization"] = f"Bearer {shown}"
        caller = await self.gate.authenticated(exchange)
        if caller.must_change_password:
            raise Denied("change your password first", reason="PasswordChangeRequired")
        return caller

    # Requests that stay HTTP

    async def _pass(self, passing: _Passing) -> None:
        exchange, pool = passing.exchange, passing.upstream.pool
        message = await exchange.receive()
        if message["type"] == "http.disconnect":
            return
        first, more = message.get("body", b""), message.get("more_body", False)
        is_chunked = "chunked" in exchange.headers.get("transfer-encoding", "").lower()
        request = _head(passing, _framing(exchange, len(first), more, is_chunked=is_chunked))
        body = _pieces(exchange, first, is_chunked=is_chunked) if more else None
        sent = request + (b"" if more else _chunked(first) + b"0\r\n\r\n" if is_chunked else first)
        may_repeat = exchange.method in ("GET", "HEAD") and not first
        far = await pool.exchange(sent, body, bodyless=may_repeat)
        try:
            passing.ending.then(far.finish)
            await self._relay(passing, far)
        finally:
            pool.give_back(far)

    async def _relay(self, passing: _Passing, far: Far) -> None:
        """The answer, while it comes, until it ends or the client goes."""
        # No task group: it would wrap what is raised here.
        gone = asyncio.get_running_loop().create_task(_drop_when_gone(passing.exchange, far), name="client")
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await far.head()
            await self._send_back(passing, head, far)
        except TimeoutError as exc:
            raise Unavailable(f"cluster {passing.cluster} does not answer in time", code=504, reason="Timeout") from exc
        finally:
            gone.cancel()

    async def _send_back(self, passing: _Passing, head: Head, far: Far) -> None:
        exchange, subject = passing.exchange, passing.subject
        keeps = subject.is_noted and head.status < 300 and subject.subresource not in ("token", "proxy")
        kept: list[bytes] = []
        await exchange.begin(head.status, _sent_back(head.headers))
        if exchange.method == "HEAD":
            far.end_early()
        more = True
        while more:
            chunk = await far.read()
            more = not far.is_whole
            if keeps:
                kept.append(chunk)
                keeps = sum(map(len, kept)) <= MOST_KEPT_BYTES
            await exchange.write(chunk, more=more)
        self._note(passing, head.status, b"".join(kept) if keeps else b"")

    # Requests that leave HTTP

    async def _tunnel(self, passing: _Passing) -> None:
        """Exec, attach and port-forward: bytes both ways, whatever protocol the two ends have agreed on."""
        exchange = passing.exchange
        request = _head(
            passing, [(b"connection", b"Upgrade"), (b"upgrade", exchange.headers["upgrade"].encode("latin-1"))]
        )
        far = await passing.upstream.pool.dial()
        faults: list[ApiError] = []

        async def carry() -> None:
            try:
                await tunnel(self._told(passing), _noting(exchange), far, request)
            except ApiError as exc:
                faults.append(exc)

        async with asyncio.TaskGroup() as group:
            carrying = group.create_task(carry(), name=f"tunnel {exchange.path}")
            passing.ending.then(carrying.cancel)
            await asyncio.wait((carrying,))
        far[1].close()
        if faults:
            raise faults[0]
        if not exchange.status:
            raise Unavailable("the session has ended, or the server is leaving")
        if exchange.status != 101:
            self._note(passing, exchange.status)

    def _told(self, passing: _Passing) -> Mapping[str, Any]:
        """The request's scope; the deed is noted in the moment in which the connection is given away."""
        scope = passing.exchange.scope
        take_over: Callable[[], Any] | None = (scope.get("extensions") or {}).get(TAKE_OVER)
        if take_over is None:
            return dict(scope)

        def noted() -> Any:
            passing.exchange.status = 101
            self._note(passing, 101)
            return take_over()

        return {**scope, "extensions": {TAKE_OVER: noted}}

    # What is remembered

    def _note(self, passing: _Passing, code: int, answer: bytes = b"") -> None:
        subject, exchange, caller = passing.subject, passing.exchange, passing.caller
        if not subject.is_noted:
            return
        named = _named(answer)
        body = answer if named is not None else b""
        named = named or _Named()
        is_delete = subject.verb == "delete"
        self.audit.note(
            Deed(
                action=subject.subresource if subject.subresource in STREAMED else subject.verb,
                user=caller.user,
                outcome="success" if code < 400 else "denied" if code in (401, 403) else "failed",
                address=exchange.address,
                agent=exchange.headers.get("user-agent", ""),
                session=caller.session,
                cluster=passing.cluster,
                namespace=subject.namespace or named.metadata.namespace,
                group=subject.group,
                resource=subject.resource,
                subresource=subject.subresource,
                name=subject.name or named.metadata.name,
                code=code,
                request_id=exchange.request_id,
                before=body if is_delete else b"",
                after=b"" if is_delete else body,
            )
        )


def _named(body: bytes) -> _Named | None:
    """Whose JSON it is; None if it is not an object's."""
    try:
        named = msgspec.json.decode(body, type=_Named)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return None if named.kind == "Status" else named


def _leaves_http(exchange: Exchange) -> bool:
    """Only for what Kubernetes speaks: another HTTP inside would be one that nobody here has looked at."""
    return asks_to_upgrade(exchange.headers) and exchange.headers["upgrade"].lower() in _PROTOCOLS


def _token_of(protocols: str) -> str:
    for protocol in protocols.split(","):
        text = protocol.strip()
        if text.startswith(BEARER_PROTOCOL):
            return _decoded(text.removeprefix(BEARER_PROTOCOL))
    return ""


def _decoded(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _framing(exchange: Exchange, size: int, more: bool, *, is_chunked: bool) -> list[Header]:
    if is_chunked:
        return [(b"transfer-encoding", b"chunked")]
    length = exchange.headers.get("content-length", "")
    if length:
        return [(b"content-length", length.encode())]
    return [] if exchange.method in ("GET", "HEAD") and not size else [(b"content-length", b"%d" % size)]


def _head(passing: _Passing, framing: Iterable[Header]) -> bytes:
    """The request as the API server gets it."""
    exchange, upstream = passing.exchange, passing.upstream
    lines = [b"%b %b HTTP/1.1" % (exchange.method.encode(), upstream.prefix + passing.target)]
    lines.append(b"Host: " + upstream.pool.endpoint.authority.encode())
    for name, value in (*upstream.credentials, *_impersonation(passing.caller), *framing, *_sent_on(passing)):
        lines.append(b"%b: %b" % (name, value))
    return b"\r\n".join((*lines, b"", b""))


def _impersonation(caller: Caller) -> list[Header]:
    named = [(b"Impersonate-User", caller.kube_user), *((b"Impersonate-Group", g) for g in caller.kube_groups)]
    if any(not value.isprintable() for _, value in named):
        raise Denied("your name or one of your groups holds characters that no header may")
    return [(name, value.encode()) for name, value in named]


def _sent_on(passing: _Passing) -> list[Header]:
    exchange = passing.exchange
    dropped = {token.strip().encode() for token in exchange.headers.get("connection", "").lower().split(",")}
    if passing.subject.is_noted:
        dropped.add(b"accept-encoding")  # the answer is read for the audit log
    found = []
    for raw, value in exchange.scope["headers"]:
        name = raw.lower()
        if name in _NOT_SENT_ON or name in dropped or name.startswith(_NOT_SENT_ON_PREFIXES):
            continue
        if name == b"sec-websocket-protocol":
            protocols = [p.strip() for p in value.decode("latin-1").split(",")]
            value = ", ".join(p for p in protocols if not p.startswith(BEARER_PROTOCOL)).encode("latin-1")
            if not value:
                continue
        found.append((name, value))
    return found


def _sent_back(headers: Iterable[Header]) -> list[Header]:
    lowered = [(name.lower(), value) for name, value in headers]
    kept = [h for h in lowered if h[0] not in _NOT_SENT_BACK and not h[0].startswith(b"access-control-")]
    return [*kept, _SANDBOX]


async def _pieces(exchange: Exchange, first: bytes, *, is_chunked: bool) -> AsyncIterator[bytes]:
    piece, more = first, True
    while True:
        if piece:
            yield _chunked(piece) if is_chunked else piece
        if not more:
            break
        message = await exchange.receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the client went away")
        piece, more = message.get("body", b""), message.get("more_body", False)
    if is_chunked:
        yield b"0\r\n\r\n"


def _chunked(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""


async def _drop_when_gone(exchange: Exchange, far: Far) -> None:
    while (await exchange.receive())["type"] != "http.disconnect":
        pass
    if not far.is_whole:
        far.drop()


def _noting(exchange: Exchange) -> Any:
    """A refusal by the other side, with the guards of every answer."""

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            await exchange.begin(message["status"], _sent_back(message["headers"]))
        else:
            await exchange.send(message)

    return send
