"""What the front door serves of its own: health, metrics, the description of the API, the console's files."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from tests.harness.platform import Asking, Running, running_platform

from armillary.base.words import Words
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    RoleRef,
    Subject,
)
from armillary.platform.frame.capability import FORM, Call, Capability, Needs, Open, Route
from armillary.platform.frame.openapi import as_3_0
from armillary.platform.frame.parts import Parts


class Thing(Struct, rename="camel"):
    """Something."""

    full_name: str
    size: int | None = None


class Filter(Struct):
    limit: int = 10


async def nothing(call: Call, deps: Parts) -> None:
    return None


ROUTES: tuple[Route[Parts], ...] = (
    Route("GET", "/things/{name}", nothing, Needs("get", "a.io", "things", name="{name}"), "One.", returns=Thing),
    Route("GET", "/things", nothing, Open.SIGNED_IN, "All.", returns=list[Thing], query=Filter),
    Route("POST", "/things", nothing, Open.SIGNED_IN, "Make.", returns=Thing, body=Thing, status=201),
    Route("POST", "//oauth/form", nothing, Open.ANYBODY, "Form.", body=FORM),
)
TRIED = Capability("tried", Words("Tried.", "试。"), connect=lambda parts: parts, routes=ROUTES)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with running_platform(tmp_path, TRIED) as found:
        yield found


async def test_health(running: Running) -> None:
    nobody = running.nobody()
    for path in ("/healthz", "/livez", "/readyz"):
        answer = await nobody.get(path)
        assert (answer.status, answer.body) == (200, b"ok")
    await running.platform.door.leave()
    assert (await nobody.get("/livez")).status == 200
    assert (await nobody.get("/readyz")).body == b"leaving"


async def test_metrics_are_for_this_machine_and_for_whom_the_cluster_lets(running: Running) -> None:
    await running.nobody().get("/nowhere/at/all")
    here = Asking(running.platform.door, address="127.0.0.1")
    text = (await here.get("/metrics")).body.decode()
    assert 'armillary_requests_total{code="404",method="GET",route="other"} 1.0' in text
    assert (await here.get("/metrics", headers={"x-forwarded-for": "198.51.100.1"})).status == 401
    assert (await running.nobody().get("/metrics")).status == 401
    assert (await running.as_user("ann").get("/metrics")).status == 403
    rule = PolicyRule(verbs=("get",), non_resource_urls=("/metrics",))
    await running.admin.create(CLUSTER_ROLE, ClusterRole(metadata=ObjectMeta(name="scrape"), rules=(rule,)))
    ref = RoleRef(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name="scrape")
    who = Subject(api_group="rbac.authorization.k8s.io", kind="User", name="armillary:ann")
    binding = ClusterRoleBinding(metadata=ObjectMeta(name="scrape"), role_ref=ref, subjects=(who,))
    await running.admin.create(CLUSTER_ROLE_BINDING, binding)
    assert (await running.as_user("ann").get("/metrics")).status == 200


async def test_the_api_is_described(running: Running) -> None:
    document = (await running.nobody().get("/openapi.json")).json
    assert document["openapi"] == "3.1.0"
    things = document["paths"]["/platform/v1/things"]
    assert things["get"]["parameters"] == [
        {"name": "limit", "in": "query", "required": False, "schema": {"type": "integer", "default": 10}}
    ]
    assert things["get"]["security"] == [{"token": []}]
    assert things["post"]["requestBody"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
    }
    assert set(things["post"]["responses"]) == {"201", "400", "401", "403", "413", "415", "422", "429", "default"}
    one = document["paths"]["/platform/v1/things/{name}"]["get"]
    assert one["description"] == "Needs the permission to get things.a.io `{name}` in the host cluster."
    assert one["parameters"][0]["name"] == "name"
    assert document["paths"]["/oauth/form"]["post"]["security"] == []
    assert set(document["components"]["schemas"]) == {"Thing", "Filter", "Status"}
    assert {"name": "tried", "description": "Tried."} in document["tags"]


def test_a_description_for_older_readers() -> None:
    size = {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}
    pair = {"type": "array", "prefixItems": [{"type": "string"}]}
    given: dict[str, Any] = {"openapi": "3.1.0", "a": size, "b": {"const": 1}, "c": pair, "d": {"anyOf": [{}, {}]}}
    assert as_3_0(given) == {
        "openapi": "3.0.3",
        "a": {"default": None, "allOf": [{"type": "integer"}], "nullable": True},
        "b": {"enum": [1]},
        "c": {"type": "array", "items": {}},
        "d": {"anyOf": [{}, {}]},
    }


async def test_the_description_can_be_read_without_a_network(running: Running) -> None:
    page = await running.nobody().get("/docs")
    assert "<script>" not in page.body.decode()
    assert "//" not in page.body.decode().replace("</", "")
    assert "script-src 'self';" in page.header("content-security-policy")
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert f"/docs/{name}" in page.body.decode()
        assert (await running.nobody().get(f"/docs/{name}")).status == 200
    assert (await running.nobody().get("/docs/openapi.json")).json["openapi"] == "3.0.3"
    assert (await running.nobody().get("/docs/index.html")).status == 404


async def test_without_a_console_a_page_says_where_things_are(running: Running) -> None:
    page = await running.nobody().get("/")
    assert "armillary login https://platform.example" in page.body.decode()
    assert "命令行" in page.body.decode()


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Running]:
    directory = tmp_path / "console"
    (directory / "assets").mkdir(parents=True)
    (directory / "index.html").write_text("<title>console</title>")
    (directory / "assets/app-1a2b3c4d.js").write_text("run()")
    (directory / "assets/app-1a2b3c4d.js.br").write_bytes(b"small")
    (directory / "assets/app-1a2b3c4d.js.gz").write_bytes(b"smaller")
    (tmp_path / "secret.txt").write_text("secret")
    (directory / "link.txt").symlink_to(tmp_path / "secret.txt")
    async with running_platform(tmp_path, TRIED, settings={"console_dir": directory}) as found:
        yield found


@pytest.mark.parametrize(
    ("path", "status", "kept"),
    [
        ("/", 200, "no-cache"),
        ("/index.html", 200, "no-cache"),
        ("/workspaces/team/projects", 200, "no-cache"),
        ("/c/host/nodes/one.example.org", 200, "no-cache"),
        ("/c/host/secrets/notes.gz", 200, "no-cache"),
        ("/assets/app-1a2b3c4d.js", 200, "public, max-age=31536000, immutable"),
        ("/assets/none.js", 404, "no-store"),
        ("/platform/v1/none", 404, "no-store"),
        ("/oauth/none", 404, "no-store"),
        ("/link.txt", 404, "no-store"),
        ("/assets/app-1a2b3c4d.js.br", 404, "no-store"),
        ("/../secret.txt", 404, "no-store"),
        ("/assets/..%2f..%2fsecret.txt", 404, "no-store"),
        ("/%2e%2e/secret.txt", 404, "no-store"),
    ],
)
async def test_the_consoles_files(console: Running, path: str, status: int, kept: str) -> None:
    answer = await console.nobody().get(path)
    assert (answer.status, answer.header("cache-control")) == (status, kept)
    assert b"secret" not in answer.body
    assert "frame-ancestors 'none'" in answer.header("content-security-policy")
    if status == 200 and not path.endswith(".js"):
        assert answer.body == b"<title>console</title>"


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br, zstd", "br", b"small"),
        ("gzip;q=0.5, br;q=0", "gzip", b"smaller"),
        ("identity", "", b"run()"),
        ("", "", b"run()"),
    ],
)
async def test_compressed_files_go_to_who_takes_them(console: Running, accepted: str, coding: str, body: bytes) -> None:
    answer = await console.nobody().get("/assets/app-1a2b3c4d.js", headers={"accept-encoding": accepted})
    assert (answer.header("content-encoding"), answer.body) == (coding, body)
    assert answer.header("content-type").startswith("text/javascript")
    assert "accept-encoding" in answer.header("vary").lower()
    page = await console.nobody().get("/", headers={"accept-encoding": accepted})
    assert (page.header("content-encoding"), page.body) == ("", b"<title>console</title>")


async def test_the_consoles_policy_knows_no_inline_script_or_style_sheet(console: Running, tmp_path: Path) -> None:
    policy = (await console.nobody().get("/")).header("content-security-policy")
    assert "style-src 'self';" in policy
    assert [part for part in policy.split("; ") if "unsafe" in part] == ["style-src-attr 'unsafe-inline'"]
    (tmp_path / "console/index.html").write_text('<meta nonce="__CSP_NONCE__">')
    pages = [await console.nobody().get("/workspaces/team") for _ in range(2)]
    for page in pages:
        nonce = page.body.decode().split('"')[1]
        assert f"style-src 'self' 'nonce-{nonce}';" in page.header("content-security-policy")
        assert page.header("cache-control") == "no-store"
    assert pages[0].body != pages[1].body
