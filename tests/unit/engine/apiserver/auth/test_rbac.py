"""Roles and bindings allow what they say, for the reason they say, as soon as they are written."""

import pytest
from tests.fakes.apiserver import FakeObjects

from armillary.base.errors import NotFound
from armillary.engine.apiserver.auth.authorizers import Union
from armillary.engine.apiserver.auth.rbac import Rbac
from armillary.engine.apiserver.auth.rbac_defaults import default_rbac, rules_of_text
from armillary.engine.apiserver.ports import Attributes, User
from armillary.engine.kinds.resource import Json

ALICE = User("alice", ("devs", "system:authenticated"))
BOT = User("system:serviceaccount:ns:bot", ("system:serviceaccounts", "system:serviceaccounts:ns"))


def role(rules: str, name: str = "r", **more: object) -> Json:
    return {"metadata": {"name": name}, "rules": rules_of_text(rules), **more}


def binding(subject: str, kind: str = "ClusterRole", role: str = "r", name: str = "b") -> Json:
    sort, _, who = subject.partition(" ")
    namespace, _, who = who.rpartition("/")
    found = {"kind": sort, "name": who} | ({"namespace": namespace} if namespace else {})
    return {"metadata": {"name": name}, "roleRef": {"kind": kind, "name": role}, "subjects": [found]}


def rbac(rules: str, subject: str = "User alice", *, namespace: str = "", local_role: bool = False) -> Rbac:
    objects = FakeObjects()
    objects.put("roles" if local_role else "clusterroles", role(rules), namespace="ns" if local_role else "")
    kind = "Role" if local_role else "ClusterRole"
    objects.put("rolebindings" if namespace else "clusterrolebindings", binding(subject, kind), namespace=namespace)
    return Rbac(objects)


def asked(text: str, user: User = ALICE) -> Attributes:
    """`verb resource.group/sub name @namespace`, or `verb /path`."""
    verb, what, *rest = text.split()
    if what.startswith("/"):
        return Attributes(user, verb, path=what)
    namespace = next((word[1:] for word in rest if word.startswith("@")), "")
    name = next((word for word in rest if not word.startswith("@")), "")
    full, _, subresource = what.partition("/")
    plural, _, group = full.partition(".")
    return Attributes(user, verb, group, "v1", plural, subresource, namespace, name)


@pytest.mark.parametrize(
    ("rules", "question", "allowed"),
    [
        ("get core pods", "get pods x @ns", True),
        ("get core pods", "list pods @ns", False),
        ("get core pods", "get pods/log x @ns", False),
        ("get core pods", "get pods.apps x @ns", False),
        ("get core pods/log", "get pods/log x @ns", True),
        ("get core pods/log", "get pods x @ns", False),
        ("* * *", "escalate roles.rbac.authorization.k8s.io x", True),
        ("get core *", "get pods/log x", True),
        ("update * */scale", "update deployments.apps/scale x", True),
        ("update * */scale", "update deployments.apps/status x", False),
        ("update * */scale", "update deployments.apps x", False),
        ("get core pods a,b", "get pods b", True),
        ("get core pods a,b", "get pods c", False),
        ("list core pods a", "list pods", False),
        ("get core pods a\nget core pods", "get pods c", True),
        ("get /healthz,/api/*", "get /healthz", True),
        ("get /healthz,/api/*", "get /api/v1", True),
        ("get /healthz,/api/*", "get /apis", False),
        ("get /healthz,/api/*", "post /healthz", False),
        ("* *", "get /anything", True),
        ("get core pods", "get /api", False),
    ],
)
def test_rules(rules: str, question: str, allowed: bool) -> None:
    assert rbac(rules).authorize(asked(question)).allowed is allowed


@pytest.mark.parametrize(
    ("subject", "user", "allowed"),
    [
        ("User alice", ALICE, True),
        ("User bob", ALICE, False),
        ("Group devs", ALICE, True),
        ("Group alice", ALICE, False),
        ("ServiceAccount ns/bot", BOT, True),
        ("ServiceAccount other/bot", BOT, False),
        ("User system:serviceaccount:ns:bot", BOT, True),
        ("Group system:serviceaccounts:ns", BOT, True),
    ],
)
def test_subjects(subject: str, user: User, allowed: bool) -> None:
    assert rbac("get core pods", subject).authorize(asked("get pods x @ns", user)).allowed is allowed


def test_a_role_binding_counts_in_its_namespace_only() -> None:
    found = rbac("get core pods,nodes", namespace="ns")
    assert found.authorize(asked("get pods x @ns")).allowed
    assert not found.authorize(asked("get pods x @other")).allowed
    assert not found.authorize(asked("get nodes x")).allowed


def test_a_service_account_without_namespace_is_that_of_the_binding() -> None:
    found = rbac("get core pods", "ServiceAccount bot", namespace="ns")
    assert found.authorize(asked("get pods x @ns", BOT)).allowed


@pytest.mark.parametrize(
    ("subject", "user", "namespace", "local", "reason"),
    [
        ("User alice", ALICE, "", False, 'ClusterRoleBinding "b" of ClusterRole "r" to User "alice"'),
        ("Group devs", ALICE, "ns", False, 'RoleBinding "b/ns" of ClusterRole "r" to Group "devs"'),
        ("ServiceAccount ns/bot", BOT, "ns", True, 'RoleBinding "b/ns" of Role "r" to ServiceAccount "bot/ns"'),
    ],
)
def test_reasons(subject: str, user: User, namespace: str, local: bool, reason: str) -> None:
    found = rbac("get core pods", subject, namespace=namespace, local_role=local)
    assert found.authorize(asked("get pods x @ns", user)).reason == f"RBAC: allowed by {reason}"


def test_a_missing_role_is_named() -> None:
    objects = FakeObjects()
    objects.put("clusterrolebindings", binding("User alice"))
    verdict = Rbac(objects).authorize(asked("get pods x"))
    assert verdict.reason == 'RBAC: clusterrole.rbac.authorization.k8s.io "r" not found'
    with pytest.raises(NotFound, match=r'clusterroles.rbac.authorization.k8s.io "gone" not found'):
        Rbac(objects).rules_of_reference({"kind": "ClusterRole", "name": "gone"}, "")


def test_what_is_written_counts_at_once() -> None:
    found = rbac("get core pods")
    question, resource = asked("delete pods x @ns"), "clusterroles.rbac.authorization.k8s.io"
    bindings = "clusterrolebindings.rbac.authorization.k8s.io"
    assert not found.authorize(question).allowed
    found.observe(resource, "", "r", role("delete core pods"))
    assert found.authorize(question).allowed
    found.observe(bindings, "", "b", binding("User bob"))
    assert not found.authorize(question).allowed
    found.observe(bindings, "", "b", binding("Group devs"))
    assert found.authorize(question).allowed
    found.observe(bindings, "", "b", None)
    assert not found.authorize(question).allowed


def test_aggregated_roles_take_in_what_their_selector_finds() -> None:
    objects = FakeObjects()
    selector = {"clusterRoleSelectors": [{"matchLabels": {"into": "r"}}]}
    objects.put("clusterroles", {**role("", aggregationRule=selector), "rules": []})
    objects.put("clusterrolebindings", binding("User alice"))
    found = Rbac(objects)
    assert not found.authorize(asked("get things.example.com x")).allowed
    part = role("get example.com things", "part")
    part["metadata"]["labels"] = {"into": "r"}
    found.observe("clusterroles.rbac.authorization.k8s.io", "", "part", part)
    assert found.authorize(asked("get things.example.com x")).allowed


def with_defaults() -> Union:
    objects = FakeObjects()
    for obj in default_rbac():
        plural = f"{obj['kind'].lower()}s"
        objects.put(plural, obj, namespace=obj["metadata"].get("namespace", ""))
    for name, bound in (("admin", "ada"), ("edit", "ed"), ("view", "vi")):
        objects.put("rolebindings", binding(f"User {bound}", role=name, name=name), namespace="ns")
    return Union([Rbac(objects)])


@pytest.mark.parametrize(
    ("user", "groups", "question", "allowed"),
    [
        ("root", ("system:masters",), "delete nodes n", True),
        ("ada", (), "create rolebindings.rbac.authorization.k8s.io @ns", True),
        ("ada", (), "create deployments.apps @ns", True),
        ("ada", (), "get pods.metrics.k8s.io @ns", True),
        ("ada", (), "create deployments.apps @other", False),
        ("ed", (), "get secrets x @ns", True),
        ("ed", (), "create rolebindings.rbac.authorization.k8s.io @ns", False),
        ("vi", (), "get pods/log x @ns", True),
        ("vi", (), "get secrets x @ns", False),
        ("vi", (), "delete pods x @ns", False),
        ("anyone", ("system:authenticated",), "create selfsubjectaccessreviews.authorization.k8s.io", True),
        ("anyone", ("system:authenticated",), "get /apis/apps", True),
        ("anyone", ("system:authenticated",), "get /metrics", False),
        ("system:anonymous", ("system:unauthenticated",), "get /livez", True),
        ("system:anonymous", ("system:unauthenticated",), "get /api", False),
        ("system:kube-scheduler", (), "create pods/binding x @ns", True),
        ("system:kube-scheduler", (), "create deployments.apps @ns", False),
        ("system:kube-controller-manager", (), "create replicasets.apps @ns", True),
        ("system:kube-controller-manager", (), "delete things.example.com x @ns", True),
        ("system:kube-controller-manager", (), "create persistentvolumes", True),
        ("system:kube-controller-manager", (), "create clusterrolebindings.rbac.authorization.k8s.io", False),
        ("system:node:one", ("system:nodes",), "watch endpointslices.discovery.k8s.io", True),
    ],
)
def test_every_cluster_begins_with(user: str, groups: tuple[str, ...], question: str, allowed: bool) -> None:
    assert with_defaults().authorize(asked(question, User(user, groups))).allowed is allowed
