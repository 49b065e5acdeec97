"""The keys that sign tokens: in a Secret, so that replicas share them; a new one in time, old ones still served."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from armillary.base.clock import Clock, format_time, parse_time
from armillary.base.errors import AlreadyExists, Conflict, Unauthorized
from armillary.kube.client import Client
from armillary.kube.kinds.core import SECRET, Secret
from armillary.kube.kinds.meta import ObjectMeta

NAME, FIELD = "oidc-signing-keys", "keys"
ALGORITHM = "RS256"  # what every OpenID Connect client can verify (Core, 15.1)
ROTATED_AFTER = timedelta(days=30)
KEPT_AFTER = timedelta(days=2)  # longer than any token signed with it lives
LOOK_AGAIN = timedelta(seconds=5)  # at the earliest, for a key that is not known here


class KeptKey(msgspec.Struct, frozen=True):
    """A private key as it is kept; `since` is RFC 3339."""

    since: str
    key: dict[str, Any]


def rotated(keys: Sequence[KeptKey], now: datetime, make: Any) -> tuple[KeptKey, ...]:
    """The keys there should be, the newest first. `make` gives a new one."""
    newest_first = sorted(keys, key=lambda kept: kept.since, reverse=True)
    if not newest_first or now - parse_time(newest_first[0].since) > ROTATED_AFTER:
        newest_first.insert(0, KeptKey(format_time(now), make()))
    # A key is of use until what it signed last has run out: that was when the next one began.
    begun = [parse_time(kept.since) for kept in newest_first]
    return tuple(
        kept for number, kept in enumerate(newest_first) if number == 0 or now - begun[number - 1] < KEPT_AFTER
    )


def _new_key() -> dict[str, Any]:
    made = RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    return dict(made.as_dict(private=True))


@dataclass(slots=True)
class Keys:
    """Signs and verifies. `rotate` now and then, in one replica."""

    client: Client
    clock: Clock
    namespace: str
    _kept: tuple[KeptKey, ...] = ()
    _set: KeySet = field(default_factory=lambda: KeySet([]))
    _read_at: datetime | None = None

    async def sign(self, claims: Mapping[str, Any], media: str = "JWT") -> str:
        if not self._kept:
            await self.rotate()
        newest = self._kept[0].key
        header = {"alg": ALGORITHM, "kid": newest["kid"], "typ": media}
        return jwt.encode(header, dict(claims), self._set.get_by_kid(newest["kid"]), algorithms=[ALGORITHM])

    async def verify(self, token: str) -> Mapping[str, Any]:
        """Its claims. Raises Unauthorized if it was not signed here; times are the caller's to look at."""
        try:
            return self._verified(token)
        except (JoseError, ValueError) as exc:
            now = self.clock.now()
            if self._read_at is not None and now - self._read_at < LOOK_AGAIN:
                raise Unauthorized("the token is not valid") from exc
        await self.read()  # another replica may have made a new key
        try:
            return self._verified(token)
        except (JoseError, ValueError) as exc:
            raise Unauthorized("the token is not valid") from exc

    def _verified(self, token: str) -> Mapping[str, Any]:
        found = jwt.decode(token, self._set, algorithms=[ALGORITHM])
        return dict(found.claims)

    async def public(self) -> dict[str, Any]:
        """The key set that others verify with (RFC 7517)."""
        if not self._kept:
            await self.rotate()
        return dict(self._set.as_dict(private=False))

    async def read(self) -> Secret | None:
        self._read_at = self.clock.now()
        found = await self.client.find(SECRET, NAME, self.namespace)
        if found is not None:
            self._take(msgspec.json.decode(base64.b64decode(found.data[FIELD]), type=tuple[KeptKey, ...]))
        return found

    async def rotate(self) -> None:
        """Have the keys there should be; whoever comes second takes the first one's."""
        found = await self.read()
        wanted = rotated(self._kept, self.clock.now(), _new_key)
        if wanted == self._kept:
            return
        data = {FIELD: base64.b64encode(orjson.dumps(msgspec.to_builtins(wanted))).decode()}
        try:
            if found is None:
                made = Secret(metadata=ObjectMeta(name=NAME, namespace=self.namespace), data=data)
                await self.client.create(SECRET, made, self.namespace)
            else:
                changed = msgspec.structs.replace(found, data=data)
                await self.client.update(SECRET, changed, NAME, self.namespace)
        except (AlreadyExists, Conflict):
            await self.read()
            return
        self._take(wanted)

    def _take(self, kept: tuple[KeptKey, ...]) -> None:
        self._kept = kept
        self._set = KeySet([RSAKey.import_key(key.key) for key in kept])
