"""What a fresh cluster contains, and how it comes back."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.fakes.apiserver import StillClock
from tests.harness.server import FACTS, Server, running_server

from armillary.base.clock import SystemClock
from armillary.engine.apiserver.auth.rbac_defaults import default_rbac
from armillary.engine.apiserver.bootstrap import ensure, keep, wanted
from armillary.engine.apiserver.expiry import expire_events
from armillary.kube.kinds.core import ENDPOINTS, EVENT, NAMESPACE, SERVICE, Event, ObjectReference
from armillary.kube.kinds.discovery import ENDPOINT_SLICE
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import CLUSTER_ROLE, CLUSTER_ROLE_BINDING
from armillary.kube.kinds.scheduling import PRIORITY_CLASS
from armillary.kube.kinds.storage import STORAGE_CLASS

DEADLINE_SECONDS = 10.0


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running_server(tmp_path, alone=True) as running:
        yield running


@asynccontextmanager
async def beside(work: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await holds():
            await asyncio.sleep(0.01)


async def test_what_is_there(server: Server) -> None:
    client = server.admin()
    spaces = {item.metadata.name for item in (await client.list(NAMESPACE)).items}
    assert spaces == {"default", "kube-node-lease", "kube-public", "kube-system"}
    classes = {item.metadata.name: item.value for item in (await client.list(PRIORITY_CLASS)).items}
    assert classes == {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
    storage = await client.get(STORAGE_CLASS, "local-path")
    assert storage.metadata.annotations == {"storageclass.kubernetes.io/is-default-class": "true"}
    assert (storage.provisioner, storage.reclaim_policy, storage.volume_binding_mode) == (
        "armillary.io/local-path", "Delete", "WaitForFirstConsumer",
    )  # fmt: skip


async def test_the_api_servers_own_service(server: Server) -> None:
    client = server.admin()
    service = await client.get(SERVICE, "kubernetes", "default")
    assert service.metadata.labels == {"component": "apiserver", "provider": "kubernetes"}
    assert service.spec.cluster_ip == "10.96.0.1"
    assert [(p.name, p.port, p.target_port) for p in service.spec.ports] == [("https", 443, 6443)]
    behind = await client.get(ENDPOINTS, "kubernetes", "default")
    assert [(s.addresses[0].ip, s.ports[0].port) for s in behind.subsets] == [("10.244.0.1", 6443)]
    piece = await client.get(ENDPOINT_SLICE, "kubernetes", "default")
    assert [tuple(e.addresses) for e in piece.endpoints] == [("10.244.0.1",)]


async def test_a_second_start_changes_nothing(server: Server) -> None:
    before = server.store.revision
    await ensure(server.app.verbs, [*wanted(FACTS), *default_rbac()])
    assert server.store.revision == before


async def test_another_address_of_the_api_server_is_followed(server: Server) -> None:
    moved = dataclasses.replace(FACTS, api_address="10.0.0.7")
    await ensure(server.app.verbs, wanted(moved))
    behind = await server.admin().get(ENDPOINTS, "kubernetes", "default")
    assert behind.subsets[0].addresses[0].ip == "10.0.0.7"
    assert behind.metadata.labels == {"endpointslice.kubernetes.io/skip-mirror": "true"}


async def test_roles_are_mended_and_what_was_added_stays(server: Server) -> None:
    client = server.admin()
    role = await client.get(CLUSTER_ROLE, "system:basic-user")
    extra = replace(role.rules[0], verbs=("list",))
    await client.update(CLUSTER_ROLE, replace(role, rules=(extra,)), "system:basic-user")
    binding = await client.get(CLUSTER_ROLE_BINDING, "system:discovery")
    await client.update(CLUSTER_ROLE_BINDING, replace(binding, subjects=()), "system:discovery")
    await ensure(server.app.verbs, default_rbac())
    assert (await client.get(CLUSTER_ROLE, "system:basic-user")).rules == (extra, *role.rules)
    assert (await client.get(CLUSTER_ROLE_BINDING, "system:discovery")).subjects == binding.subjects


async def test_roles_that_were_taken_over_are_left_alone(server: Server) -> None:
    client = server.admin()
    role = await client.get(CLUSTER_ROLE, "system:basic-user")
    meta = replace(role.metadata, annotations={"rbac.authorization.kubernetes.io/autoupdate": "false"})
    taken = await client.update(CLUSTER_ROLE, replace(role, metadata=meta, rules=()), "system:basic-user")
    await ensure(server.app.verbs, default_rbac())
    assert await client.get(CLUSTER_ROLE, "system:basic-user") == taken


async def test_what_the_cluster_needs_comes_back(server: Server) -> None:
    client = server.admin()
    await client.delete(SERVICE, "kubernetes", "default")
    await client.delete(STORAGE_CLASS, "local-path")

    async def is_back() -> bool:
        return await client.find(SERVICE, "kubernetes", "default") is not None

    async with beside(keep(server.app.verbs, StillClock(), FACTS)):
        await until(is_back)
    assert (await client.get(SERVICE, "kubernetes", "default")).spec.cluster_ip == "10.96.0.1"
    assert await client.find(STORAGE_CLASS, "local-path") is None, "that was somebody's decision"


async def test_events_vanish(server: Server) -> None:
    client = server.admin()
    for name in ("a", "b"):
        meta = ObjectMeta(name=name, namespace="default")
        involved = ObjectReference(kind="Pod", namespace="default", name="p")
        await client.create(EVENT, Event(metadata=meta, involved_object=involved), "default")
    watcher = server.store.watch("events", after=server.store.revision)
    later = StillClock(SystemClock().now() + timedelta(minutes=61))
    async with beside(expire_events(server.store, server.app.verbs, later)):
        gone = []
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(gone) < 2:
                gone += await watcher.changes(1)
    watcher.close()
    assert sorted((change.entry.key.name, change.deleted) for change in gone) == [("a", True), ("b", True)]
