"""What tenancy is made of: workspaces, their projects and DevOps projects, and the clusters they live on.

A workspace has a home namespace (`Workspace.status.namespace`); its projects, DevOps projects and departments are
objects in it, so that Kubernetes' own RBAC decides who may do what with them. A project has a namespace of its own.
"""

from typing import Annotated, Literal

from msgspec import Struct, field

from armillary.kube.custom import Column, CustomResource, doc
from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import Condition, ObjectMeta
from armillary.kube.wire import wire_name

GROUP = "tenancy.armillary.io"

# On namespaces. Only the platform writes them: they prove whose a namespace is.
WORKSPACE_LABEL = f"{GROUP}/workspace"
PROJECT_LABEL = f"{GROUP}/project"  # the project's name in its workspace
DEVOPS_PROJECT_LABEL = f"{GROUP}/devopsproject"
QUOTA_LABEL = f"{GROUP}/quota"  # "enforced" where the workspace has a quota
OWNER_ANNOTATION = f"{GROUP}/owner"  # the same in one line: `workspaces/<name>`, `projects/<workspace>/<name>`, ...
FOUNDER_ANNOTATION = f"{GROUP}/founder"  # who was made its first admin: it is not done twice
# On what is to be deleted with all that it holds.
CASCADE_ANNOTATION = f"{GROUP}/cascade"  # "true"
HOME_PREFIX = "workspace-"  # of the home namespaces of workspaces
SYSTEM_WORKSPACE = "system"
PLATFORM_NAMESPACE = "armillary-system"

Text = Annotated[str, doc("Free text.", max_length=1024)]


class Allowed(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    """Who may reach isolated pods besides their own; one of the fields is set."""

    workspace: Annotated[str, doc("Every project of that workspace.")] = ""
    namespace: Annotated[str, doc("Every pod of that namespace.")] = ""
    cidr: Annotated[str, doc("Addresses, as 10.0.0.0/8.")] = ""


class Network(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    isolated: Annotated[bool, doc("Refuse traffic from outside, other than what is allowed.")] = False
    allow: Annotated[tuple[Allowed, ...], doc("Who may come in all the same.", max_length=64)] = ()


class Quota(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    """The names are those of a Kubernetes ResourceQuota: `requests.cpu`, `limits.memory`, `count/pods`, ..."""

    hard: Annotated[dict[str, str], doc("The most of each resource, as quantities.")] = field(default_factory=dict)


class Limits(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    """What containers get that ask for nothing, as a Kubernetes LimitRange has it."""

    default: Annotated[dict[str, str], doc("Limits of containers that set none.")] = field(default_factory=dict)
    default_request: Annotated[dict[str, str], doc("Requests of containers that set none.")] = field(
        default_factory=dict
    )
    max: Annotated[dict[str, str], doc("The most a container may have.")] = field(default_factory=dict)


class WorkspaceSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    display_name: Text = ""
    description: Text = ""
    manager: Annotated[str, doc("The user who administers it from the start.", max_length=63)] = ""
    quota: Quota = Quota()
    network: Network = Network()


class Pending(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    """What was admitted and is not yet seen in the cluster: nobody may count it as free."""

    at: Annotated[str, doc("RFC 3339.")]
    used: Annotated[dict[str, str], doc("What the object is going to use.")] = field(default_factory=dict)
    grows: Annotated[bool, doc("It exists already, and uses less.")] = False


class Usage(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    """The ledger of a workspace's quota: `used` is what has been admitted."""

    hard: dict[str, str] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    pending: Annotated[dict[str, Pending], doc("By the object's uid.")] = field(default_factory=dict)


class WorkspaceStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    namespace: str = ""
    projects: int = 0
    devops_projects: int = 0
    quota: Usage = Usage()
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


class Workspace(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = ObjectMeta()
    spec: WorkspaceSpec = WorkspaceSpec()
    status: WorkspaceStatus = WorkspaceStatus()


class ProjectSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    display_name: Text = ""
    description: Text = ""
    creator: Annotated[str, doc("The user who administers it from the start.", max_length=63)] = ""
    quota: Quota = Quota()
    limits: Limits = Limits()
    network: Network = Network()
    pod_security: Annotated[
        Literal["privileged", "baseline", "restricted"], doc("The Pod Security Standard its pods must keep.")
    ] = "baseline"


class ProjectStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    namespace: Annotated[str, doc("Where its workloads run.")] = ""
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


class Project(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = ObjectMeta()
    spec: ProjectSpec = ProjectSpec()
    status: ProjectStatus = ProjectStatus()


class DevOpsProjectSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    display_name: Text = ""
    description: Text = ""
    creator: Annotated[str, doc("The user who administers it from the start.", max_length=63)] = ""


class DevOpsProject(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = ObjectMeta()
    spec: DevOpsProjectSpec = DevOpsProjectSpec()
    status: ProjectStatus = ProjectStatus()


class ClusterSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    display_name: Text = ""
    description: Text = ""
    kubeconfig_secret: Annotated[
        str, doc("Secret of the platform's namespace with the key `kubeconfig`; none for the host cluster.")
    ] = ""


class ClusterStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    version: str = ""
    nodes: int = 0
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


class Cluster(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = ObjectMeta()
    spec: ClusterSpec = ClusterSpec()
    status: ClusterStatus = ClusterStatus()


WORKSPACE = Kind(GROUP, "v1", "Workspace", "workspaces", False, Workspace)
PROJECT = Kind(GROUP, "v1", "Project", "projects", True, Project)
DEVOPS_PROJECT = Kind(GROUP, "v1", "DevOpsProject", "devopsprojects", True, DevOpsProject)
CLUSTER = Kind(GROUP, "v1", "Cluster", "clusters", False, Cluster)

_READY = Column("Ready", '.status.conditions[?(@.type=="Ready")].status')
_NAMESPACE = Column("Namespace", ".status.namespace")

KINDS = (
    CustomResource(
        WORKSPACE,
        "A team's share of the platform: its projects, members and quota.",
        short=("ws",),
        longest_name=30,
        columns=(
            Column("Manager", ".spec.manager"),
            Column("Projects", ".status.projects", "integer"),
            _READY,
        ),
    ),
    CustomResource(PROJECT, "A namespace that belongs to a workspace.", columns=(_NAMESPACE, _READY), longest_name=32),
    CustomResource(DEVOPS_PROJECT, "A place for pipelines and their credentials.", columns=(_NAMESPACE, _READY)),
    CustomResource(
        CLUSTER,
        "A Kubernetes cluster that the platform manages.",
        columns=(Column("Version", ".status.version"), _READY),
    ),
)
