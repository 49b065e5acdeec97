"""Both stores against a list of writes, by random steps."""

import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from armillary.base.clock import SystemClock
from armillary.engine.store.memory import memory_store
from armillary.engine.store.port import Draft, Entry, Key, Page, Store, Watcher
from armillary.engine.store.sqlite import open_store

resources = st.sampled_from(["pods", "nodes"])
keys = st.builds(Key, resources, st.sampled_from(["a", "b"]), st.sampled_from("xyz"))
spaces = st.sampled_from(["", "a", "b"])

Log = list[tuple[Key, bytes | None]]  # the write of each revision, in order; None deletes


def state(log: Log, resource: str, namespace: str = "") -> list[tuple[Key, bytes]]:
    found: dict[Key, bytes | None] = dict(log)
    chosen = {k: body for k, body in found.items() if k.resource == resource and namespace in ("", k.namespace)}
    return sorted((k, body) for k, body in chosen.items() if body is not None)


def shown(entries: Iterable[Entry]) -> list[tuple[Key, bytes]]:
    return [(entry.key, entry.body) for entry in entries]


@dataclass
class Looked:
    """A watcher, and up to where it has given everything."""

    store: Store
    watcher: Watcher
    resource: str
    namespace: str
    after: int


@dataclass
class Listing:
    """A list of which one page after the other is read."""

    resource: str
    namespace: str
    limit: int
    page: Page


class Steps(RuleBasedStateMachine):
    """`log` is what was submitted; up to `settled` it was acknowledged."""

    watchers: Bundle[Any] = Bundle("watchers")
    pages: Bundle[Any] = Bundle("pages")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.exits = contextlib.AsyncExitStack()
        self.store = self.runner.run(self.begin())
        self.log: Log = []
        self.pending: list[Awaitable[Entry]] = []

    async def begin(self) -> Store:
        return memory_store(SystemClock())

    @property
    def settled(self) -> int:
        """Moves on whenever the loop runs."""
        return self.store.revision

    def teardown(self) -> None:
        self.settle()
        self.runner.run(self.exits.aclose())
        self.runner.close()

    def submit(self, write: Callable[[], Awaitable[Entry]]) -> None:
        async def step() -> None:
            self.pending.append(write())

        self.runner.run(step())

    @rule(key=keys, body=st.binary(max_size=4))
    def put(self, key: Key, body: bytes) -> None:
        self.log.append((key, body))
        self.submit(lambda: self.store.put(key, lambda revision: Draft(body, {}, {})))

    @rule(key=keys)
    def delete(self, key: Key) -> None:
        if self.store.head(key) is not None:
            self.log.append((key, None))
            self.submit(lambda: self.store.delete(key, lambda revision: Draft(b"last", {}, {})))

    @rule()
    def settle(self) -> None:
        async def step() -> None:
            entries = await asyncio.gather(*self.pending)
            assert [entry.revision for entry in entries] == list(
                range(len(self.log) - len(entries) + 1, len(self.log) + 1)
            )

        self.runner.run(step())
        self.pending.clear()

    @rule(target=pages, resource=resources, namespace=spaces, limit=st.integers(1, 3))
    def first_page(self, resource: str, namespace: str, limit: int) -> Listing:
        return self.check_page(resource, namespace, limit, None, self.store.revision)

    @rule(target=pages, begun=consumes(pages))
    def next_page(self, begun: Listing) -> Listing:
        page = begun.page
        if page.last is None or page.revision < self.store.oldest:
            return begun
        return self.check_page(begun.resource, begun.namespace, begun.limit, page.last, page.revision)

    def check_page(self, resource: str, namespace: str, limit: int, after: Key | None, at: int) -> Listing:
        page: Page = self.store.page(resource, namespace, after=after, limit=limit, at=at)
        rest = [item for item in state(self.log[:at], resource, namespace) if after is None or item[0] > after]
        assert (shown(page.entries), page.revision) == (rest[:limit], at)
        assert page.remaining == len(rest[limit:])
        assert page.last == (rest[limit - 1][0] if rest[limit:] else None)
        return Listing(resource, namespace, limit, page)

    @rule(target=watchers, resource=resources, namespace=spaces, back=st.integers(0, 5))
    def watch(self, resource: str, namespace: str, back: int) -> Looked:
        after = max(self.store.oldest, self.store.revision - back)
        return Looked(self.store, self.store.watch(resource, namespace, after=after), resource, namespace, after)

    @rule(watch=watchers)
    def look(self, watch: Looked) -> None:
        if watch.store is not self.store:
            return

        async def step() -> None:
            got = await watch.watcher.changes(0)
            upto = watch.watcher.revision
            assert upto == self.settled or self.pending
            wanted = [
                (revision, key, body)
                for revision, (key, body) in enumerate(self.log[:upto], 1)
                if revision > watch.after and key.resource == watch.resource and watch.namespace in ("", key.namespace)
            ]
            assert [(c.entry.revision, c.entry.key, None if c.deleted else c.entry.body) for c in got] == wanted
            for change in got:
                before = dict(self.log[: change.entry.revision - 1]).get(change.entry.key)
                assert (change.previous.body if change.previous else None) == before

            watch.after = upto

        self.runner.run(step())

    @rule(watch=consumes(watchers))
    def stop(self, watch: Looked) -> None:
        watch.watcher.close()

    @invariant()
    def head_and_shown(self) -> None:
        for resource in ("pods", "nodes"):
            assert shown(self.store.heads(resource)) == state(self.log, resource)
            assert shown(self.store.page(resource).entries) == state(self.log[: self.settled], resource)
        for key, body in dict(self.log).items():
            head = self.store.head(key)
            assert (head.body if head else None) == body


class DiskSteps(Steps):
    """The store on disk may be closed and opened again as well; who watched it has gone then."""

    async def begin(self) -> Store:
        directory = tempfile.TemporaryDirectory()
        self.exits.callback(directory.cleanup)
        self.path = Path(directory.name) / "store.db"
        return await self.open()

    async def open(self) -> Store:
        self.opened = contextlib.AsyncExitStack()
        self.exits.push_async_callback(self.opened.aclose)
        return await self.opened.enter_async_context(open_store(self.path, SystemClock()))

    @rule()
    def reopen(self) -> None:
        self.settle()
        self.runner.run(self.opened.aclose())
        self.store = self.runner.run(self.open())
        assert self.store.revision == self.store.oldest == len(self.log)


@pytest.mark.parametrize("steps", [Steps, DiskSteps])
def test_any_steps(steps: type[Steps]) -> None:
    run_state_machine_as_test(
        steps,
        settings=settings(
            max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
