"""What controllers stand on, against a real API server: caches that follow, events that are counted, the runner."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.harness.server import Server

from armillary.base.clock import SystemClock
from armillary.base.errors import Invalid
from armillary.kube.cache import Cache
from armillary.kube.client import Client
from armillary.kube.discovery import discover
from armillary.kube.events import BURST, SIMILAR, Record, Recorder
from armillary.kube.journal import Journal
from armillary.kube.kind import Ref
from armillary.kube.kinds.core import CONFIG_MAP, EVENT, ConfigMap, ObjectReference
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import Key, key_of
from armillary.kube.reconcile import Confirm, Controller, Create, Decision, Delete, Patch, Reads, Watch
from armillary.kube.runner import run_controllers


def config(name: str, labels: dict[str, str] | None = None, **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default", labels=labels or {}), data=data)


async def until(what: str, holds: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(10):
        while True:
            found = await holds()
            if found:
                return found
            await asyncio.sleep(0.01)
    raise AssertionError(what)


@asynccontextmanager
async def following(cache: Cache[Any]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(cache.run())
        await cache.wait_synced()
        yield
        task.cancel()


async def test_a_cache_follows_and_files(server: Server) -> None:
    client = server.admin()
    await client.create(CONFIG_MAP, config("before", {"team": "a"}), "default")
    cache = Cache(client, CONFIG_MAP, namespace="default", indexes={"team": lambda c: c.metadata.labels.values()})
    told: list[str] = []
    async with following(cache):
        cache.follow(lambda old, new: told.append(f"{old and old.metadata.name} {new and new.metadata.name}"))
        made = await client.create(CONFIG_MAP, config("after", {"team": "a"}), "default")
        assert await cache.wait_revision(made.metadata.resource_version)
        assert {c.metadata.name for c in cache.by("team", "a")} == {"before", "after"}
        changed = await client.patch(CONFIG_MAP, "after", "default", {"metadata": {"labels": {"team": "b"}}})
        assert await cache.wait_revision(changed.metadata.resource_version)
        assert [c.metadata.name for c in cache.by("team", "b")] == ["after"]
        await client.delete(CONFIG_MAP, "after", "default")
        assert await cache.wait_until(lambda: cache.get("after", "default") is None, 5)
        assert not await cache.wait_revision(str(cache.revision + 1000), 0.01)
    assert told == ["None before", "None after", "after after", "after None"]


ABOUT = ObjectReference(api_version="v1", kind="Pod", namespace="default", name="web", uid="u")


async def events(client: Client) -> list[tuple[str, int | None]]:
    found = (await client.list(EVENT, "default")).items
    return sorted((event.message, event.count) for event in found)


async def test_equal_events_are_counted(server: Server) -> None:
    recorder = Recorder(server.client(), SystemClock(), "test")
    for _ in range(3):
        await recorder.write(Record(ABOUT, "Normal", "Waited", "for long"))
    await recorder.write(Record(ABOUT, "Warning", "Waited", "for long"))
    assert await events(server.admin()) == [("for long", 1), ("for long", 3)]


async def test_many_like_events_are_combined_and_a_babbler_is_cut_short(server: Server) -> None:
    recorder = Recorder(server.client(), SystemClock(), "test")
    for number in range(40):
        await recorder.write(Record(ABOUT, "Normal", "Created", f"pod {number:02}"))
    found = await events(server.admin())
    assert len(found) == SIMILAR
    assert found[0][0].startswith("(combined from similar events): pod ")
    assert sum(count or 0 for _, count in found) == BURST


@dataclass
class Stopped(SystemClock):
    """Two recorders never had it harder: no time goes by."""

    moment: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


async def test_events_of_one_moment_are_listed_in_order_whoever_writes_them(server: Server) -> None:
    first, second = (Recorder(server.client(), Stopped(), name) for name in ("first", "second"))
    said = ["Pulling", "Pulled", "Created", "Started"]
    for reason, recorder in zip(said, (first, second, first, second), strict=True):
        await recorder.write(Record(ABOUT, "Normal", reason, reason))
    found = sorted((await server.admin().list(EVENT, "default")).items, key=lambda event: event.metadata.name)
    assert [event.reason for event in found] == said


# A small controller: every map with a key `wants` gets another one of that name.


@dataclass(frozen=True)
class Seen:
    item: ConfigMap
    child: ConfigMap | None


async def observe(key: Key, reads: Reads) -> Seen | None:
    item = reads.get(CONFIG_MAP, key[1], key[0])
    return Seen(item, reads.get(CONFIG_MAP, item.data["wants"], key[0])) if item and "wants" in item.data else None


def decide(seen: Seen) -> Decision:
    if seen.item.data["wants"] == "a bug":
        raise ZeroDivisionError("of course")
    if seen.child is None:
        event = Record(ABOUT, "Normal", "Made", "a child")
        confirm = Confirm(CONFIG_MAP, key_of(seen.item), seen.item.metadata.uid)
        return Decision("lacks its child", (confirm, Create(CONFIG_MAP, config(seen.item.data["wants"]), event)))
    if "end" in seen.item.data:
        gone = Delete(CONFIG_MAP, key_of(seen.item), seen.item.metadata.uid)
        return Decision("has done its part", (Patch(CONFIG_MAP, ("default", "nobody"), {}), gone))
    return Decision("has its child")


def refused(seen: Seen, action: Any, exc: Exception) -> tuple[Record, ...]:
    return (Record(ABOUT, "Warning", "Refused", type(exc).__name__),)


WISHES = Controller(
    name="wishes",
    root=CONFIG_MAP,
    observe=observe,
    decide=decide,
    watches=(Watch(CONFIG_MAP, lambda item, reads: [("default", "parent")]),),
    failed=refused,
)


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[tuple[Client, Journal]]:
    journal = Journal()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(run_controllers([WISHES], server.client(), SystemClock(), journal))
        yield server.admin(), journal
        task.cancel()


async def test_a_controller_acts_tells_and_looks_again(server: Server) -> None:
    async with running(server) as (client, journal):
        await client.create(CONFIG_MAP, config("parent", wants="child"), "default")
        await until("the child is made", lambda: client.find(CONFIG_MAP, "child", "default"))

        async def told() -> Any:
            return ("a child", 1) in await events(client)

        await until("the event is there", told)
        await client.delete(CONFIG_MAP, "child", "default")
        await until("it is made again", lambda: client.find(CONFIG_MAP, "child", "default"))
        await client.patch(CONFIG_MAP, "parent", "default", {"data": {"end": "yes"}})

        async def gone() -> bool:
            return await client.find(CONFIG_MAP, "parent", "default") is None

        await until("a patch of nobody hinders nothing", gone)
        assert "lacks its child" in {e.because for e in journal.story(Ref("ConfigMap", "default", "parent"))}


async def test_a_refusal_and_a_bug_concern_one_object_only(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    async with running(server) as (client, journal):
        await client.create(CONFIG_MAP, config("odd", wants="a bug"), "default")
        await client.create(CONFIG_MAP, config("bad", wants="No Name"), "default")
        await client.create(CONFIG_MAP, config("parent", wants="child"), "default")
        await until("the child is made", lambda: client.find(CONFIG_MAP, "child", "default"))

        async def told() -> Any:
            return any(message == Invalid.__name__ for message, _ in await events(client))

        await until("the refusal is told", told)

        async def noted() -> Any:
            return any("bug" in e.because for e in journal.story(Ref("ConfigMap", "default", "odd")))

        await until("the bug is noted", noted)
    assert "reconcile failed" in caplog.text


async def test_discovery_finds_every_resource(server: Server) -> None:
    found = await discover(server.admin())
    kinds = {(s.kind.group, s.kind.name): s for s in found.resources}
    assert not found.failures
    assert kinds["apps", "Deployment"].kind.path("default") == "/apis/apps/v1/namespaces/default/deployments"
    assert kinds["", "Node"].kind.namespaced is False
    assert kinds["", "ConfigMap"].can("list", "watch", "deletecollection")
    assert not any("/" in s.kind.plural for s in found.resources)
