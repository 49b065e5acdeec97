"""Lists: pages, revisions, selections, tables."""

import pytest
from tests.harness.apiserver import Api, Json, loads

CONFIG_MAPS = "/api/v1/namespaces/x/configmaps"
TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}


async def fill(server: Api, count: int) -> None:
    for i in range(count):
        labels = {"even": "yes"} if i % 2 == 0 else {}
        await server.create(CONFIG_MAPS, {"metadata": {"name": f"c{i}", "labels": labels}, "data": {"n": str(i)}})


def names(listing: Json) -> list[str]:
    return [item["metadata"]["name"] for item in listing["items"]]


async def test_pages_are_of_one_revision(bare: Api) -> None:
    await fill(bare, 5)
    first = await bare.get(CONFIG_MAPS, limit="2")
    assert names(first) == ["c0", "c1"]
    assert first["metadata"]["remainingItemCount"] == 3
    await bare.delete(f"{CONFIG_MAPS}/c4")
    await bare.create(CONFIG_MAPS, {"metadata": {"name": "c2a"}})
    second = await bare.get(CONFIG_MAPS, limit="2", **{"continue": first["metadata"]["continue"]})
    third = await bare.get(CONFIG_MAPS, limit="2", **{"continue": second["metadata"]["continue"]})
    assert names(second) + names(third) == ["c2", "c3", "c4"]
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert "continue" not in third["metadata"]


async def test_pages_of_a_selection(bare: Api) -> None:
    await fill(bare, 6)
    first = await bare.get(CONFIG_MAPS, limit="2", labelSelector="even")
    assert names(first) == ["c0", "c2"]
    assert "remainingItemCount" not in first["metadata"]
    rest = await bare.get(CONFIG_MAPS, limit="2", labelSelector="even", **{"continue": first["metadata"]["continue"]})
    assert names(rest) == ["c4"]


@pytest.mark.parametrize("token", ["nonsense", "W10", "WzFd", "é"])
async def test_tokens_that_are_none_are_refused(bare: Api, token: str) -> None:
    status = await bare.refused(400, "GET", CONFIG_MAPS, **{"continue": token})
    assert status["message"] == "invalid continue token: continue key is not valid"


async def test_selections(bare: Api) -> None:
    await fill(bare, 3)
    assert names(await bare.get(CONFIG_MAPS, fieldSelector="metadata.name=c1")) == ["c1"]
    assert names(await bare.get(CONFIG_MAPS, fieldSelector="metadata.name!=c1")) == ["c0", "c2"]
    assert names(await bare.get("/api/v1/configmaps", fieldSelector="metadata.namespace=y")) == []
    await bare.refused(400, "GET", CONFIG_MAPS, fieldSelector="spec.x=1")
    asked = bare.authorizer.asked
    await bare.get(CONFIG_MAPS, fieldSelector="metadata.name=c1")
    assert (asked[-1].verb, asked[-1].name) == ("list", "c1")


async def test_an_earlier_revision_can_be_read(bare: Api) -> None:
    await fill(bare, 2)
    then = (await bare.get(CONFIG_MAPS))["metadata"]["resourceVersion"]
    await bare.delete(f"{CONFIG_MAPS}/c0")
    exact = await bare.get(CONFIG_MAPS, resourceVersion=then, resourceVersionMatch="Exact")
    assert names(exact) == ["c0", "c1"]
    assert exact["metadata"]["resourceVersion"] == then
    assert names(await bare.get(CONFIG_MAPS, resourceVersion=then)) == ["c1"]
    status = await bare.refused(504, "GET", CONFIG_MAPS, resourceVersion="99999")
    assert status["message"].startswith("Timeout: Too large resource version: 99999, current: ")


async def test_tables(bare: Api) -> None:
    await fill(bare, 2)
    table = loads(await bare.ask("GET", CONFIG_MAPS, headers=TABLE), 200)
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert [row["cells"][:2] for row in table["rows"]] == [["c0", 1], ["c1", 1]]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    bare_rows = loads(await bare.ask("GET", CONFIG_MAPS, headers=TABLE, includeObject="None"), 200)["rows"]
    assert "object" not in bare_rows[0]
    whole = loads(await bare.ask("GET", f"{CONFIG_MAPS}/c1", headers=TABLE, includeObject="Object"), 200)["rows"]
    assert whole[0]["object"]["data"] == {"n": "1"}
    await bare.refused(422, "GET", CONFIG_MAPS, headers=TABLE, includeObject="Some")


async def test_metadata_alone(bare: Api) -> None:
    await fill(bare, 1)
    accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    found = loads(await bare.ask("GET", CONFIG_MAPS, headers={"accept": accept}), 200)
    assert (found["kind"], found["items"][0]["kind"]) == ("PartialObjectMetadataList", "PartialObjectMetadata")
    assert "data" not in found["items"][0]
