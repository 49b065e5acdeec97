"""What permission templates are made of: described bundles of RBAC rules, grouped in modules. Pure.

A permission that another one needs is brought along: whoever may create may also view.
"""

from dataclasses import dataclass

from armillary.base.words import Words
from armillary.kube.kinds.rbac import PolicyRule
from armillary.platform.capabilities.access.kinds import Level

READ = "get list watch"
EDIT = "update patch"
DELETE = "delete deletecollection"
WRITE = f"create {EDIT} {DELETE}"

APPS, BATCH, RBAC = "apps", "batch", "rbac.authorization.k8s.io"
AUTOSCALING, POLICY, NETWORKING = "autoscaling", "policy", "networking.k8s.io"
DISCOVERY, STORAGE, SNAPSHOTS = "discovery.k8s.io", "storage.k8s.io", "snapshot.storage.k8s.io"
METRICS, EVENTS, AUDIT = "metrics.k8s.io", "events.k8s.io", "audit.armillary.io"


@dataclass(frozen=True, slots=True)
class Template:
    """`name` is unique in its level; `needs` names others of the level."""

    name: str
    module: Words
    title: Words
    description: Words
    rules: tuple[PolicyRule, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A role that the platform keeps as it is."""

    name: str
    title: Words
    description: Words
    templates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What there is of one level."""

    level: Level
    templates: tuple[Template, ...]
    roles: tuple[BuiltIn, ...]

    def template(self, name: str) -> Template | None:
        return next((t for t in self.templates if t.name == name), None)

    def role(self, name: str) -> BuiltIn | None:
        return next((r for r in self.roles if r.name == name), None)


def rule(verbs: str, resources: str, group: str = "") -> PolicyRule:
    """Verbs and resources are separated by blanks."""
    return PolicyRule(api_groups=(group,), resources=tuple(resources.split()), verbs=tuple(verbs.split()))


ACCESS_CONTROL = Words("Access Control", "访问控制")
MONITORING = Words("Monitoring & Alerting", "监控告警")


def access_control() -> tuple[Template, ...]:
    """Members and roles of a place with a namespace: the same on three levels."""
    return (
        Template(
            "members-view",
            ACCESS_CONTROL,
            Words("View members", "查看成员"),
            Words("See who is a member here, and with which role.", "查看成员及其角色。"),
            (rule(READ, "rolebindings", RBAC),),
        ),
        Template(
            "members-manage",
            ACCESS_CONTROL,
            Words("Manage members", "管理成员"),
            Words(
                "Invite people, change their roles and remove them; nobody can give what they do not hold.",
                "邀请、移除成员并更改其角色；任何人都不能授予自己没有的权限。",
            ),
            (rule(WRITE, "rolebindings", RBAC),),
            ("members-view", "roles-view"),
        ),
        Template(
            "roles-view",
            ACCESS_CONTROL,
            Words("View roles", "查看角色"),
            Words("See the roles here and what they allow.", "查看角色及其权限。"),
            (rule(READ, "roles", RBAC),),
        ),
        Template(
            "roles-manage",
            ACCESS_CONTROL,
            Words("Manage roles", "管理角色"),
            Words(
                "Create, change and delete roles of one's own making; no role can hold more than its maker does.",
                "创建、更改和删除自定义角色；角色的权限不能超出创建者。",
            ),
            (rule(WRITE, "roles", RBAC),),
            ("roles-view",),
        ),
    )


def audit_view() -> Template:
    return Template(
        "audit-view",
        MONITORING,
        Words("View the audit log", "查看审计日志"),
        Words("See who changed what here.", "查看操作记录。"),
        (rule("list", "events", AUDIT),),
    )
