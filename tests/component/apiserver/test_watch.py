"""Watches: from where, of what, and how they end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.harness.apiserver import Api, api

from armillary.base.clock import SystemClock
from armillary.base.errors import Expired, Invalid
from armillary.engine.store.sqlite import open_store

CONFIG_MAPS = "/api/v1/namespaces/x/configmaps"
Events = AsyncIterator[dict[str, Any]]


@asynccontextmanager
async def watch(server: Api, path: str = CONFIG_MAPS, **query: str) -> AsyncIterator[Events]:
    async def events() -> Events:
        async with aclosing(server.client.transport.lines("GET", path, query={"watch": "1"} | query)) as lines:
            async for line in lines:
                yield orjson.loads(line)

    async with aclosing(events()) as found:
        yield found


async def take(events: Events, count: int) -> list[tuple[str, str]]:
    found = []
    async with asyncio.timeout(10):
        for _ in range(count):
            event = await anext(events)
            found.append((event["type"], event["object"]["metadata"].get("name", "")))
    return found


async def make(server: Api, name: str, **labels: str) -> dict[str, Any]:
    return await server.create(CONFIG_MAPS, {"metadata": {"name": name, "labels": labels}})


async def test_the_present_state_comes_first(bare: Api) -> None:
    await make(bare, "a")
    async with watch(bare) as events:
        assert await take(events, 1) == [("ADDED", "a")]
        await make(bare, "b")
        await bare.patch(f"{CONFIG_MAPS}/a", {"data": {"k": "v"}})
        await bare.delete(f"{CONFIG_MAPS}/a")
        assert await take(events, 3) == [("ADDED", "b"), ("MODIFIED", "a"), ("DELETED", "a")]


async def test_changes_since_a_revision(bare: Api) -> None:
    first = await make(bare, "a")
    await make(bare, "b")
    async with watch(bare, resourceVersion=first["metadata"]["resourceVersion"]) as events:
        assert await take(events, 1) == [("ADDED", "b")]


async def test_objects_enter_and_leave_a_selection(bare: Api) -> None:
    await make(bare, "a", app="web")
    async with watch(bare, labelSelector="app=web") as events:
        assert await take(events, 1) == [("ADDED", "a")]
        await make(bare, "b")
        await bare.patch(f"{CONFIG_MAPS}/b", {"metadata": {"labels": {"app": "web"}}})
        changed = await bare.patch(f"{CONFIG_MAPS}/a", {"metadata": {"labels": {"app": None}}})
        assert await take(events, 1) == [("ADDED", "b")]
        left = await anext(events)
        assert (left["type"], left["object"]["metadata"]["labels"]) == ("DELETED", {"app": "web"})
        assert left["object"]["metadata"]["resourceVersion"] == changed["metadata"]["resourceVersion"]
        await bare.delete(f"{CONFIG_MAPS}/a")
        await bare.delete(f"{CONFIG_MAPS}/b")
        assert await take(events, 1) == [("DELETED", "b")]


async def test_one_object_by_name(bare: Api) -> None:
    await make(bare, "a")
    await make(bare, "b")
    for path, query in ((CONFIG_MAPS, {"fieldSelector": "metadata.name=b"}), (f"{CONFIG_MAPS}/b", {})):
        async with watch(bare, path, **query) as events:
            assert await take(events, 1) == [("ADDED", "b")]


async def test_initial_events_end_with_a_bookmark(bare: Api) -> None:
    await make(bare, "a")
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    async with watch(bare, **query) as events:
        assert await take(events, 1) == [("ADDED", "a")]
        mark = await anext(events)
        assert mark["type"] == "BOOKMARK"
        assert mark["object"]["kind"] == "ConfigMap"
        assert mark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
        assert mark["object"]["metadata"]["resourceVersion"] == str(bare.store.revision)


async def test_a_watch_ends_in_time_with_a_bookmark(bare: Api) -> None:
    async with watch(bare, timeoutSeconds="1", allowWatchBookmarks="true") as events:
        async with asyncio.timeout(10):
            found = [event async for event in events]
        assert [event["type"] for event in found] == ["BOOKMARK"]


async def test_revisions_that_are_gone_are_told(tmp_path: Path) -> None:
    clock = SystemClock()
    async with open_store(tmp_path / "store.db", clock) as store:
        await api(store=store).create("/api/v1/namespaces", {"metadata": {"name": "x"}})
        await make(api(store=store), "a")
    async with open_store(tmp_path / "store.db", clock) as store:  # a restart forgets what was before it
        with pytest.raises(Expired, match="too old resource version: 1 "):
            async with watch(api(store=store), resourceVersion="1") as events:
                await anext(events)


async def test_options_are_checked(bare: Api) -> None:
    with pytest.raises(Invalid):
        async with watch(bare, sendInitialEvents="true") as events:
            await anext(events)


async def test_tables_are_watched(bare: Api) -> None:
    await make(bare, "a")
    headers = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    answer = await bare.ask("GET", CONFIG_MAPS, headers=headers, watch="1", timeoutSeconds="1")
    first = orjson.loads(answer.body.split(b"\n")[0])
    assert first["object"]["rows"][0]["cells"][0] == "a"


async def test_watches_end_when_the_server_leaves(bare: Api) -> None:
    async with watch(bare) as events, asyncio.TaskGroup() as group:
        await make(bare, "a")
        assert await take(events, 1) == [("ADDED", "a")]
        group.create_task(bare.server.leave())
        async with asyncio.timeout(10):
            assert [event async for event in events] == []
    assert (await bare.ask("GET", "/readyz")).status == 500
    assert (await bare.ask("GET", "/livez")).status == 200


async def test_many_watchers_share_what_is_sent(bare: Api) -> None:
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        seen = []

        async def one() -> None:
            async with watch(bare) as events:
                seen.append(await take(events, 20))

        for _ in range(100):
            group.create_task(one())
        await asyncio.sleep(0)
        for i in range(20):
            await make(bare, f"c{i:02}")
    assert seen == [[("ADDED", f"c{i:02}") for i in range(20)]] * 100
