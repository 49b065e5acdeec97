"""Departments, and how roles and memberships are written: as Kubernetes RBAC objects with these labels.

    level          roles are                                   memberships are
    platform       ClusterRole armillary:platform:<role>       ClusterRoleBinding armillary:platform:<member>
    cluster        ClusterRole armillary:cluster:<role>        ClusterRoleBinding armillary:cluster:<member>
    workspace      Role <role> in the workspace's namespace    RoleBinding <member> in it
    project        Role <role> in the project's namespace      RoleBinding <member> in it
    devopsproject  the same in the DevOps project's namespace

`<member>` is `member:<user>` or `department:<name>`: everybody holds at most one role at each place.
"""

from typing import Annotated, Literal

from msgspec import Struct

from armillary.kube.custom import Column, CustomResource, doc
from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.wire import wire_name

GROUP = "iam.armillary.io"
HOME_PREFIX = "workspace-"  # of the home namespaces of workspaces, where departments are

Level = Literal["platform", "cluster", "workspace", "project", "devopsproject"]
LEVELS: tuple[Level, ...] = ("platform", "cluster", "workspace", "project", "devopsproject")

LEVEL_LABEL = f"{GROUP}/level"  # on roles and memberships
BUILT_IN_LABEL = f"{GROUP}/built-in"  # on roles that the platform keeps as they are
MEMBER_LABEL = f"{GROUP}/member"  # on memberships: the user's name
DEPARTMENT_LABEL = f"{GROUP}/department"  # on memberships: the department's name
TEMPLATES_ANNOTATION = f"{GROUP}/templates"  # on roles: names of permission templates, comma-separated
ADDED_BY_ANNOTATION = f"{GROUP}/added-by"  # on memberships: the user who wrote it; for people, it proves nothing
DISPLAY_NAME_ANNOTATION = f"{GROUP}/display-name"
DESCRIPTION_ANNOTATION = f"{GROUP}/description"

# Verbs of RBAC rules about `projects.tenancy.armillary.io` in a workspace's namespace. Whoever holds one is given the
# role of that name in every project of the workspace. Being rules, nobody can grant them who lacks them.
PROJECT_VERBS = {"administer": "admin", "operate": "operator", "view-all": "viewer"}
# The same about `devopsprojects.tenancy.armillary.io`.
DEVOPS_VERBS = PROJECT_VERBS


class DepartmentSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    display_name: Annotated[str, doc("How people call it.", max_length=256)] = ""
    parent: Annotated[str, doc("The department it is a part of: its members are members of that one too.")] = ""
    members: Annotated[tuple[str, ...], doc("Users' names.", max_length=1000)] = ()


class Department(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = ObjectMeta()
    spec: DepartmentSpec = DepartmentSpec()


DEPARTMENT = Kind(GROUP, "v1", "Department", "departments", True, Department)

KINDS = (
    CustomResource(
        DEPARTMENT,
        "A group of people inside a workspace; what it is a member of, they are members of.",
        columns=(Column("Parent", ".spec.parent"),),
    ),
)
