"""Permissions and built-in roles in a whole cluster: for those who run it, not for tenants."""

from armillary.base.words import Words
from armillary.kube.kinds.rbac import PolicyRule
from armillary.platform.capabilities.access.templates.template import (
    ACCESS_CONTROL,
    APPS,
    AUTOSCALING,
    BATCH,
    DISCOVERY,
    EDIT,
    EVENTS,
    METRICS,
    MONITORING,
    NETWORKING,
    POLICY,
    RBAC,
    READ,
    SNAPSHOTS,
    STORAGE,
    WRITE,
    BuiltIn,
    Catalogue,
    Template,
    audit_view,
    rule,
)

RESOURCES = Words("Cluster Resources", "集群资源")
PROJECT_RESOURCES = Words("Project Resources", "项目资源")
NETWORK = Words("Network Resources", "网络资源")
STORAGE_MODULE = Words("Storage", "存储管理")
SETTINGS = Words("Cluster Settings", "集群设置")
EVERYTHING = (
    PolicyRule(api_groups=("*",), resources=("*",), verbs=("*",)),
    PolicyRule(non_resource_urls=("*",), verbs=("*",)),
)

_APPS = "deployments statefulsets daemonsets replicasets"
_EXTENSIONS, _ADMISSION, _REGISTRATION = (
    "apiextensions.k8s.io",
    "admissionregistration.k8s.io",
    "apiregistration.k8s.io",
)
_CLASSES = "storageclasses volumeattributesclasses"
_CORE_VIEW = (
    "pods pods/status replicationcontrollers services endpoints configmaps serviceaccounts persistentvolumeclaims "
    "resourcequotas limitranges events podtemplates"
)

_TEMPLATES = (
    Template(
        "nodes-view",
        RESOURCES,
        Words("View nodes", "查看节点"),
        Words("See nodes and what they have left.", "查看节点及其资源。"),
        (
            rule(READ, "nodes nodes/status"),
            rule("get list", "nodes", METRICS),
            rule(READ, "leases", "coordination.k8s.io"),
        ),
    ),
    Template(
        "nodes-manage",
        RESOURCES,
        Words("Manage nodes", "管理节点"),
        Words("Cordon and drain nodes; change their labels and taints.", "停止调度与驱逐节点；更改节点标签与污点。"),
        (
            rule(EDIT, "nodes"),
            rule(READ, "pods"),
            rule("create", "pods/eviction"),
            rule("get list", "daemonsets", APPS),
        ),
        ("nodes-view",),
    ),
    Template(
        "crds-view",
        RESOURCES,
        Words("View custom resource definitions", "查看自定义资源"),
        Words("See which kinds of resources there are.", "查看自定义资源定义。"),
        (rule(READ, "customresourcedefinitions", _EXTENSIONS), rule(READ, "apiservices", _REGISTRATION)),
    ),
    Template(
        "crds-manage",
        RESOURCES,
        Words("Manage custom resource definitions", "管理自定义资源"),
        Words("Create, change and delete kinds of resources.", "创建、更改和删除自定义资源定义。"),
        (rule(WRITE, "customresourcedefinitions", _EXTENSIONS),),
        ("crds-view",),
    ),
    Template(
        "project-resources-view",
        PROJECT_RESOURCES,
        Words("View project resources", "查看项目资源"),
        Words(
            "See workloads and configuration of all namespaces; not secrets.",
            "查看所有命名空间的负载与配置，保密字典除外。",
        ),
        (
            rule(READ, f"namespaces {_CORE_VIEW}"),
            rule("get list", "pods/log"),
            rule(READ, f"{_APPS} controllerrevisions", APPS),
            rule(READ, "jobs cronjobs", BATCH),
            rule(READ, "horizontalpodautoscalers", AUTOSCALING),
            rule(READ, "poddisruptionbudgets", POLICY),
            rule(READ, "endpointslices", DISCOVERY),
            rule(READ, "events", EVENTS),
        ),
    ),
    Template(
        "project-resources-manage",
        PROJECT_RESOURCES,
        Words("Manage project resources", "管理项目资源"),
        Words("Create, change and delete workloads of all namespaces.", "创建、更改和删除所有命名空间的负载。"),
        (
            rule(WRITE, "pods replicationcontrollers services configmaps persistentvolumeclaims"),
            rule(WRITE, _APPS, APPS),
            rule(EDIT, "deployments/scale statefulsets/scale replicasets/scale", APPS),
            rule(WRITE, "jobs cronjobs", BATCH),
            rule(WRITE, "horizontalpodautoscalers", AUTOSCALING),
            rule(WRITE, "poddisruptionbudgets", POLICY),
        ),
        ("project-resources-view",),
    ),
    Template(
        "network-view",
        NETWORK,
        Words("View network resources", "查看网络资源"),
        Words("See ingress classes, routes and network policies.", "查看网关类、应用路由与网络策略。"),
        (rule(READ, "ingressclasses ingresses networkpolicies ipaddresses servicecidrs", NETWORKING),),
    ),
    Template(
        "network-manage",
        NETWORK,
        Words("Manage network resources", "管理网络资源"),
        Words(
            "Create, change and delete ingress classes, routes and network policies.",
            "创建、更改和删除网关类、应用路由与网络策略。",
        ),
        (rule(WRITE, "ingressclasses ingresses networkpolicies", NETWORKING),),
        ("network-view",),
    ),
    Template(
        "storage-view",
        STORAGE_MODULE,
        Words("View storage", "查看存储"),
        Words("See storage classes, volumes and snapshots.", "查看存储类、存储卷与快照。"),
        (
            rule(READ, "persistentvolumes"),
            rule(READ, f"{_CLASSES} volumeattachments csidrivers csinodes csistoragecapacities", STORAGE),
            rule(READ, "volumesnapshots volumesnapshotclasses volumesnapshotcontents", SNAPSHOTS),
        ),
    ),
    Template(
        "storage-manage",
        STORAGE_MODULE,
        Words("Manage storage", "管理存储"),
        Words("Create, change and delete storage classes and volumes.", "创建、更改和删除存储类与存储卷。"),
        (
            rule(WRITE, "persistentvolumes"),
            rule(WRITE, _CLASSES, STORAGE),
            rule(WRITE, "volumesnapshotclasses", SNAPSHOTS),
        ),
        ("storage-view",),
    ),
    Template(
        "monitoring-view",
        MONITORING,
        Words("View monitoring", "查看监控"),
        Words("See what nodes and pods use, and events.", "查看节点与容器组的资源用量及事件。"),
        (
            rule("get list", "nodes pods", METRICS),
            rule(READ, "events"),
            rule(READ, "events", EVENTS),
            rule("get", "componentstatuses"),
        ),
    ),
    audit_view(),
    Template(
        "members-view",
        ACCESS_CONTROL,
        Words("View members", "查看成员"),
        Words("See who holds which role in the cluster.", "查看集群成员及其角色。"),
        (rule(READ, "clusterrolebindings rolebindings", RBAC),),
    ),
    Template(
        "members-manage",
        ACCESS_CONTROL,
        Words("Manage members", "管理成员"),
        Words(
            "Give and take roles in the cluster; nobody can give what they do not hold.",
            "授予和收回集群角色；任何人都不能授予自己没有的权限。",
        ),
        (rule(WRITE, "clusterrolebindings", RBAC),),
        ("members-view", "roles-view"),
    ),
    Template(
        "roles-view",
        ACCESS_CONTROL,
        Words("View roles", "查看角色"),
        Words("See the roles of the cluster and what they allow.", "查看集群角色及其权限。"),
        (rule(READ, "clusterroles roles", RBAC),),
    ),
    Template(
        "roles-manage",
        ACCESS_CONTROL,
        Words("Manage roles", "管理角色"),
        Words(
            "Create, change and delete roles; no role can hold more than its maker does.",
            "创建、更改和删除角色；角色的权限不能超出创建者。",
        ),
        (rule(WRITE, "clusterroles", RBAC),),
        ("roles-view",),
    ),
    Template(
        "settings-view",
        SETTINGS,
        Words("View settings", "查看集群设置"),
        Words("See priorities, runtimes, admission and the like.", "查看优先级、运行时与准入配置等。"),
        (
            rule(READ, "priorityclasses", "scheduling.k8s.io"),
            rule(READ, "runtimeclasses", "node.k8s.io"),
            rule(READ, "validatingwebhookconfigurations mutatingwebhookconfigurations", _ADMISSION),
        ),
    ),
    Template(
        "settings-manage",
        SETTINGS,
        Words("Manage settings", "管理集群设置"),
        Words("Change priorities and runtimes.", "更改优先级与运行时。"),
        (rule(WRITE, "priorityclasses", "scheduling.k8s.io"), rule(WRITE, "runtimeclasses", "node.k8s.io")),
        ("settings-view",),
    ),
    Template(
        "everything",
        SETTINGS,
        Words("Everything", "全部权限"),
        Words("Whatever can be done in the cluster.", "集群内的全部操作。"),
        EVERYTHING,
    ),
)

CLUSTER = Catalogue(
    "cluster",
    _TEMPLATES,
    (
        BuiltIn(
            "cluster-admin",
            Words("Cluster administrator", "集群管理员"),
            Words("Everything in the cluster.", "集群内的全部权限。"),
            ("everything",),
        ),
        BuiltIn(
            "cluster-viewer",
            Words("Cluster viewer", "集群查看者"),
            Words("Sees the whole cluster but secrets.", "查看集群中除保密字典以外的全部内容。"),
            tuple(t.name for t in _TEMPLATES if t.name.endswith("-view") and t.name != "audit-view"),
        ),
    ),
)
