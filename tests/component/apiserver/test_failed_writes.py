"""A write that the disk refuses leaves nothing behind: no right, and no address."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.harness.server import running_server

from armillary.base.clock import SystemClock
from armillary.base.errors import Denied, Unavailable
from armillary.engine.store.group import GroupStore
from armillary.engine.store.history import History
from armillary.engine.store.port import Change
from armillary.kube.kinds.core import SERVICE, SERVICE_ACCOUNT, Service, ServicePort, ServiceSpec
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import CLUSTER_ROLE_BINDING, ClusterRoleBinding, RoleRef, Subject


class Disk:
    """Takes what is written, unless it is full."""

    def __init__(self) -> None:
        self.full = False
        self.store = GroupStore(History(0), self.commit, SystemClock())

    async def commit(self, group: Sequence[Change]) -> None:
        if self.full:
            raise OSError(28, "disk full")


def service(name: str) -> Service:
    return Service(
        metadata=ObjectMeta(name=name, namespace="default"),
        spec=ServiceSpec(cluster_ip="10.96.0.50", ports=(ServicePort(port=80),)),
    )


@contextmanager
def refused_by(disk: Disk) -> Iterator[None]:
    disk.full = True
    with pytest.raises(Unavailable, match="the store can't write: disk full"):
        yield
    disk.full = False


async def test_an_address_is_free_again(tmp_path: Path) -> None:
    disk = Disk()
    async with running_server(tmp_path, alone=True, store=disk.store) as server:
        with refused_by(disk):
            await server.admin().create(SERVICE, service("a"), "default")
        assert (await server.admin().create(SERVICE, service("b"), "default")).spec.cluster_ip == "10.96.0.50"


async def test_a_right_is_not_given(tmp_path: Path) -> None:
    disk = Disk()
    async with running_server(tmp_path, alone=True, store=disk.store) as server:
        binding = ClusterRoleBinding(
            metadata=ObjectMeta(name="all"),
            role_ref=RoleRef(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name="cluster-admin"),
            subjects=(Subject(kind="User", name="system:kube-scheduler", api_group="rbac.authorization.k8s.io"),),
        )
        with refused_by(disk):
            await server.admin().create(CLUSTER_ROLE_BINDING, binding)
        with pytest.raises(Denied):
            await server.client("system:kube-scheduler").list(SERVICE_ACCOUNT, "default")
        await server.admin().create(CLUSTER_ROLE_BINDING, binding)
        await server.client("system:kube-scheduler").list(SERVICE_ACCOUNT, "default")
