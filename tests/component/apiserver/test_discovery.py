"""What clients are told of the server before they ask it anything else."""

import orjson
import pytest
from tests.harness.apiserver import Api, Json, loads

from armillary.engine.apiserver.openapi import refs_in
from armillary.engine.kinds.registry import BUILT_IN

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


async def test_legacy_discovery_names_every_resource(bare: Api) -> None:
    assert (await bare.get("/api"))["versions"] == ["v1"]
    groups = {group["name"]: group for group in (await bare.get("/apis"))["groups"]}
    assert groups["autoscaling"]["preferredVersion"]["version"] == "v2"
    found = set()
    for group in groups.values():
        for version in group["versions"]:
            listed = await bare.get(f"/apis/{version['groupVersion']}")
            found |= {(version["groupVersion"], r["name"]) for r in listed["resources"]}
    found |= {("v1", r["name"]) for r in (await bare.get("/api/v1"))["resources"]}
    for resource in BUILT_IN:
        wanted = {resource.plural, *(f"{resource.plural}/{sub}" for sub in resource.subresources)}
        assert {(resource.api_version, name) for name in wanted} <= found


async def test_aggregated_discovery(bare: Api) -> None:
    answer = await bare.ask("GET", "/apis", headers={"accept": f"{AGGREGATED},application/json"})
    assert answer.headers["content-type"] == AGGREGATED
    items = {item["metadata"]["name"]: item for item in loads(answer, 200)["items"]}
    deployments = next(r for r in items["apps"]["versions"][0]["resources"] if r["resource"] == "deployments")
    assert deployments["responseKind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}
    assert deployments["scope"] == "Namespaced"
    scale = next(s for s in deployments["subresources"] if s["subresource"] == "scale")
    assert scale["responseKind"] == {"group": "autoscaling", "version": "v1", "kind": "Scale"}


@pytest.mark.parametrize(
    ("path", "text"),
    [("/healthz", "ok"), ("/livez", "ok"), ("/readyz", "ok"), ("/readyz/ping", "ok")],
)
async def test_health(bare: Api, path: str, text: str) -> None:
    answer = await bare.ask("GET", path)
    assert (answer.status, answer.body.decode()) == (200, text)


async def test_health_in_words(bare: Api) -> None:
    answer = await bare.ask("GET", "/readyz", verbose="")
    assert answer.body.decode().splitlines()[-1] == "readyz check passed"


async def test_version_and_metrics(bare: Api) -> None:
    version = await bare.get("/version")
    assert (version["major"], version["minor"]) == ("1", "36")
    assert version["gitVersion"].startswith("v1.36.")
    await bare.get("/api/v1/pods")
    text = (await bare.ask("GET", "/metrics")).body.decode()
    wanted = 'verb="LIST",group="",version="v1",resource="pods",subresource="",scope="cluster",code="200"'
    assert f"apiserver_request_total{{{wanted}}} 1" in text


async def test_other_paths_are_no_pages(bare: Api) -> None:
    for path in ("/nothing", "/apis/nothing", "/apis/apps/v9", "/openapi/v3/apis/nothing/v1"):
        assert (await bare.ask("GET", path)).status == 404
    assert (await bare.ask("POST", "/version", {})).status == 405


async def document(bare: Api, place: str) -> Json:
    index = (await bare.get("/openapi/v3"))["paths"]
    path, _, tag = index[place]["serverRelativeURL"].partition("?hash=")
    answer = await bare.ask("GET", path, hash=tag)
    assert answer.headers["etag"] == f'"{tag}"'
    unchanged = await bare.ask("GET", path, headers={"if-none-match": answer.headers["etag"]})
    assert unchanged.status == 304
    return loads(answer, 200)


async def test_openapi_v3_tells_paths_and_schemas(bare: Api) -> None:
    found = await document(bare, "apis/apps/v1")
    patch = found["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert patch["x-kubernetes-group-version-kind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}
    assert "fieldValidation" in {parameter["name"] for parameter in patch["parameters"]}
    assert "application/apply-patch+yaml" in patch["requestBody"]["content"]
    schemas = found["components"]["schemas"]
    assert schemas["io.k8s.api.apps.v1.Deployment"]["x-kubernetes-group-version-kind"]
    containers = schemas["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"]
    assert containers["x-kubernetes-patch-merge-key"] == "name"
    targets = {ref.removeprefix("#/components/schemas/") for ref in refs_in(found)}
    assert targets <= schemas.keys()


async def test_every_document_is_whole(bare: Api) -> None:
    for place in (await bare.get("/openapi/v3"))["paths"]:
        found = loads(await bare.ask("GET", f"/openapi/v3/{place}"), 200)
        assert {ref.removeprefix("#/components/schemas/") for ref in refs_in(found)} <= found["components"][
            "schemas"
        ].keys()


async def test_openapi_v2_for_older_clients(bare: Api) -> None:
    answer = await bare.ask("GET", "/openapi/v2")
    found = orjson.loads(answer.body)
    assert found["swagger"] == "2.0"
    assert {ref.removeprefix("#/definitions/") for ref in refs_in(found)} <= found["definitions"].keys()
    packed = await bare.ask(
        "GET", "/openapi/v2", headers={"accept": "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"}
    )
    assert (packed.status, packed.headers["content-type"].rpartition("+")[2]) == (200, "protobuf")
