"""What each built-in role allows and what it does not, as the API server says."""

import asyncio

import pytest
from tests.component.platform.access.running import Access

from armillary.platform.capabilities.access.kinds import Level
from armillary.platform.capabilities.access.templates.all import CATALOGUES
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.parts import Asked

RBAC, TENANCY, IAM = "rbac.authorization.k8s.io", "tenancy.armillary.io", "iam.armillary.io"
# Of each role: what it allows, and what it must not. `R`, `T` and `I` are the groups of RBAC, tenancy and accounts.
NEVER_OF_TENANTS = (
    "update namespaces; patch namespaces; delete namespaces; create namespaces; "
    "get nodes; update nodes; escalate roles.R; "
    "bind roles.R; impersonate users; impersonate serviceaccounts; "
    "create serviceaccounts/token; get persistentvolumes; "
    "create clusterrolebindings.R; create networkpolicies.networking.k8s.io; "
    "update resourcequotas; delete limitranges; "
    "list users.I; * *.*"
)
TABLE: list[tuple[Level, str, str, str]] = [
    (
        "project",
        "admin",
        "create pods; delete deployments.apps; patch deployments/scale.apps; "
        "create pods/exec; get pods/exec; list secrets; "
        "create rolebindings.R; update roles.R; update projects.T; delete projects.T; list events.audit.armillary.io",
        "update projects/quota.T; administer projects.T",
    ),
    (
        "project",
        "operator",
        "create pods; delete deployments.apps; create pods/exec; get secrets; create jobs.batch; update services; "
        "create persistentvolumeclaims; list rolebindings.R",
        "create rolebindings.R; update roles.R; update projects.T; delete projects.T; list events.audit.armillary.io",
    ),
    (
        "project",
        "viewer",
        "get pods; list pods; get pods/log; list deployments.apps; watch services; "
        "list configmaps; list rolebindings.R; "
        "list roles.R; get resourcequotas; list persistentvolumeclaims; list ingresses.networking.k8s.io",
        "get secrets; list secrets; watch secrets; create pods/exec; get pods/exec; create pods/portforward; "
        "get pods/attach; update pods/ephemeralcontainers; create pods; update deployments.apps; delete pods; "
        "create rolebindings.R; update projects.T",
    ),
    (
        "devopsproject",
        "admin",
        "list secrets; create secrets; create rolebindings.R; update devopsprojects.T; delete devopsprojects.T",
        "create pods; administer devopsprojects.T",
    ),
    ("devopsproject", "operator", "list secrets; create secrets", "create rolebindings.R; update devopsprojects.T"),
    ("devopsproject", "viewer", "list rolebindings.R; get devopsprojects.T", "list secrets; create rolebindings.R"),
    (
        "workspace",
        "admin",
        "administer projects.T; operate projects.T; view-all projects.T; create projects.T; update projects/quota.T; "
        "delete projects.T; administer devopsprojects.T; create rolebindings.R; create departments.I; "
        "update workspaces.T; delete workspaces.T",
        "create pods; list secrets; update workspaces/quota.T",
    ),
    (
        "workspace",
        "self-provisioner",
        "create projects.T; create devopsprojects.T; list departments.I; list rolebindings.R",
        "list projects.T; view-all projects.T; create rolebindings.R; update workspaces.T",
    ),
    ("workspace", "regular", "list rolebindings.R; get workspaces.T", "create projects.T; list projects.T"),
    (
        "workspace",
        "viewer",
        "view-all projects.T; list projects.T; view-all devopsprojects.T",
        "create projects.T; operate projects.T; administer projects.T; create rolebindings.R; update departments.I",
    ),
    (
        "cluster",
        "cluster-viewer",
        "list nodes; list pods; list namespaces; list storageclasses.storage.k8s.io; list clusterrolebindings.R; "
        "list customresourcedefinitions.apiextensions.k8s.io",
        "list secrets; get secrets; create pods; create pods/exec; update nodes; create clusterrolebindings.R; "
        "delete namespaces; list events.audit.armillary.io; create serviceaccounts/token",
    ),
    ("cluster", "cluster-admin", "* *.*; delete nodes; list secrets", ""),
    ("platform", "platform-admin", "* *.*; create users.I; delete workspaces.T", ""),
    (
        "platform",
        "platform-self-provisioner",
        "create workspaces.T",
        "list workspaces.T; update workspaces.T; list users.I",
    ),
    ("platform", "platform-regular", "create selfsubjectaccessreviews.authorization.k8s.io", "create workspaces.T"),
    (
        "platform",
        "workspaces-manager",
        "create workspaces.T; delete workspaces.T; update workspaces/quota.T; create rolebindings.R; list projects.T",
        "list secrets; create pods; list users.I; create clusterrolebindings.R; bind roles.R; escalate roles.R; "
        "update namespaces",
    ),
    (
        "platform",
        "users-manager",
        "create users.I; delete users.I; update users/password.I; delete users/sessions.I",
        "create workspaces.T; list secrets; create clusterrolebindings.R; impersonate users",
    ),
]


def asked(text: str, namespace: str) -> list[Asked]:
    groups = {"R": RBAC, "T": TENANCY, "I": IAM}
    found = []
    for one in filter(None, (part.strip() for part in text.split(";"))):
        verb, what = one.split()
        path, _, group = what.partition(".")
        if "/" in group:  # deployments/scale.apps is written as in discovery
            raise ValueError(what)
        found.append(Asked(verb, groups.get(group, group), path, namespace))
    return found


@pytest.mark.parametrize(("level", "role", "may", "may_not"), TABLE, ids=[f"{row[0]}-{row[1]}" for row in TABLE])
async def test_a_role_allows_this_and_not_that(access: Access, level: Level, role: str, may: str, may_not: str) -> None:
    await access.accounts("zoe")
    if level in ("platform", "cluster"):
        space = ""
        await access.holder("zoe", role, level)
    else:
        home = await access.workspace("team")
        space = home if level == "workspace" else await access.project("team", "web", level)
        await access.member(space, "zoe", role, level)
        may_not += "; " + NEVER_OF_TENANTS
    rights = access.platform.parts.rights

    async def answers(text: str) -> dict[str, bool]:
        questions = asked(text, space)
        verdicts = await asyncio.gather(*(rights.may(Caller("zoe"), question) for question in questions))
        return {f"{q.verb} {q.resource}.{q.group}": v.allowed for q, v in zip(questions, verdicts, strict=True)}

    assert [what for what, allowed in (await answers(may)).items() if not allowed] == []
    assert [what for what, allowed in (await answers(may_not)).items() if allowed] == []


def test_the_table_has_every_built_in_role() -> None:

    assert {(level, role) for level, role, *_ in TABLE} == {
        (level, role.name) for level, catalogue in CATALOGUES.items() for role in catalogue.roles
    }
