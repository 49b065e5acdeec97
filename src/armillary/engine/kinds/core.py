"""The resources of the API group core."""

from datetime import datetime

from armillary.engine.kinds.claim import PERSISTENT_VOLUME_CLAIMS
from armillary.engine.kinds.config import CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS
from armillary.engine.kinds.endpoints import ENDPOINTS
from armillary.engine.kinds.event import EVENTS
from armillary.engine.kinds.namespace import NAMESPACES
from armillary.engine.kinds.node import NODES
from armillary.engine.kinds.pod.pod import PODS, check_binding
from armillary.engine.kinds.quota import LIMIT_RANGES, RESOURCE_QUOTAS
from armillary.engine.kinds.replication import POD_TEMPLATES, REPLICATION_CONTROLLERS
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.service import SERVICES
from armillary.engine.kinds.volume import PERSISTENT_VOLUMES

BINDINGS = Resource(
    group="",
    version="v1",
    kind="Binding",
    plural="bindings",
    schema="io.k8s.api.core.v1.Binding",
    singular="binding",
    verbs=("create",),
    validate=lambda new, old: check_binding(new),
    counts_generation=False,
    has_status=False,
)


def _health(status: Json, now: datetime) -> str:
    healthy = _healthy(status)
    return "Unknown" if not healthy else "Healthy" if healthy.get("status") == "True" else "Unhealthy"


def _healthy(status: Json) -> Json:
    return next((c for c in status.get("conditions") or () if c.get("type") == "Healthy"), {})


COMPONENT_STATUSES = Resource(
    group="",
    version="v1",
    kind="ComponentStatus",
    deprecation="v1 ComponentStatus is deprecated in v1.19+",
    plural="componentstatuses",
    schema="io.k8s.api.core.v1.ComponentStatus",
    namespaced=False,
    singular="componentstatus",
    short_names=("cs",),
    verbs=("get", "list"),
    counts_generation=False,
    has_status=False,
    columns=(
        Column("Status", "string", _health, "Status of the component conditions"),
        Column("Message", "string", lambda s, now: _healthy(s).get("message") or "", "Message of the conditions"),
        Column("Error", "string", lambda s, now: _healthy(s).get("error") or "", "Error of the conditions"),
    ),
)

RESOURCES: tuple[Resource, ...] = (
    BINDINGS,
    COMPONENT_STATUSES,
    CONFIG_MAPS,
    ENDPOINTS,
    EVENTS,
    LIMIT_RANGES,
    NAMESPACES,
    NODES,
    PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES,
    PODS,
    POD_TEMPLATES,
    REPLICATION_CONTROLLERS,
    RESOURCE_QUOTAS,
    SECRETS,
    SERVICE_ACCOUNTS,
    SERVICES,
)
