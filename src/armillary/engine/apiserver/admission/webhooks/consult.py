"""Asks webhooks about a write: mutating ones in turn, validating ones side by side.

Semantics and wording: k8s.io/apiserver, admission/plugin/webhook/{mutating,validating} and util/webhook.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import orjson

from armillary.base.errors import ApiError, BadRequest, Internal
from armillary.engine.apiserver.admission.webhooks.face import Face
from armillary.engine.apiserver.admission.webhooks.hooks import (
    EXEMPT,
    MUTATING,
    VALIDATING,
    Hook,
    Where,
    compiled,
    namespace_labels,
)
from armillary.engine.apiserver.admission.webhooks.review import (
    VERSIONS,
    Opinion,
    Unanswered,
    failed,
    opinion_of,
    patched,
    review_of,
)
from armillary.engine.apiserver.ports import AdmissionRequest, Objects
from armillary.engine.apiserver.registry import Table
from armillary.engine.apiserver.schema.body import Validation, conform
from armillary.engine.apiserver.schemas import Schemas
from armillary.engine.kinds.resource import Json

MOST_ANSWER_BYTES = 8 << 20
CONFIGURATIONS = frozenset((VALIDATING, MUTATING))

Wanted = Callable[[Hook], Face | None]


@dataclass(slots=True)
class Webhooks:
    """The hooks there are. Told of every submitted write as an observer. Close it when the server ends."""

    objects: Objects
    schemas: Schemas
    table: Callable[[], Table]
    _mutating: tuple[Hook, ...] = ()
    _validating: tuple[Hook, ...] = ()
    _stale: bool = True
    _session: aiohttp.ClientSession | None = None
    _tls: dict[str, ssl.SSLContext] = field(default_factory=dict)

    def observe(self, resource: str, namespace: str, name: str, obj: Json | None) -> None:
        if resource in CONFIGURATIONS:
            self._stale = True

    @property
    def any(self) -> bool:
        """Whether there is any hook at all."""
        if self._stale:
            self._mutating = compiled(self.objects.list(MUTATING))
            self._validating = compiled(self.objects.list(VALIDATING))
            trusted = {hook.where.ca for hook in (*self._mutating, *self._validating)}
            self._tls = {ca: context for ca, context in self._tls.items() if ca in trusted}
            self._stale = False
        return bool(self._mutating or self._validating)

    def mutation(self, request: AdmissionRequest, built_in: Callable[[], None]) -> Awaitable[bool] | None:
        """See `verbs.core.Consulted`."""
        if not self._may_ask(request) or not self._mutating:
            return None
        wanted = self._asker(request)
        if not any(wanted(hook) for hook in self._mutating):
            return None  # and so none would change what the next one looks at
        return self._mutate(request, wanted, built_in)

    def judgement(self, request: AdmissionRequest) -> Awaitable[None] | None:
        if not self._may_ask(request) or not self._validating:
            return None
        wanted = self._asker(request)
        asked = [(hook, face) for hook in self._validating if (face := wanted(hook)) is not None]
        return self._judge(asked, request) if asked else None

    def _may_ask(self, request: AdmissionRequest) -> bool:
        """What admission is configured by is no hook's business: a bad one could not be mended."""
        return self.any and request.resource.name not in EXEMPT

    def _asker(self, request: AdmissionRequest) -> Wanted:
        """Tells how a hook is to see the request as it is then; None if it is not to be asked."""
        labels = namespace_labels(request, self.objects.get)
        versions = self.table().versions.get(request.resource.name, ())

        def face(hook: Hook) -> Face | None:
            version = hook.wants(request, labels, versions)
            return Face(request, version) if version is not None else None

        return face

    async def _mutate(self, request: AdmissionRequest, wanted: Wanted, built_in: Callable[[], None]) -> bool:
        """Have each change the object in turn. When one did, built-in admission and hooks before it look again."""
        hooks = self._mutating  # as it is now: meanwhile there may be others
        changed, asked, again = False, set[int](), set[int]()
        for i, hook in enumerate(hooks):
            face = wanted(hook)
            if face is None:
                continue
            if await self._change(hook, face):
                changed = True
                again |= asked
                asked = set()
            if hook.reinvoked:
                asked.add(i)
        if not changed:
            return False
        before = orjson.dumps(request.object)
        built_in()
        if orjson.dumps(request.object) != before:
            again |= asked
        for i in sorted(again):
            if (face := wanted(hooks[i])) is not None:
                await self._change(hooks[i], face)
        return True

    async def _judge(self, asked: Iterable[tuple[Hook, Face]], request: AdmissionRequest) -> None:
        """Raises the first refusal, in the hooks' order."""
        opinions = (self._opinion(hook, face, mutating=False) for hook, face in asked)
        refusal: BaseException | None = None
        for opinion in await asyncio.gather(*opinions, return_exceptions=True):
            if isinstance(opinion, BaseException):
                refusal = refusal or opinion
            elif opinion is not None:
                request.warnings += opinion.warnings
                refusal = refusal or opinion.refusal
        if refusal is not None:
            raise refusal

    async def _change(self, hook: Hook, face: Face) -> bool:
        """Whether the object is another now."""
        request = face.request
        opinion = await self._opinion(hook, face, mutating=True)
        if opinion is None:
            return False
        request.warnings += opinion.warnings
        if opinion.refusal is not None:
            raise opinion.refusal
        if not opinion.patch:
            return False
        wanted = self._fit(hook, face, patched(opinion, hook.name, face.show(request.object)))
        if request.object is None or wanted == request.object:
            return False
        request.object.clear()
        request.object.update(wanted)
        return True

    def _fit(self, hook: Hook, face: Face, made: Json) -> Json:
        """Bring what a hook made to its type, as if a client had sent it. Raises Internal: the fault is the hook's."""
        try:
            conform(made, self.schemas.node(face.kind.schema), Validation.IGNORE)
            made.setdefault("metadata", {})
            return face.take(made)
        except ApiError as exc:
            raise Internal(f'Internal error occurred: the patch of webhook "{hook.name}": {exc.message}') from exc

    async def _opinion(self, hook: Hook, face: Face, *, mutating: bool) -> Opinion | None:
        """None for a hook that may fail and did."""
        if face.request.dry_run and hook.has_side_effects:
            raise BadRequest(f'admission webhook "{hook.name}" does not support dry run')
        try:
            if hook.has_conditions:
                raise Unanswered("matchConditions are not supported by this server")
            version = next((version for version in hook.review_versions if version in VERSIONS), "")
            if not version:
                raise Unanswered(f"webhook does not accept known AdmissionReview versions ({', '.join(VERSIONS)})")
            uid = str(uuid.uuid4())
            body = await self._answer(hook, review_of(face, uid, version))
            return opinion_of(body, uid, hook.name, version, mutating=mutating)
        except Unanswered as exc:
            if hook.fails:
                raise failed(hook.name, str(exc)) from exc
            return None

    async def _answer(self, hook: Hook, question: bytes) -> bytes:
        """The body of a hook's answer. Raises Unanswered."""
        where = hook.where
        url = f"{where.shown}?timeout={hook.timeout_seconds}s"
        try:
            async with asyncio.timeout(hook.timeout_seconds), self._post(where, url, question) as answer:
                if not 200 <= answer.status <= 206:
                    raise Unanswered(f"failed to call webhook: the server answered {answer.status}")
                return await _whole(answer)
        except TimeoutError as exc:
            raise Unanswered(f'failed to call webhook: Post "{url}": context deadline exceeded') from exc
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            raise Unanswered(f'failed to call webhook: Post "{url}": {exc}') from exc

    @asynccontextmanager
    async def _post(self, where: Where, url: str, body: bytes) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        headers = {"content-type": "application/json", "accept": "application/json"}
        server_name = None
        if where.service is not None:
            # Its certificate names it, and it may look at whom it is called as: only the address is looked up.
            server_name = where.host
            headers["host"] = f"{where.host}:{where.service[2]}"
            url = url.replace(headers["host"], self._address(where.service), 1)
        async with self._session.post(
            url,
            data=body,
            headers=headers,
            ssl=self._trusting(where.ca),
            server_hostname=server_name,
            allow_redirects=False,
        ) as answer:
            yield answer

    def _trusting(self, ca: str) -> ssl.SSLContext:
        """Raises ValueError or OSError for what holds no certificate."""
        if ca not in self._tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            if ca:
                # Comments between certificates may be in any script.
                context.load_verify_locations(cadata=base64.b64decode(ca).decode("ascii", "ignore"))
            else:
                context.load_default_certs()
            self._tls[ca] = context
        return self._tls[ca]

    def _address(self, service: tuple[str, str, int, str]) -> str:
        """Where a service is reached: host and port. Raises Unanswered."""
        namespace, name, port, _ = service
        found = self.objects.get("services", namespace, name)
        if found is None:
            raise Unanswered(f'failed to call webhook: service "{name}" not found')
        spec = found.get("spec") or {}
        if spec.get("type") == "ExternalName":
            return f"{spec.get('externalName', '')}:{port}"
        address = spec.get("clusterIP") or "None"
        if address == "None":
            raise Unanswered(f'failed to call webhook: service "{name}" has no cluster IP')
        if not any(known.get("port") == port for known in spec.get("ports") or ()):
            raise Unanswered(f'failed to call webhook: no service port {port} found for service "{name}"')
        return f"{address}:{port}"

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    """A body to its end. Raises Unanswered for one too long."""
    parts, size = list[bytes](), 0
    async for part in answer.content.iter_any():
        size += len(part)
        if size > MOST_ANSWER_BYTES:
            raise Unanswered(f"failed to call webhook: its answer is longer than {MOST_ANSWER_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)
