"""The live channel on a real API server: what changes is told, to whom it may be told, and as long as they may."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from tests.component.platform.resources.test_lists import RBAC, binding
from tests.component.platform.resources.test_shelf import Breaking, OneCluster, running, until
from tests.harness.live import Client as Reader
from tests.harness.live import Talking, talking
from tests.harness.platform import Running, listening_platform, running_platform
from tests.harness.server import running_server
from websockets.exceptions import ConnectionClosed

from armillary.base.clock import SystemClock
from armillary.base.errors import Unavailable
from armillary.kube.client import Client
from armillary.kube.kinds.core import (
    CONFIG_MAP,
    EVENT,
    NAMESPACE,
    SECRET,
    ConfigMap,
    Event,
    Namespace,
    ObjectReference,
    Secret,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import ROLE_BINDING
from armillary.kube.runner import Caches
from armillary.platform.capabilities.resources import shelf as shelves
from armillary.platform.capabilities.resources.asking import Deps
from armillary.platform.capabilities.resources.capability import RESOURCES
from armillary.platform.capabilities.resources.decide.select import select
from armillary.platform.capabilities.resources.library import Library
from armillary.platform.capabilities.resources.live import conversation, lists
from armillary.platform.capabilities.resources.live.budget import Budget
from armillary.platform.capabilities.resources.live.conversation import MOST_LOOKS, converse
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.rights import AskedRights

CORE = {"cluster": "host", "group": "core", "version": "v1"}


@asynccontextmanager
async def shops(tmp_path: Path) -> AsyncIterator[Running]:
    """`ann` edits in `shop` and `side`, `bob` in `bank`; each namespace has two maps and a secret."""
    async with listening_platform(tmp_path, RESOURCES) as found:
        for namespace, user in (("shop", "ann"), ("side", "ann"), ("bank", "bob")):
            await found.admin.create(NAMESPACE, Namespace(metadata=ObjectMeta(name=namespace)))
            await found.admin.create(ROLE_BINDING, binding(namespace, user, "edit"), namespace)
            for number in range(2):
                await put(found.admin, namespace, f"map-{number}")
            hidden = Secret(metadata=ObjectMeta(name="hidden"), data={"key": "c2VjcmV0"})
            await found.admin.create(SECRET, hidden, namespace)
        yield found


async def put(admin: Client, namespace: str, name: str, **data: str) -> ConfigMap:
    return await admin.create(CONFIG_MAP, ConfigMap(metadata=ObjectMeta(name=name), data=data), namespace)


async def change(admin: Client, namespace: str, name: str, **metadata_or_data: Any) -> ConfigMap:
    return await admin.patch(CONFIG_MAP, name, namespace, metadata_or_data)


def places(told: Any) -> list[str]:
    return [f"{row['namespace']}/{row['name']}" for row in told["items"]]


async def look_at_maps(talk: Talking, number: int = 1, **query: Any) -> Any:
    await talk.ask(id=number, op="list", **CORE, plural="configmaps", query={"q": "map-", **query})
    return await talk.hear()


async def test_a_window_is_told_and_then_only_what_changes_in_it(tmp_path: Path) -> None:
    async with shops(tmp_path) as platform, talking(platform, "ann") as talk:
        told = await look_at_maps(talk, sort="-name", limit=2, offset=1, countBy="data")
        assert (told["id"], told["type"], told["offset"], told["total"]) == (1, "snapshot", 1, 4)
        assert places(told) == ["side/map-1", "shop/map-0"]
        assert [column["name"] for column in told["columns"]] == ["data"]
        assert (told["counts"], told["resourceVersion"].isdigit()) == ({"0": 4}, True)
        uids = {f"{row['namespace']}/{row['name']}": row["uid"] for row in told["items"]}

        # Neither another annotation, nor what is not found, nor another's are worth a word: the next one is of this.
        await change(platform.admin, "shop", "map-0", metadata={"annotations": {"seen": "yes"}})
        await put(platform.admin, "shop", "other")
        await put(platform.admin, "bank", "map-9")
        await change(platform.admin, "shop", "map-0", data={"key": "value"})
        told = await talk.hear()
        assert (told["type"], told.get("order"), told["total"]) == ("delta", None, 4)
        assert [(row["name"], row["cells"]) for row in told["set"]] == [("map-0", [1])]
        assert told["counts"] == {"0": 3, "1": 1}

        made = await put(platform.admin, "shop", "map-2")
        told = await talk.hear()
        assert (told["order"][1], told["total"]) == (uids["side/map-1"], 5)
        assert [row["name"] for row in told["set"]] == ["map-1"]
        await platform.admin.delete(CONFIG_MAP, "map-2", "shop", uid=made.metadata.uid)
        told = await talk.hear()
        assert (told["order"], told["total"]) == ([uids["side/map-1"], uids["shop/map-0"]], 4)


async def test_the_same_id_asks_for_something_else_and_close_ends_it(tmp_path: Path) -> None:
    async with shops(tmp_path) as platform, talking(platform, "ann") as talk:
        await look_at_maps(talk)
        told = await look_at_maps(talk, namespace="side", offset=1)
        assert (told["type"], places(told)) == ("snapshot", ["side/map-1"])
        await look_at_maps(talk, 2, namespace="side")
        await talk.ask(id=1, op="close")
        await put(platform.admin, "side", "map-2")
        assert (await talk.hear())["id"] == 2
        await put(platform.admin, "side", "map-3")
        assert (await talk.hear())["id"] == 2


async def test_each_sees_what_they_may_list_as_long_as_they_may(tmp_path: Path) -> None:
    async with shops(tmp_path) as platform, talking(platform, "ann") as talk:
        assert (await look_at_maps(talk))["total"] == 4
        refused = await look_at_maps(talk, 2, namespace="bank")
        assert (refused["type"], refused["status"]["code"]) == ("error", 403)
        assert (await look_at_maps(talk, 3, namespace="shop"))["total"] == 2

        await platform.admin.create(ROLE_BINDING, binding("bank", "ann", "view"), "bank")
        heard = {(told["id"], told["type"], told["total"]) for told in (await talk.hear(), await talk.hear())}
        assert heard == {(1, "delta", 6), (2, "snapshot", 2)}

        await platform.admin.delete(ROLE_BINDING, "ann", "shop")
        heard = {told["id"]: told for told in (await talk.hear(), await talk.hear())}
        assert (heard[1]["total"], len(heard[1]["order"])) == (4, 4)
        assert (heard[3]["type"], heard[3]["status"]["code"]) == ("error", 403)


async def test_other_groups_count_from_then_on(tmp_path: Path) -> None:
    async with shops(tmp_path) as platform:
        role = structs.replace(
            binding("bank", "team", "view"),
            subjects=(structs.replace(binding("bank", "team", "view").subjects[0], kind="Group"),),
        )
        assert role.role_ref is not None
        assert role.role_ref.api_group == RBAC
        await platform.admin.create(ROLE_BINDING, role, "bank")
        platform.people.callers["ann"] = Caller("ann", ("team",), session="session-ann")
        async with talking(platform, "ann") as talk:
            assert (await look_at_maps(talk))["total"] == 6
            platform.people.callers["ann"] = Caller("ann", session="session-ann")
            assert (await talk.hear())["total"] == 4


async def test_an_object_while_it_lives(tmp_path: Path) -> None:
    async with shops(tmp_path) as platform, talking(platform, "ann") as talk:
        await talk.ask(id=7, op="object", **CORE, plural="configmaps", namespace="shop", name="new")
        assert await talk.hear() == {"id": 7, "type": "object", "object": None}
        await put(platform.admin, "shop", "new", key="value")
        told = await talk.hear()
        assert (told["object"]["kind"], told["object"]["data"]) == ("ConfigMap", {"key": "value"})
        assert "managedFields" not in told["object"]["metadata"]
        await change(platform.admin, "shop", "new", metadata={"annotations": {"seen": "yes"}})
        assert (await talk.hear())["object"]["metadata"]["annotations"] == {"seen": "yes"}
        await platform.admin.delete(CONFIG_MAP, "new", "shop")
        assert (await talk.hear())["object"] is None


async def test_a_secret_is_read_as_whoever_looks(tmp_path: Path) -> None:
    async with shops(tmp_path) as platform:
        await platform.admin.create(ROLE_BINDING, binding("shop", "eve", "view"), "shop")  # which may not see secrets
        secret = {**CORE, "op": "object", "plural": "secrets", "namespace": "shop", "name": "hidden"}
        async with talking(platform, "ann") as talk:
            await talk.ask(id=1, **secret)
            assert (await talk.hear())["object"]["data"] == {"key": "c2VjcmV0"}
            await platform.admin.patch(SECRET, "hidden", "shop", {"data": {"key": "b3RoZXI="}})
            assert (await talk.hear())["object"]["data"] == {"key": "b3RoZXI="}
            await platform.admin.delete(ROLE_BINDING, "ann", "shop")
            assert (await talk.hear())["status"]["code"] == 403
        async with talking(platform, "eve") as talk:
            await talk.ask(id=1, **secret)
            assert (await talk.hear())["status"]["code"] == 403
            await talk.ask(id=2, **{**secret, "name": "absent"})
            assert (await talk.hear())["status"]["code"] == 403


def event(name: str, uid: str, time: str) -> Event:
    about = ObjectReference(kind="ConfigMap", namespace="shop", name="map-0", uid=uid)
    meta = ObjectMeta(name=name, namespace="shop")
    return Event(metadata=meta, involved_object=about, reason=name, message=name, type="Normal", last_timestamp=time)


@pytest.mark.parametrize("by", ["uid", "name"])
async def test_events_of_one_object_the_newest_first(tmp_path: Path, by: str) -> None:
    async with shops(tmp_path) as platform, talking(platform, "ann") as talk:
        uid = (await platform.admin.get(CONFIG_MAP, "map-0", "shop")).metadata.uid
        for name, about, time in (("one", uid, "2026-01-01T00:00:01Z"), ("two", uid, "2026-01-01T00:00:02Z")):
            await platform.admin.create(EVENT, event(name, about, time), "shop")
        involved = {"uid": uid} if by == "uid" else {"kind": "ConfigMap", "name": "map-0"}
        await talk.ask(id=1, op="events", cluster="host", namespace="shop", involved=involved)
        told = await talk.until(lambda told: len(told["items"]) == 2)
        assert [each["reason"] for each in told["items"]] == ["two", "one"]
        await platform.admin.create(EVENT, event("three", uid, "2026-01-01T00:00:03Z"), "shop")
        assert [each["reason"] for each in (await talk.hear())["items"]] == ["three", "two", "one"]
        await talk.ask(id=2, op="events", cluster="host", namespace="bank", involved=involved)
        assert (await talk.hear())["status"]["code"] == 403


@pytest.mark.parametrize(
    ("message", "number", "code"),
    [
        (b"no JSON", 0, 400),
        (b'{"id":5,"op":"dance"}', 5, 400),
        (b'{"id":5,"op":"list","version":"v1","plural":"pods","query":{"limit":301}}', 5, 400),
        (b'{"id":5,"op":"list","version":"v1","plural":"pods","query":{"page":1}}', 5, 400),
        (b'{"id":5,"op":"list","version":"v1","plural":"configmaps","query":{"sort":"size"}}', 5, 400),
        (b'{"id":5,"op":"list","version":"v1","plural":"nodes"}', 5, 403),
        (b'{"id":5,"op":"list","version":"v1","plural":"dragons"}', 5, 404),
        (b'{"id":5,"op":"list","cluster":"moon","version":"v1","plural":"pods"}', 5, 404),
        (b'{"id":5,"op":"object","version":"v1","plural":"pods","name":"a"}', 5, 400),
        (b'{"id":5,"op":"events","involved":{"kind":"Pod"}}', 5, 400),
    ],
)
async def test_what_can_not_be_told_is_answered_so(tmp_path: Path, message: bytes, number: int, code: int) -> None:
    async with listening_platform(tmp_path, RESOURCES) as platform, talking(platform, "eve") as talk:
        await talk.socket.send(message.decode())
        told = await talk.hear()
        assert (told["id"], told["type"], told["status"]["code"]) == (number, "error", code)
        await talk.ask(id=9, op="list", version="v1", plural="configmaps")
        assert (await talk.hear())["type"] == "snapshot"


async def test_one_socket_looks_at_so_much_and_no_more(tmp_path: Path) -> None:
    async with listening_platform(tmp_path, RESOURCES) as platform, talking(platform, "eve") as talk:
        for number in range(MOST_LOOKS + 1):
            await talk.ask(id=number, op="list", version="v1", plural="configmaps")
        told = await talk.until(lambda told: told["type"] == "error")
        assert (told["id"], told["status"]["code"]) == (MOST_LOOKS, 429)


@pytest.mark.parametrize("how", ["session", "token", "leaving"])
async def test_a_socket_ends_with_what_it_was_opened_by(tmp_path: Path, how: str) -> None:
    async with shops(tmp_path) as platform, talking(platform, "ann") as talk:
        await look_at_maps(talk)
        match how:
            case "session":
                platform.parts.streams.end_session("session-ann")
            case "token":
                platform.people.callers["ann"] = Caller("ann", must_change_password=True)
            case "leaving":
                await platform.platform.door.leave()
        with pytest.raises(ConnectionClosed) as closed:
            await talk.hear()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == (1001 if how == "leaving" else 3000)
        await until(lambda: len(platform.parts.streams) == 0)


@pytest.mark.parametrize(("said", "code"), [("x" * (1 << 17), 1009), (b"bytes", 1003)])
async def test_what_is_no_message_ends_the_socket(tmp_path: Path, said: str | bytes, code: int) -> None:
    async with listening_platform(tmp_path, RESOURCES) as platform, talking(platform, "ann") as talk:
        await talk.socket.send(said)
        with pytest.raises(ConnectionClosed) as closed:
            await talk.hear()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"authorization": "Bearer ann"}, 426),
        ({"connection": "Upgrade", "upgrade": "websocket"}, 401),
        ({"cookie": "user=ann", "connection": "Upgrade", "upgrade": "websocket", "origin": "https://evil"}, 403),
        ({"cookie": "user=ann", "connection": "Upgrade", "upgrade": "websocket"}, 403),
        ({"authorization": "Bearer ann", "connection": "Upgrade", "upgrade": "spdy/3.1"}, 426),
    ],
)
async def test_who_may_open_one(tmp_path: Path, headers: dict[str, str], code: int) -> None:
    async with running_platform(tmp_path, RESOURCES) as platform:
        assert (await platform.nobody().get("/platform/v1/live", headers=headers)).status == code


# With a cluster that breaks, and a client that is slow


@asynccontextmanager
async def conversing(tmp_path: Path, caller: Caller) -> AsyncIterator[tuple[Reader, Breaking, Client]]:
    async with running_server(tmp_path, alone=True) as server:
        admin, clock = server.admin(), SystemClock()
        breaking = Breaking(admin.transport)
        library = Library(OneCluster(Client(breaking)), clock)
        rights = AskedRights(OneCluster(admin), clock)
        deps = Deps(library, rights, Caches(admin, clock), OneCluster(admin), clock, Budget(clock))
        client = Reader(caller)
        await admin.create(ROLE_BINDING, binding("default", caller.user, "edit"), "default")
        async with running(library.run), running(rights.run), running(lambda: converse(client, deps)):
            yield client, breaking, admin
            client.asked.put_nowait(None)


LOOK: dict[str, Any] = {
    "op": "list",
    "version": "v1",
    "plural": "configmaps",
    "query": {"q": "map-", "namespace": "default"},
}


async def test_a_cluster_that_goes_and_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "PASSING_SECONDS", 0.2)
    async with conversing(tmp_path, Caller("ann")) as (client, breaking, admin):
        client.reads.set()
        client.ask(id=1, **LOOK)
        assert (await client.hear())["total"] == 0
        breaking.fault = Unavailable("it is away")
        breaking.end_watch(breaking.fault)
        told = await client.hear()
        assert (told["type"], told["status"]["code"], told["status"]["message"]) == ("error", 503, "it is away")
        await put(admin, "default", "map-1")
        breaking.fault = None
        told = await client.hear()
        assert (told["type"], places(told)) == ("snapshot", ["default/map-1"])


async def test_a_slow_reader_is_told_less_and_not_later(tmp_path: Path) -> None:
    async with conversing(tmp_path, Caller("ann")) as (client, _, admin):
        client.ask(id=1, **LOOK)
        assert (await client.hear())["type"] == "snapshot"
        for number in range(20):
            await put(admin, "default", f"map-{number}")
        assert client.sent == 1
        client.reads.set()
        heard = 0
        total = 0
        while total < 20:
            told = await client.hear()
            heard, total = heard + 1, told["total"]
        assert heard <= 3


async def test_what_happens_outside_of_a_window_is_looked_at_now_and_then_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    def counting(*asked: Any) -> Any:
        nonlocal looks
        looks += 1
        return select(*asked)

    monkeypatch.setattr(lists, "select", counting)
    async with conversing(tmp_path, Caller("ann")) as (client, _, admin):
        client.reads.set()
        for number in range(2):
            await put(admin, "default", f"map-{number}")
        client.ask(id=1, **{**LOOK, "query": {**LOOK["query"], "limit": 1, "sort": "name"}})
        told = await client.hear()
        while told["total"] != 2:
            told = await client.hear()
        began, before, clock = SystemClock().monotonic(), looks, SystemClock()
        for number in range(100):
            await change(admin, "default", "map-1", data={f"key-{number}": "value"})
        await change(admin, "default", "map-0", data={"last": "value"})
        while not told.get("set"):
            told = await client.hear()
        assert looks - before <= 2 + (clock.monotonic() - began) / conversation.SPACING_SECONDS
        assert client.sent <= 4
