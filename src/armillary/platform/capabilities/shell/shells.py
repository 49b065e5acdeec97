"""Shells, begun, shown and ended, as the platform."""

from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from armillary.base.clock import Clock, format_time
from armillary.base.errors import AlreadyExists, Denied, NotFound
from armillary.base.words import Language, spoken
from armillary.kube.client import Client
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import NAMESPACE, POD, SECRET, SERVICE_ACCOUNT, Pod, Secret
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.networking import NETWORK_POLICY
from armillary.kube.kinds.rbac import ROLE, ROLE_BINDING
from armillary.kube.object import is_ending
from armillary.platform.capabilities.shell import objects, words
from armillary.platform.capabilities.shell.objects import GIVEN, SHELLS
from armillary.platform.capabilities.shell.ports import Credentials
from armillary.platform.capabilities.shell.record import (
    OWNER_LABEL,
    USED,
    annotations,
    is_left,
    is_to_note,
    name_of,
    over,
    owner_of,
    record_of,
)
from armillary.platform.capabilities.shell.state import Shell, is_done, shell_of
from armillary.platform.capabilities.tenancy.kinds import GROUP as TENANCY
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.kubeconfig import context_of, kubeconfig_of
from armillary.platform.frame.parts import HOST, Asked, Clusters, Rights

MOST = 3  # shells of one user, each of another session
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ShellSettings:
    """`server` is the origin at which pods reach the platform, `ca` the PEM behind its certificate or ""."""

    image: str  # with `sh`, `mktemp` and `kubectl`; "" for no shells at all
    server: str
    ca: str = ""


@dataclass(frozen=True, slots=True)
class Shells:
    client: Client
    clusters: Clusters
    rights: Rights
    clock: Clock
    credentials: Credentials
    settings: ShellSettings

    async def show(self, caller: Caller) -> Shell:
        if not self.settings.image:
            return Shell(state="Off", message=words.OFF.say(_language(caller)))
        pod = await self.client.find(POD, name_of(caller.session), SHELLS)
        return await self._shown(caller, pod)

    async def have(self, caller: Caller) -> tuple[Shell, bool]:
        """The caller's shell, begun if there is none, and noted as used; whether it has just begun.

        Raises Denied for who may not use clusters or has too many shells.
        """
        if not self.settings.image:
            return await self.show(caller), False
        name = name_of(caller.session)
        record = await self.client.find(SECRET, name, SHELLS)
        pod = await self.client.find(POD, name, SHELLS)
        if pod is not None and is_done(pod):
            await self._end(name)
        if pod is not None or (record is not None and is_ending(record)):
            if record is not None:
                await self._note(record)
            return await self._shown(caller, pod), False
        return await self._shown(caller, await self._begin(caller, name)), True

    async def end(self, caller: Caller) -> bool:
        """Whether there was one."""
        record = await self.client.find(SECRET, name_of(caller.session), SHELLS)
        if record is None:
            return False
        await self._end(record.metadata.name)
        return True

    async def sweep(self) -> None:
        """End those whose session has ended, that nobody looks at, or whose credential has run out."""
        now = self.clock.now()
        for secret in (await self.client.list(SECRET, SHELLS, labels=OWNER_LABEL)).items:
            record = record_of(secret)
            if over(record, now, is_signed_in=await self.credentials.is_signed_in(record.session)) is not None:
                await self._end(record.name)

    async def _shown(self, caller: Caller, pod: Pod | None) -> Shell:
        contexts = {name: context_of(caller.user, name) for name in await self._names(caller)}
        return shell_of(pod, contexts, _language(caller))

    async def _names(self, caller: Caller) -> tuple[str, ...]:
        """The host, and the clusters that the caller may see."""
        others = [name for name in self.clusters.names() if name != HOST]
        asked = [Asked("get", TENANCY, "clusters", name=name) for name in others]
        seen = [name for name, one in zip(others, asked, strict=True) if (await self.rights.may(caller, one)).allowed]
        return (HOST, *seen)

    async def _begin(self, caller: Caller, name: str) -> Pod:
        given = await self.credentials.credential(caller)
        await self._have_room()
        labels = {OWNER_LABEL: owner_of(caller.user)}
        await self._make_way(labels, name)
        now, user = self.clock.now(), caller.user
        shows = {"tokenFile": f"{GIVEN}/token"}
        config = kubeconfig_of(self.settings.server, self.settings.ca, await self._names(caller), user, shows)
        meta = ObjectMeta(
            name=name,
            namespace=SHELLS,
            labels=labels,
            annotations=annotations(user, caller.session, now, given.expires),
        )
        record = await self._had(SECRET, objects.secret(meta, config, given.token), name)
        meta = objects.owned(record)
        for kind, item in zip((ROLE, ROLE_BINDING), objects.entrance(meta, user), strict=True):
            await self._had(kind, item, name)
        seconds = int((given.expires - now).total_seconds())
        pod: Pod = await self._had(POD, objects.pod(meta, self.settings.image, seconds), name)
        return pod

    async def _make_way(self, labels: Mapping[str, str], name: str) -> None:
        """For one more of a user. Raises Denied if they have too many that are looked at."""
        found = (await self.client.list(SECRET, SHELLS, labels=f"{OWNER_LABEL}={labels[OWNER_LABEL]}")).items
        others = [record_of(secret) for secret in found if secret.metadata.name != name]
        if len(others) < MOST:
            return
        longest = min(others, key=lambda record: record.used)
        if not is_left(longest, self.clock.now()):
            raise Denied(f"you have {MOST} shells open already, in other sessions: end one, or that session")
        await self._end(longest.name)

    async def _have_room(self) -> None:
        """The namespace with its service account; its network policy follows the platform's address."""
        with suppress(AlreadyExists):
            await self.client.create(NAMESPACE, objects.namespace())
        with suppress(AlreadyExists):
            await self.client.create(SERVICE_ACCOUNT, objects.account(), SHELLS)
        wanted = objects.policy(self.settings.server)
        found = await self.client.find(NETWORK_POLICY, wanted.metadata.name, SHELLS)
        if found is None:
            await self._had(NETWORK_POLICY, wanted, wanted.metadata.name)
        elif found.spec != wanted.spec:
            kept = msgspec.structs.replace(found, spec=wanted.spec)
            await self.client.update(NETWORK_POLICY, kept, found.metadata.name, SHELLS)

    async def _had(self, kind: Any, item: Any, name: str) -> Any:
        """Made, or what another request of the same session has made a moment ago."""
        try:
            return await self.client.create(kind, item, SHELLS)
        except AlreadyExists:
            return await self.client.get(kind, name, SHELLS)

    async def _note(self, secret: Secret) -> None:
        now = self.clock.now()
        if is_to_note(record_of(secret), now):
            used = {"metadata": {"annotations": {USED: format_time(now)}}}
            await _if_there(self.client.patch(SECRET, secret.metadata.name, SHELLS, used))

    async def _end(self, name: str) -> None:
        """All of it by hand: what waited for the garbage collector could be met, and lost, by the next of this name."""
        kinds: tuple[Kind[Any], ...] = (POD, ROLE_BINDING, ROLE, SECRET)
        for kind in kinds:
            await _if_there(self.client.delete(kind, name, SHELLS))


async def _if_there(work: Awaitable[T]) -> None:
    with suppress(NotFound):
        await work


def _language(caller: Caller) -> Language:
    return spoken(caller.language)
