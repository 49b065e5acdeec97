"""Nobody gives what he does not hold, by whatever verb; and what reviews say to whoever is impersonated."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.harness.server import running_server

from armillary.base.errors import ApiError, Denied, Invalid, NotFound
from armillary.kube.client import Client
from armillary.kube.transport.impersonating import Impersonating

ANN, RBAC = "armillary:ann", "rbac.authorization.k8s.io"
ROOT = f"/apis/{RBAC}/v1"
ROLES, BINDINGS = f"{ROOT}/namespaces/default/roles", f"{ROOT}/namespaces/default/rolebindings"
REVIEWS = "/apis/authorization.k8s.io/v1"

Rule = dict[str, list[str]]


def rule(verbs: str, resources: str, group: str = "", names: str = "") -> Rule:
    made = {"verbs": verbs.split(), "resources": resources.split(), "apiGroups": [group]}
    return made | ({"resourceNames": names.split()} if names else {})


WRITES = rule("get create update patch", "roles rolebindings", RBAC)
HELD = (
    WRITES,
    rule("administer", "projects", "tenancy.armillary.io"),
    rule("get", "pods/log"),
    rule("get", "configmaps", names="one"),
)


def role(name: str, *rules: Rule, kind: str = "Role", **meta: Any) -> dict[str, Any]:
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": {"name": name, **meta}, "rules": list(rules)}


def binding(name: str, role: str, subject: str, kind: str = "Role", subject_kind: str = "User") -> dict[str, Any]:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": role},
        "subjects": [{"apiGroup": RBAC, "kind": subject_kind, "name": subject}],
    }


async def send(client: Client, method: str, path: str, body: Any, **query: str) -> dict[str, Any]:
    answer = await client.call(method, path, query=query, body=orjson.dumps(body))
    found: dict[str, Any] = orjson.loads(answer.body)
    return found


def named(client: Client, *groups: str) -> Client:
    return Client(Impersonating(client.transport, ANN, groups))


@pytest.fixture
async def admin(tmp_path: Path) -> AsyncIterator[Client]:
    async with running_server(tmp_path, alone=True) as server:
        client = server.admin()
        await send(client, "POST", ROLES, role("hers", *HELD))
        await send(client, "POST", BINDINGS, binding("hers", "hers", ANN))
        yield client


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        (rule("administer", "projects", "tenancy.armillary.io"), ""),
        (rule("view-all", "projects", "tenancy.armillary.io"),
         '{APIGroups:["tenancy.armillary.io"], Resources:["projects"], Verbs:["view-all"]}'),
        (rule("get", "configmaps", names="one"), ""),
        (rule("get", "configmaps", names="one two"),
         '{APIGroups:[""], Resources:["configmaps"], ResourceNames:["two"], Verbs:["get"]}'),
        (rule("get", "configmaps"), '{APIGroups:[""], Resources:["configmaps"], Verbs:["get"]}'),
        (rule("get", "pods/log"), ""),
        (rule("get", "pods"), '{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'),
        (rule("get", "*/log"), '{APIGroups:[""], Resources:["*/log"], Verbs:["get"]}'),
        (rule("*", "*", "*"), '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}'),
    ],
)  # fmt: skip
async def test_a_role_gives_what_its_writer_holds(admin: Client, given: Rule, lacking: str) -> None:
    if not lacking:
        await send(named(admin), "POST", ROLES, role("new", given))
        return
    why = f'user "{ANN}" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:'
    with pytest.raises(Denied) as refused:
        await send(named(admin), "POST", ROLES, role("new", given))
    assert refused.value.message == f'roles.{RBAC} "new" is forbidden: {why}\n{lacking}'


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("POST", ROLES, {"dryRun": "All"}),
        ("PUT", f"{ROLES}/new", {}),
        ("PUT", f"{ROLES}/hers", {}),
    ],
)
async def test_no_way_to_write_a_role_goes_around_it(
    admin: Client, method: str, path: str, query: dict[str, str]
) -> None:
    strong = role("new" if "hers" not in path else "hers", rule("get", "secrets"))
    with pytest.raises(Denied, match="not currently held"):
        await send(named(admin), method, path, strong, **query)


@pytest.mark.parametrize("form", ["merge-patch+json", "apply-patch+yaml", "json-patch+json"])
async def test_no_patch_goes_around_it(admin: Client, form: str) -> None:
    strong: Any = role("hers", rule("get", "secrets"))
    if form == "json-patch+json":
        strong = [{"op": "replace", "path": "/rules", "value": strong["rules"]}]
    answer = await named(admin).transport.request(
        "PATCH",
        f"{ROLES}/hers",
        query={"fieldManager": "me", "force": "true"} if form.startswith("apply") else {},
        body=orjson.dumps(strong),
        headers={"content-type": f"application/{form}"},
    )
    assert answer.status == 403
    assert b"not currently held" in answer.body


@pytest.mark.parametrize(
    ("target", "kind", "refusal"),
    [("hers", "Role", None), ("strong", "Role", Denied), ("view", "ClusterRole", Denied), ("none", "Role", NotFound)],
)
async def test_who_binds_a_role_holds_it(admin: Client, target: str, kind: str, refusal: type[ApiError] | None) -> None:
    await send(admin, "POST", ROLES, role("strong", rule("get", "secrets")))
    made = binding("new", target, "armillary:bob", kind)
    if refusal is None:
        await send(named(admin), "POST", BINDINGS, made)
        return
    with pytest.raises(refusal):
        await send(named(admin), "POST", BINDINGS, made)


async def test_escalate_and_bind_make_exceptions_by_name_and_group(admin: Client) -> None:
    exceptions = (rule("escalate", "roles", RBAC, "special"), rule("bind", "clusterroles", RBAC, "view"))
    await send(admin, "POST", ROLES, role("exceptions", *exceptions))
    await send(admin, "POST", BINDINGS, binding("ops", "exceptions", "armillary:ops", subject_kind="Group"))
    ann, strong = named(admin, "armillary:qa", "armillary:ops"), rule("get", "secrets")
    await send(ann, "PUT", f"{ROLES}/special", role("special", strong))
    for method, path, name in (("PUT", f"{ROLES}/other", "other"), ("POST", ROLES, "special")):
        with pytest.raises(Denied):  # a POST's path names nothing, so that a rule about a name is not about it
            await send(ann, method, path, role(name, strong))
    await send(ann, "POST", BINDINGS, binding("view", "view", "armillary:bob", "ClusterRole"))
    with pytest.raises(Denied):
        await send(ann, "POST", BINDINGS, binding("edit", "edit", "armillary:bob", "ClusterRole"))


async def test_masters_may_give_everything_and_a_bindings_role_stays(admin: Client) -> None:
    await send(named(admin, "system:masters"), "POST", ROLES, role("strong", rule("*", "*", "*")))
    with pytest.raises(Invalid, match="cannot change roleRef"):
        await send(admin, "PUT", f"{BINDINGS}/hers", binding("hers", "strong", ANN))


async def allowed(client: Client, groups: Sequence[str], **asked: str) -> tuple[bool, ...]:
    """What three kinds of reviews say: asked in her name, about her, and about her in a namespace."""
    spec = {"resourceAttributes": {"namespace": "default", **asked}}
    about = {**spec, "user": ANN, "groups": list(groups)}
    own = await send(named(client, *groups), "POST", f"{REVIEWS}/selfsubjectaccessreviews", {"spec": spec})
    other = await send(client, "POST", f"{REVIEWS}/subjectaccessreviews", {"spec": about})
    local = f"{REVIEWS}/namespaces/default/localsubjectaccessreviews"
    there = await send(client, "POST", local, {"metadata": {"namespace": "default"}, "spec": about})
    return tuple(review["status"]["allowed"] for review in (own, other, there))


@pytest.mark.parametrize(
    ("asked", "may"),
    [
        ({"verb": "administer", "group": "tenancy.armillary.io", "resource": "projects"}, True),
        ({"verb": "operate", "group": "tenancy.armillary.io", "resource": "projects"}, False),
        ({"verb": "get", "resource": "pods", "subresource": "log"}, True),
        ({"verb": "get", "resource": "pods"}, False),
        ({"verb": "get", "resource": "configmaps", "name": "one"}, True),
        ({"verb": "get", "resource": "configmaps", "name": "two"}, False),
        ({"verb": "get", "resource": "configmaps"}, False),
        ({"verb": "play", "group": "example.com", "resource": "toys"}, True),
    ],
)
async def test_reviews_agree_about_whom_they_are_asked(admin: Client, asked: dict[str, str], may: bool) -> None:
    selected = {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"part": "yes"}}]}}
    await send(admin, "POST", f"{ROOT}/clusterroles", role("whole", kind="ClusterRole") | selected)
    part = role("part", rule("play", "toys", "example.com"), kind="ClusterRole", labels={"part": "yes"})
    await send(admin, "POST", f"{ROOT}/clusterroles", part)
    await send(admin, "POST", BINDINGS, binding("qa", "whole", "armillary:qa", "ClusterRole", "Group"))
    assert await allowed(admin, ["armillary:qa"], **asked) == (may,) * 3


async def test_rules_reviewed_are_those_of_whoever_is_impersonated(admin: Client) -> None:
    review = await send(named(admin), "POST", f"{REVIEWS}/selfsubjectrulesreviews", {"spec": {"namespace": "default"}})
    assert all(given in review["status"]["resourceRules"] for given in HELD)
    assert {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]} not in review["status"]["resourceRules"]


async def test_whoever_is_impersonated_is_told_so(admin: Client) -> None:
    headers = {
        "Impersonate-User": ANN,
        "Impersonate-Group": "armillary:ops",
        "Impersonate-Uid": "u-1",
        "Impersonate-Extra-Scopes": "dev",
    }
    path, sent = "/apis/authentication.k8s.io/v1/selfsubjectreviews", {"content-type": "application/json", **headers}
    answer = await admin.transport.request("POST", path, query={}, body=b"{}", headers=sent)
    assert orjson.loads(answer.body)["status"]["userInfo"] == {
        "username": ANN,
        "uid": "u-1",
        "groups": ["armillary:ops", "system:authenticated"],
        "extra": {"scopes": ["dev"]},
    }
