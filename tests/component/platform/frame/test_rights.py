"""Questions of rights, asked of a real API server: right at once after a change, and put once."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.harness.server import running_server

from armillary.base.clock import SystemClock
from armillary.base.errors import Denied, Unavailable
from armillary.kube.client import Client
from armillary.kube.kinds.core import NAMESPACE, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE_BINDING,
    ROLE_BINDING,
    ClusterRoleBinding,
    RoleBinding,
    RoleRef,
    Subject,
)
from armillary.kube.transport.port import Response, Transport
from armillary.platform.frame import rights as rights_module
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.parts import Asked
from armillary.platform.frame.rights import AskedRights

ANN = Caller("ann", groups=("team-a:ops",))
LIST_PODS = Asked("list", "", "pods", "shop")


@dataclass
class Counting:
    """Counts the questions that go by."""

    transport: Transport
    asked: int = 0

    async def request(self, method: str, path: str, **how: Any) -> Response:
        self.asked += method == "POST"
        return await self.transport.request(method, path, **how)

    def lines(self, method: str, path: str, **how: Any) -> AsyncGenerator[bytes, None]:
        return self.transport.lines(method, path, **how)

    async def close(self) -> None:
        """Nothing of its own is held."""


@dataclass
class Silent:
    """Never answers questions about one resource."""

    transport: Transport
    about: str

    async def request(self, method: str, path: str, **how: Any) -> Response:
        if path.endswith(f"/{self.about}"):
            await asyncio.Event().wait()
        return await self.transport.request(method, path, **how)

    def lines(self, method: str, path: str, **how: Any) -> AsyncGenerator[bytes, None]:
        return self.transport.lines(method, path, **how)

    async def close(self) -> None:
        """Nothing of its own is held."""


@dataclass
class OneCluster:
    """`client` may be replaced, as by a new connection."""

    admin: Client

    def names(self) -> list[str]:
        return ["host"]

    def client(self, cluster: str = "host") -> Client:
        return self.admin

    def client_as(self, caller: Caller, cluster: str = "host") -> Client:
        raise AssertionError("questions are asked as the platform")


@asynccontextmanager
async def rights(tmp_path: Path) -> AsyncIterator[tuple[AskedRights, OneCluster]]:
    async with running_server(tmp_path) as server:
        cluster = OneCluster(server.admin())
        for name in ("shop", "bank", "else"):
            await cluster.admin.create(NAMESPACE, Namespace(metadata=ObjectMeta(name=name)))
        found = AskedRights(cluster, SystemClock())
        running = asyncio.get_running_loop().create_task(found.run())
        await asyncio.sleep(0)
        try:
            yield found, cluster
        finally:
            running.cancel()
            await asyncio.wait((running,))


def view(namespace: str, *, group: str = "", user: str = "") -> RoleBinding:
    subject = Subject(kind="Group" if group else "User", name=f"armillary:{group or user}")
    subject = Subject(api_group="rbac.authorization.k8s.io", kind=subject.kind, name=subject.name)
    role = RoleRef(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name="view")
    return RoleBinding(metadata=ObjectMeta(name="v", namespace=namespace), role_ref=role, subjects=(subject,))


async def becomes(found: AskedRights, asked: Asked, *, allowed: bool) -> None:
    async with asyncio.timeout(4):  # less than answers are kept: the watch must tell
        while (await found.may(ANN, asked)).allowed is not allowed:
            await asyncio.sleep(0.01)


async def test_a_change_of_roles_counts_at_once(tmp_path: Path) -> None:
    async with rights(tmp_path) as (found, cluster):
        with pytest.raises(Denied, match='pods is forbidden: User "armillary:ann" cannot list resource "pods"'):
            await found.demand(ANN, LIST_PODS)
        await cluster.admin.create(ROLE_BINDING, view("shop", user="ann"), "shop")
        await becomes(found, LIST_PODS, allowed=True)
        await cluster.admin.delete(ROLE_BINDING, "v", "shop")
        await becomes(found, LIST_PODS, allowed=False)


async def test_the_same_question_is_put_once(tmp_path: Path) -> None:
    async with rights(tmp_path) as (found, cluster):
        await found.may(ANN, LIST_PODS)  # the watches begin
        other = Asked("get", "", "services", "shop")
        counting = Counting(cluster.admin.transport)
        cluster.admin = Client(counting)
        answers = await asyncio.gather(*(found.may(ANN, other) for _ in range(20)))
        assert {a.allowed for a in answers} == {False}
        assert counting.asked == 1


async def test_a_cluster_that_is_connected_anew_is_watched_anew(tmp_path: Path) -> None:
    async with rights(tmp_path) as (found, cluster):
        assert await found.namespaces(ANN, LIST_PODS) == frozenset()
        async with running_server(tmp_path / "other") as other:
            cluster.admin = other.admin()
            await cluster.admin.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="port")))
            await cluster.admin.create(ROLE_BINDING, view("port", user="ann"), "port")
            assert await found.namespaces(ANN, LIST_PODS) == {"port"}


async def test_a_cluster_that_does_not_list_its_bindings_is_not_waited_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights_module, "FIRST_LIST_SECONDS", 0.05)
    async with rights(tmp_path) as (found, cluster):
        cluster.admin = Client(Silent(cluster.admin.transport, "rolebindings"))
        with pytest.raises(Unavailable, match='cluster "host" has not told yet') as caught:
            await found.namespaces(ANN, LIST_PODS)
        assert caught.value.retry_after_seconds > 0


async def test_where_somebody_may_comes_from_bindings_to_them_and_their_groups(tmp_path: Path) -> None:
    async with rights(tmp_path) as (found, cluster):
        assert await found.namespaces(ANN, LIST_PODS) == frozenset()
        await cluster.admin.create(ROLE_BINDING, view("shop", user="ann"), "shop")
        await cluster.admin.create(ROLE_BINDING, view("bank", group="team-a:ops"), "bank")
        await cluster.admin.create(ROLE_BINDING, view("else", user="bob"), "else")
        await becomes(found, Asked("list", "", "pods", "bank"), allowed=True)
        assert await found.namespaces(ANN, LIST_PODS) == {"shop", "bank"}
        assert await found.namespaces(ANN, Asked("list", "", "secrets")) == frozenset()


async def test_who_may_everywhere_is_told_so(tmp_path: Path) -> None:
    async with rights(tmp_path) as (found, cluster):
        subject = Subject(api_group="rbac.authorization.k8s.io", kind="User", name="armillary:ann")
        role = RoleRef(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name="view")
        binding = ClusterRoleBinding(metadata=ObjectMeta(name="v"), role_ref=role, subjects=(subject,))
        await cluster.admin.create(CLUSTER_ROLE_BINDING, binding)
        await becomes(found, Asked("list", "", "pods"), allowed=True)
        assert await found.namespaces(ANN, LIST_PODS) is None


async def test_who_gives_up_waiting_takes_nobody_along(tmp_path: Path) -> None:
    async with rights(tmp_path) as (found, _):
        first = asyncio.get_running_loop().create_task(found.may(ANN, LIST_PODS))
        second = asyncio.get_running_loop().create_task(found.may(ANN, LIST_PODS))
        await asyncio.sleep(0)
        first.cancel()
        assert not (await second).allowed
