"""Bodies are fit to their types as Go's decoder would fit them."""

from typing import Any

import pytest
from tests.harness.apiserver import schemas

from armillary.engine.apiserver.schema.fit import Unfit, fit

POD, DEPLOYMENT = "io.k8s.api.core.v1.Pod", "io.k8s.api.apps.v1.Deployment"
SECRET, LEASE = "io.k8s.api.core.v1.Secret", "io.k8s.api.coordination.v1.Lease"


def container(**fields: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "c"} | fields]}}


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        (POD, {"metadata": {"creationTimestamp": None, "name": "a"}}, {"metadata": {"name": "a"}}),
        (POD, {"spec": {"containers": [None]}}, {"spec": {"containers": [{}]}}),
        (POD, {"metadata": {"labels": {"a": None}}}, {"metadata": {"labels": {"a": ""}}}),
        (POD, {"metadata": {"finalizers": [None]}}, {"metadata": {"finalizers": [""]}}),
        (
            POD,
            container(resources={"limits": {"cpu": 0.5, "memory": "1024Mi"}}),
            container(resources={"limits": {"cpu": "500m", "memory": "1Gi"}}),
        ),
        (
            POD,
            {"status": {"startTime": "2026-01-01T02:00:00+02:00"}},
            {"status": {"startTime": "2026-01-01T00:00:00Z"}},
        ),
        (
            LEASE,
            {"spec": {"renewTime": "2026-01-01T00:00:00.5Z"}},
            {"spec": {"renewTime": "2026-01-01T00:00:00.500000Z"}},
        ),
        (SECRET, {"data": {"a": "YQ=\n="}}, {"data": {"a": "YQ=="}}),
        (POD, container(ports=[{"containerPort": 80}]), container(ports=[{"containerPort": 80}])),
    ],
)
def test_values_get_their_one_form(kind: str, sent: dict[str, Any], kept: dict[str, Any]) -> None:
    found = fit(sent, schemas().node(kind))
    assert sent == kept
    assert not found.unknown


@pytest.mark.parametrize(
    ("kind", "sent", "fault"),
    [
        (
            DEPLOYMENT,
            {"spec": {"replicas": "3"}},
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            DEPLOYMENT,
            {"spec": {"replicas": 3.5}},
            "json: cannot unmarshal number 3.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            DEPLOYMENT,
            {"spec": {"replicas": 1 << 31}},
            "json: cannot unmarshal number 2147483648 into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            DEPLOYMENT,
            {"spec": {"replicas": True}},
            "json: cannot unmarshal bool into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            POD,
            container(image=1),
            "json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string",
        ),
        (
            POD,
            {"metadata": {"labels": {"a": 1}}},
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
        ),
        (
            POD,
            {"spec": {"containers": {}}},
            "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
        ),
        (POD, {"spec": []}, "json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec"),
        (
            POD,
            container(resources={"limits": {"cpu": "a lot"}}),
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (POD, container(resources={"limits": {"cpu": "1e99"}}), "unable to parse quantity's suffix"),
        (
            POD,
            {"status": {"startTime": "today"}},
            'parsing time "today" as "2006-01-02T15:04:05Z07:00": cannot parse "today" as "2006"',
        ),
        (SECRET, {"data": {"a": "a!"}}, "illegal base64 data at input byte 1"),
        (
            POD,
            container(livenessProbe={"httpGet": {"port": 1.5}}),
            "json: cannot unmarshal number 1.5 into Go value of type int32",
        ),
    ],
)
def test_a_wrong_type_is_told_as_go_tells_it(kind: str, sent: dict[str, Any], fault: str) -> None:
    with pytest.raises(Unfit) as caught:
        fit(sent, schemas().node(kind))
    assert str(caught.value) == fault


def test_unknown_fields_go_and_are_told() -> None:
    sent = container(imag="x") | {"extra": {}}
    found = fit(sent, schemas().node(POD))
    assert sent == container()
    assert found.faults() == ['unknown field "spec.containers[0].imag"', 'unknown field "extra"']


def test_at_most_a_hundred_unknown_fields_are_told() -> None:
    found = fit({f"x{i}": 1 for i in range(300)}, schemas().node(POD))
    assert len(found.faults()) == 100
