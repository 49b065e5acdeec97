"""All identity providers that are switched on, found by name: what identity signs people in with."""

import asyncio
import base64
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TypeVar

from armillary.base.clock import Clock
from armillary.base.errors import NotFound, Unauthorized, Unavailable
from armillary.kube.client import Client
from armillary.kube.kinds.core import SECRET
from armillary.kube.runner import Caches
from armillary.platform.capabilities.federation.adapters.ldap import Directory
from armillary.platform.capabilities.federation.adapters.oidc import RelyingParty
from armillary.platform.capabilities.federation.decide.sync import Account
from armillary.platform.capabilities.federation.decide.validate import faults
from armillary.platform.capabilities.federation.kinds import (
    CLIENT_SECRET,
    IDENTITY_PROVIDER,
    PASSWORD,
    SECRET_TYPE,
    IdentityProvider,
    IdentityProviderSpec,
)
from armillary.platform.capabilities.federation.trial import Steps, Trial
from armillary.platform.capabilities.identity.ports import Offer, Redirect, Vouched

log = logging.getLogger(__name__)

T = TypeVar("T")
QUIET_SECONDS = 10.0  # a directory that did not answer is not asked again for so long
PATIENCE = 3  # a whole sign-in may take so many times what one answer may


@dataclass(frozen=True, slots=True)
class _Party:
    """A relying party, as long as nothing about it has changed: it remembers keys."""

    spec: IdentityProviderSpec
    secret: str
    party: RelyingParty


@dataclass(slots=True)
class FederatedProviders:
    """`Providers` over IdentityProvider objects. `threads` are for directories alone: one may hang."""

    client: Client
    reads: Caches
    clock: Clock
    namespace: str
    origin: str
    threads: Executor
    _parties: dict[str, _Party] = field(default_factory=dict)
    _unreachable: dict[tuple[str, int | None], tuple[float, str]] = field(default_factory=dict)

    def offers(self) -> Sequence[Offer]:
        found = (item for item in self.reads.list(IDENTITY_PROVIDER) if is_on(item))
        return [_offer(item) for item in sorted(found, key=lambda item: item.metadata.name)]

    async def check_password(self, provider: str, login: str, password: str) -> Vouched | None:
        """By a directory; None if it refuses, or is none."""
        item = self._find(provider)
        if item is None or item.spec.ldap is None or not password:
            return None
        directory = await self._directory(item)
        return await self._asked(item, lambda: directory.sign_in(login, password))

    async def begin(self, provider: str, callback: str) -> Redirect:
        item = self._find(provider)
        if item is None or item.spec.oidc is None:
            raise NotFound("there is no such identity provider")
        return await (await self._party(item)).begin(callback)

    async def finish(self, provider: str, callback: str, code: str, begun: Redirect) -> Vouched:
        item = self._find(provider)
        if item is None or item.spec.oidc is None:
            raise Unauthorized("this identity provider is switched off")
        return await (await self._party(item)).finish(callback, code, begun)

    async def accounts(self, item: IdentityProvider, subjects: Sequence[str]) -> Mapping[str, Account]:
        """What a directory says of known accounts."""
        directory = await self._directory(item)
        # However many they are, each answer has its own deadline.
        return await self._in_thread(lambda: directory.accounts(subjects))

    async def trial(
        self, item: IdentityProvider, login: str = "", password: str = "", *, asks_client: bool = False
    ) -> Trial:
        """Tries a provider, also one that is switched off; never raises for what it finds."""
        steps = Steps()
        for fault in faults(item.spec):
            steps.note("settings", fault, succeeded=False)
        if steps.done:
            return steps.trial()
        try:
            with steps.failing_as("secret"):
                secret = await self._secret(item.spec)
            if item.spec.type == "ldap":
                await self._try_directory(item, secret, login, password, steps)
            else:
                party = await self._party(item)
                callback = f"{self.origin}/oauth/callback/{item.metadata.name}"
                await party.look(callback, steps, asks_client=asks_client)
        except Unavailable:
            return steps.trial()
        return steps.trial()

    async def _try_directory(
        self, item: IdentityProvider, secret: str, login: str, password: str, steps: Steps
    ) -> None:
        directory = _directory_of(item, secret)

        def work() -> None:
            if password:
                directory.sign_in(login, password, steps)
            else:
                directory.look(login, steps)

        with steps.failing_as("connect"):
            await self._in_thread(work, seconds=_patience(item))

    def _find(self, name: str) -> IdentityProvider | None:
        item = self.reads.get(IDENTITY_PROVIDER, name)
        return item if item is not None and is_on(item) else None

    async def _directory(self, item: IdentityProvider) -> Directory:
        return _directory_of(item, await self._secret(item.spec))

    async def _party(self, item: IdentityProvider) -> RelyingParty:
        name, spec = item.metadata.name, item.spec
        secret = await self._secret(spec)
        known = self._parties.get(name)
        if known is not None and known.spec == spec and known.secret == secret:
            return known.party
        if spec.oidc is None:
            raise NotFound("there is no such identity provider")
        party = RelyingParty(name, spec.oidc, secret, spec.groups, self.clock)
        self._parties[name] = _Party(spec, secret, party)
        return party

    async def _secret(self, spec: IdentityProviderSpec) -> str:
        """Only of Secrets made for this: no other is ever shown to a server that somebody names."""
        if not spec.secret:
            return ""
        found = await self.client.find(SECRET, spec.secret, self.namespace)
        if found is None or found.type != SECRET_TYPE:
            raise Unavailable(f'there is no Secret "{spec.secret}" of type {SECRET_TYPE} in {self.namespace}')
        field_ = PASSWORD if spec.type == "ldap" else CLIENT_SECRET
        try:
            return base64.b64decode(found.data.get(field_, "")).decode()
        except ValueError as exc:
            raise Unavailable(f'"{field_}" of Secret "{spec.secret}" is not text') from exc

    async def _asked(self, item: IdentityProvider, work: Callable[[], T]) -> T:
        """Unavailable at once where the directory has just not answered: nobody waits for it twice."""
        key, now = (item.metadata.name, item.metadata.generation), self.clock.monotonic()
        until, message = self._unreachable.get(key, (0.0, ""))
        if now < until:
            raise Unavailable(message)
        try:
            answer = await self._in_thread(work, seconds=_patience(item))
        except Unavailable as exc:
            log.warning("directory unavailable", extra={"provider": item.metadata.name, "error": exc.message})
            self._unreachable[key] = (self.clock.monotonic() + QUIET_SECONDS, exc.message)
            raise
        self._unreachable.pop(key, None)
        return answer

    async def _in_thread(self, work: Callable[[], T], seconds: float | None = None) -> T:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                return await loop.run_in_executor(self.threads, work)
        except TimeoutError as exc:
            raise Unavailable("the directory takes too long to answer") from exc


def is_on(item: IdentityProvider) -> bool:
    return not item.spec.disabled and not item.metadata.deletion_timestamp and not faults(item.spec)


def _offer(item: IdentityProvider) -> Offer:
    spec, name = item.spec, item.metadata.name
    may_create = spec.accounts == "just-in-time"
    return Offer(name, spec.display_name or name, spec.type, may_create, spec.link_by_email)


def _directory_of(item: IdentityProvider, secret: str) -> Directory:
    if item.spec.ldap is None:
        raise NotFound("there is no such directory")
    return Directory(item.metadata.name, item.spec.ldap, secret, item.spec.groups)


def _patience(item: IdentityProvider) -> float:
    return float(PATIENCE * item.spec.ldap.timeout_seconds) if item.spec.ldap is not None else 0.0
