"""The guard's judges by rows: who may write what, and in which field the refusal is told."""

from typing import Any

import pytest
from msgspec import structs

from armillary.base.errors import ApiError
from armillary.kube.kinds.core import Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import RoleBinding, RoleRef, Subject
from armillary.platform.capabilities.access.kinds import (
    DEPARTMENT_LABEL,
    LEVEL_LABEL,
    MEMBER_LABEL,
    Department,
    DepartmentSpec,
)
from armillary.platform.capabilities.tenancy.decide.workspace import membership
from armillary.platform.capabilities.tenancy.guard.departments import (
    DepartmentFacts,
    ancestors,
    gains,
    judge_department,
    new_members,
)
from armillary.platform.capabilities.tenancy.guard.namespaces import NamespaceFacts, judge_namespace
from armillary.platform.capabilities.tenancy.guard.roles import PlaceFacts, count_admins, judge_membership
from armillary.platform.capabilities.tenancy.guard.tenants import (
    ProjectFacts,
    WorkspaceFacts,
    judge_cluster,
    judge_project,
    judge_workspace,
)
from armillary.platform.capabilities.tenancy.guard.write import Operation, Write
from armillary.platform.capabilities.tenancy.kinds import (
    GROUP,
    Allowed,
    Cluster,
    ClusterSpec,
    Limits,
    Network,
    Project,
    ProjectSpec,
    Quota,
    Workspace,
    WorkspaceSpec,
)
from armillary.platform.capabilities.tenancy.names import FINALIZER

ANN = "armillary:ann"


def write(old: Any, new: Any, user: str = ANN) -> Write[Any]:
    operation: Operation = "CREATE" if old is None else "DELETE" if new is None else "UPDATE"
    meta = (new if new is not None else old).metadata
    return Write(operation, user, meta.name, meta.namespace, old, new)


def told(error: ApiError | None) -> str:
    """Where it is refused, or why if nowhere in particular; "" if it is allowed."""
    if error is None:
        return ""
    return " ".join(cause.field for cause in error.causes) or error.message


def workspace(name: str = "team-a", **spec: Any) -> Workspace:
    return Workspace(metadata=ObjectMeta(name=name, finalizers=(FINALIZER,)), spec=WorkspaceSpec(**spec))


@pytest.mark.parametrize(
    ("old", "new", "facts", "where"),
    [
        (None, workspace(manager="ann"), {}, ""),
        (None, workspace(manager="ben"), {}, "spec.manager"),
        (None, workspace(), {}, "spec.manager"),
        (None, workspace(manager="ben"), {"manages_all": True}, ""),
        (None, workspace(), {"manages_all": True}, ""),
        (None, workspace(manager="ann"), {"manager_exists": False}, "spec.manager"),
        (None, workspace("workspace", manager="ann"), {}, "metadata.name"),
        (None, workspace(manager="Ann!"), {"manages_all": True}, "spec.manager"),
        (workspace(), workspace(quota=Quota(hard={"pods": "1"})), {}, "spec.quota"),
        (workspace(), workspace(quota=Quota(hard={"pods": "1"})), {"manages_all": True}, ""),
        (workspace(manager="ann"), workspace(manager="ben"), {}, "spec.manager"),
        (workspace(), workspace(display_name="A", network=Network(isolated=True)), {}, ""),
        (workspace(), structs.replace(workspace(), metadata=ObjectMeta(name="team-a")), {}, "metadata.finalizers"),
        # An old fault does not keep its finalizer from being taken away.
        (workspace(quota=Quota(hard={"x": "1"})), workspace(quota=Quota(hard={"x": "1"})), {}, ""),
    ],
)
def test_workspaces(old: Any, new: Any, facts: dict[str, Any], where: str) -> None:
    assert told(judge_workspace(write(old, new), WorkspaceFacts(**facts))) == where


def test_workspaces_are_deleted_empty_or_with_a_word() -> None:
    full = WorkspaceFacts(projects=("api", "web"))
    refusal = judge_workspace(write(workspace(), None), full)
    assert "api, web" in told(refusal)
    assert judge_workspace(write(workspace(), None), WorkspaceFacts()) is None
    marked = structs.replace(workspace(), metadata=ObjectMeta(name="team-a", annotations={f"{GROUP}/cascade": "true"}))
    assert judge_workspace(write(marked, None), full) is None
    assert judge_workspace(write(workspace("system"), None), WorkspaceFacts(manages_all=True)) is not None


def project(**spec: Any) -> Project:
    meta = ObjectMeta(name="web", namespace="workspace-team-a", finalizers=(FINALIZER,))
    return Project(metadata=meta, spec=ProjectSpec(**{"creator": "ann", **spec}))


@pytest.mark.parametrize(
    ("old", "new", "facts", "where"),
    [
        (None, project(), {}, ""),
        (None, project(creator="ben"), {}, "spec.creator"),
        (None, project(creator=""), {}, "spec.creator"),
        (None, project(creator=""), {"administers": True}, ""),
        (None, project(creator="ben"), {"administers": True}, "spec.creator"),
        (None, project(creator="ben"), {"is_cluster_admin": True}, ""),
        (None, project(pod_security="privileged"), {}, "spec.podSecurity"),
        (None, project(pod_security="privileged"), {"administers": True}, "spec.podSecurity"),
        (None, project(pod_security="privileged"), {"is_cluster_admin": True}, ""),
        (None, project(pod_security="restricted"), {}, ""),
        (project(pod_security="privileged"), project(pod_security="privileged", display_name="x"), {}, ""),
        (project(pod_security="restricted"), project(pod_security="privileged"), {}, "spec.podSecurity"),
        (None, project(quota=Quota(hard={"requests.cpu": "4"})), {}, ""),
        (None, project(quota=Quota(hard={"cpus": "4"})), {}, "spec.quota.hard[cpus]"),
        (None, project(quota=Quota(hard={"pods": "-4"})), {}, "spec.quota.hard[pods]"),
        (None, project(quota=Quota(hard={"requests.nvidia.com/gpu": "1", "count/jobs.batch": "2"})), {}, ""),
        (None, project(limits=Limits(default={"cpu": "2"}, max={"cpu": "1"})), {}, "spec.limits.default[cpu]"),
        (None, project(limits=Limits(default={"cpu": "much"})), {}, "spec.limits.default[cpu]"),
        (None, project(network=Network(allow=(Allowed(cidr="10.0.0.0/33"),))), {}, "spec.network.allow[0].cidr"),
        (None, project(network=Network(allow=(Allowed(),))), {}, "spec.network.allow[0]"),
        (None, project(network=Network(allow=(Allowed(workspace="a", cidr="::/0"),))), {}, "spec.network.allow[0]"),
        (None, project(network=Network(allow=(Allowed(workspace="A b"),))), {}, "spec.network.allow[0].workspace"),
        (project(), project(creator="ben"), {"administers": True}, "spec.creator"),
        (project(), project(quota=Quota(hard={"pods": "1"})), {}, "spec.quota"),
        (project(), project(quota=Quota(hard={"pods": "1"})), {"may_set_quota": True}, ""),
        (project(), project(limits=Limits(default={"cpu": "1"}), network=Network(isolated=True)), {}, ""),
        (project(), structs.replace(project(), metadata=ObjectMeta(name="web")), {}, "metadata.finalizers"),
    ],
)
def test_projects(old: Any, new: Any, facts: dict[str, Any], where: str) -> None:
    assert told(judge_project(write(old, new), ProjectFacts(workspace="team-a", **facts))) == where


def test_a_project_is_nowhere_but_in_a_home() -> None:
    assert "home of a workspace" in told(judge_project(write(None, project()), ProjectFacts(is_cluster_admin=True)))


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        (None, Cluster(metadata=ObjectMeta(name="east"), spec=ClusterSpec(kubeconfig_secret="s")), True),
        (None, Cluster(metadata=ObjectMeta(name="east")), False),
        (Cluster(metadata=ObjectMeta(name="east"), spec=ClusterSpec(kubeconfig_secret="s")), None, True),
        (Cluster(metadata=ObjectMeta(name="host")), None, False),
        (None, Cluster(metadata=ObjectMeta(name="host"), spec=ClusterSpec(kubeconfig_secret="s")), False),
    ],
)
def test_clusters(old: Any, new: Any, allowed: bool) -> None:
    assert (judge_cluster(write(old, new)) is None) is allowed


def namespace(labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None) -> Namespace:
    return Namespace(metadata=ObjectMeta(name="n", labels=labels or {}, annotations=annotations or {}))


OURS = {f"{GROUP}/workspace": "team-a", f"{GROUP}/project": "web", "pod-security.kubernetes.io/enforce": "baseline"}


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (None, namespace(), ""),
        (None, namespace({"pod-security.kubernetes.io/enforce": "privileged"}), ""),
        (None, namespace({f"{GROUP}/workspace": "team-a"}), f"metadata.labels[{GROUP}/workspace]"),
        (None, namespace({}, {f"{GROUP}/owner": "x"}), f"metadata.annotations[{GROUP}/owner]"),
        (namespace(OURS), namespace({**OURS, "mine": "x"}), ""),
        (namespace(OURS), namespace({**OURS, f"{GROUP}/project": "api"}), f"metadata.labels[{GROUP}/project]"),
        (
            namespace(OURS),
            namespace({**OURS, "pod-security.kubernetes.io/enforce": "privileged"}),
            "metadata.labels[pod-security.kubernetes.io/enforce]",
        ),
        (namespace(), namespace({"pod-security.kubernetes.io/enforce": "privileged"}), ""),
        (namespace(), None, ""),
        (namespace(OURS), None, 'namespace "n": it belongs to projects/team-a/web: delete that instead'),
    ],
)
def test_namespaces(old: Any, new: Any, where: str) -> None:
    assert told(judge_namespace(write(old, new), NamespaceFacts())) == where
    assert judge_namespace(write(old, new), NamespaceFacts(is_cluster_admin=True)) is None


ADMIN = membership("project", "ben", "team-a-web", "admin")
VIEWER = membership("project", "ben", "team-a-web", "viewer")


@pytest.mark.parametrize(
    ("old", "new", "facts", "allowed"),
    [
        (ADMIN, None, {}, False),
        (ADMIN, None, {"other_admins": 1}, True),
        (ADMIN, None, {"is_ending": True}, True),
        (ADMIN, None, {"is_cluster_admin": True}, False),
        (VIEWER, None, {}, True),
        (ADMIN, ADMIN, {}, True),
        (ADMIN, structs.replace(ADMIN, subjects=()), {}, False),
        (ADMIN, structs.replace(ADMIN, metadata=ObjectMeta(name="member:ben")), {}, False),
        (None, VIEWER, {}, True),
        (None, VIEWER, {"level": "workspace"}, False),
        (None, VIEWER, {"level": None}, False),
        (None, structs.replace(VIEWER, subjects=(*VIEWER.subjects, *VIEWER.subjects)), {}, False),
        (
            None,
            structs.replace(VIEWER, role_ref=RoleRef(api_group="x", kind="ClusterRole", name="cluster-admin")),
            {},
            False,
        ),
        (None, RoleBinding(metadata=ObjectMeta(name="others", namespace="team-a-web")), {}, True),
    ],
)
def test_memberships(old: Any, new: Any, facts: dict[str, Any], allowed: bool) -> None:
    place = PlaceFacts(**{"level": "project", "groups": "team-a", **facts})
    assert (judge_membership(write(old, new), place) is None) is allowed


@pytest.mark.parametrize(
    ("name", "group", "allowed"),
    [
        ("department:ops", "armillary:team-a:ops", True),
        ("department:ops", "armillary:team-b:ops", False),
        ("department:ops", "system:authenticated", False),
        ("member:ops", "armillary:team-a:ops", False),
    ],
)
def test_departments_are_members_under_their_own_name(name: str, group: str, allowed: bool) -> None:
    binding = RoleBinding(
        metadata=ObjectMeta(name=name, labels={LEVEL_LABEL: "project", DEPARTMENT_LABEL: "ops"}),
        role_ref=RoleRef(api_group="x", kind="Role", name="viewer"),
        subjects=(Subject(kind="Group", name=group),),
    )
    place = PlaceFacts(level="project", groups="team-a")
    assert (judge_membership(write(None, binding), place) is None) is allowed


def test_an_admin_who_can_not_sign_in_is_none() -> None:
    bindings = [ADMIN, membership("project", "cat", "team-a-web", "admin"), VIEWER]
    assert count_admins("project", bindings, frozenset({"ben", "cat"}), frozenset()) == 2
    assert count_admins("project", bindings, frozenset({"cat"}), frozenset()) == 1
    assert count_admins("workspace", bindings, frozenset({"ben", "cat"}), frozenset()) == 0


def department(name: str, *members: str, parent: str = "") -> Department:
    return Department(
        metadata=ObjectMeta(name=name, namespace="workspace-team-a"),
        spec=DepartmentSpec(parent=parent, members=members),
    )


@pytest.mark.parametrize(
    ("old", "new", "added", "gained"),
    [
        (None, department("night", "ann", parent="ops"), ("ann",), ("night", "ops", "all")),
        (department("night"), department("night", "ann"), ("ann",), ("night",)),
        (department("night", "ann"), department("night", "ann", "ben"), ("ben",), ("night",)),
        (department("night", "ann"), department("night"), (), ()),
        (department("night", "ann"), department("night", "ann", parent="ops"), ("ann",), ("ops", "all")),
        (department("night", "ann", parent="ops"), department("night", "ann"), ("ann",), ()),
    ],
)
def test_who_gains_what_by_a_department(old: Any, new: Any, added: Any, gained: Any) -> None:
    parents = {"ops": "all", "all": "", "night": ""}
    assert new_members(write(old, new)) == added
    assert gains(write(old, new), parents) == gained


@pytest.mark.parametrize(
    ("new", "facts", "where"),
    [
        (department("night", "ann"), {}, ""),
        (department("night", "ann", parent="ops"), {"parents": {"ops": ""}}, ""),
        (department("night", "ann", parent="gone"), {}, "spec.parent"),
        (department("night", parent="ops"), {"parents": {"ops": "night", "night": ""}}, "spec.parent"),
        (department("night", parent="night"), {}, "spec.parent"),
        (department("night", "nobody"), {"unknown": ("nobody",)}, "spec.members[0]"),
        (department("night", "ann"), {"ungrantable": ("admin in team-a-web",)}, "spec.members"),
    ],
)
def test_departments(new: Any, facts: dict[str, Any], where: str) -> None:
    assert told(judge_department(write(None, new), DepartmentFacts(workspace="team-a", **facts))) == where


def test_a_circle_of_departments_ends() -> None:
    assert ancestors("a", {"a": "b", "b": "a"}) == ("a", "b")


def test_labels_of_members_are_needed() -> None:
    bare = structs.replace(VIEWER, metadata=ObjectMeta(name="member:ben", labels={LEVEL_LABEL: "project"}))
    both = {LEVEL_LABEL: "project", MEMBER_LABEL: "ben", DEPARTMENT_LABEL: "ops"}
    for binding in (bare, structs.replace(VIEWER, metadata=ObjectMeta(name="member:ben", labels=both))):
        assert told(judge_membership(write(None, binding), PlaceFacts(level="project"))) == "metadata.labels"
