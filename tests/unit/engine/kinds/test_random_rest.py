"""Whatever is sent in the right shape is answered, for every kind outside of the core group."""

import copy
from typing import Any

import kubernetes.client
import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.engine.kinds.shapes import objects
from tests.unit.engine.kinds.test_random_core import exercise

from armillary.engine.kinds.job import JOBS
from armillary.engine.kinds.registry import BUILT_IN
from armillary.engine.kinds.resource import Resource

KINDS = [r for r in BUILT_IN if r.group not in ("", "events.k8s.io", "metrics.k8s.io")]


def model_of(resource: Resource) -> str:
    return f"{resource.version.upper()}{resource.kind}"


@pytest.mark.parametrize("resource", KINDS, ids=lambda r: f"{r.name}-{r.version}")
def test_random_objects_are_answered(resource: Resource) -> None:
    shape = objects(model_of(resource))

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(shape, shape)
    def run(new: dict[str, Any], old: dict[str, Any]) -> None:
        exercise(resource, new, old)

    run()


def resource_of(plural: str) -> Resource:
    return next(r for r in KINDS if r.plural == plural)


PARTS = {
    "V1DeploymentSpec": ("deployments", lambda x: {"spec": x}),
    "V1StatefulSetSpec": ("statefulsets", lambda x: {"spec": x}),
    "V1DaemonSetSpec": ("daemonsets", lambda x: {"spec": x}),
    "V1JobSpec": ("jobs", lambda x: {"spec": x}),
    "V1PodFailurePolicyRule": (
        "jobs",
        lambda x: {"spec": {"podFailurePolicy": {"rules": [x]}, "completionMode": "Indexed", "completions": 3}},
    ),
    "V1SuccessPolicyRule": (
        "jobs",
        lambda x: {"spec": {"successPolicy": {"rules": [x]}, "completionMode": "Indexed", "completions": 3}},
    ),
    "V1JobStatus": ("jobs", lambda x: {"spec": {"completionMode": "Indexed", "completions": 3}, "status": x}),
    "V1CronJobSpec": ("cronjobs", lambda x: {"spec": x}),
    "V2MetricSpec": ("horizontalpodautoscalers", lambda x: {"spec": {"metrics": [x, x]}}),
    "V2MetricStatus": ("horizontalpodautoscalers", lambda x: {"status": {"currentMetrics": [x]}}),
    "V2HPAScalingRules": ("horizontalpodautoscalers", lambda x: {"spec": {"behavior": {"scaleUp": x}}}),
    "V1IngressRule": ("ingresses", lambda x: {"spec": {"rules": [x, x]}}),
    "V1HTTPIngressPath": ("ingresses", lambda x: {"spec": {"rules": [{"http": {"paths": [x]}}]}}),
    "V1NetworkPolicyIngressRule": ("networkpolicies", lambda x: {"spec": {"ingress": [x]}}),
    "V1NetworkPolicyPort": ("networkpolicies", lambda x: {"spec": {"egress": [{"ports": [x]}]}}),
    "V1Endpoint": ("endpointslices", lambda x: {"addressType": "IPv4", "endpoints": [x, x]}),
    "V1TopologySelectorTerm": ("storageclasses", lambda x: {"allowedTopologies": [x, x]}),
    "V1CSINodeDriver": ("csinodes", lambda x: {"spec": {"drivers": [x, x]}}),
    "V1PolicyRule": ("clusterroles", lambda x: {"rules": [x]}),
    "RbacV1Subject": ("clusterrolebindings", lambda x: {"subjects": [x]}),
    "V1CertificateSigningRequestStatus": ("certificatesigningrequests", lambda x: {"status": x}),
    "V1MutatingWebhook": ("mutatingwebhookconfigurations", lambda x: {"webhooks": [x, x]}),
    "V1RuleWithOperations": ("mutatingwebhookconfigurations", lambda x: {"webhooks": [{"rules": [x]}]}),
    "V1MatchResources": ("validatingadmissionpolicies", lambda x: {"spec": {"matchConstraints": x}}),
    "V1Validation": ("validatingadmissionpolicies", lambda x: {"spec": {"validations": [x]}}),
    "V1ParamRef": ("validatingadmissionpolicybindings", lambda x: {"spec": {"paramRef": x}}),
    "V1ResourceAttributes": ("subjectaccessreviews", lambda x: {"spec": {"resourceAttributes": x}}),
    "V1CustomResourceDefinitionVersion": ("customresourcedefinitions", lambda x: {"spec": {"versions": [x, x]}}),
    "V1JSONSchemaProps": (
        "customresourcedefinitions",
        lambda x: {"spec": {"versions": [{"name": "v1", "schema": {"openAPIV3Schema": x}}]}},
    ),
    "V1CustomResourceConversion": ("customresourcedefinitions", lambda x: {"spec": {"conversion": x}}),
}


@pytest.mark.parametrize("model", [name for name in PARTS if hasattr(kubernetes.client, name)])
def test_random_parts_are_answered(model: str) -> None:
    plural, wrap = PARTS[model]
    resource, shape = resource_of(plural), objects(model).map(wrap)

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(shape, shape)
    def run(new: dict[str, Any], old: dict[str, Any]) -> None:
        exercise(resource, copy.deepcopy(new), copy.deepcopy(old))

    run()


def test_a_jobs_random_status_is_judged_against_any_other() -> None:
    shape = objects("V1JobStatus")

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(shape, shape)
    def run(new: dict[str, Any], old: dict[str, Any]) -> None:
        spec = {"completions": 5, "completionMode": "Indexed", "backoffLimitPerIndex": 1}
        assert JOBS.validate_status is not None
        JOBS.validate_status({"spec": spec, "status": new}, {"spec": spec, "status": old})

    run()
