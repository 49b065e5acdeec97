"""Permissions and built-in roles in a DevOps project, held in its namespace."""

from armillary.base.words import Words
from armillary.platform.capabilities.access.templates.template import (
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

CREDENTIALS = Words("Credentials", "凭证")
SETTINGS = Words("DevOps Project Settings", "DevOps 工程设置")

_TEMPLATES = (
    Template(
        "credentials-view",
        CREDENTIALS,
        Words("View credentials", "查看凭证"),
        Words("See credentials and what is in them.", "查看凭证及其内容。"),
        (rule(READ, "secrets"),),
    ),
    Template(
        "credentials-manage",
        CREDENTIALS,
        Words("Manage credentials", "管理凭证"),
        Words("Create, change and delete credentials.", "创建、更改和删除凭证。"),
        (rule(WRITE, "secrets"),),
        ("credentials-view",),
    ),
    audit_view(),
    *access_control(),
    Template(
        "settings-view",
        SETTINGS,
        Words("View settings", "查看工程设置"),
        Words("See the DevOps project and its settings.", "查看 DevOps 工程及其设置。"),
        (rule("get", "devopsprojects", TENANCY), rule(READ, "resourcequotas limitranges")),
    ),
    Template(
        "settings-manage",
        SETTINGS,
        Words("Manage settings", "管理工程设置"),
        Words("Change the DevOps project's name and description.", "更改 DevOps 工程的名称与描述。"),
        (rule(EDIT, "devopsprojects", TENANCY),),
        ("settings-view",),
    ),
    Template(
        "devopsproject-delete",
        SETTINGS,
        Words("Delete the DevOps project", "删除 DevOps 工程"),
        Words("Delete the DevOps project with all that is in it.", "删除 DevOps 工程及其全部内容。"),
        (rule("delete", "devopsprojects", TENANCY),),
        ("settings-view",),
    ),
)

_VIEWS = ("members-view", "roles-view", "settings-view")

DEVOPS_PROJECT = Catalogue(
    "devopsproject",
    _TEMPLATES,
    (
        BuiltIn(
            "admin",
            Words("Administrator", "管理员"),
            Words("Everything in the DevOps project.", "DevOps 工程内的全部权限。"),
            tuple(t.name for t in _TEMPLATES),
        ),
        BuiltIn(
            "operator",
            Words("Operator", "操作员"),
            Words("Works with credentials; not members, roles or settings.", "管理凭证；不能管理成员、角色与设置。"),
            (*_VIEWS, "credentials-manage"),
        ),
        BuiltIn(
            "viewer",
            Words("Viewer", "查看者"),
            Words("Sees everything but credentials.", "查看除凭证以外的全部内容。"),
            _VIEWS,
        ),
    ),
)
