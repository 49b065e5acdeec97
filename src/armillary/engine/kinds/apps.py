"""The resources of the API group apps."""

from datetime import datetime

from armillary.engine.kinds import apps_rules as rules
from armillary.engine.kinds.cells import CONTAINERS, IMAGES, number, selector
from armillary.engine.kinds.columns import AGE, NONE, format_labels
from armillary.engine.kinds.fields import dig, spec_of, status_of
from armillary.engine.kinds.resource import Column, Json, Resource

_SCALE = ("spec.replicas", "status.replicas", "spec.selector")


def _ready(obj: Json, now: datetime) -> str:
    return f"{status_of(obj).get('readyReplicas') or 0}/{spec_of(obj).get('replicas') or 0}"


_READY = Column("Ready", "string", _ready, "How many pods are ready, of how many are wanted.")


def _node_selector(obj: Json, now: datetime) -> str:
    return format_labels(dig(obj, "spec", "template", "spec", "nodeSelector"))


def _controller(obj: Json, now: datetime) -> str:
    for owner in dig(obj, "metadata", "ownerReferences") or ():
        if owner.get("controller"):
            group, slash, _ = (owner.get("apiVersion") or "").rpartition("/")
            kind = (owner.get("kind") or "").lower()
            return f"{kind}{'.' if slash else ''}{group}/{owner.get('name') or ''}"
    return NONE


def _replica_fields(obj: Json) -> dict[str, str]:
    return {"status.replicas": str(status_of(obj).get("replicas") or 0)}


DEPLOYMENTS = Resource(
    group="apps",
    version="v1",
    kind="Deployment",
    plural="deployments",
    schema="io.k8s.api.apps.v1.Deployment",
    singular="deployment",
    short_names=("deploy",),
    categories=("all",),
    subresources=("status", "scale"),
    scale=_SCALE,
    columns=(
        _READY,
        number("Up-to-date", "status", "updatedReplicas", type="string"),
        number("Available", "status", "availableReplicas", type="string"),
        AGE,
        CONTAINERS,
        IMAGES,
        selector("Selector", "spec", "selector", absent="", priority=1),
    ),
    default=rules.default_deployment,
    prepare_create=rules.start_status,
    prepare_update=rules.update_deployment,
    validate=rules.validate_deployment,
    validate_status=rules.validate_deployment_status,
)

REPLICA_SETS = Resource(
    group="apps",
    version="v1",
    kind="ReplicaSet",
    plural="replicasets",
    schema="io.k8s.api.apps.v1.ReplicaSet",
    singular="replicaset",
    short_names=("rs",),
    categories=("all",),
    subresources=("status", "scale"),
    scale=_SCALE,
    columns=(
        number("Desired", "spec", "replicas"),
        number("Current", "status", "replicas"),
        number("Ready", "status", "readyReplicas"),
        AGE,
        CONTAINERS,
        IMAGES,
        selector("Selector", "spec", "selector", priority=1),
    ),
    default=rules.default_replica_set,
    prepare_create=rules.start_replica_set,
    validate=rules.validate_replica_set,
    validate_status=rules.validate_replica_set_status,
    fields=_replica_fields,
    selectable=("status.replicas",),
)

STATEFUL_SETS = Resource(
    group="apps",
    version="v1",
    kind="StatefulSet",
    plural="statefulsets",
    schema="io.k8s.api.apps.v1.StatefulSet",
    singular="statefulset",
    short_names=("sts",),
    categories=("all",),
    subresources=("status", "scale"),
    scale=_SCALE,
    columns=(_READY, AGE, CONTAINERS, IMAGES),
    default=rules.default_stateful_set,
    prepare_create=rules.start_stateful_set,
    prepare_update=rules.update_stateful_set,
    validate=rules.validate_stateful_set,
    validate_status=rules.validate_stateful_set_status,
)

DAEMON_SETS = Resource(
    group="apps",
    version="v1",
    kind="DaemonSet",
    plural="daemonsets",
    schema="io.k8s.api.apps.v1.DaemonSet",
    singular="daemonset",
    short_names=("ds",),
    categories=("all",),
    subresources=("status",),
    columns=(
        number("Desired", "status", "desiredNumberScheduled"),
        number("Current", "status", "currentNumberScheduled"),
        number("Ready", "status", "numberReady"),
        number("Up-to-date", "status", "updatedNumberScheduled"),
        number("Available", "status", "numberAvailable"),
        Column("Node Selector", "string", _node_selector),
        AGE,
        CONTAINERS,
        IMAGES,
        selector("Selector", "spec", "selector", priority=1),
    ),
    default=rules.default_daemon_set,
    prepare_create=rules.start_daemon_set,
    prepare_update=rules.update_daemon_set,
    validate=rules.validate_daemon_set,
    validate_status=rules.validate_daemon_set_status,
)

CONTROLLER_REVISIONS = Resource(
    group="apps",
    version="v1",
    kind="ControllerRevision",
    plural="controllerrevisions",
    schema="io.k8s.api.apps.v1.ControllerRevision",
    singular="controllerrevision",
    columns=(
        Column("Controller", "string", _controller, "The controller of the object."),
        number("Revision", "revision", type="string"),
        AGE,
    ),
    default=rules.default_controller_revision,
    validate=rules.validate_controller_revision,
    counts_generation=False,
    has_status=False,
)

RESOURCES: tuple[Resource, ...] = (DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, CONTROLLER_REVISIONS)
