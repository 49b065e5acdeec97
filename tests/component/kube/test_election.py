"""Of several contenders one leads, and another when it is gone: on a real API server, by a clock of the test's."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.harness.server import running_server

from armillary.base.errors import Unavailable
from armillary.kube.client import Client
from armillary.kube.election import Election
from armillary.kube.kinds.coordination import LEASE, Lease

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class Hands:
    """A clock that stands still until the test moves it."""

    seconds: float = 0.0
    sleepers: list[tuple[float, asyncio.Event]] = field(default_factory=list)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        due = asyncio.Event()
        self.sleepers.append((self.seconds + seconds, due))
        await due.wait()

    def move(self, seconds: float) -> None:
        self.seconds += seconds
        for moment, due in list(self.sleepers):
            if moment <= self.seconds:
                self.sleepers.remove((moment, due))
                due.set()


class Cut:
    """A transport that can be cut."""

    def __init__(self, client: Client) -> None:
        self._transport, self.is_cut = client.transport, False

    async def request(self, method: str, path: str, **how: object):  # type: ignore[no-untyped-def]
        if self.is_cut:
            raise Unavailable("cut off")
        return await self._transport.request(method, path, **how)  # type: ignore[arg-type]


@dataclass
class Contender:
    election: Election
    clock: Hands
    link: Cut
    leading: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self) -> None:
        self.leading.set()
        try:
            await self.stop.wait()
        finally:
            self.leading.clear()

    async def stand(self) -> None:
        while True:
            await self.election.lead(self.work)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with running_server(tmp_path, alone=True) as server:
        yield server.admin()


def contender(client: Client, clock: Hands, name: str) -> Contender:
    link = Cut(client)
    return Contender(Election(Client(link), clock, "default", "lead", name), clock, link)  # type: ignore[arg-type]


async def settle(clock: Hands, seconds: float, *, step: float = 1.0) -> None:
    """Move the clock, and let everybody act after each step."""
    moved = 0.0
    while moved < seconds:
        clock.move(step)
        moved += step
        for _ in range(50):
            await asyncio.sleep(0)


async def lease(client: Client) -> Lease:
    return await client.get(LEASE, "lead", "default")


async def test_one_leads_and_the_next_when_it_lets_go(client: Client) -> None:
    clock = Hands()
    one, two = contender(client, clock, "one"), contender(client, clock, "two")
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        first = group.create_task(one.stand())
        await one.leading.wait()
        second = group.create_task(two.stand())
        await settle(clock, 60)  # far longer than a lease: it is renewed
        assert (one.leading.is_set(), two.leading.is_set()) == (True, False)
        first.cancel()
        await settle(clock, 3)  # it has let go: nobody waits until the lease has run out
        assert two.leading.is_set()
        found = await lease(client)
        assert (found.spec.holder_identity, found.spec.lease_transitions) == ("two", 1)
        second.cancel()
    assert (await lease(client)).spec.holder_identity == ""


async def test_who_is_cut_off_gives_up_before_another_may_lead(client: Client) -> None:
    clock = Hands()
    one, two = contender(client, clock, "one"), contender(client, clock, "two")
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        first = group.create_task(one.stand())
        await one.leading.wait()
        second = group.create_task(two.stand())
        await settle(clock, 4)
        one.link.is_cut = True
        for _ in range(30):
            await settle(clock, 1)
            assert not (one.leading.is_set() and two.leading.is_set())
        assert two.leading.is_set()
        one.link.is_cut = False
        await settle(clock, 30)
        assert (one.leading.is_set(), two.leading.is_set()) == (False, True)
        first.cancel()
        second.cancel()


async def test_a_lease_is_judged_by_ones_own_clock(client: Client) -> None:
    """Its holder's clock may be wrong by years."""
    early, late = Hands(), Hands(seconds=1e8)
    one, two = contender(client, early, "one"), contender(client, late, "two")
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        first = group.create_task(one.stand())
        await one.leading.wait()
        second = group.create_task(two.stand())
        for _ in range(20):
            await settle(early, 1)
            await settle(late, 1)
        assert not two.leading.is_set()
        await settle(late, 17)  # the first one's clock stands still: nothing is renewed
        assert two.leading.is_set()
        first.cancel()
        second.cancel()


async def test_what_the_work_raises_is_raised(client: Client) -> None:
    clock = Hands()
    one = contender(client, clock, "one")

    async def work() -> None:
        raise KeyError("work")

    with pytest.raises(KeyError):
        await one.election.lead(work)
    assert (await lease(client)).spec.holder_identity == ""
