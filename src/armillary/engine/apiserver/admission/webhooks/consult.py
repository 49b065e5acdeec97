"""Asks webhooks about a write: mutating ones in turn, validating ones side by side."""

from __future__ import annotations

import asyncio
import ssl
import uuid
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from armillary.base.errors import BadRequest
from armillary.engine.apiserver.admission.webhooks.hooks import (
    MUTATING,
    VALIDATING,
    Hook,
    Where,
    compiled,
    namespace_labels,
)
from armillary.engine.apiserver.admission.webhooks.review import Opinion, Unanswered, failed, opinion_of, review_of
from armillary.engine.apiserver.ports import AdmissionRequest, Objects
from armillary.engine.kinds.resource import Json

MOST_ANSWER_BYTES = 8 << 20
CONFIGURATIONS = frozenset((VALIDATING, MUTATING))


@dataclass(slots=True)
class Webhooks:
    """The hooks there are. Told of every submitted write as an observer. Close it when the server ends."""

    objects: Objects
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
            self._stale = False
        return bool(self._mutating or self._validating)

    def wanting(self, request: AdmissionRequest, *, mutating: bool) -> list[Hook]:
        """Hooks that want to be asked. Configurations of hooks are none of theirs: a bad one could not be mended."""
        if not self.any or request.resource.name in CONFIGURATIONS:
            return []
        hooks = self._mutating if mutating else self._validating
        labels = namespace_labels(request, self.objects.get) if hooks else None
        return [hook for hook in hooks if hook.wants(request, labels)]

    def mutation(self, request: AdmissionRequest) -> Awaitable[None] | None:
        """See `verbs.core.Consulted`."""
        hooks = self.wanting(request, mutating=True)
        return self.mutate(hooks, request) if hooks else None

    def judgement(self, request: AdmissionRequest) -> Awaitable[None] | None:
        hooks = self.wanting(request, mutating=False)
        return self.judge(hooks, request) if hooks else None

    async def mutate(self, hooks: Iterable[Hook], request: AdmissionRequest) -> None:
        """Have each change the object in turn; those that ask for it are asked again if a later one changed it."""
        asked = list(hooks)
        changed_after: dict[str, bool] = {}
        for hook in asked:
            if await self._change(hook, request):
                changed_after = dict.fromkeys(changed_after, True)
            changed_after[hook.name] = False
        for hook in asked:
            if hook.reinvoked and changed_after[hook.name]:
                await self._change(hook, request)

    async def judge(self, hooks: Iterable[Hook], request: AdmissionRequest) -> None:
        """Raises the first refusal, in the hooks' order."""
        opinions = await asyncio.gather(*(self._opinion(hook, request) for hook in hooks))
        for opinion in opinions:
            _heed(opinion, request)

    async def _change(self, hook: Hook, request: AdmissionRequest) -> bool:
        opinion = await self._opinion(hook, request)
        _heed(opinion, request)
        if opinion is None or opinion.patched is None or request.object is None or opinion.patched == request.object:
            return False
        request.object.clear()
        request.object.update(opinion.patched)
        request.resource.default(request.object)
        return True

    async def _opinion(self, hook: Hook, request: AdmissionRequest) -> Opinion | None:
        """None for a hook that may fail and did."""
        if request.dry_run and hook.has_side_effects:
            raise BadRequest(f'admission webhook "{hook.name}" does not support dry run')
        try:
            if hook.has_conditions:
                raise Unanswered("matchConditions are not supported by this server")
            return await self._call(hook, request)
        except Unanswered as exc:
            if hook.fails:
                raise failed(hook.name, str(exc)) from exc
            return None

    async def _call(self, hook: Hook, request: AdmissionRequest) -> Opinion:
        uid = str(uuid.uuid4())
        url, server_name = self._address(hook.where)
        try:
            async with (
                asyncio.timeout(hook.timeout_seconds),
                self._post(url, server_name, hook.where.ca, review_of(request, uid)) as answer,
            ):
                body = await answer.content.read(MOST_ANSWER_BYTES)
                if answer.status != 200:
                    raise Unanswered(f"failed to call webhook: the server answered {answer.status}")
        except TimeoutError as exc:
            raise Unanswered(f"failed to call webhook: no answer in {hook.timeout_seconds:g} s") from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise Unanswered(f"failed to call webhook: {exc}") from exc
        return opinion_of(body, uid, hook.name, request.object)

    @asynccontextmanager
    async def _post(self, url: str, server_name: str, ca: str, body: bytes) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        headers = {"content-type": "application/json", "accept": "application/json"}
        async with self._session.post(
            url,
            data=body,
            headers=headers,
            ssl=self._trusting(ca),
            server_hostname=server_name or None,
            allow_redirects=False,
        ) as answer:
            yield answer

    def _trusting(self, ca: str) -> ssl.SSLContext:
        if ca not in self._tls:
            self._tls[ca] = ssl.create_default_context(cadata=ca or None)
        return self._tls[ca]

    def _address(self, where: Where) -> tuple[str, str]:
        """A URL, and whom its certificate must name, if that is not in the URL."""
        if where.service is None:
            return where.url, ""
        namespace, name, port, path = where.service
        found = self.objects.get("services", namespace, name)
        if found is None:
            raise Unanswered(f'failed to call webhook: service "{name}" not found')
        address = (found.get("spec") or {}).get("clusterIP") or "None"
        if address == "None":
            raise Unanswered(f'failed to call webhook: service "{name}" has no cluster IP')
        return f"https://{address}:{port}{path}", f"{name}.{namespace}.svc"

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _heed(opinion: Opinion | None, request: AdmissionRequest) -> None:
    if opinion is None:
        return
    request.warnings += opinion.warnings
    if opinion.refusal is not None:
        raise opinion.refusal
