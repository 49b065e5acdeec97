"""Charging a workspace's ledger: compare-and-swap on its status, so that several replicas never admit too much.

Those who wait for the same workspace in one process are put on the ledger together, with one write.
"""

import asyncio
from dataclasses import dataclass, field

from msgspec import structs

from armillary.base.backoff import Backoff
from armillary.base.clock import Clock
from armillary.base.errors import Conflict, Unavailable
from armillary.kube.client import Client
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE, Usage, Workspace
from armillary.platform.capabilities.tenancy.quota.ledger import Ask, Refused, charge, charge_all

TRIES = 25  # others write between our look and our write; each of them has got something done
RETRY = Backoff(first_seconds=0.002, most_seconds=0.1)


@dataclass(slots=True, eq=False)
class _Waiting:
    ask: Ask
    answer: "asyncio.Future[Refused | None]"


@dataclass(slots=True)
class _Counter:
    """One workspace's, in this process."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[_Waiting] = field(default_factory=list)


@dataclass(slots=True)
class Charges:
    """`client` may write the status of workspaces."""

    client: Client
    clock: Clock
    _counters: dict[str, _Counter] = field(default_factory=dict)

    async def look(self, workspace: str, ask: Ask) -> Refused | None:
        """What `charge` would say; nothing is charged."""
        found = await self.client.get(WORKSPACE, workspace)
        result = charge(found.status.quota, found.spec.quota.hard, ask, self.clock.now())
        return result if isinstance(result, Refused) else None

    async def charge(self, workspace: str, ask: Ask) -> Refused | None:
        """None if it is admitted: then it is charged. Raises Unavailable if the ledger can't be written."""
        counter = self._counters.setdefault(workspace, _Counter())
        mine = _Waiting(ask, asyncio.get_running_loop().create_future())
        counter.waiting.append(mine)
        try:
            async with counter.lock:
                if not mine.answer.done():
                    await self._serve(workspace, counter)
        finally:
            if mine in counter.waiting:
                counter.waiting.remove(mine)
        return await mine.answer

    async def _serve(self, workspace: str, counter: _Counter) -> None:
        for failures in range(1, TRIES + 1):
            found = await self.client.get(WORKSPACE, workspace)
            served, old = list(counter.waiting), found.status.quota
            asks = [one.ask for one in served]
            ledger, answers = charge_all(old, found.spec.quota.hard, asks, self.clock.now())
            try:
                if ledger != old:
                    await write_ledger(self.client, found, ledger)
            except Conflict:
                await self.clock.sleep(RETRY.after(failures))
                continue
            counter.waiting = [one for one in counter.waiting if one not in served]
            for one, answer in zip(served, answers, strict=True):
                if not one.answer.done():
                    one.answer.set_result(answer)
            return
        raise Unavailable(f"the quota of workspace {workspace} is being written by too many at once; try again")


async def write_ledger(client: Client, found: Workspace, ledger: Usage) -> None:
    """Raises Conflict if somebody wrote since `found` was read."""
    changed = structs.replace(found, status=structs.replace(found.status, quota=ledger))
    await client.update(WORKSPACE, changed, found.metadata.name, subresource="status")
