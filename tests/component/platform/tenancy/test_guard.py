"""What the guard refuses over the Kubernetes API itself, so for kubectl too, and what it lets through."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest
from tests.component.platform.tenancy.running import EVERYTHING, Tenancy, another_replica

from armillary.base.errors import ApiError, Conflict, Denied, Invalid
from armillary.kube.kinds.core import NAMESPACE, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE_BINDING,
    ROLE,
    ROLE_BINDING,
    PolicyRule,
    Role,
    RoleBinding,
    RoleRef,
    Subject,
)
from armillary.platform.capabilities.access.kinds import (
    BUILT_IN_LABEL,
    DEPARTMENT,
    DEPARTMENT_LABEL,
    LEVEL_LABEL,
    MEMBER_LABEL,
    Department,
    DepartmentSpec,
)
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.capabilities.tenancy.decide.holders import RBAC, user_subject
from armillary.platform.capabilities.tenancy.decide.workspace import membership
from armillary.platform.capabilities.tenancy.guard.configuration import PATH
from armillary.platform.capabilities.tenancy.kinds import (
    CASCADE_ANNOTATION,
    CLUSTER,
    GROUP,
    PROJECT,
    WORKSPACE,
    Project,
    ProjectSpec,
    ProjectStatus,
    Quota,
    Workspace,
    WorkspaceSpec,
)
from armillary.platform.frame.caller import kube_user

HOME = "workspace-team-a"
SPACE = "team-a-web"


async def put_up(tenancy: Tenancy) -> None:
    """ann's workspace with ben's project; pat is platform admin; eve is a stranger."""
    await tenancy.account("ann", "ben", "eve")
    await tenancy.platform_admin("pat")
    await tenancy.workspace("team-a", "ann")
    await tenancy.project("web", "team-a", "ben")

    async def inherited() -> Any:
        found = await tenancy.own.find(ROLE_BINDING, "workspace:admin", SPACE)
        edits = await tenancy.own.find(ROLE_BINDING, "project:web:update", HOME)
        return found and edits and len(edits.subjects) == 2

    await tenancy.until("rights have come down", inherited)


async def refused(work: Any, kind: type[ApiError] = Denied) -> str:
    with pytest.raises(kind) as caught:
        await work
    return " ".join([caught.value.message, *(c.field for c in caught.value.causes)])


def label(key: str, value: str | None) -> dict[str, Any]:
    return {"metadata": {"labels": {key: value}}}


async def test_cve_editable_guard_labels(tenancy: Tenancy) -> None:
    """A tenant with every right in their namespace can't move it elsewhere, loosen it, or take it out of quotas."""
    await put_up(tenancy)
    ben = tenancy.user("ben")
    for key, value in (
        (f"{GROUP}/workspace", "team-b"),
        (f"{GROUP}/workspace", None),
        (f"{GROUP}/project", "other"),
        (f"{GROUP}/quota", None),
        (f"{GROUP}/quota", "enforced"),
        ("pod-security.kubernetes.io/enforce", "privileged"),
        ("pod-security.kubernetes.io/enforce", None),
    ):
        work = ben.patch(NAMESPACE, SPACE, "", label(key, value))
        if (f"{GROUP}/quota", None) == (key, value):
            await work  # it has none: nothing is changed
            continue
        assert key in await refused(work)
    note = {"metadata": {"annotations": {f"{GROUP}/owner": "projects/team-b/web"}}}
    assert f"{GROUP}/owner" in await refused(ben.patch(NAMESPACE, SPACE, "", note))
    assert "projects/team-a/web" in await refused(ben.delete(NAMESPACE, SPACE))
    await ben.patch(NAMESPACE, SPACE, "", label("mine", "fine"))
    await tenancy.user("pat").patch(NAMESPACE, SPACE, "", label("pod-security.kubernetes.io/enforce", "baseline"))


async def test_cve_forged_namespace(tenancy: Tenancy) -> None:
    """Somebody who may make namespaces, and is no administrator, can't make one that counts as a project's."""
    await put_up(tenancy)
    from armillary.kube.kinds.rbac import CLUSTER_ROLE, ClusterRole, ClusterRoleBinding

    rule = PolicyRule(api_groups=("",), resources=("namespaces",), verbs=("*",))
    await tenancy.own.create(CLUSTER_ROLE, ClusterRole(metadata=ObjectMeta(name="spaces"), rules=(rule,)))
    binding = ClusterRoleBinding(
        metadata=ObjectMeta(name="spaces"),
        role_ref=RoleRef(api_group=RBAC, kind="ClusterRole", name="spaces"),
        subjects=(user_subject(kube_user("eve")),),
    )
    await tenancy.own.create(CLUSTER_ROLE_BINDING, binding)
    eve = tenancy.user("eve")
    for labels, annotations in (
        ({f"{GROUP}/workspace": "team-a", f"{GROUP}/project": "api"}, {}),
        ({}, {f"{GROUP}/owner": "projects/team-a/api"}),
    ):
        made = Namespace(metadata=ObjectMeta(name="mine", labels=labels, annotations=annotations))
        assert f"{GROUP}/" in await refused(eve.create(NAMESPACE, made))
    await eve.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="mine")))


async def test_cve_confused_deputy_project(tenancy: Tenancy) -> None:
    """A project's admin can't have the platform act by objects written where they do not belong."""
    await put_up(tenancy)
    ben = tenancy.user("ben")
    sly = Project(metadata=ObjectMeta(name="sly", namespace=SPACE), spec=ProjectSpec(creator="ben"))
    assert "home of a workspace" in await refused(ben.create(PROJECT, sly, SPACE))
    team = Department(metadata=ObjectMeta(name="devs", namespace=SPACE), spec=DepartmentSpec(members=("ben",)))
    assert "home of a workspace" in await refused(ben.create(DEPARTMENT, team, SPACE))
    found = await tenancy.own.get(PROJECT, "web", HOME)
    forged = Project(metadata=found.metadata, spec=found.spec, status=ProjectStatus(namespace="kube-system"))
    ann = tenancy.user("ann")
    assert "status" in await refused(ann.update(PROJECT, forged, "web", HOME, subresource="status"))


async def test_creators_are_who_they_say(tenancy: Tenancy) -> None:
    await put_up(tenancy)
    rule = PolicyRule(api_groups=(GROUP,), resources=("projects",), verbs=("create",))
    await tenancy.role(HOME, "self-provisioner", "workspace", rule)
    await tenancy.account("cat")
    await tenancy.own.create(ROLE_BINDING, membership("workspace", "cat", HOME, "self-provisioner"), HOME)
    cat = tenancy.user("cat")

    def api(creator: str, **spec: Any) -> Project:
        meta = ObjectMeta(name="api", namespace=HOME)
        return Project(metadata=meta, spec=ProjectSpec(creator=creator, **spec))

    assert "spec.creator" in await refused(cat.create(PROJECT, api("ann"), HOME))
    assert "spec.creator" in await refused(cat.create(PROJECT, api(""), HOME))
    assert "spec.podSecurity" in await refused(cat.create(PROJECT, api("cat", pod_security="privileged"), HOME))
    bad = api("cat", quota=Quota(hard={"requests.cpu": "much"}))
    assert "spec.quota.hard[requests.cpu]" in await refused(cat.create(PROJECT, bad, HOME), Invalid)
    await cat.create(PROJECT, api("cat", quota=Quota(hard={"pods": "3"})), HOME)


async def test_quotas_and_managers_are_changed_by_those_above(tenancy: Tenancy) -> None:
    await put_up(tenancy)
    ann, ben, pat = map(tenancy.user, ("ann", "ben", "pat"))
    more = {"spec": {"quota": {"hard": {"pods": "100"}}}}
    assert "spec.quota" in await refused(ann.patch(WORKSPACE, "team-a", "", more))
    assert "spec.manager" in await refused(ann.patch(WORKSPACE, "team-a", "", {"spec": {"manager": "ben"}}))
    await pat.patch(WORKSPACE, "team-a", "", more)
    nobody = {"spec": {"manager": "nobody"}}
    assert "no such user" in await refused(pat.patch(WORKSPACE, "team-a", "", nobody), Invalid)
    assert "spec.quota" in await refused(ben.patch(PROJECT, "web", HOME, more))
    assert "immutable" in await refused(ann.patch(PROJECT, "web", HOME, {"spec": {"creator": "ann"}}))
    await ann.patch(PROJECT, "web", HOME, more)
    none = {"metadata": {"finalizers": None}}
    assert "finalizers" in await refused(ann.patch(PROJECT, "web", HOME, none))
    assert "finalizers" in await refused(ann.patch(WORKSPACE, "team-a", "", none))


async def test_a_workspace_with_projects_is_not_deleted_by_mistake(tenancy: Tenancy) -> None:
    await put_up(tenancy)
    ann = tenancy.user("ann")
    assert "web" in await refused(ann.delete(WORKSPACE, "team-a"), Conflict)
    await ann.patch(WORKSPACE, "team-a", "", {"metadata": {"annotations": {CASCADE_ANNOTATION: "true"}}})
    await ann.delete(WORKSPACE, "team-a")
    await tenancy.gone(WORKSPACE, "team-a")
    await tenancy.gone(NAMESPACE, SPACE)


async def test_the_systems_own_stay(tenancy: Tenancy) -> None:
    assert "system" in await refused(tenancy.root.delete(WORKSPACE, "system"))
    assert "lives on it" in await refused(tenancy.root.delete(CLUSTER, "host"))


async def test_a_workspace_is_founded_by_its_manager(tenancy: Tenancy) -> None:
    await tenancy.account("cat", "ann")
    from armillary.kube.kinds.rbac import CLUSTER_ROLE, ClusterRole, ClusterRoleBinding

    rule = PolicyRule(api_groups=(GROUP,), resources=("workspaces",), verbs=("create",))
    await tenancy.own.create(CLUSTER_ROLE, ClusterRole(metadata=ObjectMeta(name="founders"), rules=(rule,)))
    binding = ClusterRoleBinding(
        metadata=ObjectMeta(name="founders"),
        role_ref=RoleRef(api_group=RBAC, kind="ClusterRole", name="founders"),
        subjects=(user_subject(kube_user("cat")),),
    )
    await tenancy.own.create(CLUSTER_ROLE_BINDING, binding)
    cat = tenancy.user("cat")

    def mine(manager: str) -> Workspace:
        return Workspace(metadata=ObjectMeta(name="cats"), spec=WorkspaceSpec(manager=manager))

    assert "spec.manager" in await refused(cat.create(WORKSPACE, mine("ann")))
    assert "spec.manager" in await refused(cat.create(WORKSPACE, mine("")))
    await cat.create(WORKSPACE, mine("cat"))
    await tenancy.ready(WORKSPACE, "cats")


async def test_the_last_admin_stays(tenancy: Tenancy) -> None:
    await put_up(tenancy)
    ann, pat = tenancy.user("ann"), tenancy.user("pat")
    for user, kind, name, namespace in (
        (pat, CLUSTER_ROLE_BINDING, "armillary:platform:member:pat", ""),
        (pat, ROLE_BINDING, "member:ann", HOME),
        (ann, ROLE_BINDING, "member:ann", HOME),
        (ann, ROLE_BINDING, "member:ben", SPACE),
    ):
        work: Any = user.delete(kind, name, namespace)  # type: ignore[arg-type]
        assert "last admin" in await refused(work, Conflict)
        work = user.patch(kind, name, namespace, {"metadata": {"labels": {LEVEL_LABEL: None}}})  # type: ignore[misc]
        assert "last admin" in await refused(work, Conflict)
        work = user.patch(kind, name, namespace, {"subjects": []})  # type: ignore[misc]
        assert "last admin" in await refused(work, Conflict)
    await ann.create(ROLE_BINDING, membership("project", "ann", SPACE, "admin"), SPACE)
    await ann.delete(ROLE_BINDING, "member:ben", SPACE)
    assert "last admin" in await refused(ann.delete(ROLE_BINDING, "member:ann", SPACE), Conflict)


@pytest.mark.parametrize("replicas", [1, 2])
async def test_two_admins_can_not_remove_each_other_at_once(tenancy: Tenancy, replicas: int) -> None:
    await put_up(tenancy)
    ann, ben = tenancy.user("ann"), tenancy.user("ben")
    async with AsyncExitStack() as stack:
        if replicas > 1:
            await stack.enter_async_context(another_replica(tenancy))
        for _ in range(5):
            there = {b.metadata.name for b in (await tenancy.own.list(ROLE_BINDING, HOME, labels=MEMBER_LABEL)).items}
            for name in {"ann", "ben"} - {name.removeprefix("member:") for name in there}:
                await tenancy.own.create(ROLE_BINDING, membership("workspace", name, HOME, "admin"), HOME)
            answers = await asyncio.gather(
                ann.delete(ROLE_BINDING, "member:ben", HOME),
                ben.delete(ROLE_BINDING, "member:ann", HOME),
                return_exceptions=True,
            )
            assert sum(isinstance(answer, ApiError) for answer in answers) == 1
            assert len((await tenancy.own.list(ROLE_BINDING, HOME, labels=MEMBER_LABEL)).items) == 1


async def test_the_last_admins_account_stays(tenancy: Tenancy) -> None:
    await put_up(tenancy)
    pat = tenancy.user("pat")
    for work in (pat.delete(USER, "pat"), pat.patch(USER, "pat", "", {"spec": {"disabled": True}})):
        assert "last admin" in await refused(work, Conflict)
    await pat.patch(USER, "pat", "", {"spec": {"displayName": "Pat"}})
    await tenancy.platform_admin("kim")

    async def is_known() -> bool:
        return tenancy.platform.parts.reads.get(USER, "kim") is not None

    await tenancy.until("kim is known", is_known)
    kim = tenancy.user("kim")
    answers = await asyncio.gather(kim.delete(USER, "pat"), pat.delete(USER, "kim"), return_exceptions=True)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1
    assert len({"pat", "kim"} & {u.metadata.name for u in (await tenancy.own.list(USER)).items}) == 1


async def test_cve_forged_memberships(tenancy: Tenancy) -> None:
    """Labels of memberships say what the binding is: nobody is shown, or counted, as what they are not."""
    await put_up(tenancy)
    ann = tenancy.user("ann")

    def forged(name: str, labels: dict[str, str], *subjects: Subject, role: str = "admin") -> RoleBinding:
        return RoleBinding(
            metadata=ObjectMeta(name=name, namespace=SPACE, labels=labels),
            role_ref=RoleRef(api_group=RBAC, kind="Role", name=role),
            subjects=subjects,
        )

    eve, cat = user_subject(kube_user("eve")), user_subject(kube_user("cat"))
    project = {LEVEL_LABEL: "project"}
    for binding, field in (
        (forged("member:eve", {LEVEL_LABEL: "workspace", MEMBER_LABEL: "eve"}, eve), f"metadata.labels[{LEVEL_LABEL}]"),
        (forged("member:eve", {**project, MEMBER_LABEL: "eve"}, cat), "subjects"),
        (forged("member:eve", {**project, MEMBER_LABEL: "eve"}, eve, cat), "subjects"),
        (forged("member:cat", {**project, MEMBER_LABEL: "eve"}, eve), "metadata.name"),
        (forged("hidden", project, eve), "metadata.labels"),
        (forged("department:x", {**project, DEPARTMENT_LABEL: "x"}, eve), "subjects"),
    ):
        assert field in await refused(ann.create(ROLE_BINDING, binding, SPACE))
    await ann.create(ROLE_BINDING, forged("member:eve", {**project, MEMBER_LABEL: "eve"}, eve), SPACE)


async def test_roles_in_use_and_built_in_ones_stay(tenancy: Tenancy) -> None:
    await put_up(tenancy)
    ann = tenancy.user("ann")
    await tenancy.role(SPACE, "viewer", "project", EVERYTHING, **{BUILT_IN_LABEL: "true"})
    rule = PolicyRule(api_groups=("",), resources=("pods",), verbs=("get",))
    made = Role(metadata=ObjectMeta(name="mine", namespace=SPACE, labels={LEVEL_LABEL: "project"}), rules=(rule,))
    await ann.create(ROLE, made, SPACE)
    await ann.create(ROLE_BINDING, membership("project", "eve", SPACE, "mine"), SPACE)
    assert "member:eve" in await refused(ann.delete(ROLE, "mine", SPACE), Conflict)
    await ann.delete(ROLE_BINDING, "member:eve", SPACE)
    await ann.delete(ROLE, "mine", SPACE)
    assert "built in" in await refused(ann.delete(ROLE, "viewer", SPACE))
    assert "built in" in await refused(ann.patch(ROLE, "viewer", SPACE, {"rules": []}))
    forged = Role(
        metadata=ObjectMeta(name="fake", namespace=SPACE, labels={**made.metadata.labels, BUILT_IN_LABEL: "true"})
    )
    assert BUILT_IN_LABEL in await refused(ann.create(ROLE, forged, SPACE))


async def test_nobody_gives_by_a_department_what_they_can_not_give(tenancy: Tenancy) -> None:
    """dan manages departments of the workspace and nothing else; the department `ops` is admin of a project."""
    await put_up(tenancy)
    await tenancy.account("dan")
    rule = PolicyRule(api_groups=("iam.armillary.io",), resources=("departments",), verbs=("*",))
    await tenancy.role(HOME, "people", "workspace", rule)
    await tenancy.own.create(ROLE_BINDING, membership("workspace", "dan", HOME, "people"), HOME)
    ann, dan = tenancy.user("ann"), tenancy.user("dan")

    def department(name: str, *members: str, parent: str = "") -> Department:
        return Department(
            metadata=ObjectMeta(name=name, namespace=HOME), spec=DepartmentSpec(members=members, parent=parent)
        )

    for name in ("ops", "night", "other"):
        await dan.create(DEPARTMENT, department(name), HOME)
    group = Subject(api_group=RBAC, kind="Group", name="armillary:team-a:ops")
    labels = {LEVEL_LABEL: "project", DEPARTMENT_LABEL: "ops"}
    binding = RoleBinding(
        metadata=ObjectMeta(name="department:ops", namespace=SPACE, labels=labels),
        role_ref=RoleRef(api_group=RBAC, kind="Role", name="admin"),
        subjects=(group,),
    )
    await ann.create(ROLE_BINDING, binding, SPACE)

    async def seen() -> bool:
        reads = tenancy.platform.parts.reads
        return bool(reads.get(ROLE_BINDING, "department:ops", SPACE) and len(reads.list(DEPARTMENT, HOME)) == 3)

    await tenancy.until("the platform has seen it", seen)
    dans = {"spec": {"members": ["dan"]}}
    assert "admin in team-a-web" in await refused(dan.patch(DEPARTMENT, "ops", HOME, dans))
    below = {"spec": {"members": ["dan"], "parent": "ops"}}
    assert "admin in team-a-web" in await refused(dan.patch(DEPARTMENT, "night", HOME, below))
    await dan.patch(DEPARTMENT, "other", HOME, dans)
    assert "admin in team-a-web" in await refused(dan.patch(DEPARTMENT, "other", HOME, {"spec": {"parent": "ops"}}))
    await ann.patch(DEPARTMENT, "ops", HOME, dans)
    await dan.patch(DEPARTMENT, "ops", HOME, {"spec": {"members": []}})
    assert "no such user" in await refused(ann.patch(DEPARTMENT, "ops", HOME, {"spec": {"members": ["x"]}}), Invalid)
    assert "part of itself" in await refused(ann.patch(DEPARTMENT, "ops", HOME, {"spec": {"parent": "ops"}}), Invalid)


async def test_strangers_find_no_guard_without_its_path(tenancy: Tenancy) -> None:
    review = {"request": {"uid": "1", "resource": {"resource": "pods"}, "operation": "CREATE"}}
    for door in (tenancy.platform.nobody(), tenancy.platform.as_user("eve")):
        answer = await door.post("/admission/guess/v1/guard", review)
        absent = await door.post("/elsewhere", review)
        assert (answer.status, absent.status) == (404, 404)
        assert answer.json["message"] == absent.json["message"]
    hooks = orjson.loads((await tenancy.own.call("GET", PATH)).body)["webhooks"]
    path = hooks[0]["clientConfig"]["url"].partition("localhost:")[2].partition("/")[2]
    answer = await tenancy.platform.nobody().post(f"/{path}", review)
    assert answer.json["response"] == {"uid": "1", "allowed": True}
