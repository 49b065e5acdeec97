"""What does not work, told to those who see it, in their language."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
from tests.component.platform.resources.test_lists import binding
from tests.component.platform.resources.test_objects import applied, shop
from tests.harness.platform import Asking

from armillary.kube.kinds.core import POD
from armillary.kube.kinds.rbac import ROLE_BINDING
from armillary.platform.capabilities.tenancy.kinds import PROJECT_LABEL, WORKSPACE_LABEL

PATH = "/platform/v1/me/attention"
IMAGE = "nowhere.example/web:1"
POD_OF = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"containers": [{"name": "web", "image": IMAGE}]},
}


async def until_told(asking: Asking) -> Any:
    async with asyncio.timeout(15):
        while not (answer := (await asking.get(PATH)).json)["items"]:
            await asyncio.sleep(0.02)
    return answer


async def test_what_does_not_work_is_told_to_who_sees_it(tmp_path: Path) -> None:
    async with shop(tmp_path) as platform:
        labels = {WORKSPACE_LABEL: "team", PROJECT_LABEL: "shop"}
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}}
        await platform.admin.call("PUT", "/api/v1/namespaces/shop", body=orjson.dumps(namespace))
        (made,) = await applied(platform, POD_OF)
        assert made["outcome"] == "created", made
        ann = platform.as_user("ann")
        assert (await ann.get(PATH)).json == {"items": [], "total": 0}

        waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "manifest unknown"}}
        container = {"name": "web", "image": IMAGE, "imageID": "", "ready": False, "restartCount": 0, "state": waiting}
        status = {"status": {"phase": "Pending", "containerStatuses": [container]}}
        await platform.admin.patch(POD, "web", "shop", status, subresource="status")
        (told,) = (await until_told(ann))["items"]
        assert (told["cluster"], told["ref"]["kind"], told["ref"]["name"]) == ("host", "Pod", "web")
        assert (told["workspace"], told["project"], told["code"]) == ("team", "shop", "image-missing")
        assert IMAGE in told["reason"]
        platform.as_user("eve", language="zh")
        (chinese,) = (await platform.as_user("eve").get(PATH)).json["items"]
        assert "镜像" in chinese["reason"]

        await platform.admin.create(ROLE_BINDING, binding("bank", "bob", "edit"), "bank")
        assert (await platform.as_user("bob").get(PATH)).json == {"items": [], "total": 0}
        assert (await platform.nobody().get(PATH)).status == 401
