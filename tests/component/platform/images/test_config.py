"""What images say of themselves, read from a real registry by those who could run them."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest
from msgspec.structs import replace
from tests.component.platform.resources.test_lists import binding
from tests.harness.platform import Running, running_platform
from tests.harness.registry import IN_IT, PASSWORD, USER, Registry, locked_registry, running_registry, token_registry
from tests.harness.slapd import free_port

from armillary.kube.kinds.core import (
    NAMESPACE,
    SECRET,
    SERVICE_ACCOUNT,
    LocalObjectReference,
    Namespace,
    Secret,
    ServiceAccount,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import ROLE, ROLE_BINDING, PolicyRule, Role
from armillary.platform.capabilities.images.capability import IMAGES

pytestmark = pytest.mark.machine
SAID = {
    "os": "linux",
    "architecture": "amd64",
    "created": "2026-01-02T03:04:05Z",
    "config": {"ExposedPorts": {"8080/tcp": {}, "443/tcp": {}}, "Env": ["MODE=a=b"], "User": "1000:1000"},
}


def path(image: str, namespace: str = "shop") -> str:
    return f"/platform/v1/clusters/host/images/config?namespace={namespace}&image={quote(image, safe='')}"


@asynccontextmanager
async def shop(tmp_path: Path) -> AsyncIterator[tuple[Running, Registry]]:
    """`ann` may run pods in `shop`, `eve` only looks; docker.io's images are in a registry here, others' nowhere."""
    async with running_registry(tmp_path) as registry:
        registries = {"docker.io": (registry.origin,), "gone.example": (f"http://127.0.0.1:{free_port()}",)}
        async with running_platform(tmp_path, IMAGES, settings={"registries": registries}) as found:
            for namespace in ("shop", "bank"):
                await found.admin.create(NAMESPACE, Namespace(metadata=ObjectMeta(name=namespace)))
            for user, role in (("ann", "edit"), ("eve", "view")):
                await found.admin.create(ROLE_BINDING, binding("shop", user, role), "shop")
            yield found, registry


async def test_what_an_image_says_of_itself(tmp_path: Path) -> None:
    async with shop(tmp_path) as (platform, registry):
        digest = await registry.put("library/web", "1", SAID)
        await registry.put("team/web", "2", SAID, indexed=True)
        ann = platform.as_user("ann")
        for image in ("web:1", "docker.io/library/web:1", "team/web:2", f"web@{digest}"):
            told = (await ann.get(path(image))).json
            assert (told["image"], told["digest"], told["ports"]) == (image, digest, ["443/tcp", "8080/tcp"])
            assert told["environment"] == [{"name": "MODE", "value": "a=b"}]
            assert (told["user"], told["created"]) == ("1000:1000", SAID["created"])


@pytest.mark.parametrize(
    ("image", "status", "says"),
    [
        ("web:9", 404, "in none of the registries"),
        ("127.0.0.1:6443/version:1", 404, "in none of the registries"),
        ("Web:1", 400, "must be lowercase"),
        ("../../v2/_catalog", 400, "invalid reference format"),
        ("gone.example/web:1", 503, "does not answer"),
    ],
)
async def test_what_it_cannot_tell(image: str, status: int, says: str, tmp_path: Path) -> None:
    async with shop(tmp_path) as (platform, _):
        answer = await platform.as_user("ann").get(path(image))
        assert answer.status == status
        assert says in answer.json["message"]


async def test_only_for_those_who_could_run_it(tmp_path: Path) -> None:
    async with shop(tmp_path) as (platform, registry):
        await registry.put("library/web", "1", SAID)
        for user, namespace in (("eve", "shop"), ("ann", "bank"), ("ann", "nowhere"), ("bob", "shop")):
            answer = await platform.as_user(user).get(path("web:1", namespace))
            assert answer.status == 403, (user, namespace)
            assert "cannot create resource" in answer.json["message"]
        assert (await platform.nobody().get(path("web:1"))).status == 401


def pull_secret(name: str, password: str) -> Secret:
    given = {"auths": {"private.example": {"username": USER, "password": password}}}
    data = {".dockerconfigjson": base64.b64encode(orjson.dumps(given)).decode()}
    return Secret(metadata=ObjectMeta(name=name), type="kubernetes.io/dockerconfigjson", data=data)


async def test_a_registry_that_asks_who_one_is_is_shown_what_the_caller_may_read(tmp_path: Path) -> None:
    """`ann` may read the secrets of `shop`; `dora` may only make pods there."""
    async with locked_registry(tmp_path) as registry:
        places = {"private.example": (registry.origin,)}
        async with running_platform(tmp_path, IMAGES, settings={"registries": places}) as platform:
            await platform.admin.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="shop")))
            maker = Role(
                metadata=ObjectMeta(name="maker"),
                rules=(PolicyRule(verbs=("create",), api_groups=("",), resources=("pods",)),),
            )
            await platform.admin.create(ROLE, maker, "shop")
            await platform.admin.create(ROLE_BINDING, binding("shop", "ann", "edit"), "shop")
            made = binding("shop", "dora", "maker")
            await platform.admin.create(
                ROLE_BINDING, replace(made, role_ref=replace(made.role_ref, kind="Role")), "shop"
            )
            for secret in (pull_secret("good", PASSWORD), pull_secret("wrong", "something-else")):
                await platform.admin.create(SECRET, secret, "shop")
            await registry.put("team/web", "1", SAID)
            image = "private.example/team/web:1"

            async def status(user: str, more: str = "") -> int:
                return (await platform.as_user(user).get(path(image) + more)).status

            assert await status("ann") == 404
            assert await status("ann", "&secrets=good") == 200
            assert await status("ann", "&secrets=wrong&secrets=absent") == 404
            assert await status("ann", "&secrets=wrong&secrets=good") == 200
            assert await status("dora", "&secrets=good") == 404  # to name it is not to have it
            assert await status("bob", "&secrets=good") == 403
            account = ServiceAccount(
                metadata=ObjectMeta(name="robot"), image_pull_secrets=(LocalObjectReference(name="good"),)
            )
            await platform.admin.create(SERVICE_ACCOUNT, account, "shop")
            assert await status("ann", "&serviceAccount=robot") == 200
            assert await status("dora", "&serviceAccount=robot") == 404


async def test_a_registry_that_wants_tokens_is_brought_them(tmp_path: Path) -> None:
    async with token_registry(tmp_path) as registry:
        places = {"private.example": (registry.origin,)}
        async with running_platform(tmp_path, IMAGES, settings={"registries": places}) as platform:
            await platform.admin.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="shop")))
            await platform.admin.create(ROLE_BINDING, binding("shop", "ann", "edit"), "shop")
            await platform.admin.create(SECRET, pull_secret("good", PASSWORD), "shop")
            for name in IN_IT:
                await registry.put(name, "1", SAID)
            ann = platform.as_user("ann")
            assert (await ann.get(path("private.example/public/web:1"))).status == 200
            assert (await ann.get(path("private.example/team/web:1"))).status == 404
            assert (await ann.get(path("private.example/team/web:1") + "&secrets=good")).status == 200
