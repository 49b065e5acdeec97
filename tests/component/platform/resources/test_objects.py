"""Objects written and looked at through the platform, as the caller: on a real API server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.component.platform.resources.test_lists import binding
from tests.harness.platform import Running, running_platform

from armillary.base.errors import AlreadyExists
from armillary.kube.kinds import core
from armillary.kube.kinds.core import CONFIG_MAP, NAMESPACE, SERVICE_ACCOUNT, Namespace, ServiceAccount
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import CLUSTER_ROLE_BINDING, ROLE_BINDING, ClusterRoleBinding
from armillary.platform.capabilities.resources.capability import RESOURCES

APPLY = "/platform/v1/clusters/host/apply"
OBJECTS = "/platform/v1/clusters/host/objects"


@asynccontextmanager
async def shop(tmp_path: Path) -> AsyncIterator[Running]:
    """`ann` edits in `shop`, where pods may be, `eve` looks; there is also `bank`."""
    async with running_platform(tmp_path, RESOURCES) as found:
        for namespace in ("shop", "bank"):
            await found.admin.create(NAMESPACE, Namespace(metadata=ObjectMeta(name=namespace)))
        for user, role in (("ann", "edit"), ("eve", "view")):
            await found.admin.create(ROLE_BINDING, binding("shop", user, role), "shop")
        with suppress(AlreadyExists):  # a cluster with controllers may have made it
            await found.admin.create(SERVICE_ACCOUNT, ServiceAccount(metadata=ObjectMeta(name="default")), "shop")
        yield found


def config_map(name: str = "settings", **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "shop"},
        "data": data,
    }


async def applied(platform: Running, *objects: dict[str, Any], user: str = "ann", **how: Any) -> list[Any]:
    answer = await platform.as_user(user).post(APPLY, {"objects": list(objects), **how})
    assert answer.status == 200, answer.json
    items: list[Any] = answer.json["items"]
    return items


async def test_what_an_apply_came_to(tmp_path: Path) -> None:
    async with shop(tmp_path) as platform:
        (tried,) = await applied(platform, config_map(color="red"), dryRun=True)
        assert (tried["outcome"], tried["before"], tried["after"]["data"]) == ("created", None, {"color": "red"})
        assert await platform.admin.find(CONFIG_MAP, "settings", "shop") is None

        (made,) = await applied(platform, config_map(color="red"))
        assert made["outcome"] == "created"
        assert made["ref"] == {
            "kind": "ConfigMap", "name": "settings", "group": "", "version": "v1", "plural": "configmaps",
            "namespace": "shop", "uid": made["after"]["metadata"]["uid"],
        }  # fmt: skip
        for dry in (True, False):
            (same,) = await applied(platform, config_map(color="red"), dryRun=dry)
            assert same["outcome"] == "unchanged"
            (other,) = await applied(platform, config_map(color="blue"), dryRun=True)
            assert (other["outcome"], other["before"]["data"]) == ("configured", {"color": "red"})
            assert other["after"]["data"] == {"color": "blue"}
            assert "managedFields" not in other["after"]["metadata"]
        assert (await platform.admin.get(CONFIG_MAP, "settings", "shop")).data == {"color": "red"}


async def test_what_others_applied_is_taken_over_by_force_only(tmp_path: Path) -> None:
    async with shop(tmp_path) as platform:
        await applied(platform, config_map(color="red"))
        path = CONFIG_MAP.path("shop", "settings")
        patch = b'{"apiVersion":"v1","kind":"ConfigMap","data":{"color":"green"}}'
        await platform.admin.call(
            "PATCH",
            path,
            query={"fieldManager": "other", "force": "true"},
            body=patch,
            content_type="application/apply-patch+yaml",
        )
        (refused,) = await applied(platform, config_map(color="blue"))
        assert (refused["outcome"], refused["status"]["code"], refused["after"]) == ("refused", 409, None)
        assert refused["before"]["data"] == {"color": "green"}
        assert "other" in refused["status"]["message"]
        (forced,) = await applied(platform, config_map(color="blue"), force=True)
        assert (forced["outcome"], forced["after"]["data"]) == ("configured", {"color": "blue"})


async def test_replace_and_create_keep_to_what_was_seen(tmp_path: Path) -> None:
    async with shop(tmp_path) as platform:
        (made,) = await applied(platform, config_map(color="red"), method="create")
        (again,) = await applied(platform, config_map(color="red"), method="create")
        assert (made["outcome"], again["outcome"], again["status"]["reason"]) == ("created", "refused", "AlreadyExists")
        seen = made["after"]
        (replaced,) = await applied(platform, {**seen, "data": {"color": "blue"}}, method="replace")
        assert replaced["outcome"] == "configured"
        (late,) = await applied(platform, {**seen, "data": {"color": "pink"}}, method="replace")
        assert (late["outcome"], late["status"]["reason"]) == ("refused", "Conflict")
        (named,) = await applied(
            platform, {**config_map(), "metadata": {"generateName": "map-", "namespace": "shop"}}, method="create"
        )
        assert named["ref"]["name"].startswith("map-")


async def test_each_object_is_answered_for_itself(tmp_path: Path) -> None:
    async with shop(tmp_path) as platform:
        elsewhere = {**config_map(), "metadata": {"name": "settings", "namespace": "bank"}}
        items = await applied(
            platform,
            {**config_map(), "kind": "Dragon"},
            {"kind": "ConfigMap"},
            {**config_map(), "metadata": {"namespace": "shop"}},
            {**config_map(), "spec": {}},
            elsewhere,
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "own"}},
            {**config_map("last"), "metadata": {"name": "last"}},
            {"apiVersion": "../..", "kind": "ConfigMap", "metadata": {"name": "a"}},
            namespace="shop",
        )
        unknown_field = items[3]["status"]["code"]
        assert [(i["outcome"], i.get("status", {}).get("code")) for i in items] == [
            ("refused", 404), ("refused", 422), ("refused", 422), ("refused", unknown_field), ("refused", 403),
            ("refused", 403), ("created", None), ("refused", 404),
        ]  # fmt: skip
        assert unknown_field in (400, 500)  # 500 is kube-apiserver's answer to an unknown field that is applied
        assert "Dragon" in items[0]["status"]["message"]
        assert items[1]["status"]["details"]["causes"][0]["field"] == "apiVersion"
        assert "spec" in items[3]["status"]["message"]
        assert await platform.admin.find(CONFIG_MAP, "last", "shop") is not None


async def test_warnings_come_along(tmp_path: Path) -> None:
    async with shop(tmp_path) as platform:
        await platform.admin.create(ROLE_BINDING, binding("shop", "root", "cluster-admin"), "shop")
        old = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "old", "namespace": "shop"}}
        (made,) = await applied(platform, old, user="root", dryRun=True)
        assert any("deprecated" in warning for warning in made["warnings"]), made


@pytest.mark.parametrize("dry", [True, False])
async def test_who_may_not_write_does_not(tmp_path: Path, dry: bool) -> None:
    async with shop(tmp_path) as platform:
        (refused,) = await applied(platform, config_map(), user="eve", dryRun=dry)
        assert (refused["outcome"], refused["status"]["code"]) == ("refused", 403)
        platform.as_user("ann", scopes=frozenset({"platform"}))
        assert (await platform.as_user("ann").post(APPLY, {"objects": [config_map()]})).status == 403
        assert await platform.admin.find(CONFIG_MAP, "settings", "shop") is None


@pytest.mark.parametrize(
    ("body", "field"),
    [({"objects": []}, "objects"), ({"objects": [{}], "method": "delete"}, "method"), ({"objects": [1]}, "objects[0]")],
)
async def test_what_can_not_be_asked(tmp_path: Path, body: Any, field: str) -> None:
    async with running_platform(tmp_path, RESOURCES) as platform:
        answer = await platform.as_user("ann").post(APPLY, body)
        assert (answer.status, answer.json["details"]["causes"][0]["field"]) == (422, field)


# Looked at

POD = {
    "schedulerName": "none",  # where there are nodes, it waits all the same
    "containers": [{"name": "web", "image": "web", "envFrom": [{"configMapRef": {"name": "settings"}}]}],
}


def made_of(
    kind: str, name: str, spec: Any, version: str = "apps/v1", owner: Any = None, **meta: Any
) -> dict[str, Any]:
    owners = {}
    if owner is not None:
        reference = {key: owner[key] for key in ("apiVersion", "kind")}
        meta_of = owner["metadata"]
        owners = {
            "ownerReferences": [{**reference, "name": meta_of["name"], "uid": meta_of["uid"], "controller": True}]
        }
    metadata = {"name": name, "namespace": "shop", **owners, **meta}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


async def furnish(platform: Running) -> None:
    """A Deployment as its controllers would have it, behind a service and a route.

    Where there are such controllers, they find nothing left to do: the Deployment is paused, and its ReplicaSet finds
    the pod that it wants, which is therefore there before it.
    """
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": POD}
    spec = {"selector": {"matchLabels": labels}, "template": template}

    async def put(item: dict[str, Any]) -> Any:
        (found,) = await applied(platform, item)
        assert found["outcome"] == "created", found
        return found["after"]

    await put(made_of("Pod", "web-1-a", POD, "v1", labels=labels))
    await put(config_map(color="red"))
    await put(made_of("Service", "front", {"selector": labels, "ports": [{"port": 80}]}, "v1"))
    backend = {"service": {"name": "front", "port": {"number": 80}}}
    await put(made_of("Ingress", "door", {"defaultBackend": backend}, "networking.k8s.io/v1"))
    deployment = await put(made_of("Deployment", "web", {**spec, "paused": True}))
    replicas = await put(made_of("ReplicaSet", "web-1", spec, owner=deployment, labels=labels))
    adopted = made_of("Pod", "web-1-a", POD, "v1", owner=replicas)["metadata"]["ownerReferences"]
    await platform.admin.patch(core.POD, "web-1-a", "shop", {"metadata": {"ownerReferences": adopted}})


def told(items: list[Any]) -> set[tuple[str, str, str]]:
    return {(each["relation"], each["ref"]["kind"], each["ref"]["name"]) for each in items}


async def test_an_object_with_all_that_hangs_together_with_it(tmp_path: Path) -> None:
    async with shop(tmp_path) as platform:
        await furnish(platform)
        ann = platform.as_user("ann")
        found = (await ann.get(f"{OBJECTS}/apps/v1/deployments/web?namespace=shop")).json
        assert found["object"]["metadata"]["name"] == "web"
        assert told(found["related"]) == {
            ("owned", "ReplicaSet", "web-1"), ("owned", "Pod", "web-1-a"), ("service", "Service", "front"),
            ("route", "Ingress", "door"), ("configmap", "ConfigMap", "settings"),
        }  # fmt: skip
        assert (told(found["deletes"]["items"]), found["deletes"]["counts"]) == (
            {("owned", "ReplicaSet", "web-1"), ("owned", "Pod", "web-1-a")},
            {"ReplicaSet": 1, "Pod": 1},
        )
        pod = next(each for each in found["related"] if each["ref"]["kind"] == "Pod")
        replicas = next(each for each in found["related"] if each["ref"]["kind"] == "ReplicaSet")
        assert (pod["via"], pod["status"], pod["detail"]) == (replicas["ref"]["uid"], "progressing", "Pending")

        of_pod = (await ann.get(f"{OBJECTS}/core/v1/pods/web-1-a?namespace=shop")).json
        assert [each["ref"]["kind"] for each in of_pod["related"]][:2] == ["ReplicaSet", "Deployment"]
        of_service = (await ann.get(f"{OBJECTS}/core/v1/services/front?namespace=shop")).json
        assert told(of_service["related"]) == {
            ("workload", "Deployment", "web"), ("pod", "Pod", "web-1-a"), ("route", "Ingress", "door"),
        }  # fmt: skip
        of_map = (await ann.get(f"{OBJECTS}/core/v1/configmaps/settings?namespace=shop")).json
        assert told(of_map["related"]) == {("user", "Deployment", "web")}


async def test_what_a_namespace_holds_goes_with_it(tmp_path: Path) -> None:
    async with shop(tmp_path) as platform:
        await furnish(platform)
        await platform.admin.create(CLUSTER_ROLE_BINDING, viewer_of_all("root"))
        found = (await platform.as_user("root").get(f"{OBJECTS}/core/v1/namespaces/shop")).json["deletes"]
        counts = {kind: found["counts"].get(kind) for kind in ("Deployment", "ReplicaSet", "Pod", "Service", "Ingress")}
        assert counts == dict.fromkeys(counts, 1)
        assert found["total"] == sum(found["counts"].values()) == len(found["items"])


def viewer_of_all(user: str) -> ClusterRoleBinding:
    inside = binding("shop", user, "cluster-admin")
    return ClusterRoleBinding(metadata=ObjectMeta(name=user), role_ref=inside.role_ref, subjects=inside.subjects)


async def test_a_look_shows_what_the_caller_may_list_and_names_what_not(tmp_path: Path) -> None:
    async with shop(tmp_path) as platform:
        await furnish(platform)
        eve = platform.as_user("eve")
        found = (await eve.get(f"{OBJECTS}/apps/v1/deployments/web?namespace=shop")).json
        assert found["withheld"] == ["persistentvolumes", "secrets", "storageclasses"]
        path = f"{OBJECTS}/core/v1/secrets/none?namespace=shop"
        assert (await eve.get(path)).status == 403
        assert (await eve.get(f"{OBJECTS}/core/v1/pods/web?namespace=bank")).status == 403
        assert (await eve.get(f"{OBJECTS}/core/v1/pods/web")).status == 400
        assert (await eve.get(f"{OBJECTS}/core/v1/pods/none?namespace=shop")).status == 404
        assert (await eve.get(f"{OBJECTS}/core/v1/dragons/none?namespace=shop")).status == 404


async def test_a_map_of_a_namespace(tmp_path: Path) -> None:
    async with shop(tmp_path) as platform:
        await furnish(platform)
        path = "/platform/v1/clusters/host/topology?namespace="
        found = (await platform.as_user("eve").get(f"{path}shop")).json
        names = {node["id"]: f"{node['kind']} {node['name']}" for node in found["nodes"]}
        assert {(names[e["from"]], e["kind"], names[e["to"]]) for e in found["edges"]} == {
            ("Ingress door", "routes", "Service front"),
            ("Service front", "selects", "Deployment web"),
            ("Deployment web", "owns", "Pod web-1-a"),
            ("Deployment web", "uses", "ConfigMap settings"),
        }
        assert found["withheld"] == ["secrets"]
        foreign = (await platform.as_user("eve").get(f"{path}bank")).json
        assert (foreign["nodes"], foreign["edges"]) == ([], [])
        assert (await platform.as_user("eve").get(path)).status == 400
