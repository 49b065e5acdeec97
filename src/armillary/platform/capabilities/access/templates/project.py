"""Permissions and built-in roles in a project, held in its namespace."""

from armillary.base.words import Words
from armillary.platform.capabilities.access.templates.template import (
    APPS,
    AUTOSCALING,
    BATCH,
    DELETE,
    DISCOVERY,
    EDIT,
    EVENTS,
    METRICS,
    MONITORING,
    NETWORKING,
    POLICY,
    READ,
    SNAPSHOTS,
    WRITE,
    BuiltIn,
    Catalogue,
    Template,
    access_control,
    audit_view,
    rule,
)
from armillary.platform.capabilities.tenancy.kinds import GROUP as TENANCY

WORKLOADS = Words("Application Workloads", "应用负载")
STORAGE = Words("Storage", "存储管理")
CONFIGURATION = Words("Configuration Center", "配置中心")
SETTINGS = Words("Project Settings", "项目设置")

_APPS = "deployments statefulsets daemonsets replicasets"
_SCALED = "deployments/scale statefulsets/scale replicasets/scale"
_JOBS = "jobs cronjobs"
_SERVICES = "services"
_AUTOSCALERS, _BUDGETS, _INGRESSES = "horizontalpodautoscalers", "poddisruptionbudgets", "ingresses"
_VOLUMES, _SNAPSHOTS = "persistentvolumeclaims", "volumesnapshots"

_WORKLOADS = (
    Template(
        "workloads-view",
        WORKLOADS,
        Words("View workloads", "查看工作负载"),
        Words(
            "See deployments, jobs, pods, their logs, services and routes.",
            "查看部署、任务、容器组及其日志、服务与应用路由。",
        ),
        (
            rule(READ, "pods replicationcontrollers services endpoints events podtemplates"),
            rule("get", "replicationcontrollers/scale"),
            rule("get list", "pods/log pods/status services/status"),
            rule(READ, f"{_APPS} {_SCALED} controllerrevisions", APPS),
            rule("get", "deployments/status statefulsets/status daemonsets/status replicasets/status", APPS),
            rule(READ, f"{_JOBS} jobs/status cronjobs/status", BATCH),
            rule(READ, f"{_AUTOSCALERS} {_AUTOSCALERS}/status", AUTOSCALING),
            rule(READ, f"{_BUDGETS} {_BUDGETS}/status", POLICY),
            rule(READ, f"{_INGRESSES} {_INGRESSES}/status networkpolicies", NETWORKING),
            rule(READ, "endpointslices", DISCOVERY),
            rule(READ, "events", EVENTS),
        ),
    ),
    Template(
        "workloads-create",
        WORKLOADS,
        Words("Create workloads", "创建工作负载"),
        Words("Create deployments, jobs, pods, services and routes.", "创建部署、任务、容器组、服务与应用路由。"),
        (
            rule("create", f"pods replicationcontrollers {_SERVICES}"),
            rule("create", _APPS, APPS),
            rule("create", _JOBS, BATCH),
            rule("create", _AUTOSCALERS, AUTOSCALING),
            rule("create", _BUDGETS, POLICY),
            rule("create", _INGRESSES, NETWORKING),
        ),
        ("workloads-view",),
    ),
    Template(
        "workloads-edit",
        WORKLOADS,
        Words("Edit workloads", "编辑工作负载"),
        Words(
            "Change, scale and restart workloads; change services and routes.",
            "更改、伸缩和重启工作负载；更改服务与应用路由。",
        ),
        (
            rule(EDIT, f"pods pods/resize replicationcontrollers replicationcontrollers/scale {_SERVICES}"),
            rule("create", "pods/eviction"),
            rule(EDIT, f"{_APPS} {_SCALED}", APPS),
            rule(EDIT, _JOBS, BATCH),
            rule(EDIT, _AUTOSCALERS, AUTOSCALING),
            rule(EDIT, _BUDGETS, POLICY),
            rule(EDIT, _INGRESSES, NETWORKING),
        ),
        ("workloads-view",),
    ),
    Template(
        "workloads-delete",
        WORKLOADS,
        Words("Delete workloads", "删除工作负载"),
        Words("Delete deployments, jobs, pods, services and routes.", "删除部署、任务、容器组、服务与应用路由。"),
        (
            rule(DELETE, f"pods replicationcontrollers {_SERVICES}"),
            rule(DELETE, _APPS, APPS),
            rule(DELETE, _JOBS, BATCH),
            rule(DELETE, _AUTOSCALERS, AUTOSCALING),
            rule(DELETE, _BUDGETS, POLICY),
            rule(DELETE, _INGRESSES, NETWORKING),
        ),
        ("workloads-view",),
    ),
    Template(
        "pods-terminal",
        WORKLOADS,
        Words("Open terminals", "打开终端"),
        Words(
            "Run commands in containers, attach to them, forward their ports, debug them.",
            "在容器中执行命令、连接容器、转发端口与调试。",
        ),
        (rule("create get", "pods/exec pods/attach pods/portforward"), rule(EDIT, "pods/ephemeralcontainers")),
        ("workloads-view",),
    ),
)

_STORAGE = (
    Template(
        "volumes-view",
        STORAGE,
        Words("View volumes", "查看存储卷"),
        Words("See volume claims and snapshots.", "查看存储卷声明与快照。"),
        (rule(READ, f"{_VOLUMES} {_VOLUMES}/status"), rule(READ, _SNAPSHOTS, SNAPSHOTS)),
    ),
    Template(
        "volumes-manage",
        STORAGE,
        Words("Manage volumes", "管理存储卷"),
        Words("Create, change and delete volume claims and snapshots.", "创建、更改和删除存储卷声明与快照。"),
        (rule(WRITE, _VOLUMES), rule(WRITE, _SNAPSHOTS, SNAPSHOTS)),
        ("volumes-view",),
    ),
)

_CONFIGURATION = (
    Template(
        "configmaps-view",
        CONFIGURATION,
        Words("View configuration", "查看配置字典"),
        Words("See config maps.", "查看配置字典。"),
        (rule(READ, "configmaps"),),
    ),
    Template(
        "configmaps-manage",
        CONFIGURATION,
        Words("Manage configuration", "管理配置字典"),
        Words("Create, change and delete config maps.", "创建、更改和删除配置字典。"),
        (rule(WRITE, "configmaps"),),
        ("configmaps-view",),
    ),
    Template(
        "secrets-view",
        CONFIGURATION,
        Words("View secrets", "查看保密字典"),
        Words("See secrets and what is in them.", "查看保密字典及其内容。"),
        (rule(READ, "secrets"),),
    ),
    Template(
        "secrets-manage",
        CONFIGURATION,
        Words("Manage secrets", "管理保密字典"),
        Words("Create, change and delete secrets.", "创建、更改和删除保密字典。"),
        (rule(WRITE, "secrets"),),
        ("secrets-view",),
    ),
    Template(
        "serviceaccounts-view",
        CONFIGURATION,
        Words("View service accounts", "查看服务帐户"),
        Words("See the accounts that workloads run under.", "查看工作负载使用的服务帐户。"),
        (rule(READ, "serviceaccounts"),),
    ),
    Template(
        "serviceaccounts-manage",
        CONFIGURATION,
        Words("Manage service accounts", "管理服务帐户"),
        Words("Create, change and delete service accounts.", "创建、更改和删除服务帐户。"),
        (rule(WRITE, "serviceaccounts"),),
        ("serviceaccounts-view",),
    ),
)

_MONITORING = (
    Template(
        "monitoring-view",
        MONITORING,
        Words("View monitoring", "查看监控"),
        Words("See what workloads use, and events.", "查看资源用量与事件。"),
        (rule("get list", "pods", METRICS), rule(READ, "events"), rule(READ, "events", EVENTS)),
    ),
    audit_view(),
)

_SETTINGS = (
    Template(
        "settings-view",
        SETTINGS,
        Words("View settings", "查看项目设置"),
        Words("See the project's quota and default limits.", "查看项目配额与默认限制。"),
        (rule(READ, "resourcequotas resourcequotas/status limitranges"), rule("get", "projects", TENANCY)),
    ),
    Template(
        "settings-manage",
        SETTINGS,
        Words("Manage settings", "管理项目设置"),
        Words("Change the project's description, network and default limits.", "更改项目描述、网络与默认限制。"),
        (rule(EDIT, "projects", TENANCY),),
        ("settings-view",),
    ),
    Template(
        "project-delete",
        SETTINGS,
        Words("Delete the project", "删除项目"),
        Words("Delete the project with all that is in it.", "删除项目及其全部内容。"),
        (rule("delete", "projects", TENANCY),),
        ("settings-view",),
    ),
)

_VIEWS = (
    "workloads-view",
    "volumes-view",
    "configmaps-view",
    "serviceaccounts-view",
    "monitoring-view",
    "members-view",
    "roles-view",
    "settings-view",
)
_TEMPLATES = (*_WORKLOADS, *_STORAGE, *_CONFIGURATION, *_MONITORING, *access_control(), *_SETTINGS)

PROJECT = Catalogue(
    "project",
    _TEMPLATES,
    (
        BuiltIn(
            "admin",
            Words("Administrator", "管理员"),
            Words("Everything in the project, its members and roles included.", "项目内的全部权限，包括成员与角色。"),
            tuple(t.name for t in _TEMPLATES),
        ),
        BuiltIn(
            "operator",
            Words("Operator", "操作员"),
            Words(
                "Everything about workloads, storage and configuration; not members, roles or settings.",
                "管理工作负载、存储与配置；不能管理成员、角色与项目设置。",
            ),
            (
                *_VIEWS,
                "workloads-create",
                "workloads-edit",
                "workloads-delete",
                "pods-terminal",
                "volumes-manage",
                "configmaps-manage",
                "secrets-manage",
                "serviceaccounts-manage",
            ),
        ),
        BuiltIn(
            "viewer",
            Words("Viewer", "查看者"),
            Words("Sees everything but secrets.", "查看除保密字典以外的全部内容。"),
            _VIEWS,
        ),
    ),
)
