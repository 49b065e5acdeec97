"""Objects as far as a quota counts them: what a recount keeps in memory of every pod of a cluster."""

from typing import Any, ClassVar

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.core import ResourceRequirements
from armillary.kube.wire import wire_name


class Meta(Struct, frozen=True, kw_only=True, rename=wire_name):
    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    owner_references: ClassVar[tuple[Any, ...]] = ()  # nobody asks here who manages what


class SlimContainer(Struct, frozen=True, kw_only=True, rename=wire_name):
    resources: ResourceRequirements | None = None
    restart_policy: str = ""


class SlimPodSpec(Struct, frozen=True, kw_only=True, rename=wire_name):
    containers: tuple[SlimContainer, ...] = ()
    init_containers: tuple[SlimContainer, ...] = ()
    resources: ResourceRequirements | None = None
    overhead: dict[str, str] = field(default_factory=dict)


class SlimStatus(Struct, frozen=True, kw_only=True, rename=wire_name):
    phase: str = ""


class SlimPod(Struct, frozen=True, kw_only=True, rename=wire_name):
    metadata: Meta
    spec: SlimPodSpec = SlimPodSpec()
    status: SlimStatus = SlimStatus()


class Slim(Struct, frozen=True, kw_only=True, rename=wire_name):
    """Anything that is counted by number."""

    metadata: Meta


POD: Kind[Any] = Kind("", "v1", "Pod", "pods", True, SlimPod)
