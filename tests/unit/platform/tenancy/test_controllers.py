"""Workspaces and projects come to rest, wherever a look dies, and put right what was changed."""

from typing import Any

import pytest
from msgspec import structs
from tests.harness.settles import World, assert_settles, look, settle, world_of

from armillary.base.clock import format_time
from armillary.kube.kinds.core import LIMIT_RANGE, NAMESPACE, RESOURCE_QUOTA, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.networking import NETWORK_POLICY
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
from armillary.platform.capabilities.access.kinds import LEVEL_LABEL, MEMBER_LABEL
from armillary.platform.capabilities.tenancy.controllers import (
    CONTROLLERS,
    DEVOPS_PROJECT_CONTROLLER,
    PROJECT_CONTROLLER,
    WORKSPACE_CONTROLLER,
)
from armillary.platform.capabilities.tenancy.kinds import (
    CASCADE_ANNOTATION,
    DEVOPS_PROJECT,
    GROUP,
    PROJECT,
    WORKSPACE,
    Allowed,
    DevOpsProject,
    DevOpsProjectSpec,
    Limits,
    Network,
    Project,
    ProjectSpec,
    ProjectStatus,
    Quota,
    Workspace,
    WorkspaceSpec,
)

HOME = "workspace-team-a"
SPACE = "team-a-web"
RBAC = "rbac.authorization.k8s.io"


def workspace(name: str = "team-a", **spec: Any) -> Workspace:
    return Workspace(metadata=ObjectMeta(name=name), spec=WorkspaceSpec(**{"manager": "ann", **spec}))


def project(name: str = "web", home: str = HOME, **spec: Any) -> Project:
    spec = {
        "creator": "ben",
        "quota": Quota(hard={"requests.cpu": "2000m"}),
        "limits": Limits(default={"cpu": "500m"}, max={"cpu": "1", "memory": "1Gi"}),
        "network": Network(isolated=True),
        **spec,
    }
    return Project(metadata=ObjectMeta(name=name, namespace=home), spec=ProjectSpec(**spec))


def devops_project(name: str = "ci", home: str = HOME) -> DevOpsProject:
    return DevOpsProject(metadata=ObjectMeta(name=name, namespace=home), spec=DevOpsProjectSpec(creator="ben"))


def namespace(name: str, **meta: Any) -> Namespace:
    return Namespace(metadata=ObjectMeta(name=name, **meta))


def role(where: str, name: str, *verbs: str, resource: str = "projects", only: str = "") -> Role:
    rule = PolicyRule(api_groups=(GROUP,), resources=(resource,), verbs=verbs, resource_names=(only,) if only else ())
    return Role(metadata=ObjectMeta(name=name, namespace=where), rules=(rule,))


def member(where: str, user: str, name: str, level: str = "workspace") -> RoleBinding:
    return RoleBinding(
        metadata=ObjectMeta(name=f"member:{user}", namespace=where, labels={LEVEL_LABEL: level, MEMBER_LABEL: user}),
        role_ref=RoleRef(api_group=RBAC, kind="Role", name=name),
        subjects=(Subject(api_group=RBAC, kind="User", name=f"armillary:{user}"),),
    )


def world(*objects: tuple[Any, Any]) -> World:
    return world_of(CONTROLLERS, *objects)


def people(found: Any) -> list[str]:
    return sorted(s.name.removeprefix("armillary:") for s in found.subjects) if found else []


def shape(of: World) -> Any:
    """Everything but numbers and times."""

    def plain(item: Any) -> Any:
        meta = item.metadata
        item = structs.replace(
            item, metadata=ObjectMeta(name=meta.name, labels=meta.labels, annotations=meta.annotations)
        )
        if hasattr(item, "status") and hasattr(item.status, "conditions") and item.status.conditions:
            told = tuple((c.type, c.status, c.message) for c in item.status.conditions)
            return replace_status(item), told
        return item

    return {name: plain(item) for name, item in of.objects.items()}


def replace_status(item: Any) -> Any:
    return structs.replace(item, status=type(item.status)())


def test_a_workspace_and_its_projects_are_put_up_wherever_a_look_dies() -> None:
    start = world((WORKSPACE, workspace()), (PROJECT, project()), (DEVOPS_PROJECT, devops_project()))
    rest = assert_settles(CONTROLLERS, start, shape)
    assert rest.get(WORKSPACE, "team-a").status.namespace == HOME
    assert rest.get(WORKSPACE, "team-a").status.projects == 1
    found = rest.get(PROJECT, "web", HOME)
    assert (found.status.namespace, found.status.conditions[0].status) == (SPACE, "True")
    assert rest.get(DEVOPS_PROJECT, "ci", HOME).status.namespace == "team-a-ci"
    labels = rest.get(NAMESPACE, SPACE).metadata.labels
    assert labels[f"{GROUP}/workspace"] == "team-a"
    assert labels[f"{GROUP}/project"] == "web"
    assert labels["pod-security.kubernetes.io/enforce"] == "baseline"
    assert f"{GROUP}/quota" not in labels
    assert people(rest.get(ROLE_BINDING, "member:ann", HOME)) == ["ann"]
    assert people(rest.get(ROLE_BINDING, "member:ben", SPACE)) == ["ben"]
    assert people(rest.get(CLUSTER_ROLE_BINDING, "armillary:workspace:team-a:member")) == ["ann"]
    assert people(rest.get(ROLE_BINDING, "project:web:member", HOME)) == ["ben"]
    assert rest.get(RESOURCE_QUOTA, "armillary-project", SPACE).spec.hard == {"requests.cpu": "2"}
    limits = rest.get(LIMIT_RANGE, "armillary-limits", SPACE).spec.limits[0]
    assert limits.default == {"cpu": "500m", "memory": "1Gi"}
    assert limits.default_request == {"cpu": "500m", "memory": "1Gi"}


@pytest.mark.parametrize(
    ("name", "verbs", "gives"),
    [
        ("admin", ("*",), "admin"),
        ("operators", ("operate", "view-all"), "operator"),
        ("viewer", ("get", "view-all"), "viewer"),
        ("regular", ("get",), None),
    ],
)
def test_whoever_may_do_it_to_all_projects_has_the_role_in_each(
    name: str, verbs: tuple[str, ...], gives: str | None
) -> None:
    rest = settle(
        CONTROLLERS,
        world(
            (WORKSPACE, workspace()),
            (PROJECT, project()),
            (NAMESPACE, namespace(HOME, annotations={f"{GROUP}/owner": "workspaces/team-a"})),
            (ROLE, role(HOME, name, *verbs)),
            (ROLE_BINDING, member(HOME, "eve", name)),
        ),
    )
    held = {b.role_ref.name for b in rest.list(ROLE_BINDING, SPACE) if "eve" in people(b) and b.role_ref.kind == "Role"}
    assert held == ({gives} if gives else set())


def test_a_right_on_one_project_is_given_in_that_one() -> None:
    rest = settle(
        CONTROLLERS,
        world(
            (WORKSPACE, workspace()),
            (PROJECT, project()),
            (PROJECT, project("api")),
            (NAMESPACE, namespace(HOME, annotations={f"{GROUP}/owner": "workspaces/team-a"})),
            (ROLE, role(HOME, "web-operator", "operate", only="web")),
            (ROLE_BINDING, member(HOME, "eve", "web-operator")),
        ),
    )
    assert people(rest.get(ROLE_BINDING, "workspace:operator", SPACE)) == ["eve"]
    assert rest.get(ROLE_BINDING, "workspace:operator", "team-a-api") is None


def test_a_right_that_was_taken_goes_from_every_project() -> None:
    rest = settle(
        CONTROLLERS,
        world(
            (WORKSPACE, workspace()),
            (PROJECT, project()),
            (NAMESPACE, namespace(HOME, annotations={f"{GROUP}/owner": "workspaces/team-a"})),
            (ROLE, role(HOME, "viewer", "view-all")),
            (ROLE_BINDING, member(HOME, "eve", "viewer")),
        ),
    )
    assert people(rest.get(ROLE_BINDING, "workspace:viewer", SPACE)) == ["eve"]
    after = settle(CONTROLLERS, rest.without(ROLE_BINDING, (HOME, "member:eve")))
    assert after.get(ROLE_BINDING, "workspace:viewer", SPACE) is None


def test_a_manager_who_was_removed_is_not_made_admin_again() -> None:
    rest = settle(CONTROLLERS, world((WORKSPACE, workspace()), (PROJECT, project())))
    rest = rest.without(ROLE_BINDING, (HOME, "member:ann")).without(ROLE_BINDING, (SPACE, "member:ben"))
    after = settle(CONTROLLERS, rest)
    assert after.get(ROLE_BINDING, "member:ann", HOME) is None
    assert after.get(ROLE_BINDING, "member:ben", SPACE) is None


def test_another_manager_becomes_admin_beside_the_first() -> None:
    rest = settle(CONTROLLERS, world((WORKSPACE, workspace())))
    changed = rest.map(WORKSPACE, lambda w: structs.replace(w, spec=structs.replace(w.spec, manager="cat")))
    after = settle(CONTROLLERS, changed.holding(ROLE_BINDING, member(HOME, "cat", "viewer")))
    assert after.get(ROLE_BINDING, "member:cat", HOME).role_ref.name == "admin"
    assert after.get(ROLE_BINDING, "member:ann", HOME) is not None


def test_what_was_changed_by_hand_is_put_right() -> None:
    rest = settle(CONTROLLERS, world((WORKSPACE, workspace()), (PROJECT, project())))

    def strip(one: Namespace) -> Namespace:
        return structs.replace(one, metadata=structs.replace(one.metadata, labels={"mine": "kept"}))

    def widen(policy: Any) -> Any:
        return structs.replace(policy, spec=structs.replace(policy.spec, ingress=()))

    spoiled = rest.map(NAMESPACE, strip).map(NETWORK_POLICY, widen).map(RESOURCE_QUOTA, lambda quota: None)
    spoiled = spoiled.map(CLUSTER_ROLE_BINDING, lambda b: structs.replace(b, subjects=()))
    after = settle(CONTROLLERS, spoiled)
    labels = after.get(NAMESPACE, SPACE).metadata.labels
    assert labels.pop("mine") == "kept"
    assert labels == rest.get(NAMESPACE, SPACE).metadata.labels
    assert after.get(NETWORK_POLICY, "armillary-isolation", SPACE).spec == (
        rest.get(NETWORK_POLICY, "armillary-isolation", SPACE).spec
    )
    assert after.get(RESOURCE_QUOTA, "armillary-project", SPACE) is not None
    assert people(after.get(CLUSTER_ROLE_BINDING, "armillary:workspace:team-a:member")) == ["ann"]


def test_a_quota_is_marked_on_every_namespace_of_the_workspace_and_unmarked() -> None:
    label = f"{GROUP}/quota"
    rest = settle(CONTROLLERS, world((WORKSPACE, workspace(quota=Quota(hard={"pods": "5"}))), (PROJECT, project())))
    assert {n.metadata.labels[label] for n in rest.list(NAMESPACE)} == {"enforced"}
    after = settle(CONTROLLERS, rest.map(WORKSPACE, lambda w: structs.replace(w, spec=WorkspaceSpec())))
    assert not [n for n in after.list(NAMESPACE) if label in n.metadata.labels]


def test_a_namespace_of_somebody_else_is_never_taken() -> None:
    rest = settle(
        CONTROLLERS,
        world(
            (WORKSPACE, workspace()),
            (PROJECT, project()),
            (NAMESPACE, namespace(HOME)),
            (NAMESPACE, namespace(SPACE)),
        ),
    )
    assert not rest.get(NAMESPACE, SPACE).metadata.labels
    home = rest.get(WORKSPACE, "team-a").status.namespace
    assert home.startswith(f"{HOME}-")
    moved = settle(CONTROLLERS, rest.holding(PROJECT, project("web", home)))
    own = moved.get(PROJECT, "web", home).status.namespace
    assert own.startswith(f"{SPACE}-")
    assert not moved.get(NAMESPACE, SPACE).metadata.labels


def test_two_projects_of_the_same_long_name_have_a_namespace_each() -> None:
    start = world(
        (WORKSPACE, workspace("a")),
        (WORKSPACE, workspace("a-b")),
        (PROJECT, project("b-c", "workspace-a")),
        (PROJECT, project("c", "workspace-a-b")),
        (DEVOPS_PROJECT, devops_project("c", "workspace-a-b")),
    )
    rest = settle(CONTROLLERS, start)
    found = [
        rest.get(PROJECT, "b-c", "workspace-a").status.namespace,
        rest.get(PROJECT, "c", "workspace-a-b").status.namespace,
        rest.get(DEVOPS_PROJECT, "c", "workspace-a-b").status.namespace,
    ]
    assert len(set(found)) == 3
    assert all(name.startswith("a-b-c") for name in found)
    assert settle(CONTROLLERS, rest).objects == rest.objects


def test_confused_deputy_a_status_that_names_another_namespace_is_not_believed() -> None:
    forged = structs.replace(project(), status=ProjectStatus(namespace="kube-system"))
    rest = settle(
        CONTROLLERS,
        world((WORKSPACE, workspace()), (PROJECT, forged), (NAMESPACE, namespace("kube-system"))),
    )
    assert rest.get(PROJECT, "web", HOME).status.namespace == SPACE
    assert not rest.get(NAMESPACE, "kube-system").metadata.labels
    assert not rest.list(ROLE_BINDING, "kube-system")


@pytest.mark.parametrize("where", ["default", SPACE])
def test_confused_deputy_a_project_outside_of_a_home_does_nothing(where: str) -> None:
    rest = settle(
        CONTROLLERS,
        world((WORKSPACE, workspace()), (PROJECT, project()), (NAMESPACE, namespace("default"))),
    )
    after = settle(CONTROLLERS, rest.holding(PROJECT, project("sly", where, creator="eve")))
    assert {n.metadata.name for n in after.list(NAMESPACE)} == {HOME, SPACE, "default"}
    condition = after.get(PROJECT, "sly", where).status.conditions[0]
    assert (condition.status, condition.reason) == ("False", "NoWorkspace")


def test_confused_deputy_a_binding_in_a_project_gives_nothing_in_others() -> None:
    rest = settle(
        CONTROLLERS,
        world((WORKSPACE, workspace()), (PROJECT, project()), (PROJECT, project("api"))),
    )
    sly = rest.holding(ROLE, role(SPACE, "sly", "*")).holding(ROLE_BINDING, member(SPACE, "eve", "sly", "workspace"))
    after = settle(CONTROLLERS, sly)
    where = {(b.metadata.namespace, b.metadata.name) for b in after.list(ROLE_BINDING) if "eve" in people(b)}
    assert where == {
        (SPACE, "member:eve"),
        (HOME, "project:web:member"),
        (HOME, "project:web:update"),
        (HOME, "project:web:delete"),
    }


def ending(item: Any) -> Any:
    meta = structs.replace(item.metadata, deletion_timestamp=format_time(World().moment))
    return structs.replace(item, metadata=meta)


def test_a_workspace_with_projects_stays_until_told_to_take_them_along() -> None:
    rest = settle(CONTROLLERS, world((WORKSPACE, workspace()), (PROJECT, project())))
    asked = settle(CONTROLLERS, rest.map(WORKSPACE, ending))
    assert "web" in asked.get(WORKSPACE, "team-a").status.conditions[0].message
    assert asked.get(NAMESPACE, SPACE) is not None

    def cascade(one: Workspace) -> Workspace:
        return structs.replace(one, metadata=structs.replace(one.metadata, annotations={CASCADE_ANNOTATION: "true"}))

    gone = assert_settles(CONTROLLERS, asked.map(WORKSPACE, cascade), lambda w: set(w.objects) & _ours(w))
    assert not gone.list(WORKSPACE)
    assert not gone.list(PROJECT)
    assert not gone.list(NAMESPACE)


def _ours(of: World) -> set[Any]:
    return {name for name in of.objects if name[0] in ("workspaces", "projects", "namespaces")}


def test_a_project_that_ends_waits_for_its_namespace() -> None:
    rest = settle(CONTROLLERS, world((WORKSPACE, workspace()), (PROJECT, project())))
    held = rest.map(
        NAMESPACE, lambda n: structs.replace(n, metadata=structs.replace(n.metadata, finalizers=("kubernetes",)))
    )
    waiting = settle(CONTROLLERS, held.map(PROJECT, ending))
    assert waiting.get(PROJECT, "web", HOME) is not None
    assert waiting.get(NAMESPACE, SPACE).metadata.deletion_timestamp
    assert look(PROJECT_CONTROLLER, (HOME, "web"), waiting).because.startswith("waits")
    gone = settle(CONTROLLERS, waiting.without(NAMESPACE, ("", SPACE)))
    assert gone.get(PROJECT, "web", HOME) is None
    assert gone.get(NAMESPACE, HOME) is not None


def test_the_system_workspace_has_its_namespaces_and_stays() -> None:
    rest = settle(
        CONTROLLERS,
        world((WORKSPACE, workspace("system", manager="")), (NAMESPACE, namespace("kube-system"))),
    )
    assert rest.get(NAMESPACE, "kube-system").metadata.labels[f"{GROUP}/workspace"] == "system"
    after = settle(CONTROLLERS, rest.map(WORKSPACE, ending))
    assert after.get(WORKSPACE, "system") is not None


def test_faults_are_told_and_nothing_is_made_of_them() -> None:
    bad = project(quota=Quota(hard={"requests.cpu": "much"}))
    rest = settle(CONTROLLERS, world((WORKSPACE, workspace()), (PROJECT, bad)))
    condition = rest.get(PROJECT, "web", HOME).status.conditions[0]
    assert condition.reason == "Invalid"
    assert "spec.quota.hard[requests.cpu]" in condition.message
    assert rest.get(NAMESPACE, SPACE) is None


@pytest.mark.parametrize(
    ("own", "above", "comes_in"),
    [
        (Network(), Network(), None),
        (Network(isolated=True), Network(), ["same", "system"]),
        (Network(), Network(isolated=True), ["team-a", "system"]),
        (
            Network(isolated=True, allow=(Allowed(cidr="10.0.0.0/8"),)),
            Network(isolated=True, allow=(Allowed(workspace="team-b"),)),
            ["same", "system", "team-b", "10.0.0.0/8"],
        ),
        (
            Network(allow=(Allowed(namespace="team-c-x"),)),
            Network(isolated=True, allow=(Allowed(namespace="team-c-x"),)),
            ["team-a", "system", "team-c-x"],
        ),
    ],
)
def test_lists_of_both_levels_add_up(own: Network, above: Network, comes_in: list[str] | None) -> None:
    rest = settle(CONTROLLERS, world((WORKSPACE, workspace(network=above)), (PROJECT, project(network=own))))
    policy = rest.get(NETWORK_POLICY, "armillary-isolation", SPACE)
    if comes_in is None:
        assert policy is None
        return

    def who(peer: Any) -> str:
        if peer.ip_block:
            return str(peer.ip_block.cidr)
        return next(iter(peer.namespace_selector.match_labels.values())) if peer.namespace_selector else "same"

    assert [who(peer) for peer in policy.spec.ingress[0].from_] == comes_in


def test_controllers_have_different_roots() -> None:
    roots = [c.root.name for c in (WORKSPACE_CONTROLLER, PROJECT_CONTROLLER, DEVOPS_PROJECT_CONTROLLER)]
    assert len(set(roots)) == len(CONTROLLERS)
