"""Questions about identity and access are answered, and nothing is stored."""

from typing import Any

import orjson
import pytest
from tests.fakes.apiserver import ALICE, FakeVerbs, call
from tests.unit.engine.apiserver.auth.test_authenticate import ISSUER, Server

from armillary.base.errors import BadRequest, Invalid
from armillary.base.pki_files import Pki
from armillary.engine.apiserver.auth.authorizers import Union
from armillary.engine.apiserver.auth.rbac import Rbac
from armillary.engine.apiserver.auth.rbac_defaults import rules_of_text
from armillary.engine.apiserver.ports import Answer, User
from armillary.engine.apiserver.subresources.reviews import review_handlers
from armillary.engine.kinds.resource import Json

NODE = User("system:node:one", ("system:nodes",))


@pytest.fixture
def server(pki: Pki) -> Server:
    server = Server(pki)
    rules = rules_of_text("get core pods\nget /healthz\nlist core secrets s")
    server.objects.put("clusterroles", {"metadata": {"name": "r"}, "rules": rules})
    subjects = [{"kind": "User", "name": "alice"}, {"kind": "Group", "name": "devs"}]
    binding = {"metadata": {"name": "b"}, "roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": subjects}
    server.objects.put("clusterrolebindings", binding)
    return server


async def review(server: Server, kind: str, body: Json, *, user: User = ALICE, namespace: str = "") -> dict[str, Any]:
    rbac = Rbac(server.objects)
    handlers = review_handlers(server.authenticator, Union([rbac]), rbac, server.clock)
    group = "authentication" if kind in ("TokenReview", "SelfSubjectReview") else "authorization"
    handler = handlers[f"{kind.lower()}s.{group}.k8s.io", ""]
    asked = call(FakeVerbs(server.objects), f"{kind.lower()}s", user=user, namespace=namespace, body=orjson.dumps(body))
    answer = await handler(asked)
    assert isinstance(answer, Answer)
    assert isinstance(answer.body, dict)
    assert answer.status == 201
    assert answer.body["kind"] == kind
    return answer.body


PODS: Json = {"resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "ns"}}
REASON = 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to '


@pytest.mark.parametrize(
    ("kind", "spec", "status"),
    [
        ("SelfSubjectAccessReview", PODS, {"allowed": True, "reason": f'{REASON}User "alice"'}),
        ("SelfSubjectAccessReview", {"nonResourceAttributes": {"verb": "get", "path": "/healthz"}},
         {"allowed": True, "reason": f'{REASON}User "alice"'}),
        ("SelfSubjectAccessReview", {"resourceAttributes": {"verb": "delete", "resource": "pods"}}, {"allowed": False}),
        ("SubjectAccessReview", {**PODS, "user": "bob", "groups": ["devs"]},
         {"allowed": True, "reason": f'{REASON}Group "devs"'}),
        ("SubjectAccessReview", {**PODS, "user": "bob"}, {"allowed": False}),
        ("LocalSubjectAccessReview", {**PODS, "user": "alice"}, {"allowed": True, "reason": f'{REASON}User "alice"'}),
    ],
)  # fmt: skip
async def test_access(server: Server, kind: str, spec: Json, status: Json) -> None:
    namespace = "ns" if kind.startswith("Local") else ""
    assert (await review(server, kind, {"spec": spec}, namespace=namespace))["status"] == status


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("SelfSubjectAccessReview", {"spec": {}}, "exactly one of nonResourceAttributes or resourceAttributes"),
        ("SubjectAccessReview", {"spec": PODS}, "at least one of user or group must be specified"),
        ("SelfSubjectAccessReview", {"spec": PODS, "metadata": {"name": "x"}}, "must be empty"),
        ("SelfSubjectAccessReview", {"spec": {**PODS, "nonResourceAttributes": {"path": "/"}}}, "in combination with"),
        ("LocalSubjectAccessReview", {"spec": {**PODS, "user": "a"}, "metadata": {"namespace": "other"}}, "must match"),
        ("SelfSubjectRulesReview", {"spec": {}}, "no namespace on request"),
        ("TokenReview", {"spec": {}}, "token is required for TokenReview in authentication"),
    ],
)
async def test_refused(server: Server, kind: str, body: Json, why: str) -> None:
    namespace = "elsewhere" if kind.startswith("Local") else ""
    with pytest.raises((Invalid, BadRequest)) as refused:
        await review(server, kind, body, namespace=namespace)
    assert why in refused.value.message


async def test_rules(server: Server) -> None:
    status = (await review(server, "SelfSubjectRulesReview", {"spec": {"namespace": "ns"}}))["status"]
    assert status == {
        "resourceRules": [
            {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]},
            {"verbs": ["list"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["s"]},
        ],
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}],
        "incomplete": False,
    }
    node = (await review(server, "SelfSubjectRulesReview", {"spec": {"namespace": "ns"}}, user=NODE))["status"]
    assert node["incomplete"] is True


async def test_tokens(server: Server) -> None:
    status = (await review(server, "TokenReview", {"spec": {"token": server.token()}}))["status"]
    assert status["authenticated"] is True
    assert status["user"]["username"] == "system:serviceaccount:ns:bot"
    assert status["audiences"] == [ISSUER]
    refused = (await review(server, "TokenReview", {"spec": {"token": "x"}}))["status"]
    assert refused == {"user": {}, "error": "invalid bearer token"}
    other = (await review(server, "TokenReview", {"spec": {"token": server.token(), "audiences": ["v"]}}))["status"]
    assert other["error"].startswith("[invalid bearer token, token audiences")


async def test_who_am_i(server: Server) -> None:
    found = await review(server, "SelfSubjectReview", {})
    assert found["status"]["userInfo"] == {"username": "alice", "groups": ["system:authenticated"]}
