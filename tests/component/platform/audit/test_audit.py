"""The log on a whole platform: what is kept, who sees what, and that nobody sees more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from prometheus_client import CollectorRegistry
from tests.harness.databases import opened
from tests.harness.platform import Running, running_platform
from tests.harness.records import KINDS_ALONE, allow, rule, tenant

from armillary.base.clock import SystemClock
from armillary.base.errors import Unavailable
from armillary.kube.kinds.core import NAMESPACE
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.audit import log as audit_log
from armillary.platform.capabilities.audit.authors import AuditAuthors
from armillary.platform.capabilities.audit.capability import audit
from armillary.platform.capabilities.audit.complete import Completer
from armillary.platform.capabilities.audit.log import AuditLog, forget
from armillary.platform.capabilities.identity.kinds import USER, User
from armillary.platform.frame.database import SqlDatabase
from armillary.platform.frame.parts import Deed

LIST = rule("list", "audit.armillary.io", "events")
API = "/platform/v1"


def deed(user: str, name: str, **fields: Any) -> Deed:
    given = {"action": "update", "outcome": "success", "group": "apps", "resource": "deployments"}
    return Deed(user=user, name=name, **{**given, **fields})


@dataclass
class Audited:
    running: Running
    log: AuditLog

    async def noted(self, *deeds: Deed) -> None:
        wanted = self.log.written + len(deeds)
        for one in deeds:
            self.log.note(one)
        async with asyncio.timeout(20):
            while self.log.written < wanted:
                await asyncio.sleep(0.01)

    async def names(self, user: str, query: str = "", path: str = "/audit") -> list[str]:
        answer = await self.running.as_user(user).get(f"{API}{path}?{query}")
        assert answer.status == 200, answer.body
        return [item["name"] for item in answer.json["items"]]


@asynccontextmanager
async def audited(directory: Path, database: SqlDatabase) -> AsyncIterator[Audited]:
    """Two tenants; ann administers workspace w, pat project w-shop, eve workspace x, root everything."""
    log = AuditLog(SystemClock())
    async with running_platform(directory, KINDS_ALONE, audit(log), database=database) as running:
        admin = running.admin
        await tenant(admin, "w", ["w-shop", "w-bank"])
        await tenant(admin, "x", ["x-lab"])
        await allow(admin, "root", "", LIST)
        for namespace in ("workspace-w", "w-shop", "w-bank"):
            await allow(admin, "ann", namespace, LIST)
        await allow(admin, "pat", "w-shop", LIST)
        for namespace in ("workspace-x", "x-lab"):
            await allow(admin, "eve", namespace, LIST)
        await until(lambda: len(running.parts.reads.list(NAMESPACE)) > 5)
        yield Audited(running, log)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


EVERYTHING = (
    deed("bob", "shop", namespace="w-shop"),
    deed("bob", "bank", namespace="w-bank"),
    deed("eve", "lab", namespace="x-lab"),
    deed("ann", "w", group="tenancy.armillary.io", resource="workspaces"),
    Deed(action="login", user="bob", outcome="denied", address="198.51.100.9", name="sign-in"),
)


async def test_everybody_sees_what_they_may(database: SqlDatabase, tmp_path: Path) -> None:
    async with audited(tmp_path, database) as found:
        await found.noted(*EVERYTHING)
        assert await found.names("root") == ["sign-in", "w", "lab", "bank", "shop"]
        assert await found.names("ann") == ["w", "bank", "shop"]
        assert await found.names("pat") == ["shop"]
        assert await found.names("bob") == ["sign-in", "bank", "shop"]
        assert await found.names("eve") == ["lab"]
        assert await found.names("stranger") == []
        assert (await found.running.nobody().get(f"{API}/audit")).status == 401

        assert await found.names("ann", path="/workspaces/w/audit") == ["w", "bank", "shop"]
        assert await found.names("root", path="/workspaces/x/audit") == ["lab"]
        foreign = await found.running.as_user("eve").get(f"{API}/workspaces/w/audit")
        absent = await found.running.as_user("eve").get(f"{API}/workspaces/none/audit")
        assert foreign.status == absent.status == 404
        assert foreign.json["message"].replace('"w"', '"none"') == absent.json["message"]


async def test_an_event_is_found_by_id_by_those_who_may_see_it_alone(database: SqlDatabase, tmp_path: Path) -> None:
    async with audited(tmp_path, database) as found:
        await found.noted(*EVERYTHING)
        everything = (await found.running.as_user("root").get(f"{API}/audit")).json["items"]
        for user in ("ann", "pat", "bob", "eve", "stranger"):
            may_see = set(await found.names(user))
            for item in everything:
                answer = await found.running.as_user(user).get(f"{API}/audit/{item['id']}")
                assert answer.status == (200 if item["name"] in may_see else 404), (user, item)
        absent = await found.running.as_user("eve").get(f"{API}/audit/999999")
        foreign = await found.running.as_user("eve").get(f"{API}/audit/{everything[-1]['id']}")
        shown = f'"{everything[-1]["id"]}"'
        assert foreign.json["message"].replace(shown, '"999999"') == absent.json["message"]
        for odd in ("0", "-1", "x", "%D9%A1", "9" * 30):
            assert (await found.running.as_user("root").get(f"{API}/audit/{odd}")).status == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("user=bob", ["sign-in", "bank", "shop"]),
        ("action=login", ["sign-in"]),
        ("outcome=denied", ["sign-in"]),
        ("workspace=w", ["w", "bank", "shop"]),
        ("namespace=x-lab", ["lab"]),
        ("resource=deployments&group=apps", ["lab", "bank", "shop"]),
        ("name=lab", ["lab"]),
        ("text=AN", ["bank", "w"]),
        ("text=%25", []),
        ("since=1h", ["sign-in", "w", "lab", "bank", "shop"]),
        ("until=1h", []),
        ("cluster=far", []),
    ],
)
async def test_filters(query: str, expected: list[str], tmp_path: Path) -> None:
    async with opened("", tmp_path) as database, audited(tmp_path, database) as found:
        await found.noted(*EVERYTHING)
        assert sorted(await found.names("root", query)) == sorted(expected)


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "since=soon", "continue=x", "text=%00", "name=%00"])
async def test_odd_questions_are_refused(query: str, tmp_path: Path) -> None:
    async with opened("", tmp_path) as database, audited(tmp_path, database) as found:
        for path in ("/audit", "/audit/export"):
            assert (await found.running.as_user("root").get(f"{API}{path}?{query}")).status in (400, 422)


async def test_pages_are_whole_and_an_export_has_them_all(database: SqlDatabase, tmp_path: Path) -> None:
    async with audited(tmp_path, database) as found:
        await found.noted(*(deed("bob", f"{n}", namespace=("w-shop", "x-lab")[n % 2]) for n in range(1203)))
        seen: list[str] = []
        token = ""
        while True:
            answer = (await found.running.as_user("pat").get(f"{API}/audit?limit=250&continue={token}")).json
            seen += [item["name"] for item in answer["items"]]
            token = answer["continue"]
            if not token:
                break
        assert seen == [f"{n}" for n in reversed(range(0, 1203, 2))]
        exported = await found.running.as_user("pat").get(f"{API}/audit/export")
        assert exported.header("content-type") == "application/x-ndjson"
        assert [orjson.loads(line)["name"] for line in exported.body.splitlines()] == seen


async def test_what_had_the_same_name_before_was_somebody_elses(database: SqlDatabase, tmp_path: Path) -> None:
    async with audited(tmp_path, database) as found:
        early = SystemClock().now() - timedelta(hours=1)
        for one in (deed("bob", "old", namespace="w-shop"), deed("bob", "old", workspace="w"), deed("ann", "old")):
            found.log._waiting.append((early, one))
        await found.noted(deed("bob", "new", namespace="w-shop"))
        await found.running.admin.create(USER, User(metadata=ObjectMeta(name="ann")))
        await until(lambda: found.running.parts.reads.get(USER, "ann"))
        assert await found.names("ann") == await found.names("pat") == ["new"]
        assert sorted(await found.names("root")) == ["new", "old", "old", "old"]


async def test_rights_that_end_end_at_once(tmp_path: Path) -> None:
    async with opened("", tmp_path) as database, audited(tmp_path, database) as found:
        await found.noted(*EVERYTHING)
        assert await found.names("pat") == ["shop"]
        await found.running.admin.call(
            "DELETE", "/apis/rbac.authorization.k8s.io/v1/namespaces/w-shop/rolebindings/of-pat"
        )
        async with asyncio.timeout(4):
            while await found.names("pat"):
                await asyncio.sleep(0.01)


async def test_the_author_of_a_version_is_known(database: SqlDatabase, tmp_path: Path) -> None:
    async with audited(tmp_path, database) as found:
        after = b'{"metadata":{"name":"web","resourceVersion":"17"}}'
        await found.noted(
            deed("bob", "web", namespace="w-shop", after=after), deed("eve", "web", namespace="x-lab", after=after)
        )
        where = ("host", "apps", "deployments", "w-shop", "web")
        assert await AuditAuthors(database).authors(*where, ["17", "18"]) == {"17": "bob"}


async def test_what_is_old_is_forgotten(database: SqlDatabase, tmp_path: Path) -> None:
    async with audited(tmp_path, database) as found:
        await found.noted(*EVERYTHING)
        await forget(database, SystemClock().now() + timedelta(days=2), 3)
        assert len(await found.names("root")) == 5
        await forget(database, SystemClock().now() + timedelta(days=4), 3)
        assert await found.names("root") == []


class Broken:
    """A database that is away until `mended`."""

    def __init__(self, database: SqlDatabase) -> None:
        self.database, self.mended, self.asked = database, False, 0

    def begin(self, schema: Any) -> Any:
        self.asked += 1
        if not self.mended:
            raise Unavailable("away")
        return self.database.begin(schema)


async def test_deeds_wait_for_the_database_and_a_full_queue_is_told(
    database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "MOST_WAITING", 3)
    log, broken = AuditLog(SystemClock()), Broken(database)
    registry = CollectorRegistry()
    registry.register(log)
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(log.run(broken, lambda cluster, namespace: ""))
        for n in range(5):
            log.note(deed("bob", f"{n}"))
        await until(lambda: broken.asked)
        assert registry.get_sample_value("armillary_audit_dropped_total") == 2
        broken.mended = True
        await until(lambda: log.written == 3)
        log.note(deed("bob", "last"))  # drained at the end
        writing.cancel()
    assert log.written == 4
    assert registry.get_sample_value("armillary_audit_written_total") == 4


async def test_one_that_can_not_be_kept_takes_no_others_along(database: SqlDatabase) -> None:
    log = AuditLog(SystemClock())
    async with asyncio.TaskGroup() as group:
        log.note(deed("bob", "first"))
        log.note(deed("bob", "odd", code=1 << 70))
        log.note(deed("bob", "last"))
        writing = group.create_task(log.run(database, lambda cluster, namespace: ""))
        await until(lambda: log.written + log.dropped == 3)
        writing.cancel()
    assert (log.written, log.dropped) == (2, 1)


@dataclass
class Known:
    """What one write changed, as history tells."""

    revision: str

    async def change(self, *where: str) -> Any:
        body = {"metadata": {"resourceVersion": "1"}, "data": {"a": "old"}}
        return (body, {**body, "data": {"a": "new"}}) if where[-1] == self.revision else None


async def test_what_a_write_changed_is_added_when_it_is_known(database: SqlDatabase, tmp_path: Path) -> None:
    async with audited(tmp_path, database) as found:
        early = SystemClock().now() - timedelta(seconds=20)
        for revision, resource in (("7", "configmaps"), ("7", "secrets"), ("8", "configmaps")):
            after = orjson.dumps({"metadata": {"name": resource + revision, "resourceVersion": revision}})
            one = deed("bob", "", group="", resource=resource, namespace="w-shop", after=after)
            found.log._waiting.append((early, one))
        await found.noted(deed("bob", "last"))
        await until(lambda: found.log.written == 4)
        completer = Completer(database, Known("7"), SystemClock())
        assert not await completer.complete()
        told = (await found.running.as_user("root").get(f"{API}/audit")).json["items"]
        changes = {item["name"]: item["changes"] for item in told if item["changes"]}
        assert changes == {
            "configmaps7": [{"path": "data.a", "old": "old", "new": "new"}],
            "secrets7": [{"path": "data.a", "old": "(redacted)", "new": "(redacted)"}],
        }
        assert completer.done > 0
