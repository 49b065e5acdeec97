"""Permissions and built-in roles of the platform itself, held in the host cluster."""

from armillary.base.words import Words
from armillary.kube.kinds.rbac import PolicyRule
from armillary.platform.capabilities.access.decide.rules import compose
from armillary.platform.capabilities.access.kinds import GROUP as IAM
from armillary.platform.capabilities.access.templates.cluster import EVERYTHING
from armillary.platform.capabilities.access.templates.template import (
    ACCESS_CONTROL,
    RBAC,
    READ,
    WRITE,
    BuiltIn,
    Catalogue,
    Template,
    audit_view,
    rule,
)
from armillary.platform.capabilities.access.templates.workspace import WORKSPACE
from armillary.platform.capabilities.tenancy.kinds import GROUP as TENANCY

WORKSPACES = Words("Workspaces", "企业空间")
CLUSTERS = Words("Clusters Management", "集群管理")
SETTINGS = Words("Platform Settings", "平台设置")

_WORKSPACE_ADMIN = compose(WORKSPACE, tuple(template.name for template in WORKSPACE.templates))

_TEMPLATES = (
    Template(
        "self",
        SETTINGS,
        Words("Sign in", "登录平台"),
        Words("Find out what there is, and what one may do oneself.", "了解平台提供的接口以及自己的权限。"),
        (
            rule("create", "selfsubjectaccessreviews selfsubjectrulesreviews", "authorization.k8s.io"),
            rule("create", "selfsubjectreviews", "authentication.k8s.io"),
            PolicyRule(
                verbs=("get",),
                non_resource_urls=(
                    "/api",
                    "/api/*",
                    "/apis",
                    "/apis/*",
                    "/healthz",
                    "/livez",
                    "/openapi",
                    "/openapi/*",
                    "/readyz",
                    "/version",
                    "/version/",
                ),
            ),
        ),
    ),
    Template(
        "workspaces-view",
        WORKSPACES,
        Words("View all workspaces", "查看全部企业空间"),
        Words("See every workspace and what it is made of.", "查看全部企业空间及其项目。"),
        (rule(READ, "workspaces projects devopsprojects", TENANCY),),
    ),
    Template(
        "workspaces-create",
        WORKSPACES,
        Words("Create workspaces", "创建企业空间"),
        Words("Create workspaces, and be admin of these.", "创建企业空间并成为其管理员。"),
        (rule("create", "workspaces", TENANCY),),
    ),
    Template(
        "workspaces-manage",
        WORKSPACES,
        Words("Manage all workspaces", "管理全部企业空间"),
        Words(
            "Change and delete every workspace, set its quota, give and take its roles.",
            "更改和删除任意企业空间，设置其配额，授予和收回其角色。",
        ),
        # To give a workspace's roles away one has to hold what is in them.
        (rule(WRITE, "workspaces", TENANCY), rule("update", "workspaces/quota", TENANCY), *_WORKSPACE_ADMIN),
        ("workspaces-view", "workspaces-create"),
    ),
    Template(
        "users-view",
        ACCESS_CONTROL,
        Words("View users", "查看用户"),
        Words("See the accounts of the platform.", "查看平台用户。"),
        (rule(READ, "users", IAM),),
    ),
    Template(
        "users-manage",
        ACCESS_CONTROL,
        Words("Manage users", "管理用户"),
        Words(
            "Create, change, disable and delete accounts, reset passwords, end sessions.",
            "创建、更改、停用和删除用户，重置密码，结束会话。",
        ),
        (
            rule(WRITE, "users", IAM),
            rule("update", "users/password", IAM),
            rule("get delete", "users/sessions users/tokens", IAM),
        ),
        ("users-view",),
    ),
    Template(
        "roles-view",
        ACCESS_CONTROL,
        Words("View platform roles", "查看平台角色"),
        Words("See the platform's roles and who holds them.", "查看平台角色及其成员。"),
        (rule(READ, "clusterroles clusterrolebindings", RBAC),),
    ),
    Template(
        "roles-manage",
        ACCESS_CONTROL,
        Words("Manage platform roles", "管理平台角色"),
        Words(
            "Make roles and give them; nobody can give what they do not hold.",
            "创建角色并授予用户；任何人都不能授予自己没有的权限。",
        ),
        (rule(WRITE, "clusterroles clusterrolebindings", RBAC),),
        ("roles-view",),
    ),
    Template(
        "clusters-view",
        CLUSTERS,
        Words("View clusters", "查看集群"),
        Words("See which clusters there are, and how they are.", "查看集群及其状态。"),
        (rule(READ, "clusters", TENANCY),),
    ),
    Template(
        "clusters-manage",
        CLUSTERS,
        Words("Manage clusters", "管理集群"),
        Words("Add, change and remove clusters.", "添加、更改和移除集群。"),
        (rule(WRITE, "clusters", TENANCY),),
        ("clusters-view",),
    ),
    Template(
        "settings-view",
        SETTINGS,
        Words("View platform settings", "查看平台设置"),
        Words("See how people sign in, and which applications use it.", "查看登录方式与接入的应用。"),
        (rule(READ, "identityproviders oauthclients", IAM),),
    ),
    Template(
        "settings-manage",
        SETTINGS,
        Words("Manage platform settings", "管理平台设置"),
        Words("Change how people sign in, and which applications use it.", "更改登录方式与接入的应用。"),
        (rule(WRITE, "identityproviders oauthclients", IAM),),
        ("settings-view",),
    ),
    audit_view(),
    Template(
        "everything",
        SETTINGS,
        Words("Everything", "全部权限"),
        Words("Whatever can be done on the platform.", "平台上的全部操作。"),
        EVERYTHING,
    ),
)

PLATFORM = Catalogue(
    "platform",
    _TEMPLATES,
    (
        BuiltIn(
            "platform-admin",
            Words("Platform administrator", "平台管理员"),
            Words("Everything on the platform.", "平台上的全部权限。"),
            ("everything",),
        ),
        BuiltIn(
            "platform-self-provisioner",
            Words("Platform self-provisioner", "平台自助创建者"),
            Words("Creates workspaces and administers these.", "创建企业空间并管理它们。"),
            ("self", "workspaces-create"),
        ),
        BuiltIn(
            "platform-regular",
            Words("Platform user", "平台普通用户"),
            Words("Nothing until invited.", "受邀之前没有其他权限。"),
            ("self",),
        ),
        BuiltIn(
            "workspaces-manager",
            Words("Workspaces manager", "企业空间管理员"),
            Words("Manages all workspaces and their members.", "管理全部企业空间及其成员。"),
            ("self", "workspaces-manage"),
        ),
        BuiltIn(
            "users-manager",
            Words("Users manager", "用户管理员"),
            Words("Manages the platform's users.", "管理平台用户。"),
            ("self", "users-manage"),
        ),
    ),
)
