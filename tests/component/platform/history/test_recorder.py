"""The recorder on a running API server: what it keeps is what there was, whatever stops it in between."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from tests.harness.databases import opened
from tests.harness.server import Server, running_server

from armillary.base.clock import SystemClock
from armillary.base.errors import Unavailable
from armillary.kube.client import Client
from armillary.kube.kinds.core import CONFIG_MAP, NAMESPACE, SECRET, ConfigMap, Namespace, Secret
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.history import recorder as recording
from armillary.platform.capabilities.history.changed import RecordedChanges
from armillary.platform.capabilities.history.decide.fold import observe
from armillary.platform.capabilities.history.read import Named, Version, bodies, versions
from armillary.platform.capabilities.history.recorder import Recorder
from armillary.platform.capabilities.history.retention import forget
from armillary.platform.capabilities.history.tables import SCHEMA
from armillary.platform.capabilities.tenancy.kinds import PLATFORM_NAMESPACE, WORKSPACE_LABEL
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.database import SqlDatabase


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LINGER_SECONDS", 0.005)


def named(name: str, namespace: str = "shop", resource: str = "configmaps") -> Named:
    return Named("host", "", resource, namespace, name)


@dataclass
class One:
    """A cluster, by its client."""

    host: Client

    def names(self) -> list[str]:
        return ["host"]

    def client(self, cluster: str = "host") -> Client:
        return self.host

    def client_as(self, caller: Caller, cluster: str = "host") -> Client:
        raise AssertionError("it records as the platform")


@dataclass
class Recorded:
    client: Client
    database: SqlDatabase

    async def put(self, name: str, namespace: str = "shop", **data: str) -> ConfigMap:
        item = ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace), data=data)
        if await self.client.find(CONFIG_MAP, name, namespace) is None:
            return await self.client.create(CONFIG_MAP, item, namespace)
        return await self.client.update(CONFIG_MAP, item, name, namespace)

    async def kept(self, name: str, count: int, *, deleted: bool = False) -> list[Version]:
        """Oldest first, once there are that many and the last is, or is not, deleted."""
        found: list[Version] = []

        async def are_there() -> bool:
            nonlocal found
            found = (await versions(self.database, named(name)))[::-1]
            return len(found) >= count and bool(found[-1].of.deleted) is deleted

        await until(are_there)
        assert len(found) == count
        return found

    async def listed(self) -> None:
        """Until changes are seen as they happen."""

        async def is_listed() -> bool:
            query = text("SELECT revision FROM history_cursors WHERE resource = 'configmaps'")
            async with self.database.read(SCHEMA) as connection:
                return bool((await connection.execute(query)).scalar())

        await until(is_listed)

    async def data(self, found: list[Version]) -> list[dict[str, str]]:
        return [body.get("data", {}) for body in await bodies(self.database, found)]

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        recorder = Recorder(One(self.client), self.database, SystemClock())
        async with asyncio.TaskGroup() as group:
            task = group.create_task(recorder.record("host"))
            try:
                yield
            finally:
                task.cancel()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def cluster(server: Server, database: SqlDatabase) -> AsyncIterator[Recorded]:
    found = Recorded(server.admin(), database)
    await found.client.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="shop", labels={WORKSPACE_LABEL: "w"})))
    yield found


async def test_changes_are_versions(server: Server, database: SqlDatabase) -> None:
    async with cluster(server, database) as found:
        await found.put("early", a="1")
        async with found.at_work():
            (early,) = await found.kept("early", 1)
            assert early.late
            for n in range(3):
                await found.put("web", a=f"{n}")
            three = await found.kept("web", 3)
            assert await found.data(three) == [{"a": "0"}, {"a": "1"}, {"a": "2"}]
            assert [v.number for v in three] == [1, 2, 3]
            assert not any(v.late for v in three)
            assert {v.workspace for v in three} == {"w"}
            assert len({v.revision for v in three}) == 3

            await found.client.delete(CONFIG_MAP, "web", "shop")
            await found.kept("web", 3, deleted=True)
            await found.put("web", a="again")
            four = await found.kept("web", 4)
            assert [v.number for v in four] == [1, 2, 3, 4]
            assert four[3].of.uid != four[2].of.uid


async def test_what_a_write_changed_is_told_to_audit(server: Server, database: SqlDatabase) -> None:
    async with cluster(server, database) as found:
        async with found.at_work():
            await found.listed()
            revisions = [(await found.put("web", a=f"{n}")).metadata.resource_version for n in range(2)]
            await found.kept("web", 2)
        changed = RecordedChanges(database)
        where = ("host", "", "configmaps", "shop", "web")
        before, after = await changed.change(*where, revisions[1]) or ({}, {})
        assert (before["data"], after["data"]) == ({"a": "0"}, {"a": "1"})
        assert await changed.change(*where, revisions[0]) is None
        assert await changed.change(*where, "1") is None


async def test_nothing_is_lost_where_the_recorder_went_on(server: Server, database: SqlDatabase) -> None:
    """The cluster still keeps the revision at which it was stopped."""
    async with cluster(server, database) as found:
        async with found.at_work():
            await found.put("web", a="0")
            await found.kept("web", 1)
        for n in (1, 2, 3):
            await found.put("web", a=f"{n}")
        await found.put("gone", a="0")
        await found.client.delete(CONFIG_MAP, "gone", "shop")
        async with found.at_work():
            four = await found.kept("web", 4)
            assert await found.data(four) == [{"a": f"{n}"} for n in range(4)]
            assert not any(v.late for v in four[1:])
            (gone,) = await found.kept("gone", 1, deleted=True)
            assert not gone.of.late


async def test_after_a_long_absence_what_can_be_known_is(server: Server, database: SqlDatabase) -> None:
    """The cluster keeps the revision no longer: lists are compared."""
    async with cluster(server, database) as found:
        async with found.at_work():
            await found.put("same", a="0")
            await found.put("changed", a="0")
            await found.put("gone", a="0")
            for name in ("same", "changed", "gone"):
                await found.kept(name, 1)
        await found.put("changed", a="1")
        await found.put("changed", a="2")
        await found.put("new", a="0")
        await found.client.delete(CONFIG_MAP, "gone", "shop")
        async with database.begin(SCHEMA) as connection:
            await connection.execute(text("UPDATE history_cursors SET revision = ''"))
        async with found.at_work():
            await found.kept("same", 1)
            changed = await found.kept("changed", 2)
            assert await found.data(changed) == [{"a": "0"}, {"a": "2"}]
            assert [v.late for v in changed][1:] == [True]
            assert (await found.kept("new", 1))[0].late
            (gone,) = await found.kept("gone", 1, deleted=True)
            assert gone.of.late


async def test_what_seemed_gone_and_is_there_goes_on(server: Server, database: SqlDatabase) -> None:
    """A cluster was set back to an earlier state, or a list left something out."""
    async with cluster(server, database) as found:
        async with found.at_work():
            await found.put("web", a="0")
            await found.kept("web", 1)
        async with database.begin(SCHEMA) as connection:
            await connection.execute(text("UPDATE history_objects SET deleted = 1 WHERE name = 'web'"))
            await connection.execute(text("UPDATE history_cursors SET revision = ''"))
        async with found.at_work():
            two = await found.kept("web", 2)
            assert [v.number for v in two] == [1, 2]


async def test_noise_and_the_platforms_secrets_are_not_recorded(server: Server, database: SqlDatabase) -> None:
    async with cluster(server, database) as found:
        await found.client.create(NAMESPACE, Namespace(metadata=ObjectMeta(name=PLATFORM_NAMESPACE)))
        async with found.at_work():
            for namespace in (PLATFORM_NAMESPACE, "shop"):
                secret = Secret(metadata=ObjectMeta(name="key", namespace=namespace), data={"a": "c2VjcmV0"})
                await found.client.create(SECRET, secret, namespace)
            await found.put("last")
            await found.kept("last", 1)

            async def is_kept() -> bool:
                return bool(await versions(database, named("key", resource="secrets")))

            await until(is_kept)
            assert not await versions(database, named("key", PLATFORM_NAMESPACE, "secrets"))
            async with database.read(SCHEMA) as connection:
                query = text("SELECT DISTINCT resource FROM history_objects")
                recorded = set((await connection.execute(query)).scalars())
            assert {"configmaps", "secrets", "namespaces", "clusterroles"} <= recorded
            assert not recorded & {"events", "leases", "endpoints", "endpointslices", "componentstatuses"}


async def test_a_database_that_is_away_is_waited_for(server: Server, database: SqlDatabase) -> None:
    class Away(SqlDatabase):
        refused = 0

        def begin(self, schema: Any) -> Any:
            Away.refused += 1
            if Away.refused < 3:
                raise Unavailable("away")
            return super().begin(schema)

    async with cluster(server, database) as found:
        found.database = Away(database.engine)
        async with found.at_work():
            await found.put("web", a="0")
            await found.kept("web", 1)
    assert Away.refused >= 3


async def test_what_is_old_or_too_much_is_forgotten(server: Server, database: SqlDatabase) -> None:
    async with cluster(server, database) as found:
        async with found.at_work():
            await found.listed()
            for n in range(6):
                await found.put("web", a=f"{n}")
            await found.put("gone", a="0")
            await found.client.delete(CONFIG_MAP, "gone", "shop")
            await found.kept("web", 6)
            await found.kept("gone", 1, deleted=True)
        now = SystemClock().now()
        await forget(database, now, 30, most_versions=4)
        assert [v.number for v in await found.kept("web", 4)] == [3, 4, 5, 6]
        await found.kept("gone", 1, deleted=True)
        later = now + timedelta(days=31)
        await forget(database, later, 30)
        left = await found.kept("web", 1)  # what it is stays, however old
        assert await found.data(left) == [{"a": "5"}]
        assert not await versions(database, named("gone"))
        async with database.read(SCHEMA) as connection:
            counted = (
                "SELECT (SELECT count(*) FROM history_bases), (SELECT count(DISTINCT basis) FROM history_versions)"
            )
            bases, used = (await connection.execute(text(counted))).one()
        assert bases <= used


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "delete", "restart", "absence"]), st.sampled_from("ab"), st.text("xyz", max_size=3)
    ),
    min_size=1,
    max_size=12,
)


CHECKS = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@CHECKS
@given(steps=STEPS)
async def test_replaying_gives_the_objects_as_they_were(
    steps: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory: Path = tmp_path_factory.mktemp("replay")
    async with (
        running_server(directory) as server,
        opened("", directory) as database,
        cluster(server, database) as found,
    ):
        wanted: dict[str, list[bytes]] = {"a": [], "b": []}
        work = found.at_work()
        await work.__aenter__()
        await found.listed()
        for action, name, value in steps:
            match action:
                case "put":
                    await found.put(name, v=value)
                    raw = (await found.client.call("GET", CONFIG_MAP.path("shop", name))).body
                    body = observe(raw, "v1", "ConfigMap").body
                    if wanted[name][-1:] != [body]:
                        wanted[name].append(body)
                case "delete" if await found.client.find(CONFIG_MAP, name, "shop") is not None:
                    await found.client.delete(CONFIG_MAP, name, "shop")
                case "restart" | "absence":
                    if action == "absence":  # all that happened so far was recorded before
                        for one, has in wanted.items():
                            await _caught_up(found, one, len(has))
                    await work.__aexit__(None, None, None)
                    if action == "absence":
                        async with database.begin(SCHEMA) as connection:
                            await connection.execute(text("UPDATE history_cursors SET revision = ''"))
                    work = found.at_work()
                    await work.__aenter__()
                    await found.listed()
        for name, expected in wanted.items():
            await _caught_up(found, name, len(expected))
            kept = (await versions(database, named(name)))[::-1]
            replayed = [orjson.dumps(b, option=orjson.OPT_SORT_KEYS) for b in await bodies(database, kept)]
            assert replayed == expected
        await work.__aexit__(None, None, None)


async def _caught_up(found: Recorded, name: str, count: int) -> None:
    exists = await found.client.find(CONFIG_MAP, name, "shop") is not None

    async def has_all() -> bool:
        kept = await versions(found.database, named(name))
        return len(kept) >= count and (not kept or bool(kept[0].of.deleted) is not exists)

    await until(has_all)
