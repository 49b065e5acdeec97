"""Server-side apply: what is merged, what goes, who owns what."""

from typing import Any

import pytest
from tests.harness.apiserver import schemas

from armillary.base.errors import BadRequest, Conflict
from armillary.engine.apiserver.patch.apply import Applier, apply

NOW = "2026-01-01T00:00:00Z"


def deployment(containers: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": containers}}} | spec,
    }


def applied(live: dict[str, Any], wanted: dict[str, Any], manager: str = "a", *, force: bool = False) -> dict[str, Any]:
    node = schemas().node("io.k8s.api.apps.v1.Deployment")
    return apply(live, wanted, node, Applier(manager, force, NOW))


EMPTY: dict[str, Any] = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}}


def test_what_an_applier_sets_is_remembered_as_its_own() -> None:
    found = applied(EMPTY, deployment([{"name": "c", "image": "x"}], replicas=2))
    assert found["metadata"]["managedFields"] == [
        {
            "manager": "a",
            "operation": "Apply",
            "apiVersion": "apps/v1",
            "time": NOW,
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:spec": {
                    "f:replicas": {},
                    "f:template": {
                        "f:spec": {"f:containers": {'k:{"name":"c"}': {".": {}, "f:image": {}, "f:name": {}}}}
                    },
                }
            },
        }
    ]


def test_what_an_applier_drops_goes() -> None:
    live = applied(EMPTY, deployment([{"name": "c", "image": "x"}, {"name": "d"}], replicas=2))
    found = applied(live, deployment([{"name": "c", "image": "x"}]))
    assert found["spec"] == {"template": {"spec": {"containers": [{"name": "c", "image": "x"}]}}}


def test_what_others_set_stays() -> None:
    live = applied(EMPTY, deployment([{"name": "c"}], replicas=2))
    live["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] = "Always"
    live["spec"]["paused"] = True
    found = applied(live, deployment([{"name": "c"}], replicas=3))
    assert found["spec"]["paused"] is True
    assert found["spec"]["replicas"] == 3
    assert found["spec"]["template"]["spec"]["containers"] == [{"name": "c", "imagePullPolicy": "Always"}]


def test_applying_the_same_again_changes_nothing() -> None:
    wanted = deployment([{"name": "c"}], replicas=2)
    live = applied(EMPTY, wanted)
    assert applied(live, wanted) == live


def test_two_appliers_conflict_over_a_value() -> None:
    live = applied(EMPTY, deployment([{"name": "c"}], replicas=2))
    with pytest.raises(Conflict) as caught:
        applied(live, deployment([{"name": "c"}], replicas=3), "b")
    assert caught.value.message == 'Apply failed with 1 conflict: conflict with "a": .spec.replicas'
    assert [cause.field for cause in caught.value.causes] == [".spec.replicas"]


def test_several_conflicts_are_listed() -> None:
    live = applied(EMPTY, deployment([{"name": "c", "image": "x"}], replicas=2))
    with pytest.raises(Conflict) as caught:
        applied(live, deployment([{"name": "c", "image": "y"}], replicas=3), "b")
    assert caught.value.message == (
        'Apply failed with 2 conflicts: conflicts with "a":\n- .spec.replicas\n'
        '- .spec.template.spec.containers[name="c"].image'
    )


def test_force_takes_fields_over() -> None:
    live = applied(EMPTY, deployment([{"name": "c"}], replicas=2))
    found = applied(live, deployment([{"name": "c"}], replicas=3), "b", force=True)
    first, second = found["metadata"]["managedFields"]
    assert "f:replicas" not in first["fieldsV1"]["f:spec"]
    assert "f:replicas" in second["fieldsV1"]["f:spec"]


def test_the_same_value_is_owned_by_both() -> None:
    live = applied(EMPTY, deployment([{"name": "c"}], replicas=2))
    shared = applied(live, deployment([{"name": "c"}], replicas=2), "b")
    found = applied(shared, deployment([{"name": "c"}]), "b")
    assert found["spec"]["replicas"] == 2


def test_ownership_is_not_told_by_clients() -> None:
    wanted = deployment([])
    wanted["metadata"]["managedFields"] = [{"manager": "x"}]
    with pytest.raises(BadRequest):
        applied(EMPTY, wanted)
