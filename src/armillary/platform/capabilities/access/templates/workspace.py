"""Permissions and built-in roles in a workspace, held in its home namespace.

What is said there about `workspaces` is carried over to the Workspace itself by tenancy, and the verbs of
PROJECT_VERBS to all of its projects.
"""

from armillary.base.words import Words
from armillary.platform.capabilities.access.kinds import GROUP as IAM
from armillary.platform.capabilities.access.templates.template import (
    ACCESS_CONTROL,
    DELETE,
    EDIT,
    READ,
    WRITE,
    BuiltIn,
    Catalogue,
    Template,
    access_control,
    audit_view,
    rule,
)
from armillary.platform.capabilities.tenancy.kinds import GROUP as TENANCY

PROJECTS = Words("Projects Management", "项目管理")
DEVOPS = Words("DevOps Management", "DevOps 工程管理")
SETTINGS = Words("Workspace Settings", "企业空间设置")


def _sort(module: Words, plural: str, en: str, zh: str) -> tuple[Template, ...]:
    """Projects and DevOps projects differ in name only."""
    return (
        Template(
            f"{plural}-view",
            module,
            Words(f"View all {en}", f"查看全部{zh}"),
            Words(f"View every one of the {en} of the workspace.", f"以查看者身份进入企业空间的全部{zh}。"),
            (rule(f"{READ} view-all", plural, TENANCY),),
        ),
        Template(
            f"{plural}-create",
            module,
            Words(f"Create {en}", f"创建{zh}"),
            Words(f"Create {en}, and be admin of these.", f"创建{zh}并成为其管理员。"),
            (rule("create", plural, TENANCY),),
        ),
        Template(
            f"{plural}-operate",
            module,
            Words(f"Operate all {en}", f"操作全部{zh}"),
            Words(f"Be operator in all {en} of the workspace.", f"以操作者身份进入企业空间的全部{zh}。"),
            (rule("operate", plural, TENANCY),),
            (f"{plural}-view",),
        ),
        Template(
            f"{plural}-manage",
            module,
            Words(f"Manage all {en}", f"管理全部{zh}"),
            Words(f"Be admin of all {en}, delete them, set their quotas.", f"管理和删除全部{zh}，设置其配额。"),
            (rule(f"{EDIT} {DELETE} administer", plural, TENANCY), rule("update", f"{plural}/quota", TENANCY)),
            (f"{plural}-create", f"{plural}-operate"),
        ),
    )


_TEMPLATES = (
    *_sort(PROJECTS, "projects", "projects", "项目"),
    *_sort(DEVOPS, "devopsprojects", "DevOps projects", " DevOps 工程"),
    *access_control(),
    Template(
        "departments-view",
        ACCESS_CONTROL,
        Words("View departments", "查看部门"),
        Words("See the departments and who is in them.", "查看部门及其成员。"),
        (rule(READ, "departments", IAM),),
    ),
    Template(
        "departments-manage",
        ACCESS_CONTROL,
        Words("Manage departments", "管理部门"),
        Words("Create, change and delete departments.", "创建、更改和删除部门。"),
        (rule(WRITE, "departments", IAM),),
        ("departments-view",),
    ),
    audit_view(),
    Template(
        "settings-view",
        SETTINGS,
        Words("View settings", "查看企业空间设置"),
        Words("See the workspace and its settings.", "查看企业空间及其设置。"),
        (rule("get", "workspaces", TENANCY),),
    ),
    Template(
        "settings-manage",
        SETTINGS,
        Words("Manage settings", "管理企业空间设置"),
        Words("Change the workspace's description and network.", "更改企业空间的描述与网络。"),
        (rule(EDIT, "workspaces", TENANCY),),
        ("settings-view",),
    ),
    Template(
        "workspace-delete",
        SETTINGS,
        Words("Delete the workspace", "删除企业空间"),
        Words("Delete the workspace.", "删除企业空间。"),
        (rule("delete", "workspaces", TENANCY),),
        ("settings-view",),
    ),
)

_REGULAR = ("members-view", "roles-view", "departments-view", "settings-view")

WORKSPACE = Catalogue(
    "workspace",
    _TEMPLATES,
    (
        BuiltIn(
            "admin",
            Words("Administrator", "管理员"),
            Words(
                "Everything in the workspace, and admin of all of its projects.",
                "企业空间内的全部权限，并管理其全部项目。",
            ),
            tuple(t.name for t in _TEMPLATES),
        ),
        BuiltIn(
            "self-provisioner",
            Words("Self-provisioner", "自助创建者"),
            Words("Creates projects and administers these.", "创建项目和 DevOps 工程并管理它们。"),
            (*_REGULAR, "projects-create", "devopsprojects-create"),
        ),
        BuiltIn(
            "regular",
            Words("Regular member", "普通成员"),
            Words("Nothing until invited into a project.", "受邀加入项目前没有其他权限。"),
            _REGULAR,
        ),
        BuiltIn(
            "viewer",
            Words("Viewer", "查看者"),
            Words("Sees the workspace and all of its projects.", "查看企业空间及其全部项目。"),
            (*_REGULAR, "projects-view", "devopsprojects-view"),
        ),
    ),
)
