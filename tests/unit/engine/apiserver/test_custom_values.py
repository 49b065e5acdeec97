"""Values against structural schemas: pruning, defaults, rules; paths of columns; random bodies never fail."""

import copy
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.harness.apiserver import schemas

from armillary.engine.apiserver import jsonpath
from armillary.engine.apiserver.crd import columns_of, custom_of
from armillary.engine.apiserver.crd_status import settled_status
from armillary.engine.apiserver.custom_values import apply_defaults, check_value
from armillary.engine.apiserver.schema.fit import Unfit, fit
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.schema_shape import shape_fault
from armillary.engine.kinds.structural import check_schema

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def obj(properties: Json, **more: Any) -> Json:
    return {"type": "object", "properties": properties, **more}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "x"),
        ({"type": "integer"}, 1.0),
        ({"type": "number"}, 1),
        ({"type": "string", "nullable": True}, None),
        ({"type": "string", "format": "ipv4"}, "10.0.0.1"),
        ({"type": "string", "format": "unheard-of"}, "x"),
        ({"x-kubernetes-int-or-string": True}, "80%"),
        (obj({}), {"any": "thing"}),
    ],
)
def test_good_values_have_no_faults(schema: Json, value: Any) -> None:
    assert check_value(value, schema, "p") == []


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "integer"}, True, 'Invalid value: "boolean": p in body must be of type integer: "boolean"'),
        ({"type": "string"}, None, 'Invalid value: "null": p in body must be of type string: "null"'),
        ({"type": "string", "minLength": 2}, "x", 'Invalid value: "x": p in body should be at least 2 chars long'),
        ({"type": "string", "maxLength": 1}, "xy", "Too long: may not be more than 1 byte"),
        ({"maximum": 1e6}, 2.5e6, "Invalid value: 2500000.0: p in body should be less than or equal to 1e+06"),
        ({"multipleOf": 5}, 7, "Invalid value: 7: p in body should be a multiple of 5"),
        ({"minimum": 1, "exclusiveMinimum": True}, 1, "Invalid value: 1: p in body should be greater than 1"),
        ({"minItems": 1}, [], "Invalid value: 0: p in body should have at least 1 items"),
        ({"minProperties": 1}, {}, "Invalid value: 0: p in body should have at least 1 properties"),
        ({"format": "date-time"}, "x", 'Invalid value: "x": p in body must be of type date-time: "x"'),
        ({"enum": [1, "a"]}, True, 'Unsupported value: true: supported values: "1", "a"'),
        ({"not": {"minimum": 3}}, 5, 'Invalid value: "": "p" must not validate the schema (not)'),
    ],
)
def test_faults_are_told_in_the_apis_words(schema: Json, value: Any, said: str) -> None:
    assert [c.message for c in check_value(value, schema, "p")] == [said]


def test_what_is_required_is_named() -> None:
    assert [c.field for c in check_value({}, obj({}, required=["a"]), "p")] == ["p.a"]


def test_one_of_several() -> None:
    schema = {"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object"}
    assert check_value({"a": 1}, schema, "p") == []
    first, *_ = check_value({}, schema, "p")
    assert first.message.endswith('"p" must validate one and only one schema (oneOf). Found none valid')
    both = check_value({"a": 1, "b": 1}, schema, "p")
    assert [c.message for c in both] == [
        'Invalid value: "": "p" must validate one and only one schema (oneOf). Found 2 valid alternatives'
    ]


def test_defaults_go_deep() -> None:
    schema = obj(
        {
            "a": obj({"b": {"type": "integer", "default": 1}}, default={}),
            "l": {"type": "array", "items": obj({"c": {"default": 2}})},
        }
    )
    value: Json = {"l": [{}, {"c": 3}]}
    apply_defaults(value, schema)
    assert value == {"a": {"b": 1}, "l": [{"c": 2}, {"c": 3}]}


CONDITIONS = {"status": {"conditions": [{"type": "A", "n": 1}, {"type": "Ready", "status": "True", "n": 2}]}}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".status.conditions[0].type", "A"),
        (".status.conditions[-1].type", "Ready"),
        ('.status.conditions[?(@.type=="Ready")].status', "True"),
        (".status.conditions[?(@.type=='Ready')].status", "True"),
        (".status.conditions[?(@.n>1)].type", "Ready"),
        (".status.conditions[*].type", "A"),
        (".status['conditions'][0].n", 1),
        (".status.absent.field", None),
        (".status.conditions[9].type", None),
    ],
)
def test_paths_of_columns(path: str, found: Any) -> None:
    assert jsonpath.find(path, CONDITIONS) == found


def test_names_with_dots_are_quoted() -> None:
    assert jsonpath.find(r".metadata.labels.app\.io/name", {"metadata": {"labels": {"app.io/name": "x"}}}) == "x"


def test_what_is_no_path_is_an_empty_cell() -> None:
    (column,) = columns_of([{"name": "A", "type": "string", "jsonPath": ".a[(("}])
    assert column.value({"a": 1}, NOW) is None


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("string", 5, "5"),
        ("string", True, "true"),
        ("string", {"a": 1}, '{"a":1}'),
        ("integer", "5", None),
        ("integer", 5.0, 5),
        ("number", 5, 5.0),
        ("boolean", False, False),
        ("date", "2026-01-01T00:00:00Z", "24h"),
        ("date", "yesterday", "<invalid>"),
    ],
)
def test_cells(kind: str, value: Any, cell: Any) -> None:
    (column,) = columns_of([{"name": "A", "type": kind, "jsonPath": ".a"}])
    assert column.value({"a": value}, NOW) == cell


def definition(schema: Json, established: bool = True, **names: Any) -> Json:
    wanted = {"plural": "tabs", "singular": "tab", "kind": "Tab", "listKind": "TabList"} | names
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n"}},
        "additionalPrinterColumns": [{"name": "A", "type": "string", "jsonPath": ".spec.a.b[0]"}],
        "selectableFields": [{"jsonPath": ".spec.a"}],
    }
    status: Json = {"acceptedNames": wanted, "conditions": []}
    if established:
        status["conditions"] = [{"type": "Established", "status": "True"}]
    spec = {"group": "example.com", "scope": "Namespaced", "names": wanted, "versions": [version]}
    return {"metadata": {"name": f"{wanted['plural']}.example.com"}, "spec": spec, "status": status}


def test_only_what_is_established_is_served() -> None:
    assert custom_of([definition(obj({}), established=False)], schemas().built_in).resources == ()


def test_names_settle_once() -> None:
    fresh = definition(obj({}), established=False)
    del fresh["status"]["acceptedNames"]
    status = settled_status(fresh, [fresh], "2026-01-01T00:00:00Z")
    again = settled_status({**fresh, "status": status}, [fresh], "2026-01-02T00:00:00Z")
    assert again == status


WORDS = st.sampled_from(["a", "b", "n", "spec", "status", "metadata", "kind", "type", "properties", "items", "default"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 1 << 40) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)
TYPED = st.sampled_from(["object", "array", "string", "integer", "number", "boolean"])
KEYWORDS: dict[str, st.SearchStrategy[Any]] = {
    "enum": st.lists(VALUES, min_size=1, max_size=2),
    "minimum": st.integers(-2, 2),
    "maxLength": st.integers(0, 3),
    "pattern": st.sampled_from(["^a$", "[", "b+"]),
    "nullable": st.booleans(),
    "default": VALUES,
    "required": st.lists(WORDS, max_size=2),
    "x-kubernetes-list-type": st.sampled_from(["set", "map", "atomic"]),
    "x-kubernetes-list-map-keys": st.lists(WORDS, max_size=2),
    "x-kubernetes-preserve-unknown-fields": st.just(True),
    "x-kubernetes-int-or-string": st.just(True),
    "x-kubernetes-embedded-resource": st.just(True),
    "format": st.sampled_from(["date", "cidr", "byte", "uuid"]),
}


def _schemas(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    nested = {
        "properties": st.dictionaries(WORDS, inner, max_size=3),
        "items": inner,
        "additionalProperties": inner | st.booleans(),
        "anyOf": st.lists(inner, max_size=2),
        "not": inner,
    }
    return st.fixed_dictionaries({"type": TYPED}, optional=KEYWORDS | nested)


SCHEMAS = st.recursive(st.fixed_dictionaries({"type": TYPED}, optional=KEYWORDS), _schemas, max_leaves=8)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, VALUES, VALUES)
def test_random_objects_of_random_schemas_are_answered(schema: Json, spec: Any, before: Any) -> None:
    root = obj({"spec": schema, "status": schema})
    assert shape_fault(root) is None
    check_schema(root, has_status=True)
    custom = custom_of([definition(root)], schemas().built_in)
    (resource,) = custom.resources
    new: Json = {
        "apiVersion": "example.com/v1",
        "kind": "Tab",
        "metadata": {"name": "a"},
        "spec": spec,
        "status": before,
    }
    old = {**copy.deepcopy(new), "spec": before, "status": spec}
    for given_object in (new, old):
        with suppress(Unfit):  # the metadata of embedded objects is judged strictly
            fit(given_object, custom.nodes[resource.schema])
        resource.default(given_object)
        once = copy.deepcopy(given_object)
        resource.default(given_object)
        assert given_object == once
        resource.fields(given_object)
        for column in resource.columns:
            column.value(given_object, NOW)
    resource.validate(new, None)
    resource.validate(new, old)
    assert resource.validate_status is not None
    resource.validate_status(new, old)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(WORDS | st.sampled_from(["anyOf", "items", "not", "required"]), VALUES, max_size=4))
def test_random_schemas_are_judged(schema: Json) -> None:
    if shape_fault(schema) is None:
        check_schema(schema, has_status=False)
