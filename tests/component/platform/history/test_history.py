"""History's calls on a whole platform: what people see of the past, what they bring back, and what stays hidden."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.harness.databases import opened
from tests.harness.platform import Running, running_platform
from tests.harness.records import KINDS_ALONE, allow, rule, tenant

from armillary.base.clock import SystemClock, format_micro_time
from armillary.base.errors import NotFound
from armillary.kube.client import PatchType
from armillary.kube.kinds.core import CONFIG_MAP, NAMESPACE, SECRET, ConfigMap, Namespace, Secret
from armillary.kube.kinds.meta import ObjectMeta, OwnerReference
from armillary.platform.capabilities.history import recorder as recording
from armillary.platform.capabilities.history.capability import history
from armillary.platform.frame.database import SqlDatabase

HISTORY = "/platform/v1/clusters/host/history"
ALL = rule("*", "", "configmaps,secrets,persistentvolumeclaims,pods")
APPS = rule("*", "apps", "deployments,replicasets")
VIEW = rule("get,list,watch", "", "configmaps")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LINGER_SECONDS", 0.005)


class Written:
    """Who wrote which revision, as audit tells."""

    def __init__(self, database: Any) -> None:
        self.database = database

    async def authors(
        self, cluster: str, group: str, resource: str, namespace: str, name: str, revisions: Collection[str]
    ) -> Mapping[str, str]:
        return {max(revisions, key=int): "ann"}


@dataclass
class Past:
    running: Running

    def path(self, name: str, namespace: str = "w-shop", resource: str = "configmaps", group: str = "-") -> str:
        return f"{HISTORY}/{group}/v1/{resource}/{namespace}/{name}"

    async def put(self, name: str, namespace: str = "w-shop", owner: Any = None, **data: str) -> Any:
        references = (owner,) if owner is not None else ()
        meta = ObjectMeta(name=name, namespace=namespace, owner_references=references)
        item, client = ConfigMap(metadata=meta, data=data), self.running.admin
        if await client.find(CONFIG_MAP, name, namespace) is None:
            return await client.create(CONFIG_MAP, item, namespace)
        return await client.update(CONFIG_MAP, item, name, namespace)

    async def get(self, user: str, path: str) -> tuple[int, Any]:
        answer = await self.running.as_user(user).get(path)
        return answer.status, answer.json

    async def post(self, user: str, path: str, **body: Any) -> tuple[int, Any]:
        answer = await self.running.as_user(user).post(path, body)
        return answer.status, answer.json

    async def kept(self, path: str, count: int | None, *, deleted: bool = False) -> list[Any]:
        """Oldest first, once root sees that many; `None` is any number, for what a cluster's controllers write too."""
        found: list[Any] = []

        async def are_there() -> bool:
            nonlocal found
            status, body = await self.get("root", path)
            found = body["items"][::-1] if status == 200 else []
            enough = bool(found) if count is None else len(found) == count
            return enough and bool(found[-1]["deleted"]) is deleted

        await until(are_there)
        return found


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def past(directory: Path, database: SqlDatabase) -> AsyncIterator[Past]:
    """Ann administers workspace w, pat edits and vic views its project w-shop, eve has workspace x."""
    async with running_platform(directory, KINDS_ALONE, history(Written), database=database) as running:
        admin = running.admin
        await tenant(admin, "w", ["w-shop"])
        await tenant(admin, "x", ["x-lab"])
        everything = rule("*", "*", "*")
        await allow(admin, "root", "", everything)
        await allow(admin, "ann", "workspace-w", rule("administer", "tenancy.armillary.io", "projects"))
        await allow(admin, "ann", "w-shop", everything)
        await allow(admin, "pat", "w-shop", ALL, APPS)
        await allow(admin, "vic", "w-shop", VIEW)
        await allow(admin, "eve", "x-lab", everything)
        await allow(admin, "eve", "workspace-x", everything)
        found = Past(running)
        await found.put("early")
        await found.kept(found.path("early"), 1)
        yield found


async def test_versions_are_listed_shown_and_compared(database: SqlDatabase, tmp_path: Path) -> None:
    async with past(tmp_path, database) as found:
        web = found.path("web")
        for n in range(3):
            await found.put("web", a=f"{n}", same="x")
        three = await found.kept(web, 3)
        assert [(v["number"], v["change"], v["fields"], v["by"]) for v in three] == [
            (1, "created", [], ""),
            (2, "updated", ["data.a"], ""),
            (3, "updated", ["data.a"], "ann"),
        ]
        status, shown = await found.get("vic", f"{web}/versions/2")
        assert (status, shown["object"]["data"]) == (200, {"a": "1", "same": "x"})
        status, diff = await found.get("vic", f"{web}/diff?from=1&to=3")
        assert diff["fields"] == [{"path": "data.a", "old": "0", "new": "2"}]
        assert "-  a: '0'\n+  a: '2'\n" in diff["text"]
        assert (await found.get("vic", f"{web}/diff"))[1]["from"] == 2
        for odd in ("versions/0", "versions/x", "diff?from=-1", "diff?to=99999999999"):
            assert (await found.get("vic", f"{web}/{odd}"))[0] in (400, 422)
        for absent in ("versions/9", "diff?from=9"):
            assert (await found.get("vic", f"{web}/{absent}"))[0] == 404


async def test_what_was_there_at_a_moment(database: SqlDatabase, tmp_path: Path) -> None:
    async with past(tmp_path, database) as found:
        await found.put("web", a="0")
        await found.kept(found.path("web"), 1)
        then = format_micro_time(SystemClock().now())
        await found.put("web", a="1")
        await found.put("later")
        await found.running.admin.delete(CONFIG_MAP, "early", "w-shop")
        await found.kept(found.path("web"), 2)
        await found.kept(found.path("later"), 1)
        await found.kept(found.path("early"), 1, deleted=True)

        async def there(user: str, time: str) -> set[tuple[str, int]]:
            status, body = await found.get(user, f"/platform/v1/clusters/host/asof?namespace=w-shop&time={time}")
            assert status == 200
            maps = [i for i in body["items"] if i["resource"] == "configmaps"]
            return {(i["name"], i["number"]) for i in maps if not i["name"].endswith(".crt")}  # clusters publish theirs

        assert await there("vic", then) == {("web", 1), ("early", 1)}
        assert await there("vic", format_micro_time(SystemClock().now())) == {("web", 2), ("later", 1)}
        assert await there("eve", then) == set()
        status, _ = await found.get("vic", "/platform/v1/clusters/host/asof?namespace=w-shop&time=then")
        assert status == 400


async def test_a_version_comes_back_under_the_callers_rights(database: SqlDatabase, tmp_path: Path) -> None:
    async with past(tmp_path, database) as found:
        web, client = found.path("web"), found.running.admin
        for n in range(2):
            await found.put("web", a=f"{n}")
        await found.kept(web, 2)

        status, preview = await found.post("pat", f"{web}/restore", number=1, dryRun=True)
        (step,) = preview["items"]
        assert (status, step["action"], step["fields"]) == (
            200,
            "update",
            [{"path": "data.a", "old": "1", "new": "0"}],
        )
        assert (await client.get(CONFIG_MAP, "web", "w-shop")).data == {"a": "1"}

        status, refused = await found.post("vic", f"{web}/restore", number=1, dryRun=True)
        assert (status, refused["items"][0]["action"]) == (200, "refused")
        assert (await found.post("vic", f"{web}/restore", number=1))[0] == 403
        assert (await found.post("pat", f"{web}/restore", number=1, resourceVersion="1"))[0] == 409
        assert (await client.get(CONFIG_MAP, "web", "w-shop")).data == {"a": "1"}

        status, _ = await found.post("pat", f"{web}/restore", number=1, resourceVersion=step["resourceVersion"])
        assert status == 200
        assert (await client.get(CONFIG_MAP, "web", "w-shop")).data == {"a": "0"}
        await found.kept(web, 3)
        _, again = await found.post("pat", f"{web}/restore", number=1)
        assert again["items"][0]["action"] == "unchanged"
        deeds = [(d.user, d.action, d.outcome, d.name) for d in found.running.audit.noted if d.resource == "configmaps"]
        assert deeds == [("vic", "update", "denied", "web"), ("pat", "update", "success", "web")]


async def test_what_was_deleted_comes_back_with_what_went_with_it(database: SqlDatabase, tmp_path: Path) -> None:
    async with past(tmp_path, database) as found:
        client = found.running.admin
        root = await found.put("root", a="0")
        owner = OwnerReference(api_version="v1", kind="ConfigMap", name="root", uid=root.metadata.uid)
        child = await found.put("child", owner=owner, b="1")
        below = OwnerReference(api_version="v1", kind="ConfigMap", name="child", uid=child.metadata.uid)
        await found.put("grandchild", owner=below, c="2")
        meta = ObjectMeta(name="hidden", namespace="w-shop", owner_references=(owner,))
        await client.create(SECRET, Secret(metadata=meta, data={"k": "djE="}), "w-shop")
        for name in ("root", "child", "grandchild"):
            await found.kept(found.path(name), 1)
        await found.kept(found.path("hidden", resource="secrets"), 1)
        await client.delete(SECRET, "hidden", "w-shop")
        for name in ("grandchild", "child", "root"):
            await client.delete(CONFIG_MAP, name, "w-shop")
        for name in ("root", "child", "grandchild"):
            await found.kept(found.path(name), 1, deleted=True)
        await found.kept(found.path("hidden", resource="secrets"), 1, deleted=True)

        async def discarded(user: str) -> dict[str, list[str]]:
            _, body = await found.get(user, "/platform/v1/clusters/host/recyclebin?namespace=w-shop")
            return {i["root"]["name"]: [d["name"] for d in i["dependants"]] for i in body["items"]}

        assert await discarded("pat") == {"root": ["child", "grandchild", "hidden"]}
        assert await discarded("vic") == {"root": ["child", "grandchild"]}
        assert await discarded("eve") == await discarded("stranger") == {}

        path = f"{found.path('root')}/restore"
        _, preview = await found.post("pat", path, dryRun=True)
        assert [(s["name"], s["action"]) for s in preview["items"]] == [
            ("root", "create"), ("child", "create"), ("hidden", "create"), ("grandchild", "create")
        ]  # fmt: skip
        assert await client.find(CONFIG_MAP, "root", "w-shop") is None
        assert (await found.post("pat", path))[0] == 200
        new_root, new_child, new_below = [
            await client.get(CONFIG_MAP, name, "w-shop") for name in ("root", "child", "grandchild")
        ]
        assert new_child.metadata.owner_references[0].uid == new_root.metadata.uid != root.metadata.uid
        assert new_below.metadata.owner_references[0].uid == new_child.metadata.uid
        assert (new_below.data, (await client.get(SECRET, "hidden", "w-shop")).data) == ({"c": "2"}, {"k": "djE="})
        assert await found.kept(found.path("root"), 2)


async def test_what_controllers_make_is_left_to_them(database: SqlDatabase, tmp_path: Path) -> None:
    async with past(tmp_path, database) as found:
        client = found.running.admin
        template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
        spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
        idle = {"Deployment": {"paused": True}, "ReplicaSet": {"replicas": 0}}  # a cluster's controllers make no more

        async def make(kind: str, plural: str, name: str, **meta: Any) -> Any:
            metadata = {"name": name, **meta}
            item = {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec | idle[kind]}
            answer = await client.call("POST", f"/apis/apps/v1/namespaces/w-shop/{plural}", body=orjson.dumps(item))
            return orjson.loads(answer.body)

        uid = (await make("Deployment", "deployments", "web"))["metadata"]["uid"]
        owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": uid, "controller": True}
        # Without its labels a cluster's controllers would take it from its Deployment.
        await make("ReplicaSet", "replicasets", "web-1", ownerReferences=[owner], labels={"a": "b"})
        paths = [
            found.path(*n, group="apps") for n in (("web", "w-shop", "deployments"), ("web-1", "w-shop", "replicasets"))
        ]
        for path in paths:
            await found.kept(path, None)
        for path, plural, name in zip(paths, ("deployments", "replicasets"), ("web", "web-1"), strict=True):
            with suppress(NotFound):  # with its owner, by a cluster's garbage collector
                await client.call("DELETE", f"/apis/apps/v1/namespaces/w-shop/{plural}/{name}")
            await found.kept(path, None, deleted=True)
        status, done = await found.post("pat", f"{paths[0]}/restore")
        assert status == 200
        assert [(s["name"], s["action"]) for s in done["items"]] == [("web", "create"), ("web-1", "left")]


ROUTES = ("", "/versions/1", "/diff", "/restore")


async def test_nobody_sees_more_than_they_may_see_now(database: SqlDatabase, tmp_path: Path) -> None:
    async with past(tmp_path, database) as found:
        client = found.running.admin
        await found.put("web", a="0")
        secret = Secret(metadata=ObjectMeta(name="key", namespace="w-shop"), data={"k": "djE="})
        await client.create(SECRET, secret, "w-shop")
        await found.kept(found.path("web"), 1)
        await found.kept(found.path("key", resource="secrets"), 1)
        expected = {
            "root": ("web", "key"), "ann": ("web", "key"), "pat": ("web", "key"), "vic": ("web",),
            "eve": (), "stranger": (),
        }  # fmt: skip
        for user, may_see in expected.items():
            for name, resource in (("web", "configmaps"), ("key", "secrets")):
                for route in ROUTES:
                    real, absent = (f"{found.path(n, resource=resource)}{route}" for n in (name, "absent"))
                    ask = found.post if route == "/restore" else found.get
                    status, body = await ask(user, real, **({"dryRun": True} if route == "/restore" else {}))
                    if name in may_see:
                        assert status == 200, (user, real, body)
                        continue
                    missing = await ask(user, absent, **({"dryRun": True} if route == "/restore" else {}))
                    assert status == missing[0] == 404, (user, real)
                    assert body["message"] == missing[1]["message"].replace('"absent"', f'"{name}"')
        for route in ROUTES:
            method = "POST" if route == "/restore" else "GET"
            assert (await found.running.nobody()(method, f"{found.path('web')}{route}", {})).status == 401
        for path in ("asof?time=2026-01-01T00:00:00Z&namespace=w-shop", "recyclebin?namespace=w-shop"):
            assert (await found.get("eve", f"/platform/v1/clusters/host/{path}"))[1]["items"] == []
            assert (await found.get("root", f"/platform/v1/clusters/none/{path}"))[1]["items"] == []
        elsewhere = found.path("web").replace("/host/", "/none/")
        assert (await found.get("root", elsewhere))[0] == 404


async def test_a_right_by_name_shows_that_name_alone(tmp_path: Path) -> None:
    async with opened("", tmp_path) as database, past(tmp_path, database) as found:
        await found.put("web", a="0")
        await found.kept(found.path("web"), 1)
        only = {"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["web"]}
        role = {"metadata": {"name": "one"}, "rules": [only]}
        subject = {"kind": "User", "name": "armillary:ned", "apiGroup": "rbac.authorization.k8s.io"}
        reference = {"kind": "Role", "name": "one", "apiGroup": "rbac.authorization.k8s.io"}
        binding = {"metadata": {"name": "one"}, "subjects": [subject], "roleRef": reference}
        for plural, body in (("roles", role), ("rolebindings", binding)):
            path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/w-shop/{plural}"
            await found.running.admin.call("POST", path, body=orjson.dumps(body))

        async def is_shown() -> bool:
            return (await found.get("ned", found.path("web")))[0] == 200

        await until(is_shown)
        assert (await found.get("ned", found.path("early")))[0] == 404


async def test_rights_lost_are_history_lost(tmp_path: Path) -> None:
    async with opened("", tmp_path) as database, past(tmp_path, database) as found:
        assert (await found.get("vic", found.path("early")))[0] == 200
        path = "/apis/rbac.authorization.k8s.io/v1/namespaces/w-shop/rolebindings/of-vic"
        await found.running.admin.call("DELETE", path)

        async def is_hidden() -> bool:
            return (await found.get("vic", found.path("early")))[0] == 404

        await until(is_hidden)


async def test_of_a_namespace_that_is_gone_its_workspace_keeps_the_past(database: SqlDatabase, tmp_path: Path) -> None:
    """And whoever has a namespace of that name next, has not."""
    async with past(tmp_path, database) as found:
        client = found.running.admin
        await found.put("web", a="0")
        await found.kept(found.path("web"), 1)
        for kind, name in ((CONFIG_MAP, "web"), (CONFIG_MAP, "early")):
            await client.delete(kind, name, "w-shop")
        await found.kept(found.path("web"), 1, deleted=True)
        await client.delete(NAMESPACE, "w-shop")
        await client.call("PUT", "/api/v1/namespaces/w-shop/finalize", body=orjson.dumps(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "w-shop"}, "spec": {"finalizers": []}}
        ))  # fmt: skip

        async def is_gone() -> bool:
            return await client.find(NAMESPACE, "w-shop") is None

        await until(is_gone)
        await asyncio.sleep(1.1)  # creation times have whole seconds

        async def who() -> set[str]:
            users = ("root", "ann", "pat", "vic", "eve")
            return {user for user in users if (await found.get(user, found.path("web")))[0] == 200}

        async def bins() -> set[str]:
            path = "/platform/v1/clusters/host/recyclebin?namespace=w-shop"
            shown = {
                u: {i["root"]["name"] for i in (await found.get(u, path))[1]["items"]} for u in ("ann", "pat", "eve")
            }
            return {user for user, names in shown.items() if "web" in names}

        await client.create(NAMESPACE, tenant_namespace("x"))
        await allow(client, "eve", "w-shop", rule("*", "*", "*"), name="eve-next")

        async def may_eve() -> bool:
            return (
                await found.get("eve", "/platform/v1/clusters/host/asof?namespace=w-shop&time=2100-01-01T00:00:00Z")
            )[0] == 200

        await until(may_eve)
        assert await who() == {"root", "ann"}
        assert await bins() == {"ann"}


def tenant_namespace(workspace: str) -> Namespace:
    return Namespace(metadata=ObjectMeta(name="w-shop", labels={"tenancy.armillary.io/workspace": workspace}))


async def test_an_update_of_the_status_is_no_version_but_the_last_is_kept(tmp_path: Path) -> None:
    async with opened("", tmp_path) as database, past(tmp_path, database) as found:
        client = found.running.admin
        path = f"{HISTORY}/tenancy.armillary.io/v1/workspaces/-/w"
        await found.kept(path, 1)
        await client.call(
            "PATCH", "/apis/tenancy.armillary.io/v1/workspaces/w/status", body=b'{"status":{"projects":9}}',
            content_type=PatchType.MERGE.value,
        )  # fmt: skip
        await client.call("PATCH", "/apis/tenancy.armillary.io/v1/workspaces/w", body=b'{"spec":{"description":"d"}}',
            content_type=PatchType.MERGE.value,
        )  # fmt: skip
        await found.kept(path, 2)
        _, last = await found.get("root", f"{path}/versions/2")
        assert (last["object"]["status"]["projects"], last["object"]["spec"]) == (9, {"description": "d"})
