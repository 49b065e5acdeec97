"""What is written down after the answer: last use, sign-ins, wrong passwords. An answer never waits for it."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

from armillary.base.clock import age, format_time
from armillary.base.errors import NotFound
from armillary.base.tasks import gather_limited
from armillary.kube.client import Client
from armillary.kube.kind import Kind
from armillary.kube.runner import Caches
from armillary.platform.capabilities.identity.kinds import USER, AccessToken, Session

TO_A_MINUTE = timedelta(minutes=1)
_AT_ONCE = 8
_MOST = 10_000  # waiting to be written; more are forgotten


class Notes:
    """`run` writes them."""

    def __init__(self, client: Client, reads: Caches) -> None:
        self._client, self._reads = client, reads
        self._users: dict[str, dict[str, Any]] = {}
        self._seen: dict[tuple[str, str], tuple[Kind[Any], str]] = {}
        self._some = asyncio.Event()

    def user(self, name: str, status: dict[str, Any]) -> None:
        """A user's status, when there is time."""
        if len(self._users) < _MOST:
            self._users[name] = {**self._users.get(name, {}), **status}
            self._some.set()

    def seen(self, kind: Kind[Any], item: Session | AccessToken, now: datetime) -> None:
        """It is in use; written if that was not known for a minute."""
        since = item.spec.seen or item.metadata.creation_timestamp
        key = kind.plural, item.metadata.name
        if key not in self._seen and age(since, now) >= TO_A_MINUTE and len(self._seen) < _MOST:
            self._seen[key] = kind, format_time(now)
            self._some.set()

    async def run(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            users, self._users = self._users, {}
            work: list[Coroutine[Any, Any, None]] = [self._note(name, status) for name, status in users.items()]
            seen = dict(self._seen)
            work += [self._note_seen(kind, name, moment) for (_, name), (kind, moment) in seen.items()]
            try:
                await gather_limited(_AT_ONCE, work)
            finally:
                for key in seen:
                    self._seen.pop(key, None)

    async def _note(self, name: str, status: dict[str, Any]) -> None:
        try:
            await self._client.patch(USER, name, "", {"status": status}, subresource="status")
        except NotFound:
            return

    async def _note_seen(self, kind: Kind[Any], name: str, moment: str) -> None:
        try:
            written = await self._client.patch(kind, name, "", {"spec": {"seen": moment}})
        except NotFound:
            return
        await self._reads.of(kind).wait_revision(written.metadata.resource_version)
