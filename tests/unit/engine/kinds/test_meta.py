"""Metadata, label selectors and conditions."""

from typing import Any

import pytest

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import under
from armillary.engine.kinds.meta import (
    check_conditions,
    check_label_selector,
    is_empty_selector,
    selector_matches,
    validate_meta,
)


def said(causes: Any) -> list[str]:
    return [f"{c.field}: {c.message}" for c in causes]


def made(**meta: Any) -> list[str]:
    full = {"name": "a", "namespace": "b", **meta}
    return said(validate_meta({"metadata": full}, None, names.dns_subdomain))


OWNER = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "a", "uid": "u"}


@pytest.mark.parametrize(
    ("meta", "faults"),
    [
        ({}, []),
        ({"name": ""}, ["metadata.name: Required value: name or generateName is required"]),
        ({"namespace": ""}, ["metadata.namespace: Required value"]),
        (
            {"labels": {"a b": "v"}},
            [f'metadata.labels: Invalid value: "a b": {names.label_key("a b")[0]}'],
        ),
        (
            {"annotations": {"A.io/B": "x" * (256 * 1024)}},
            ["metadata.annotations: Too long: may not be more than 262144 bytes"],
        ),
        ({"annotations": {"A.io/B": "any\n text"}}, []),
        ({"ownerReferences": [OWNER]}, []),
        (
            {"ownerReferences": [{**OWNER, "apiVersion": "", "uid": ""}]},
            [
                'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
                'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
            ],
        ),
        ({"finalizers": ["example.com/a", "orphan"]}, []),
        (
            {"finalizers": ["mine"]},
            [
                'metadata.finalizers[0]: Invalid value: "mine": '
                "name is neither a standard finalizer name nor is it fully qualified"
            ],
        ),
        (
            {"finalizers": ["orphan", "foregroundDeletion"]},
            [
                'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: '
                "finalizer orphan and foregroundDeletion cannot be both set"
            ],
        ),
        (
            {"managedFields": [{"operation": "X", "fieldsType": "Y", "manager": "m\n"}]},
            [
                'metadata.managedFields[0].operation: Invalid value: "X": must be `Apply` or `Update`',
                'metadata.managedFields[0].fieldsType: Invalid value: "Y": must be `FieldsV1`',
                'metadata.managedFields[0].manager: Invalid value: "m\\n": invalid character U+000A (at position 1)',
            ],
        ),
    ],
)
def test_metadata_of_a_creation(meta: dict[str, Any], faults: list[str]) -> None:
    assert made(**meta) == faults


def test_two_controllers_are_one_too_many() -> None:
    faults = made(ownerReferences=[{**OWNER, "controller": True}, {**OWNER, "name": "b", "controller": True}])
    assert len(faults) == 1
    assert faults[0].endswith(
        "Only one reference can have Controller set to true. "
        'Found "true" in references for ReplicaSet/a and ReplicaSet/b'
    )


def test_events_own_nothing() -> None:
    faults = made(ownerReferences=[{**OWNER, "apiVersion": "v1", "kind": "Event"}])
    assert faults[0].endswith("/v1, Kind=Event is disallowed from being an owner")


def test_cluster_scoped_objects_have_no_namespace() -> None:
    causes = validate_meta({"metadata": {"name": "a", "namespace": "b"}}, None, names.dns_label, namespaced=False)
    assert said(causes) == ["metadata.namespace: Forbidden: not allowed on this type"]


def test_custom_resources_may_have_finalizers_without_domain() -> None:
    obj = {"metadata": {"name": "a", "namespace": "b", "finalizers": ["mine"]}}
    assert not validate_meta(obj, None, names.path_segment, built_in=False)


def updated(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return said(validate_meta({"metadata": new}, {"metadata": old}, names.dns_subdomain))


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ({"name": "a"}, {"name": "a", "labels": {"x": "y"}}, []),
        ({"name": "a"}, {"name": "b"}, ['metadata.name: Invalid value: "b": field is immutable']),
        ({"uid": "1"}, {"uid": "2"}, ['metadata.uid: Invalid value: "2": field is immutable']),
        ({"generation": 2}, {"generation": 1}, ["metadata.generation: Invalid value: 1: must not be decremented"]),
        (
            {"deletionTimestamp": "t", "finalizers": ["a.io/x"]},
            {"deletionTimestamp": "t", "finalizers": ["a.io/x", "a.io/y"]},
            [
                "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, "
                'found new finalizers []string{"a.io/y"}'
            ],
        ),
        ({"deletionTimestamp": "t", "finalizers": ["a.io/x"]}, {"deletionTimestamp": "t", "finalizers": []}, []),
    ],
)
def test_metadata_of_an_update(old: dict[str, Any], new: dict[str, Any], faults: list[str]) -> None:
    assert updated(old, new) == faults


@pytest.mark.parametrize(
    ("requirement", "faults"),
    [
        ({"key": "a", "operator": "In", "values": ["b"]}, []),
        (
            {"key": "a", "operator": "In"},
            ["s.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"],
        ),
        (
            {"key": "a", "operator": "Exists", "values": ["b"]},
            [
                "s.matchExpressions[0].values: Forbidden: "
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            ],
        ),
        (
            {"key": "a", "operator": "Gt"},
            ['s.matchExpressions[0].operator: Invalid value: "Gt": not a valid selector operator'],
        ),
    ],
)
def test_label_selectors(requirement: dict[str, Any], faults: list[str]) -> None:
    assert said(check_label_selector({"matchExpressions": [requirement]}, "s")) == faults


@pytest.mark.parametrize(
    ("operator", "values", "labels", "selected"),
    [
        ("In", ["1", "2"], {"a": "1"}, True),
        ("In", ["1"], {}, False),
        ("NotIn", ["1"], {}, True),
        ("NotIn", ["1"], {"a": "1"}, False),
        ("Exists", None, {"a": ""}, True),
        ("DoesNotExist", None, {"a": ""}, False),
    ],
)
def test_selectors_match(operator: str, values: list[str] | None, labels: dict[str, str], selected: bool) -> None:
    selector = {"matchExpressions": [{"key": "a", "operator": operator, "values": values}]}
    assert selector_matches(selector, labels) is selected


def test_empty_selectors_select_everything_and_absent_ones_nothing() -> None:
    assert selector_matches({}, {"a": "b"})
    assert not selector_matches(None, {"a": "b"})
    assert is_empty_selector({"matchLabels": {}})
    assert not selector_matches({"matchLabels": {"a": "c"}}, {"a": "b"})


def test_conditions() -> None:
    good = {"type": "Ready", "status": "True", "reason": "Fine", "lastTransitionTime": "t"}
    bad = {"type": "Ready", "status": "Yes", "reason": "9", "observedGeneration": -1}
    assert not check_conditions([good], "status.conditions")
    faults = said(check_conditions([good, bad], "status.conditions"))
    assert [f.split(": ")[0] for f in faults] == [
        "status.conditions[1].type",
        "status.conditions[1].status",
        "status.conditions[1].observedGeneration",
        "status.conditions[1].lastTransitionTime",
        "status.conditions[1].reason",
    ]
    assert faults[1].endswith('Unsupported value: "Yes": supported values: "False", "True", "Unknown"')


@pytest.mark.parametrize(
    ("path", "field", "whole"),
    [("spec", "a", "spec.a"), ("spec", "[0].a", "spec[0].a"), ("spec", "", "spec"), ("", "a", "a")],
)
def test_paths_are_joined(path: str, field: str, whole: str) -> None:
    assert next(under(path, [Cause("r", field, "m")])).field == whole
