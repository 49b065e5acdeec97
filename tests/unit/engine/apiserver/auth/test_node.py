"""A node's agent reads what its own pods name, and nothing of others."""

import pytest
from tests.fakes.apiserver import FakeObjects
from tests.unit.engine.apiserver.auth.test_rbac import asked

from armillary.engine.apiserver.auth.node import NodeAuthorizer
from armillary.engine.apiserver.ports import User
from armillary.engine.kinds.resource import Json

NODE = User("system:node:one", ("system:nodes",))
SPEC: Json = {
    "nodeName": "one",
    "serviceAccountName": "bot",
    "imagePullSecrets": [{"name": "pull"}],
    "containers": [
        {
            "name": "c",
            "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "env", "key": "k"}}}],
            "envFrom": [{"configMapRef": {"name": "settings"}}],
        }
    ],
    "volumes": [
        {"name": "a", "secret": {"secretName": "mounted"}},
        {"name": "b", "projected": {"sources": [{"configMap": {"name": "ca"}}, {"secret": {"name": "part"}}]}},
        {"name": "d", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "e", "ephemeral": {}},
    ],
}


def authorizer() -> NodeAuthorizer:
    objects = FakeObjects()
    objects.put("pods", {"metadata": {"name": "p"}, "spec": SPEC}, namespace="ns")
    other = {"nodeName": "two", "containers": [], "imagePullSecrets": [{"name": "theirs"}]}
    objects.put("pods", {"metadata": {"name": "q"}, "spec": other}, namespace="ns")
    objects.put("persistentvolumeclaims", {"metadata": {"name": "data"}, "spec": {"volumeName": "pv"}}, namespace="ns")
    return NodeAuthorizer(objects)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        *((f"get secrets {name} @ns", None) for name in ("pull", "env", "mounted", "part")),
        ("watch secrets pull @ns", None),
        ("get configmaps settings @ns", None),
        ("get configmaps ca @ns", None),
        ("get persistentvolumeclaims data @ns", None),
        ("get persistentvolumeclaims p-e @ns", None),
        ("patch persistentvolumeclaims/status data @ns", None),
        ("get persistentvolumes pv", None),
        ("create serviceaccounts/token bot @ns", None),
        ("get serviceaccounts bot @ns", None),
        ("update leases.coordination.k8s.io one @kube-node-lease", None),
        ("create leases.coordination.k8s.io @kube-node-lease", None),
        ("list pods", None),
        ("patch pods/status q @ns", None),
        ("patch nodes/status one", None),
        ("create events @ns", None),
        ("get secrets theirs @ns", "no relationship found between node 'one' and this object"),
        ("get secrets pull @other", "no relationship found between node 'one' and this object"),
        ("list secrets", "can only read namespaced object of this type"),
        ("list secrets @ns", "No Object name found"),
        ("update secrets pull @ns", "can only read resources of this type"),
        ("list persistentvolumes", "can only get individual resources of this type"),
        ("create serviceaccounts/token other @ns", "no relationship found between node 'one' and this object"),
        ("delete serviceaccounts bot @ns", "can only create tokens for individual service accounts"),
        ("get leases.coordination.k8s.io two @kube-node-lease",
         "can only access node lease with the same name as the requesting node"),
        ("get leases.coordination.k8s.io one @ns", 'can only access leases in the "kube-node-lease" system namespace'),
        ("delete namespaces ns", ""),
        ("get /metrics", ""),
    ],
)  # fmt: skip
def test_nodes(question: str, reason: str | None) -> None:
    verdict = authorizer().authorize(asked(question, NODE))
    assert (verdict.allowed, verdict.reason) == (reason is None, reason or "")


def test_others_are_none_of_its_business() -> None:
    for user in (User("system:node:one"), User("alice", ("system:nodes",))):
        assert not authorizer().authorize(asked("list pods", user)).allowed
