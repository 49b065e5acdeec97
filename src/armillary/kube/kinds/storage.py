"""storage: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.core import PersistentVolumeSpec, TopologySelectorTerm
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.wire import wire_name


class CSIDriver(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: CSIDriverSpec = field(default_factory=lambda: CSIDriverSpec())


class CSIDriverSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    attach_required: bool | None = None
    fs_group_policy: str = ""
    node_allocatable_update_period_seconds: int | None = None
    pod_info_on_mount: bool | None = None
    prevent_pod_scheduling_if_missing: bool | None = None
    requires_republish: bool | None = None
    se_linux_mount: bool | None = None
    service_account_token_in_secrets: bool | None = None
    storage_capacity: bool | None = None
    token_requests: tuple[TokenRequest, ...] = ()
    volume_lifecycle_modes: tuple[str, ...] = ()


class CSINode(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: CSINodeSpec = field(default_factory=lambda: CSINodeSpec())


class CSINodeDriver(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    allocatable: VolumeNodeResources | None = None
    name: str
    node_id: str
    topology_keys: tuple[str, ...] = ()


class CSINodeSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    drivers: tuple[CSINodeDriver, ...] = ()


class CSIStorageCapacity(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    capacity: str = ""
    maximum_volume_size: str = ""
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    node_topology: LabelSelector | None = None
    storage_class_name: str | None = None


class StorageClass(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    allow_volume_expansion: bool | None = None
    allowed_topologies: tuple[TopologySelectorTerm, ...] = ()
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    mount_options: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    provisioner: str = ""
    reclaim_policy: str = ""
    volume_binding_mode: str = ""


class TokenRequest(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    audience: str
    expiration_seconds: int | None = None


class VolumeAttachment(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: VolumeAttachmentSpec = field(default_factory=lambda: VolumeAttachmentSpec())
    status: VolumeAttachmentStatus = field(default_factory=lambda: VolumeAttachmentStatus())


class VolumeAttachmentSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    inline_volume_spec: PersistentVolumeSpec | None = None
    persistent_volume_name: str = ""


class VolumeAttachmentSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    attacher: str = ""
    node_name: str = ""
    source: VolumeAttachmentSource | None = None


class VolumeAttachmentStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    attach_error: VolumeError | None = None
    attached: bool | None = None
    attachment_metadata: dict[str, str] = field(default_factory=dict)
    detach_error: VolumeError | None = None


class VolumeAttributesClass(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    driver_name: str = ""
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    parameters: dict[str, str] = field(default_factory=dict)


class VolumeError(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    error_code: int | None = None
    message: str = ""
    time: str = ""


class VolumeNodeResources(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    count: int | None = None


CSI_DRIVER = Kind("storage.k8s.io", "v1", "CSIDriver", "csidrivers", False, CSIDriver)
CSI_NODE = Kind("storage.k8s.io", "v1", "CSINode", "csinodes", False, CSINode)
CSI_STORAGE_CAPACITY = Kind(
    "storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", True, CSIStorageCapacity
)
STORAGE_CLASS = Kind("storage.k8s.io", "v1", "StorageClass", "storageclasses", False, StorageClass)
VOLUME_ATTACHMENT = Kind(
    "storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", False, VolumeAttachment
)
VOLUME_ATTRIBUTES_CLASS = Kind(
    "storage.k8s.io", "v1", "VolumeAttributesClass", "volumeattributesclasses", False, VolumeAttributesClass
)
