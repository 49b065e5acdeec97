"""Lists on a real API server: everything of any kind, and to each caller only what they may list."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.harness.platform import Asking, Running, running_platform

from armillary.kube.kinds.core import CONFIG_MAP, NAMESPACE, SECRET, ConfigMap, Namespace, Secret
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import ROLE_BINDING, RoleBinding, RoleRef, Subject
from armillary.platform.capabilities.resources.capability import RESOURCES
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE_LABEL

MAPS = "/platform/v1/clusters/host/resources/core/v1/configmaps"
RBAC = "rbac.authorization.k8s.io"


def binding(namespace: str, user: str, role: str) -> RoleBinding:
    return RoleBinding(
        metadata=ObjectMeta(name=user, namespace=namespace),
        role_ref=RoleRef(api_group=RBAC, kind="ClusterRole", name=role),
        subjects=(Subject(api_group=RBAC, kind="User", name=f"armillary:{user}"),),
    )


@asynccontextmanager
async def shops(tmp_path: Path) -> AsyncIterator[Running]:
    """Two workspaces: `ann` sees a-one and a-two, `bob` b-one; `eve` nothing."""
    async with running_platform(tmp_path, RESOURCES) as found:
        client = found.admin
        for name, workspace in (("a-one", "a"), ("a-two", "a"), ("b-one", "b")):
            meta = ObjectMeta(name=name, labels={WORKSPACE_LABEL: workspace})
            await client.create(NAMESPACE, Namespace(metadata=meta))
            for number in range(3):
                settings = ConfigMap(metadata=ObjectMeta(name=f"map-{number}", labels={"number": str(number)}))
                await client.create(CONFIG_MAP, settings, name)
            hidden = Secret(metadata=ObjectMeta(name="hidden"), data={"key": "c2VjcmV0"})
            await client.create(SECRET, hidden, name)
        for namespace, user in (("a-one", "ann"), ("a-two", "ann"), ("b-one", "bob")):
            await client.create(ROLE_BINDING, binding(namespace, user, "edit"), namespace)
        yield found


def names(answer: Any) -> list[str]:
    return [f"{item['namespace']}/{item['name']}" for item in answer.json["items"]]


async def test_each_sees_what_they_may_list_and_totals_tell_no_more(tmp_path: Path) -> None:
    async with shops(tmp_path) as platform:
        ann = await platform.as_user("ann").get(f"{MAPS}?q=map&sort=-name&limit=2")
        assert (names(ann), ann.json["total"]) == (["a-one/map-2", "a-two/map-2"], 6)
        bob = await platform.as_user("bob").get(f"{MAPS}?q=map")
        assert (names(bob), bob.json["total"]) == (["b-one/map-0", "b-one/map-1", "b-one/map-2"], 3)
        eve = await platform.as_user("eve").get(f"{MAPS}?q=map&countBy=data")
        assert (eve.json["items"], eve.json["total"], eve.json["counts"]) == ([], 0, {})


async def test_a_namespace_of_others_is_refused_as_the_api_server_does(tmp_path: Path) -> None:
    async with shops(tmp_path) as platform:
        answer = await platform.as_user("bob").get(f"{MAPS}?namespace=a-one")
        assert answer.status == 403
        assert 'configmaps is forbidden: User "armillary:bob" cannot list' in answer.json["message"]
        by_workspace = await platform.as_user("bob").get(f"{MAPS}?workspace=a")
        assert by_workspace.json["total"] == 0
        nodes = await platform.as_user("bob").get("/platform/v1/clusters/host/resources/core/v1/nodes")
        assert nodes.status == 403


async def test_data_of_secrets_is_in_no_list(tmp_path: Path) -> None:
    async with shops(tmp_path) as platform:
        path = "/platform/v1/clusters/host/resources/core/v1/secrets"
        answer = await platform.as_user("ann").get(f"{path}?full=true&q=hidden")
        assert answer.json["total"] == 2
        assert b"c2VjcmV0" not in answer.body


async def test_search_finds_across_kinds_and_tenants_stay_apart(tmp_path: Path) -> None:
    async with shops(tmp_path) as platform:
        found = (await platform.as_user("bob").get("/platform/v1/search?q=hidden")).json["items"]
        assert [(one["plural"], one["total"]) for one in found] == [("secrets", 1)]
        assert (await platform.as_user("eve").get("/platform/v1/search?q=hidden")).json["items"] == []


async def test_changes_arrive(tmp_path: Path) -> None:
    async with shops(tmp_path) as platform:
        ann = platform.as_user("ann")
        assert (await ann.get(f"{MAPS}?q=late")).json["total"] == 0
        await platform.admin.create(CONFIG_MAP, ConfigMap(metadata=ObjectMeta(name="late")), "a-one")
        await eventually(ann, "late", 1)
        await platform.admin.delete(CONFIG_MAP, "late", "a-one")
        await eventually(ann, "late", 0)


async def eventually(asking: Asking, words: str, total: int) -> None:
    async with asyncio.timeout(10):
        while (await asking.get(f"{MAPS}?q={words}")).json["total"] != total:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("filter=data", "filter"),
        ("filter=nothing%3D1", "filter"),
        ("sort=nothing", "sort"),
        ("countBy=nothing", "countBy"),
        ("labelSelector=a%3D%3D%3Db", "labelSelector"),
        ("limit=501", "limit"),
        ("page=0", "page"),
    ],
)
async def test_what_can_not_be_asked_is_named(tmp_path: Path, query: str, field: str) -> None:
    async with running_platform(tmp_path, RESOURCES) as platform:
        answer = await platform.as_user("eve").get(f"{MAPS}?{query}")
        assert answer.status == 400
        assert answer.json["details"]["causes"][0]["field"] == field


async def test_a_kind_that_is_not_served(tmp_path: Path) -> None:
    async with running_platform(tmp_path, RESOURCES) as platform:
        answer = await platform.as_user("eve").get("/platform/v1/clusters/host/resources/core/v1/dragons")
        assert answer.status == 404
        assert (await platform.as_user("eve").get("/platform/v1/clusters/elsewhere/kinds")).status == 404
