"""Tokens are renewed in time; what pods refer to is watched as long as they are there."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta

import orjson
import pytest
from tests.unit.engine.node.build import pod
from tests.unit.engine.node.clock import TestClock

from armillary.base.clock import format_time
from armillary.base.errors import Unavailable
from armillary.engine.node.faults import MountError
from armillary.engine.node.volumes.sources import KubeSources, referred
from armillary.engine.node.volumes.tokens import Token, Tokens, TokenWish
from armillary.kube.client import Client
from armillary.kube.transport.port import Response

WISH = TokenWish("shop", "sa", "", 3600, "web", "u1")


class Issuer:
    def __init__(self, clock: TestClock) -> None:
        self.clock, self.count, self.down = clock, 0, False

    async def __call__(self, wish: TokenWish) -> Token:
        if self.down:
            raise Unavailable("no")
        self.count += 1
        return Token(f"t{self.count}", format_time(self.clock.now() + timedelta(seconds=wish.seconds)))


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def issuer(clock: TestClock) -> Issuer:
    return Issuer(clock)


async def test_a_token_is_renewed_at_four_fifths_of_its_life(clock, issuer):
    tokens = Tokens(issuer, clock)
    assert await tokens.get(WISH) == "t1"
    clock.pass_seconds(2879)
    assert await tokens.get(WISH) == "t1"
    clock.pass_seconds(2)
    assert await tokens.get(WISH) == "t2"


async def test_a_long_token_is_renewed_daily(clock, issuer):
    tokens = Tokens(issuer, clock)
    week = TokenWish("shop", "sa", "", 7 * 86400, "web", "u1")
    await tokens.get(week)
    clock.pass_seconds(86401)
    assert await tokens.get(week) == "t2"


async def test_an_old_token_serves_while_no_new_one_is_to_be_had(clock, issuer):
    tokens = Tokens(issuer, clock)
    await tokens.get(WISH)
    issuer.down = True
    clock.pass_seconds(3000)
    assert await tokens.get(WISH) == "t1"
    clock.pass_seconds(601)
    with pytest.raises(MountError, match="token expired and refresh failed: no"):
        await tokens.get(WISH)


async def test_a_pods_tokens_go_with_it(clock, issuer):
    tokens = Tokens(issuer, clock)
    await tokens.get(WISH)
    tokens.forget("u1")
    assert await tokens.get(WISH) == "t2"


async def test_without_any_token_the_reason_is_told(clock, issuer):
    issuer.down = True
    with pytest.raises(MountError, match="failed to fetch token: no"):
        await Tokens(issuer, clock).get(WISH)


def test_all_that_a_pod_names_is_referred_to_once():
    found = referred(
        pod(
            {
                "containers": [
                    {"name": "c", "envFrom": [{"configMapRef": {"name": "a"}}, {"secretRef": {"name": "b"}}]}
                ],
                "volumes": [
                    {"name": "1", "configMap": {"name": "a"}},
                    {"name": "2", "secret": {"secretName": "c"}},
                    {"name": "3", "projected": {"sources": [{"configMap": {"name": "d"}}, {"secret": {"name": "b"}}]}},
                ],
                "imagePullSecrets": [{"name": "e"}, {"name": ""}],
            }
        )
    )
    assert [(kind.plural, name) for kind, name in found] == [
        ("configmaps", "a"),
        ("secrets", "b"),
        ("secrets", "c"),
        ("configmaps", "d"),
        ("secrets", "e"),
    ]


class OneConfigMap:
    """A server that has one config map, `m`, or none, and tells its one watcher of changes."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.revision = 1
        self.changes: asyncio.Queue[dict] = asyncio.Queue()
        self.there = True
        self.watching = 0

    def item(self) -> dict:
        meta = {"name": "m", "namespace": "shop", "resourceVersion": str(self.revision)}
        return {"metadata": meta, "data": {"v": str(self.revision)}}

    def change(self, type: str = "MODIFIED") -> None:
        self.revision += 1
        self.there = type != "DELETED"
        self.changes.put_nowait({"type": type, "object": self.item()})

    async def request(self, method: str, path: str, *, query: Mapping[str, str], body, headers) -> Response:
        self.requests.append(f"{method} {path.rpartition('/')[2]}{query.get('fieldSelector', '')}")
        if path.endswith("/token"):
            expires = {"token": "T", "expirationTimestamp": "2026-01-01T01:00:00Z"}
            return Response(201, {}, orjson.dumps({"status": expires, "spec": orjson.loads(body)["spec"]}))
        if path.endswith("/m"):
            return Response(200, {}, orjson.dumps(self.item())) if self.there else Response(404, {}, b"{}")
        items = [self.item()] if self.there else []
        return Response(200, {}, orjson.dumps({"metadata": {"resourceVersion": str(self.revision)}, "items": items}))

    async def lines(
        self, method: str, path: str, *, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        self.watching += 1
        try:
            while True:
                yield orjson.dumps(await self.changes.get())
        finally:
            self.watching -= 1

    async def close(self) -> None:
        pass


async def until(holds) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.002)


async def test_what_pods_refer_to_is_watched_until_the_last_of_them_is_gone(clock):
    server, heard = OneConfigMap(), []
    sources = KubeSources(Client(server), clock)
    sources.listen(heard.append)
    spec = {"volumes": [{"name": "v", "configMap": {"name": "m"}}]}
    async with asyncio.TaskGroup() as group:
        task = group.create_task(sources.run())
        sources.follow(pod(spec))
        assert (await sources.config_map("m", "shop")).data == {"v": "1"}
        await asyncio.sleep(0)
        sources.follow(pod(spec))
        sources.follow(pod(spec, uid="u2"))
        await until(lambda: server.watching)
        assert heard == []
        assert server.requests == ["GET m", "GET configmapsmetadata.name=m"]
        server.change()
        await until(lambda: sorted(heard) == ["u1", "u2"])
        assert (await sources.config_map("m", "shop")).data == {"v": "2"}
        server.change("DELETED")
        await until(lambda: len(heard) == 4)
        assert await sources.config_map("m", "shop") is None
        assert len(server.requests) == 2
        sources.forget("u1")
        assert server.watching == 1
        sources.forget("u2")
        await until(lambda: not server.watching)
        task.cancel()


async def test_pods_that_came_before_the_watches_are_watched_too(clock):
    server = OneConfigMap()
    sources = KubeSources(Client(server), clock)
    sources.follow(pod({"volumes": [{"name": "v", "configMap": {"name": "m"}}]}))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(sources.run())
        await until(lambda: server.watching)
        task.cancel()
    assert server.watching == 0


async def test_tokens_are_bound_to_their_pod(clock):
    server = OneConfigMap()
    assert await KubeSources(Client(server), clock).token(WISH) == "T"
    assert server.requests == ["POST token"]
    assert WISH.spec().bound_object_ref.uid == "u1"
