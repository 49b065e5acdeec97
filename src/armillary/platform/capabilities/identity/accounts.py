"""Users and their passwords: found, made, changed. Passwords are Secrets of the platform's namespace."""

import base64
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from armillary.base.clock import Clock
from armillary.base.errors import AlreadyExists, Cause, Invalid, NotFound
from armillary.base.words import Language
from armillary.kube.client import Client
from armillary.kube.kinds.core import SECRET, Secret
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import owned_by
from armillary.kube.runner import Caches
from armillary.platform.capabilities.identity.decide.passwords import fault_of
from armillary.platform.capabilities.identity.kinds import USER, Identity, User
from armillary.platform.capabilities.identity.secrets import hash_password, is_outdated, is_password

ADMIN = "admin"
INITIAL_PASSWORD = "initial-admin-password"  # noqa: S105  # a Secret's name
PASSWORD_TYPE = "iam.armillary.io/password"  # noqa: S105
HASH_FIELD = "hash"
FRESH_SECONDS = 5.0  # how long to wait until one's own write has come back by watch


def identity_key(identity: Identity) -> str:
    return f"{identity.provider}/{identity.subject}"


def add_indexes(reads: Caches) -> None:
    """Before the caches run."""
    users = reads.of(USER)
    users.add_index("email", lambda user: [user.spec.email.lower()] if user.spec.email else [])
    users.add_index("identity", lambda user: [identity_key(identity) for identity in user.spec.identities])


@dataclass(slots=True)
class Accounts:
    """As the platform: whoever calls has asked whether the caller may."""

    client: Client
    reads: Caches
    clock: Clock
    namespace: str

    def find(self, login: str) -> User | None:
        """By name, or by e-mail address."""
        login = login.strip().lower()
        if "@" in login:
            same = self.reads.by(USER, "email", login)
            return same[0] if len(same) == 1 else None
        return self.reads.get(USER, login)

    def by_identity(self, identity: Identity) -> Sequence[User]:
        return self.reads.by(USER, "identity", identity_key(identity))

    def by_email(self, email: str) -> Sequence[User]:
        return self.reads.by(USER, "email", email.lower()) if email else ()

    async def make(
        self, user: User, password: str = "", *, must_change: bool = False, client: Client | None = None
    ) -> User:
        """With `client` as the caller, so that the cluster decides; the password as the platform. Raises Invalid."""
        name = user.metadata.name
        self.check_email(user.spec.email, name)
        if password:
            check_password(password, name)
        made = await (client or self.client).create(USER, user)
        if password:
            await self.set_password(made, password, must_change=must_change)
        await self.wait_for(made)
        return made

    def check_email(self, email: str, name: str) -> None:
        if any(other.metadata.name != name for other in self.by_email(email)):
            raise _invalid("spec.email", f"{email}: another user has this address", "FieldValueDuplicate")

    async def password_hash(self, user: User | None) -> str:
        """ "" if there is none. Where there is no user as many steps are made as for one."""
        found = await self.client.find(SECRET, _secret(user.metadata.name if user else "nobody-"), self.namespace)
        if found is None or user is None or found.type != PASSWORD_TYPE:
            return ""
        is_theirs = any(owner.uid == user.metadata.uid for owner in found.metadata.owner_references)
        return base64.b64decode(found.data.get(HASH_FIELD, "")).decode() if is_theirs else ""

    async def is_password(self, user: User | None, password: str, known: str) -> bool:
        """Takes as long where nothing is known ("") as for a wrong password."""
        is_right = await is_password(password, known)
        if is_right and user is not None and is_outdated(known):
            await self._keep(user, await hash_password(password))
        return is_right

    async def set_password(self, user: User, password: str, *, must_change: bool) -> None:
        """Raises Invalid for one that will not do."""
        check_password(password, user.metadata.name)
        await self._keep(user, await hash_password(password))
        await self.note(user.metadata.name, mustChangePassword=must_change, failures=0, lockedUntil=None)

    async def note(self, name: str, **status: Any) -> None:
        """Write into the user's status."""
        written = await self.client.patch(USER, name, "", {"status": status}, subresource="status")
        await self.wait_for(written)

    async def wait_for(self, user: User) -> None:
        """Until a write of it can be seen."""
        await self.reads.of(USER).wait_revision(user.metadata.resource_version, FRESH_SECONDS)

    async def _keep(self, user: User, hashed: str) -> None:
        """Owned by this very account: what one before it has left under the name is taken over."""
        name = _secret(user.metadata.name)
        owner = msgspec.structs.replace(owned_by(USER, user), block_owner_deletion=None)
        data = {HASH_FIELD: base64.b64encode(hashed.encode()).decode()}
        try:
            meta = ObjectMeta(name=name, namespace=self.namespace, owner_references=(owner,))
            await self.client.create(SECRET, Secret(metadata=meta, type=PASSWORD_TYPE, data=data), self.namespace)
        except AlreadyExists:
            patch = {"metadata": {"ownerReferences": [msgspec.to_builtins(owner)]}, "data": data}
            await self.client.patch(SECRET, name, self.namespace, patch)

    async def forget_first_password(self, user: str) -> None:
        """The first administrator's, once they have one of their own."""
        if user != ADMIN:
            return
        with suppress(NotFound):
            await self.client.delete(SECRET, INITIAL_PASSWORD, self.namespace)


def _secret(name: str) -> str:
    return f"user-{name}"


def check_password(password: str, name: str) -> None:
    """Raises Invalid, naming the field."""
    fault = fault_of(password, name)
    if fault is not None:
        words, values = fault
        raise _invalid("password", words.say(Language.ENGLISH, **values), "FieldValueInvalid")


def _invalid(field: str, message: str, reason: str) -> Invalid:
    return Invalid(f"{field}: {message}", causes=[Cause(reason, field, message)])
