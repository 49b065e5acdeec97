"""The analysis says what the API server says, on any set of roles and bindings."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.harness.server import running_server

from armillary.kube.client import Client
from armillary.kube.kinds.core import NAMESPACE, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ROLE,
    ROLE_BINDING,
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    Role,
    RoleBinding,
    RoleRef,
    Subject,
)
from armillary.platform.capabilities.access.decide.analysis import Rbac, Who, grants_to, held_by, rbac_of
from armillary.platform.capabilities.access.decide.rules import Permission, minimal, missing
from armillary.platform.capabilities.access.questions import review

RBAC = "rbac.authorization.k8s.io"
SPACES = ("a", "b")
ROLES = ("r0", "r1", "r2")
VERBS, GROUPS = ("get", "list", "create", "*"), ("", "apps", "*")
RESOURCES, NAMES = ("pods", "pods/exec", "deployments", "deployments/scale", "*/scale", "*"), ("x", "y")
URLS = ("/metrics", "/api/*", "*", "/logs/*")


def some(values: tuple[str, ...], most: int = 2) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True).map(tuple)


RULE = st.builds(
    PolicyRule,
    verbs=some(VERBS),
    api_groups=some(GROUPS),
    resources=some(RESOURCES),
    resource_names=st.one_of(st.just(()), some(NAMES)),
)
URL_RULE = st.builds(PolicyRule, verbs=some(("get", "post", "*")), non_resource_urls=some(URLS))
SUBJECT = st.one_of(
    st.sampled_from(("u0", "u1")).map(lambda name: Subject(api_group=RBAC, kind="User", name=name)),
    st.sampled_from(("g0", "system:authenticated")).map(lambda name: Subject(api_group=RBAC, kind="Group", name=name)),
    st.sampled_from(SPACES).map(lambda space: Subject(kind="ServiceAccount", name="bot", namespace=space)),
)
WHO = (
    Who("u0", frozenset({"system:authenticated"})),
    Who("u1", frozenset({"g0", "system:authenticated"})),
    Who("system:serviceaccount:a:bot", frozenset({"system:serviceaccounts"})),
)
ASKED = [
    *(
        (Permission(group, resource, verb, name), space)
        for group, resource in (("", "pods"), ("", "pods/exec"), ("apps", "deployments"), ("apps", "deployments/scale"))
        for verb, name in (("get", ""), ("get", "x"), ("create", ""))
        for space in ("", "a")
    ),
    *((Permission("", "", "get", url=url), "") for url in ("/metrics", "/api/v1", "/logs/kubelet", "/else")),
]


@dataclass(frozen=True)
class Binding:
    space: str  # "" for the cluster's own
    kind: str
    role: str
    subjects: tuple[Subject, ...]


BINDING = st.builds(
    Binding,
    space=st.sampled_from(("", *SPACES)),
    kind=st.sampled_from(("Role", "ClusterRole")),
    role=st.sampled_from((*ROLES, "absent")),
    subjects=st.lists(SUBJECT, max_size=2).map(tuple),
)
RULES = st.lists(RULE, max_size=3).map(tuple)
CLUSTER_RULES = st.lists(st.one_of(RULE, URL_RULE), max_size=3).map(tuple)


async def write(client: Client, roles: list[Role], cluster_roles: list[ClusterRole], bindings: list[Binding]) -> None:
    for role in roles:
        await client.create(ROLE, role, role.metadata.namespace)
    for cluster_role in cluster_roles:
        await client.create(CLUSTER_ROLE, cluster_role)
    for number, binding in enumerate(bindings):
        if not binding.space and binding.kind == "Role":
            continue  # the API server refuses it
        ref = RoleRef(api_group=RBAC, kind=binding.kind, name=binding.role)
        meta = ObjectMeta(name=f"b{number}", namespace=binding.space)
        if binding.space:
            made = RoleBinding(metadata=meta, role_ref=ref, subjects=binding.subjects)
            await client.create(ROLE_BINDING, made, binding.space)
        else:
            whole = ClusterRoleBinding(metadata=meta, role_ref=ref, subjects=binding.subjects)
            await client.create(CLUSTER_ROLE_BINDING, whole)


async def observed(client: Client) -> Rbac:
    return rbac_of(
        (await client.list(ROLE)).items,
        (await client.list(CLUSTER_ROLE)).items,
        (await client.list(ROLE_BINDING)).items,
        (await client.list(CLUSTER_ROLE_BINDING)).items,
    )


async def compare(directory: Path, roles: list[Role], cluster: list[ClusterRole], bindings: list[Binding]) -> None:
    async with running_server(directory, alone=True) as server:
        client = server.admin()
        for space in SPACES:
            await client.create(NAMESPACE, Namespace(metadata=ObjectMeta(name=space)))
        await write(client, roles, cluster, bindings)
        rbac = await observed(client)
        for who in WHO:
            for asked, space in ASKED:
                said = bool((await review(client, who, asked, space)).allowed)
                found = grants_to(rbac, who, asked, space)
                assert bool(found) == said, f"{who.user}: {asked} in {space or 'the cluster'}"
                if not asked.url:
                    assert (not missing(held_by(rbac, who, space), {asked})) == said


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rules=st.lists(RULES, min_size=6, max_size=6),
    cluster_rules=st.lists(CLUSTER_RULES, min_size=3, max_size=3),
    bindings=st.lists(BINDING, min_size=1, max_size=8),
)
def test_the_analysis_is_the_api_servers(
    tmp_path_factory: pytest.TempPathFactory,
    rules: list[tuple[PolicyRule, ...]],
    cluster_rules: list[tuple[PolicyRule, ...]],
    bindings: list[Binding],
) -> None:
    places = [(space, name) for space in SPACES for name in ROLES]
    roles = [
        Role(metadata=ObjectMeta(name=name, namespace=space), rules=minimal(own))
        for (space, name), own in zip(places, rules, strict=True)
    ]
    cluster = [
        ClusterRole(metadata=ObjectMeta(name=name), rules=own) for name, own in zip(ROLES, cluster_rules, strict=True)
    ]
    directory = tmp_path_factory.getbasetemp() / "analysis"
    asyncio.run(compare(directory, roles, cluster, bindings))
