"""What people have allowed applications: remembered, so that they are asked once, until they take it back."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from armillary.base.clock import Clock, format_time
from armillary.base.errors import AlreadyExists, NotFound
from armillary.kube.client import Client
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import owned_by
from armillary.kube.runner import Caches
from armillary.platform.capabilities.identity.kinds import (
    CONSENT,
    USER,
    Consent,
    ConsentSpec,
    OAuthClient,
    Session,
    User,
)
from armillary.platform.capabilities.identity.sessions import Sessions

FRESH_SECONDS = 5.0


def add_indexes(reads: Caches) -> None:
    """Before the caches run."""
    reads.of(CONSENT).add_index("user", lambda consent: [consent.spec.user])


@dataclass(slots=True)
class Consents:
    client: Client
    reads: Caches
    clock: Clock
    sessions: Sessions

    def of(self, user: str) -> Sequence[Consent]:
        return sorted(self.reads.by(CONSENT, "user", user), key=lambda consent: consent.spec.client)

    def covers(self, user: User, client: OAuthClient, scopes: Sequence[str]) -> bool:
        """Whether this user has allowed this client so much; accounts and clients made anew begin without."""
        found = self.reads.get(CONSENT, _name(user.metadata.name, client.metadata.name))
        if found is None or found.spec.client_uid != client.metadata.uid:
            return False
        is_theirs = any(owner.uid == user.metadata.uid for owner in found.metadata.owner_references)
        return is_theirs and set(scopes) <= set(found.spec.scopes)

    async def give(self, user: User, client: OAuthClient, scopes: Sequence[str]) -> None:
        """Beside what was allowed before."""
        name = _name(user.metadata.name, client.metadata.name)
        known = self.reads.get(CONSENT, name)
        before = known.spec.scopes if known is not None and self.covers(user, client, ()) else ()
        spec = ConsentSpec(
            user=user.metadata.name,
            client=client.metadata.name,
            client_uid=client.metadata.uid,
            scopes=tuple(dict.fromkeys((*before, *scopes))),
            given=format_time(self.clock.now()),
        )
        owner = msgspec.structs.replace(owned_by(USER, user), block_owner_deletion=None)
        meta = ObjectMeta(name=name, owner_references=(owner,))
        try:
            written = await self.client.create(CONSENT, Consent(metadata=meta, spec=spec))
        except AlreadyExists:
            change = {"metadata": {"ownerReferences": [msgspec.to_builtins(owner)]}, "spec": msgspec.to_builtins(spec)}
            written = await self.client.patch(CONSENT, name, "", change)
        await self.reads.of(CONSENT).wait_revision(written.metadata.resource_version, FRESH_SECONDS)

    async def take_back(self, user: str, client: str) -> None:
        """The application is asked about again, and what it opened as this user ends. Raises NotFound."""
        name = _name(user, client)
        for session in self._opened(user, client):
            await self.sessions.end(session)
        try:
            await self.client.delete(CONSENT, name)
        except NotFound as exc:
            raise NotFound(f'application "{client}" has been allowed nothing') from exc
        await self.reads.of(CONSENT).wait_until(lambda: self.reads.get(CONSENT, name) is None, FRESH_SECONDS)
        for session in self._opened(user, client):  # also what was opened by it meanwhile
            await self.sessions.end(session)

    def _opened(self, user: str, client: str) -> Sequence[Session]:
        return [session for session in self.sessions.of(user) if session.spec.client == client]


def _name(user: str, client: str) -> str:
    """One for both; whatever the client is called, it is a name."""
    return "consent-" + hashlib.sha256(f"{user}/{client}".encode()).hexdigest()[:32]
