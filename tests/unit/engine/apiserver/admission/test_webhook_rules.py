"""Which requests a webhook's rules are about."""

import pytest

from armillary.engine.apiserver.admission.webhooks.hooks import compiled
from armillary.engine.apiserver.ports import AdmissionRequest, Operation, User
from armillary.engine.kinds.registry import BUILT_IN
from armillary.engine.kinds.resource import Json

BY_NAME = {resource.name: resource for resource in BUILT_IN}


def asked(resource: str, operation: Operation = Operation.CREATE, subresource: str = "") -> AdmissionRequest:
    found = BY_NAME[resource]
    namespace = "shop" if found.namespaced else ""
    return AdmissionRequest(User("ann"), operation, found, subresource, namespace, "x", {"metadata": {}}, None)


def rule(**more: object) -> Json:
    return {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"], **more}


@pytest.mark.parametrize(
    ("rule_", "request_", "wanted"),
    [
        (rule(), asked("pods"), True),
        (rule(), asked("pods", subresource="status"), False),
        (rule(resources=["*/*"]), asked("pods", subresource="status"), True),
        (rule(resources=["pods/*"]), asked("pods", subresource="status"), True),
        (rule(resources=["pods/status"]), asked("pods"), False),
        (rule(resources=["*/status"]), asked("deployments.apps", subresource="status"), True),
        (rule(resources=["services"]), asked("pods"), False),
        (rule(operations=["DELETE", "UPDATE"]), asked("pods"), False),
        (rule(operations=["DELETE", "UPDATE"]), asked("pods", Operation.DELETE), True),
        (rule(apiGroups=["apps"]), asked("pods"), False),
        (rule(apiGroups=["apps"]), asked("deployments.apps"), True),
        (rule(apiVersions=["v2"]), asked("deployments.apps"), False),
        (rule(scope="Cluster"), asked("pods"), False),
        (rule(scope="Cluster"), asked("nodes"), True),
        (rule(scope="Namespaced"), asked("nodes"), False),
    ],
)
def test_a_rule(rule_: Json, request_: AdmissionRequest, wanted: bool) -> None:
    hook = {"name": "h.example.com", "clientConfig": {"url": "https://h"}, "rules": [rule_]}
    (found,) = compiled([{"metadata": {"name": "c"}, "webhooks": [hook]}])
    assert (found.wants(request_, {}, ()) is not None) is wanted


def test_hooks_are_asked_in_order_of_their_configurations_names() -> None:
    def configuration(name: str, *hooks: str) -> Json:
        described = [{"name": hook, "clientConfig": {"url": "https://h"}} for hook in hooks]
        return {"metadata": {"name": name}, "webhooks": described}

    found = compiled([configuration("b", "b1"), configuration("a", "a2", "a1")])
    assert [hook.name for hook in found] == ["a2", "a1", "b1"]
