"""Custom resources over the API: served, pruned, defaulted, judged, shown, and gone with their definition."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.harness.apiserver import Api, api, loads, schemas

from armillary.base.clock import SystemClock
from armillary.engine.apiserver.crd_serving import CustomServing
from armillary.engine.kinds.registry import BUILT_IN

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
TABS = "/apis/stable.example.com/v1/namespaces/default/crontabs"
DEADLINE_SECONDS = 10

SPEC = {
    "type": "object",
    "required": ["cronSpec"],
    "properties": {
        "cronSpec": {"type": "string", "pattern": r"^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$"},
        "replicas": {"type": "integer", "minimum": 1, "maximum": 10, "default": 1},
        "mode": {"type": "string", "enum": ["fast", "slow"]},
        "anything": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "port": {"x-kubernetes-int-or-string": True},
        "items": {
            "type": "array",
            "maxItems": 2,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "size": {"type": "integer", "default": 3}},
            },
        },
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "note": {"type": "string", "nullable": True},
    },
}
STATUS = {
    "type": "object",
    "properties": {
        "replicas": {"type": "integer"},
        "selector": {"type": "string"},
        "conditions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"type": {"type": "string"}, "status": {"type": "string"}},
            },
        },
    },
}


def version(name: str = "v1", **more: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"spec": SPEC, "status": STATUS}}
    scale = {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    }
    columns = [
        {"name": "Spec", "type": "string", "jsonPath": ".spec.cronSpec"},
        {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"},
        {"name": "Ready", "type": "string", "jsonPath": '.status.conditions[?(@.type=="Ready")].status'},
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    ]
    found = {
        "name": name,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}, "scale": scale},
        "additionalPrinterColumns": columns,
        "selectableFields": [{"jsonPath": ".spec.mode"}],
    }
    return found | more


def definition(*versions: dict[str, Any], kind: str = "CronTab", **names: Any) -> dict[str, Any]:
    plural = f"{kind.lower()}s"
    return {
        "metadata": {"name": f"{plural}.stable.example.com"},
        "spec": {
            "group": "stable.example.com",
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind, "shortNames": ["ct"]} | names,
            "versions": list(versions) or [version()],
        },
    }


def tab(name: str = "a", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"cronSpec": "* * * * */5"} | spec}


@asynccontextmanager
async def serving() -> AsyncIterator[Api]:
    given = api()
    server = given.server
    custom = CustomServing(given.store, server, BUILT_IN, schemas(), SystemClock())
    custom.load()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(custom.run(), name="custom resources")
        try:
            await given.create("/api/v1/namespaces", {"metadata": {"name": "default"}})
            yield given
        finally:
            task.cancel()


async def until(given: Api, path: str, fits: Any) -> dict[str, Any]:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            answer = await given.ask("GET", path)
            found = None if answer.status == 404 else await given.get(path)
            if fits(found):
                return found or {}
            await asyncio.sleep(0.005)


def is_true(obj: dict[str, Any] | None, kind: str) -> bool:
    conditions = ((obj or {}).get("status") or {}).get("conditions") or ()
    return any(c["type"] == kind and c["status"] == "True" for c in conditions)


async def establish(given: Api, made: dict[str, Any] | None = None) -> dict[str, Any]:
    sent = made or definition()
    await given.create(DEFINITIONS, sent)
    path = f"{DEFINITIONS}/{sent['metadata']['name']}"
    return await until(given, path, lambda obj: is_true(obj, "Established"))


async def test_a_definition_is_established_and_its_names_accepted() -> None:
    async with serving() as given:
        found = await establish(given)
        assert found["status"]["acceptedNames"] == {
            "plural": "crontabs",
            "singular": "crontab",
            "kind": "CronTab",
            "listKind": "CronTabList",
            "shortNames": ["ct"],
        }
        assert found["status"]["storedVersions"] == ["v1"]
        assert [(c["type"], c["reason"]) for c in found["status"]["conditions"]] == [
            ("NamesAccepted", "NoConflicts"),
            ("Established", "InitialNamesAccepted"),
        ]


async def test_names_that_are_taken_are_not_accepted() -> None:
    async with serving() as given:
        await establish(given)
        other = definition(kind="Other", singular="crontab")
        await given.create(DEFINITIONS, other)
        path = f"{DEFINITIONS}/others.stable.example.com"
        found = await until(given, path, lambda obj: obj["status"]["conditions"])
        accepted, established = found["status"]["conditions"]
        assert (accepted["status"], accepted["reason"]) == ("False", "ShortNamesConflict")
        assert (established["status"], established["reason"]) == ("False", "NotAccepted")


async def test_discovery_tells_of_custom_resources() -> None:
    async with serving() as given:
        await establish(given)
        found = await given.get("/apis/stable.example.com/v1")
        assert [r["name"] for r in found["resources"]] == ["crontabs", "crontabs/scale", "crontabs/status"]
        assert found["resources"][0]["shortNames"] == ["ct"]
        document = await given.get("/openapi/v3/apis/stable.example.com/v1")
        assert "com.example.stable.v1.CronTab" in document["components"]["schemas"]


async def test_objects_are_pruned_and_defaulted() -> None:
    async with serving() as given:
        await establish(given)
        sent = tab(unknown=1, anything={"x": {"y": 1}}, items=[{"name": "i", "z": 1}], labels={"a": "b"}, note=None)
        sent["spec"]["mode"] = None
        found = await given.create(TABS, sent, fieldValidation="Ignore")
        assert found["spec"] == {
            "cronSpec": "* * * * */5",
            "anything": {"x": {"y": 1}},
            "items": [{"name": "i", "size": 3}],
            "labels": {"a": "b"},
            "note": None,
            "replicas": 1,
        }
        assert found["metadata"]["generation"] == 1
        assert found["apiVersion"] == "stable.example.com/v1"


async def test_strict_validation_names_unknown_fields() -> None:
    async with serving() as given:
        await establish(given)
        said = await given.refused(400, "POST", TABS, tab(items=[{"name": "i", "z": 1}]), fieldValidation="Strict")
        assert 'strict decoding error: unknown field "spec.items[0].z"' in said["message"]


def mistyped(path: str, wanted: str, given: str) -> str:
    return f'{path}: Invalid value: "{given}": {path} in body must be of type {wanted}: "{given}"'


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            {"replicas": "x"},
            f"[{mistyped('spec.replicas', 'integer', 'string')}, .spec.replicas: Invalid value: 0: "
            ".spec.replicas accessor error: x is of the type string, expected int64]",
        ),
        ({"replicas": 0}, "spec.replicas: Invalid value: 0: {} in body should be greater than or equal to 1"),
        ({"replicas": 11}, "spec.replicas: Invalid value: 11: {} in body should be less than or equal to 10"),
        ({"mode": "odd"}, 'spec.mode: Unsupported value: "odd": supported values: "fast", "slow"'),
        ({"cronSpec": None}, "spec.cronSpec: Required value"),
        ({"port": True}, mistyped("spec.port", "integer,string", "boolean")),
        ({"items": [{"name": n} for n in "abc"]}, "spec.items: Too many: 3: must have at most 2 items"),
        ({"items": [{"name": "a"}, {"name": "a"}]}, 'spec.items[1]: Duplicate value: {"name":"a"}'),
        ({"labels": {"a": 1}}, mistyped("spec.labels.a", "string", "integer")),
        ({"items": {}}, mistyped("spec.items", "array", "object")),
    ],
)
async def test_faults_are_told_in_the_apis_words(spec: dict[str, Any], said: str) -> None:
    async with serving() as given:
        await establish(given)
        status = await given.refused(422, "POST", TABS, tab(**spec))
        told = said.replace("{} in body", "spec.replicas in body")
        assert status["message"] == f'CronTab.stable.example.com "a" is invalid: {told}'


async def test_what_an_update_leaves_as_it_was_is_not_judged_again() -> None:
    async with serving() as given:
        await establish(given)
        await given.create(TABS, tab(mode="slow"))
        stricter = version()
        stricter["schema"]["openAPIV3Schema"]["properties"]["spec"] = {
            **SPEC,
            "properties": {**SPEC["properties"], "mode": {"type": "string", "enum": ["fast"]}},  # type: ignore[dict-item]
        }
        path = f"{DEFINITIONS}/crontabs.stable.example.com"
        await given.patch(path, {"spec": {"versions": [stricter]}})

        async def refused() -> bool:
            answer = await given.ask("POST", TABS, tab("b", mode="slow"), dryRun="All")
            return answer.status == 422

        async with asyncio.timeout(DEADLINE_SECONDS):
            while not await refused():
                await asyncio.sleep(0.005)
        found = await given.patch(f"{TABS}/a", {"spec": {"replicas": 2}})
        assert (found["spec"]["mode"], found["spec"]["replicas"]) == ("slow", 2)


async def test_status_and_scale_are_subresources() -> None:
    async with serving() as given:
        await establish(given)
        made = await given.create(TABS, tab() | {"status": {"replicas": 9}})
        assert "status" not in made
        found = await given.patch(
            f"{TABS}/a/status", {"status": {"replicas": 1, "selector": "a=b"}, "spec": {"replicas": 5}}
        )
        assert (found["status"]["replicas"], found["spec"]["replicas"]) == (1, 1)
        assert found["metadata"]["generation"] == 1
        scale = await given.get(f"{TABS}/a/scale")
        assert (scale["spec"], scale["status"]) == ({"replicas": 1}, {"replicas": 1, "selector": "a=b"})
        await given.patch(f"{TABS}/a/scale", {"spec": {"replicas": 4}})
        found = await given.get(f"{TABS}/a")
        assert (found["spec"]["replicas"], found["metadata"]["generation"]) == (4, 2)


async def test_a_scale_without_a_selector_tells_none() -> None:
    paths = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    async with serving() as given:
        await establish(given, definition(version(subresources={"scale": paths})))
        await given.create(TABS, tab())
        scale = await given.get(f"{TABS}/a/scale")
        assert (scale["spec"], scale["status"]) == ({"replicas": 1}, {"replicas": 0, "selector": ""})


async def test_columns_and_field_selectors() -> None:
    async with serving() as given:
        await establish(given)
        await given.create(TABS, tab("a", mode="fast"))
        await given.create(TABS, tab("b"))
        status = {"status": {"conditions": [{"type": "Other", "status": "False"}, {"type": "Ready", "status": "True"}]}}
        await given.patch(f"{TABS}/a/status", status)
        accept = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
        table = loads(await given.ask("GET", TABS, headers=accept), 200)
        assert [c["name"] for c in table["columnDefinitions"]] == ["Name", "Spec", "Replicas", "Ready", "Age"]
        first, second = (row["cells"] for row in table["rows"])
        assert first[:4] == ["a", "* * * * */5", 1, "True"]
        assert second[:4] == ["b", "* * * * */5", 1, None]
        assert first[4].endswith("s")
        found = await given.get(TABS, fieldSelector="spec.mode=fast")
        assert [item["metadata"]["name"] for item in found["items"]] == ["a"]


async def test_versions_show_the_same_objects() -> None:
    async with serving() as given:
        await establish(given, definition(version("v1"), version("v1beta1", storage=False)))
        await given.create(TABS.replace("/v1/", "/v1beta1/"), tab())
        assert (await given.get(f"{TABS}/a"))["apiVersion"] == "stable.example.com/v1"
        old = await given.get(f"{TABS.replace('/v1/', '/v1beta1/')}/a")
        assert old["apiVersion"] == "stable.example.com/v1beta1"


@pytest.mark.parametrize(
    ("old", "warned"),
    [
        ({"deprecated": True}, "stable.example.com/v1beta1 CronTab is deprecated; use stable.example.com/v1 CronTab"),
        ({"deprecated": True, "deprecationWarning": "too old"}, "too old"),
        ({}, ""),
    ],
)
async def test_who_uses_a_deprecated_version_is_warned(old: dict[str, Any], warned: str) -> None:
    async with serving() as given:
        await establish(given, definition(version("v1"), version("v1beta1", storage=False, **old)))
        answer = await given.ask("GET", TABS.replace("/v1/", "/v1beta1/"))
        assert answer.headers.get("warning", "") == (f'299 - "{warned}"' if warned else "")
        assert "warning" not in (await given.ask("GET", TABS)).headers


async def test_strategic_merge_patches_are_not_for_custom_resources() -> None:
    async with serving() as given:
        await establish(given)
        await given.create(TABS, tab())
        headers = {"content-type": "application/strategic-merge-patch+json"}
        answer = await given.ask("PATCH", f"{TABS}/a", {"spec": {}}, headers=headers)
        assert answer.status == 415


async def test_server_side_apply_merges_lists_by_key() -> None:
    async with serving() as given:
        await establish(given)
        head = {"apiVersion": "stable.example.com/v1", "kind": "CronTab"}
        first, second = head | tab(items=[{"name": "i"}]), head | tab(items=[{"name": "j"}])
        await given.ask(
            "PATCH", f"{TABS}/a", first, headers={"content-type": "application/apply-patch+yaml"}, fieldManager="x"
        )
        found = await given.patch(f"{TABS}/a", second, "apply-patch+yaml", fieldManager="y", force="true")
        assert [item["name"] for item in found["spec"]["items"]] == ["i", "j"]


async def test_watches_end_with_what_they_were_told_of() -> None:
    async with serving() as given, asyncio.TaskGroup() as group:
        made = await establish(given)
        path = f"{DEFINITIONS}/{made['metadata']['name']}"
        other = group.create_task(given.ask("GET", "/api/v1/namespaces/default/pods", watch="1"), name="pods")
        for change in ("description", "deletion"):
            await given.create(TABS, tab(change))
            watch = group.create_task(given.ask("GET", TABS, watch="1"), name="tabs")
            while not given.server.metrics.watchers["crontabs.stable.example.com"]:
                await asyncio.sleep(0.005)
            if change == "description":
                wanted = definition(version(deprecated=True))["spec"]
                await given.patch(path, {"spec": wanted})
            else:
                await given.ask("DELETE", path)
            answer = await asyncio.wait_for(watch, DEADLINE_SECONDS)
            assert answer.status == 200
        assert not other.done()
        other.cancel()


async def test_a_deleted_definition_takes_its_instances_along() -> None:
    async with serving() as given:
        await establish(given)
        await given.create(TABS, tab("a"))
        held = tab("b")
        held["metadata"]["finalizers"] = ["example.com/hold"]
        await given.create(TABS, held)
        path = f"{DEFINITIONS}/crontabs.stable.example.com"
        ended = await given.delete(path)
        assert ended["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
        await until(given, path, lambda obj: is_true(obj, "Terminating"))
        await until(given, f"{TABS}/a", lambda obj: obj is None)
        await until(given, f"{TABS}/b", lambda obj: obj["metadata"].get("deletionTimestamp"))
        assert (await given.ask("POST", TABS, tab("c"))).status == 405
        await given.patch(f"{TABS}/b", {"metadata": {"finalizers": None}})
        await until(given, path, lambda obj: obj is None)
        await until(given, TABS, lambda obj: obj is None)


async def test_a_definition_without_instances_goes_at_once() -> None:
    async with serving() as given:
        await establish(given)
        path = f"{DEFINITIONS}/crontabs.stable.example.com"
        await given.delete(path)
        await until(given, path, lambda obj: obj is None)
