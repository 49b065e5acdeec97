"""CustomResourceDefinitions: defaults, rules, and the schemas that they may hold."""

from typing import Any

import pytest
from tests.unit.engine.kinds.rest_build import faults, made, resource

from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.schema_shape import MOST_LEVELS, shape_fault

DEFINITIONS = resource("customresourcedefinitions")
OBJECT = {"type": "object"}
AT = "spec.validation.openAPIV3Schema"


def version(schema: Json | None = None, **fields: Any) -> Json:
    found = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema or OBJECT}}
    return found | fields


def definition(*versions: Json, **fields: Any) -> Json:
    names = {"plural": "tabs", "kind": "Tab"}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": list(versions) or [version()]}
    return {"metadata": {"name": "tabs.example.com"}, "spec": spec | fields}


def test_definitions_are_defaulted() -> None:
    found = made(DEFINITIONS, definition())
    assert found["spec"]["names"] == {"plural": "tabs", "kind": "Tab", "singular": "tab", "listKind": "TabList"}
    assert found["spec"]["conversion"] == {"strategy": "None"}
    assert found["status"]["storedVersions"] == ["v1"]
    assert faults(DEFINITIONS, definition()) == []


SCHEMAS: list[tuple[Json, str]] = [
    ({"type": "string"}, f'{AT}.type: Invalid value: "string": must be object at the root'),
    ({"properties": {}}, f"{AT}.type: Required value: must not be empty at the root"),
    (
        OBJECT | {"properties": {"a": {}}},
        f"{AT}.properties[a].type: Required value: must not be empty for specified object fields",
    ),
    (
        OBJECT | {"properties": {"a": {"type": "array", "items": {}}}},
        f"{AT}.properties[a].items.type: Required value: must not be empty for specified array items",
    ),
    (
        OBJECT | {"properties": {"a": {"type": "array"}}},
        f"{AT}.properties[a].items: Required value: must be specified",
    ),
    (
        OBJECT | {"properties": {"a": {"type": "odd"}}},
        f'{AT}.properties[a].type: Unsupported value: "odd": supported values: '
        '"array", "boolean", "integer", "number", "object", "string"',
    ),
    (
        OBJECT | {"properties": {"metadata": OBJECT | {"properties": {"labels": OBJECT}}}},
        f"{AT}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, "
        "but metadata is implicitly specified",
    ),
    (
        OBJECT | {"properties": {"a": {"type": "string", "anyOf": [{"type": "string"}]}}},
        f"{AT}.properties[a].anyOf[0].type: Forbidden: must be empty to be structural",
    ),
    (
        OBJECT | {"properties": {"a": {"type": "array", "items": OBJECT, "uniqueItems": True}}},
        f"{AT}.properties[a].uniqueItems: Forbidden: "
        "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
    ),
    (
        OBJECT | {"properties": {"a": {"type": "array", "items": OBJECT, "x-kubernetes-list-type": "map"}}},
        f"{AT}.properties[a].x-kubernetes-list-map-keys: Required value: "
        "must not be empty if x-kubernetes-list-type is map",
    ),
    (OBJECT | {"properties": {"a": 5}}, f"{AT}.properties[a]: Invalid value: must be a schema"),
    (
        OBJECT | {"properties": {"a": {"type": "array", "items": {"type": 5}}}},
        f"{AT}.properties[a].items.type: Invalid value: has a value of the wrong type",
    ),
]


@pytest.mark.parametrize(("schema", "said"), SCHEMAS, ids=[said[len(AT) :][:50] for _, said in SCHEMAS])
def test_schemas_are_structural(schema: Json, said: str) -> None:
    assert said in faults(DEFINITIONS, definition(version(schema)))


def test_a_status_subresource_narrows_the_root() -> None:
    odd = version(OBJECT | {"minProperties": 1}, subresources={"status": {}})
    assert any("only [Description Type" in fault for fault in faults(DEFINITIONS, definition(odd)))


def test_schemas_are_not_nested_without_end() -> None:
    deep: Json = {"type": "string"}
    for _ in range(MOST_LEVELS + 1):
        deep = OBJECT | {"properties": {"a": deep}}
    fault = shape_fault(deep)
    assert fault is not None
    assert "nested" in fault.message


SPECS: list[tuple[Json, str]] = [
    (definition(group="example"), 'spec.group: Invalid value: "example": should be a domain with at least one dot'),
    (definition(scope="Odd"), 'spec.scope: Unsupported value: "Odd": supported values: "Cluster", "Namespaced"'),
    (
        definition(version(storage=False)),
        "must have exactly one version marked as storage version",
    ),
    (definition(version(name="V1")), "spec.versions[0].name: Invalid value"),
    (
        definition({"name": "v1", "served": True, "storage": True}),
        "spec.versions[0].schema.openAPIV3Schema: Required value",
    ),
    (
        definition(version(additionalPrinterColumns=[{"name": "A", "type": "string", "jsonPath": "x"}])),
        'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "x": must be a simple json path starting with .',
    ),
    (
        definition(version(subresources={"scale": {"specReplicasPath": ".x", "statusReplicasPath": ".status.x"}})),
        'spec.subresources.scale.specReplicasPath: Invalid value: ".x": should be a json path under .spec',
    ),
    (
        definition(conversion={"strategy": "Webhook"}),
        "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook",
    ),
    (
        definition(group="x.k8s.io") | {"metadata": {"name": "tabs.x.k8s.io"}},
        "metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval",
    ),
    (
        definition() | {"metadata": {"name": "other"}},
        'metadata.name: Invalid value: "other": must be spec.names.plural+"."+spec.group',
    ),
]


@pytest.mark.parametrize(("obj", "said"), SPECS, ids=[said[:50] for _, said in SPECS])
def test_faults_of_definitions(obj: Json, said: str) -> None:
    assert any(said in fault for fault in faults(DEFINITIONS, obj))


def test_faults_of_versions_that_differ_name_the_version() -> None:
    other = version(OBJECT | {"properties": {"a": {}}}, name="v2", storage=False)
    assert faults(DEFINITIONS, definition(version(), other)) == [
        "spec.versions[1].schema.openAPIV3Schema.properties[a].type: Required value: "
        "must not be empty for specified object fields"
    ]


def test_a_version_that_was_stored_stays() -> None:
    old = made(DEFINITIONS, definition(version(), version(name="v2", storage=False)))
    new = definition(version(name="v2"))
    new["status"] = old["status"]
    DEFINITIONS.default(new)
    assert DEFINITIONS.prepare_update is not None
    DEFINITIONS.prepare_update(new, old)
    assert new["status"]["storedVersions"] == ["v1", "v2"]
    assert [c.field for c in DEFINITIONS.validate(new, old)] == ["status.storedVersions[0]"]


def test_the_kind_stays_once_it_is_served() -> None:
    old = made(DEFINITIONS, definition())
    old["status"]["conditions"] = [{"type": "Established", "status": "True"}]
    new = definition(names={"plural": "tabs", "kind": "Other", "singular": "tab", "listKind": "TabList"})
    new["status"] = old["status"]
    DEFINITIONS.default(new)
    assert [c.field for c in DEFINITIONS.validate(new, old)] == ["spec.names.kind"]
