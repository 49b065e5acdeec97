"""core: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import Condition, LabelSelector, ObjectMeta
from armillary.kube.wire import wire_name


class AWSElasticBlockStoreVolumeSource(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    fs_type: str = ""
    partition: int | None = None
    read_only: bool | None = None
    volume_id: str


class Affinity(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAntiAffinity | None = None


class AppArmorProfile(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    localhost_profile: str = ""
    type: str


class AttachedVolume(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    device_path: str
    name: str


class AzureDiskVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    caching_mode: str = ""
    disk_name: str
    disk_uri: str
    fs_type: str = ""
    kind: str = ""
    read_only: bool | None = None


class AzureFilePersistentVolumeSource(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    read_only: bool | None = None
    secret_name: str
    secret_namespace: str = ""
    share_name: str


class AzureFileVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    read_only: bool | None = None
    secret_name: str
    share_name: str


class Binding(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    target: ObjectReference | None = None


class CSIPersistentVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    controller_expand_secret_ref: SecretReference | None = None
    controller_publish_secret_ref: SecretReference | None = None
    driver: str
    fs_type: str = ""
    node_expand_secret_ref: SecretReference | None = None
    node_publish_secret_ref: SecretReference | None = None
    node_stage_secret_ref: SecretReference | None = None
    read_only: bool | None = None
    volume_attributes: dict[str, str] = field(default_factory=dict)
    volume_handle: str


class CSIVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    driver: str
    fs_type: str = ""
    node_publish_secret_ref: LocalObjectReference | None = None
    read_only: bool | None = None
    volume_attributes: dict[str, str] = field(default_factory=dict)


class Capabilities(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class CephFSPersistentVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    monitors: tuple[str, ...]
    path: str = ""
    read_only: bool | None = None
    secret_file: str = ""
    secret_ref: SecretReference | None = None
    user: str = ""


class CephFSVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    monitors: tuple[str, ...]
    path: str = ""
    read_only: bool | None = None
    secret_file: str = ""
    secret_ref: LocalObjectReference | None = None
    user: str = ""


class CinderPersistentVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    fs_type: str = ""
    read_only: bool | None = None
    secret_ref: SecretReference | None = None
    volume_id: str


class CinderVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    fs_type: str = ""
    read_only: bool | None = None
    secret_ref: LocalObjectReference | None = None
    volume_id: str


class ClientIPConfig(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    timeout_seconds: int | None = None


class ClusterTrustBundleProjection(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    label_selector: LabelSelector | None = None
    name: str = ""
    optional: bool | None = None
    path: str
    signer_name: str = ""


class ComponentCondition(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    error: str = ""
    message: str = ""
    status: str
    type: str


class ComponentStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    conditions: tuple[ComponentCondition, ...] = ()
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())


class ConfigMap(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    binary_data: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    immutable: bool | None = None
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())


class ConfigMapEnvSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str = ""
    optional: bool | None = None


class ConfigMapKeySelector(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    key: str
    name: str = ""
    optional: bool | None = None


class ConfigMapNodeConfigSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    kubelet_config_key: str
    name: str
    namespace: str
    resource_version: str = ""
    uid: str = ""


class ConfigMapProjection(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    items: tuple[KeyToPath, ...] = ()
    name: str = ""
    optional: bool | None = None


class ConfigMapVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    default_mode: int | None = None
    items: tuple[KeyToPath, ...] = ()
    name: str = ""
    optional: bool | None = None


class Container(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    args: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFromSource, ...] = ()
    image: str = ""
    image_pull_policy: str = ""
    lifecycle: Lifecycle | None = None
    liveness_probe: Probe | None = None
    name: str
    ports: tuple[ContainerPort, ...] = ()
    readiness_probe: Probe | None = None
    resize_policy: tuple[ContainerResizePolicy, ...] = ()
    resources: ResourceRequirements | None = None
    restart_policy: str = ""
    restart_policy_rules: tuple[ContainerRestartRule, ...] = ()
    security_context: SecurityContext | None = None
    startup_probe: Probe | None = None
    stdin: bool | None = None
    stdin_once: bool | None = None
    termination_message_path: str = ""
    termination_message_policy: str = ""
    tty: bool | None = None
    volume_devices: tuple[VolumeDevice, ...] = ()
    volume_mounts: tuple[VolumeMount, ...] = ()
    working_dir: str = ""


class ContainerExtendedResourceRequest(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    container_name: str
    request_name: str
    resource_name: str


class ContainerImage(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    names: tuple[str, ...] = ()
    size_bytes: int | None = None


class ContainerPort(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    container_port: int
    host_ip: str = ""
    host_port: int | None = None
    name: str = ""
    protocol: str = ""


class ContainerResizePolicy(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    resource_name: str
    restart_policy: str


class ContainerRestartRule(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    action: str
    exit_codes: ContainerRestartRuleOnExitCodes | None = None


class ContainerRestartRuleOnExitCodes(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    operator: str
    values: tuple[int, ...] = ()


class ContainerState(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    running: ContainerStateRunning | None = None
    terminated: ContainerStateTerminated | None = None
    waiting: ContainerStateWaiting | None = None


class ContainerStateRunning(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    started_at: str = ""


class ContainerStateTerminated(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    container_id: str = ""
    exit_code: int
    finished_at: str = ""
    message: str = ""
    reason: str = ""
    signal: int | None = None
    started_at: str = ""


class ContainerStateWaiting(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    message: str = ""
    reason: str = ""


class ContainerStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    allocated_resources: dict[str, str] = field(default_factory=dict)
    allocated_resources_status: tuple[ResourceStatus, ...] = ()
    container_id: str = ""
    image: str
    image_id: str
    last_state: ContainerState | None = None
    name: str
    ready: bool
    resources: ResourceRequirements | None = None
    restart_count: int
    started: bool | None = None
    state: ContainerState | None = None
    stop_signal: str = ""
    user: ContainerUser | None = None
    volume_mounts: tuple[VolumeMountStatus, ...] = ()


class ContainerUser(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    linux: LinuxContainerUser | None = None


class DaemonEndpoint(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    daemon_port: int


class DownwardAPIProjection(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    items: tuple[DownwardAPIVolumeFile, ...] = ()


class DownwardAPIVolumeFile(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    field_ref: ObjectFieldSelector | None = None
    mode: int | None = None
    path: str
    resource_field_ref: ResourceFieldSelector | None = None


class DownwardAPIVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    default_mode: int | None = None
    items: tuple[DownwardAPIVolumeFile, ...] = ()


class EmptyDirVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    medium: str = ""
    size_limit: str = ""


class EndpointAddress(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    hostname: str = ""
    ip: str
    node_name: str = ""
    target_ref: ObjectReference | None = None


class EndpointPort(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    app_protocol: str = ""
    name: str = ""
    port: int
    protocol: str = ""


class EndpointSubset(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    addresses: tuple[EndpointAddress, ...] = ()
    not_ready_addresses: tuple[EndpointAddress, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class Endpoints(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    subsets: tuple[EndpointSubset, ...] = ()


class EnvFromSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    config_map_ref: ConfigMapEnvSource | None = None
    prefix: str = ""
    secret_ref: SecretEnvSource | None = None


class EnvVar(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str
    value: str = ""
    value_from: EnvVarSource | None = None


class EnvVarSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    config_map_key_ref: ConfigMapKeySelector | None = None
    field_ref: ObjectFieldSelector | None = None
    file_key_ref: FileKeySelector | None = None
    resource_field_ref: ResourceFieldSelector | None = None
    secret_key_ref: SecretKeySelector | None = None


class EphemeralContainer(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    args: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFromSource, ...] = ()
    image: str = ""
    image_pull_policy: str = ""
    lifecycle: Lifecycle | None = None
    liveness_probe: Probe | None = None
    name: str
    ports: tuple[ContainerPort, ...] = ()
    readiness_probe: Probe | None = None
    resize_policy: tuple[ContainerResizePolicy, ...] = ()
    resources: ResourceRequirements | None = None
    restart_policy: str = ""
    restart_policy_rules: tuple[ContainerRestartRule, ...] = ()
    security_context: SecurityContext | None = None
    startup_probe: Probe | None = None
    stdin: bool | None = None
    stdin_once: bool | None = None
    target_container_name: str = ""
    termination_message_path: str = ""
    termination_message_policy: str = ""
    tty: bool | None = None
    volume_devices: tuple[VolumeDevice, ...] = ()
    volume_mounts: tuple[VolumeMount, ...] = ()
    working_dir: str = ""


class EphemeralVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    volume_claim_template: PersistentVolumeClaimTemplate | None = None


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    action: str = ""
    count: int | None = None
    event_time: str = ""
    first_timestamp: str = ""
    involved_object: ObjectReference | None = None
    last_timestamp: str = ""
    message: str = ""
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    reason: str = ""
    related: ObjectReference | None = None
    reporting_component: str = ""
    reporting_instance: str = ""
    series: EventSeries | None = None
    source: EventSource | None = None
    type: str = ""


class EventSeries(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    count: int | None = None
    last_observed_time: str = ""


class EventSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    component: str = ""
    host: str = ""


class ExecAction(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    command: tuple[str, ...] = ()


class FCVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    fs_type: str = ""
    lun: int | None = None
    read_only: bool | None = None
    target_wwns: tuple[str, ...] = ()
    wwids: tuple[str, ...] = ()


class FileKeySelector(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    key: str
    optional: bool | None = None
    path: str
    volume_name: str


class FlexPersistentVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    driver: str
    fs_type: str = ""
    options: dict[str, str] = field(default_factory=dict)
    read_only: bool | None = None
    secret_ref: SecretReference | None = None


class FlexVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    driver: str
    fs_type: str = ""
    options: dict[str, str] = field(default_factory=dict)
    read_only: bool | None = None
    secret_ref: LocalObjectReference | None = None


class FlockerVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    dataset_name: str = ""
    dataset_uuid: str = ""


class GCEPersistentDiskVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    fs_type: str = ""
    partition: int | None = None
    pd_name: str
    read_only: bool | None = None


class GRPCAction(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    port: int
    service: str = ""


class GitRepoVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    directory: str = ""
    repository: str
    revision: str = ""


class GlusterfsPersistentVolumeSource(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    endpoints: str
    endpoints_namespace: str = ""
    path: str
    read_only: bool | None = None


class GlusterfsVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    endpoints: str
    path: str
    read_only: bool | None = None


class HTTPGetAction(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    host: str = ""
    http_headers: tuple[HTTPHeader, ...] = ()
    path: str = ""
    port: int | str
    scheme: str = ""


class HTTPHeader(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str
    value: str


class HostAlias(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    hostnames: tuple[str, ...] = ()
    ip: str


class HostIP(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    ip: str


class HostPathVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    path: str
    type: str = ""


class ISCSIPersistentVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    chap_auth_discovery: bool | None = None
    chap_auth_session: bool | None = None
    fs_type: str = ""
    initiator_name: str = ""
    iqn: str
    iscsi_interface: str = ""
    lun: int
    portals: tuple[str, ...] = ()
    read_only: bool | None = None
    secret_ref: SecretReference | None = None
    target_portal: str


class ISCSIVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    chap_auth_discovery: bool | None = None
    chap_auth_session: bool | None = None
    fs_type: str = ""
    initiator_name: str = ""
    iqn: str
    iscsi_interface: str = ""
    lun: int
    portals: tuple[str, ...] = ()
    read_only: bool | None = None
    secret_ref: LocalObjectReference | None = None
    target_portal: str


class ImageVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    pull_policy: str = ""
    reference: str = ""


class ImageVolumeStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    image_ref: str = ""


class KeyToPath(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    key: str
    mode: int | None = None
    path: str


class Lifecycle(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    post_start: LifecycleHandler | None = None
    pre_stop: LifecycleHandler | None = None
    stop_signal: str = ""


class LifecycleHandler(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    exec: ExecAction | None = None
    http_get: HTTPGetAction | None = None
    sleep: SleepAction | None = None
    tcp_socket: TCPSocketAction | None = None


class LimitRange(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: LimitRangeSpec = field(default_factory=lambda: LimitRangeSpec())


class LimitRangeItem(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    default: dict[str, str] = field(default_factory=dict)
    default_request: dict[str, str] = field(default_factory=dict)
    max: dict[str, str] = field(default_factory=dict)
    max_limit_request_ratio: dict[str, str] = field(default_factory=dict)
    min: dict[str, str] = field(default_factory=dict)
    type: str


class LimitRangeSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    limits: tuple[LimitRangeItem, ...] = ()


class LinuxContainerUser(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    gid: int
    supplemental_groups: tuple[int, ...] = ()
    uid: int


class LoadBalancerIngress(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    hostname: str = ""
    ip: str = ""
    ip_mode: str = ""
    ports: tuple[PortStatus, ...] = ()


class LoadBalancerStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    ingress: tuple[LoadBalancerIngress, ...] = ()


class LocalObjectReference(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str = ""


class LocalVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    fs_type: str = ""
    path: str


class ModifyVolumeStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    status: str = ""
    target_volume_attributes_class_name: str = ""


class NFSVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    path: str
    read_only: bool | None = None
    server: str


class Namespace(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: NamespaceSpec = field(default_factory=lambda: NamespaceSpec())
    status: NamespaceStatus = field(default_factory=lambda: NamespaceStatus())


class NamespaceCondition(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_transition_time: str = ""
    message: str = ""
    reason: str = ""
    status: str
    type: str


class NamespaceSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    finalizers: tuple[str, ...] = ()


class NamespaceStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    conditions: tuple[NamespaceCondition, ...] = ()
    phase: str = ""


class Node(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: NodeSpec = field(default_factory=lambda: NodeSpec())
    status: NodeStatus = field(default_factory=lambda: NodeStatus())


class NodeAddress(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    address: str
    type: str


class NodeAffinity(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    preferred_during_scheduling_ignored_during_execution: tuple[PreferredSchedulingTerm, ...] = ()
    required_during_scheduling_ignored_during_execution: NodeSelector | None = None


class NodeAllocatableResourceClaimStatus(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    containers: tuple[str, ...] = ()
    resource_claim_name: str = ""
    resources: dict[str, str] = field(default_factory=dict)


class NodeCondition(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_heartbeat_time: str = ""
    last_transition_time: str = ""
    message: str = ""
    reason: str = ""
    status: str
    type: str


class NodeConfigSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    config_map: ConfigMapNodeConfigSource | None = None


class NodeConfigStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    active: NodeConfigSource | None = None
    assigned: NodeConfigSource | None = None
    error: str = ""
    last_known_good: NodeConfigSource | None = None


class NodeDaemonEndpoints(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    kubelet_endpoint: DaemonEndpoint | None = None


class NodeFeatures(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    supplemental_groups_policy: bool | None = None


class NodeRuntimeHandler(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    features: NodeRuntimeHandlerFeatures | None = None
    name: str = ""


class NodeRuntimeHandlerFeatures(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    recursive_read_only_mounts: bool | None = None
    user_namespaces: bool | None = None


class NodeSelector(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    node_selector_terms: tuple[NodeSelectorTerm, ...]


class NodeSelectorRequirement(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    key: str
    operator: str
    values: tuple[str, ...] = ()


class NodeSelectorTerm(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    match_expressions: tuple[NodeSelectorRequirement, ...] = ()
    match_fields: tuple[NodeSelectorRequirement, ...] = ()


class NodeSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    config_source: NodeConfigSource | None = None
    external_id: str = ""
    pod_cidr: str = ""
    pod_cidrs: tuple[str, ...] = ()
    provider_id: str = ""
    taints: tuple[Taint, ...] = ()
    unschedulable: bool | None = None


class NodeStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    addresses: tuple[NodeAddress, ...] = ()
    allocatable: dict[str, str] = field(default_factory=dict)
    capacity: dict[str, str] = field(default_factory=dict)
    conditions: tuple[NodeCondition, ...] = ()
    config: NodeConfigStatus | None = None
    daemon_endpoints: NodeDaemonEndpoints | None = None
    declared_features: tuple[str, ...] = ()
    features: NodeFeatures | None = None
    images: tuple[ContainerImage, ...] = ()
    node_info: NodeSystemInfo | None = None
    phase: str = ""
    runtime_handlers: tuple[NodeRuntimeHandler, ...] = ()
    volumes_attached: tuple[AttachedVolume, ...] = ()
    volumes_in_use: tuple[str, ...] = ()


class NodeSwapStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    capacity: int | None = None


class NodeSystemInfo(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    architecture: str
    boot_id: str
    container_runtime_version: str
    kernel_version: str
    kube_proxy_version: str
    kubelet_version: str
    machine_id: str
    operating_system: str
    os_image: str
    swap: NodeSwapStatus | None = None
    system_uuid: str


class ObjectFieldSelector(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    api_version: str = ""
    field_path: str


class ObjectReference(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    api_version: str = ""
    field_path: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    resource_version: str = ""
    uid: str = ""


class PersistentVolume(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: PersistentVolumeSpec = field(default_factory=lambda: PersistentVolumeSpec())
    status: PersistentVolumeStatus = field(default_factory=lambda: PersistentVolumeStatus())


class PersistentVolumeClaim(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: PersistentVolumeClaimSpec = field(default_factory=lambda: PersistentVolumeClaimSpec())
    status: PersistentVolumeClaimStatus = field(default_factory=lambda: PersistentVolumeClaimStatus())


class PersistentVolumeClaimCondition(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_probe_time: str = ""
    last_transition_time: str = ""
    message: str = ""
    reason: str = ""
    status: str
    type: str


class PersistentVolumeClaimSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    access_modes: tuple[str, ...] = ()
    data_source: TypedLocalObjectReference | None = None
    data_source_ref: TypedObjectReference | None = None
    resources: VolumeResourceRequirements | None = None
    selector: LabelSelector | None = None
    storage_class_name: str | None = None
    volume_attributes_class_name: str = ""
    volume_mode: str = ""
    volume_name: str = ""


class PersistentVolumeClaimStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    access_modes: tuple[str, ...] = ()
    allocated_resource_statuses: dict[str, str] = field(default_factory=dict)
    allocated_resources: dict[str, str] = field(default_factory=dict)
    capacity: dict[str, str] = field(default_factory=dict)
    conditions: tuple[PersistentVolumeClaimCondition, ...] = ()
    current_volume_attributes_class_name: str = ""
    modify_volume_status: ModifyVolumeStatus | None = None
    phase: str = ""


class PersistentVolumeClaimTemplate(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta | None = None
    spec: PersistentVolumeClaimSpec


class PersistentVolumeClaimVolumeSource(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    claim_name: str
    read_only: bool | None = None


class PersistentVolumeSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    access_modes: tuple[str, ...] = ()
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = None
    azure_disk: AzureDiskVolumeSource | None = None
    azure_file: AzureFilePersistentVolumeSource | None = None
    capacity: dict[str, str] = field(default_factory=dict)
    cephfs: CephFSPersistentVolumeSource | None = None
    cinder: CinderPersistentVolumeSource | None = None
    claim_ref: ObjectReference | None = None
    csi: CSIPersistentVolumeSource | None = None
    fc: FCVolumeSource | None = None
    flex_volume: FlexPersistentVolumeSource | None = None
    flocker: FlockerVolumeSource | None = None
    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = None
    glusterfs: GlusterfsPersistentVolumeSource | None = None
    host_path: HostPathVolumeSource | None = None
    iscsi: ISCSIPersistentVolumeSource | None = None
    local: LocalVolumeSource | None = None
    mount_options: tuple[str, ...] = ()
    nfs: NFSVolumeSource | None = None
    node_affinity: VolumeNodeAffinity | None = None
    persistent_volume_reclaim_policy: str = ""
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = None
    portworx_volume: PortworxVolumeSource | None = None
    quobyte: QuobyteVolumeSource | None = None
    rbd: RBDPersistentVolumeSource | None = None
    scale_io: ScaleIOPersistentVolumeSource | None = None
    storage_class_name: str | None = None
    storageos: StorageOSPersistentVolumeSource | None = None
    volume_attributes_class_name: str = ""
    volume_mode: str = ""
    vsphere_volume: VsphereVirtualDiskVolumeSource | None = None


class PersistentVolumeStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_phase_transition_time: str = ""
    message: str = ""
    phase: str = ""
    reason: str = ""


class PhotonPersistentDiskVolumeSource(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    fs_type: str = ""
    pd_id: str


class Pod(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: PodSpec = field(default_factory=lambda: PodSpec())
    status: PodStatus = field(default_factory=lambda: PodStatus())


class PodAffinity(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    preferred_during_scheduling_ignored_during_execution: tuple[WeightedPodAffinityTerm, ...] = ()
    required_during_scheduling_ignored_during_execution: tuple[PodAffinityTerm, ...] = ()


class PodAffinityTerm(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    label_selector: LabelSelector | None = None
    match_label_keys: tuple[str, ...] = ()
    mismatch_label_keys: tuple[str, ...] = ()
    namespace_selector: LabelSelector | None = None
    namespaces: tuple[str, ...] = ()
    topology_key: str


class PodAntiAffinity(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    preferred_during_scheduling_ignored_during_execution: tuple[WeightedPodAffinityTerm, ...] = ()
    required_during_scheduling_ignored_during_execution: tuple[PodAffinityTerm, ...] = ()


class PodCertificateProjection(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    certificate_chain_path: str = ""
    credential_bundle_path: str = ""
    key_path: str = ""
    key_type: str
    max_expiration_seconds: int | None = None
    signer_name: str
    user_annotations: dict[str, str] = field(default_factory=dict)


class PodCondition(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_probe_time: str = ""
    last_transition_time: str = ""
    message: str = ""
    observed_generation: int | None = None
    reason: str = ""
    status: str
    type: str


class PodDNSConfig(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    nameservers: tuple[str, ...] = ()
    options: tuple[PodDNSConfigOption, ...] = ()
    searches: tuple[str, ...] = ()


class PodDNSConfigOption(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str = ""
    value: str = ""


class PodExtendedResourceClaimStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    request_mappings: tuple[ContainerExtendedResourceRequest, ...] = ()
    resource_claim_name: str = ""


class PodIP(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    ip: str


class PodOS(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str


class PodReadinessGate(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    condition_type: str


class PodResourceClaim(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str
    resource_claim_name: str = ""
    resource_claim_template_name: str = ""


class PodResourceClaimStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str = ""
    resource_claim_name: str = ""


class PodSchedulingGate(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str


class PodSchedulingGroup(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    pod_group_name: str = ""


class PodSecurityContext(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    app_armor_profile: AppArmorProfile | None = None
    fs_group: int | None = None
    fs_group_change_policy: str = ""
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    se_linux_change_policy: str = ""
    se_linux_options: SELinuxOptions | None = None
    seccomp_profile: SeccompProfile | None = None
    supplemental_groups: tuple[int, ...] = ()
    supplemental_groups_policy: str = ""
    sysctls: tuple[Sysctl, ...] = ()
    windows_options: WindowsSecurityContextOptions | None = None


class PodSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    active_deadline_seconds: int | None = None
    affinity: Affinity | None = None
    automount_service_account_token: bool | None = None
    containers: tuple[Container, ...] = ()
    dns_config: PodDNSConfig | None = None
    dns_policy: str = ""
    enable_service_links: bool | None = None
    ephemeral_containers: tuple[EphemeralContainer, ...] = ()
    host_aliases: tuple[HostAlias, ...] = ()
    host_ipc: bool | None = None
    host_network: bool | None = None
    host_pid: bool | None = None
    host_users: bool | None = None
    hostname: str = ""
    hostname_override: str = ""
    image_pull_secrets: tuple[LocalObjectReference, ...] = ()
    init_containers: tuple[Container, ...] = ()
    node_name: str = ""
    node_selector: dict[str, str] = field(default_factory=dict)
    os: PodOS | None = None
    overhead: dict[str, str] = field(default_factory=dict)
    preemption_policy: str = ""
    priority: int | None = None
    priority_class_name: str = ""
    readiness_gates: tuple[PodReadinessGate, ...] = ()
    resource_claims: tuple[PodResourceClaim, ...] = ()
    resources: ResourceRequirements | None = None
    restart_policy: str = ""
    runtime_class_name: str = ""
    scheduler_name: str = ""
    scheduling_gates: tuple[PodSchedulingGate, ...] = ()
    scheduling_group: PodSchedulingGroup | None = None
    security_context: PodSecurityContext | None = None
    service_account: str = ""
    service_account_name: str = ""
    set_hostname_as_fqdn: bool | None = None
    share_process_namespace: bool | None = None
    subdomain: str = ""
    termination_grace_period_seconds: int | None = None
    tolerations: tuple[Toleration, ...] = ()
    topology_spread_constraints: tuple[TopologySpreadConstraint, ...] = ()
    volumes: tuple[Volume, ...] = ()


class PodStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    allocated_resources: dict[str, str] = field(default_factory=dict)
    conditions: tuple[PodCondition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    ephemeral_container_statuses: tuple[ContainerStatus, ...] = ()
    extended_resource_claim_status: PodExtendedResourceClaimStatus | None = None
    host_ip: str = ""
    host_ips: tuple[HostIP, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()
    message: str = ""
    node_allocatable_resource_claim_statuses: tuple[NodeAllocatableResourceClaimStatus, ...] = ()
    nominated_node_name: str = ""
    observed_generation: int | None = None
    phase: str = ""
    pod_ip: str = ""
    pod_ips: tuple[PodIP, ...] = ()
    qos_class: str = ""
    reason: str = ""
    resize: str = ""
    resource_claim_statuses: tuple[PodResourceClaimStatus, ...] = ()
    resources: ResourceRequirements | None = None
    start_time: str = ""


class PodTemplate(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())


class PodTemplateSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: PodSpec = field(default_factory=lambda: PodSpec())


class PortStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    error: str = ""
    port: int | None = None
    protocol: str = ""


class PortworxVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    fs_type: str = ""
    read_only: bool | None = None
    volume_id: str


class PreferredSchedulingTerm(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    preference: NodeSelectorTerm
    weight: int


class Probe(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    exec: ExecAction | None = None
    failure_threshold: int | None = None
    grpc: GRPCAction | None = None
    http_get: HTTPGetAction | None = None
    initial_delay_seconds: int | None = None
    period_seconds: int | None = None
    success_threshold: int | None = None
    tcp_socket: TCPSocketAction | None = None
    termination_grace_period_seconds: int | None = None
    timeout_seconds: int | None = None


class ProjectedVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    default_mode: int | None = None
    sources: tuple[VolumeProjection, ...] = ()


class QuobyteVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    group: str = ""
    read_only: bool | None = None
    registry: str
    tenant: str = ""
    user: str = ""
    volume: str


class RBDPersistentVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    fs_type: str = ""
    image: str
    keyring: str = ""
    monitors: tuple[str, ...]
    pool: str = ""
    read_only: bool | None = None
    secret_ref: SecretReference | None = None
    user: str = ""


class RBDVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    fs_type: str = ""
    image: str
    keyring: str = ""
    monitors: tuple[str, ...]
    pool: str = ""
    read_only: bool | None = None
    secret_ref: LocalObjectReference | None = None
    user: str = ""


class ReplicationController(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: ReplicationControllerSpec = field(default_factory=lambda: ReplicationControllerSpec())
    status: ReplicationControllerStatus = field(default_factory=lambda: ReplicationControllerStatus())


class ReplicationControllerCondition(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_transition_time: str = ""
    message: str = ""
    reason: str = ""
    status: str
    type: str


class ReplicationControllerSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    min_ready_seconds: int | None = None
    replicas: int | None = None
    selector: dict[str, str] = field(default_factory=dict)
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())


class ReplicationControllerStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    available_replicas: int | None = None
    conditions: tuple[ReplicationControllerCondition, ...] = ()
    fully_labeled_replicas: int | None = None
    observed_generation: int | None = None
    ready_replicas: int | None = None
    replicas: int | None = None


class ResourceClaim(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str
    request: str = ""


class ResourceFieldSelector(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    container_name: str = ""
    divisor: str = ""
    resource: str


class ResourceHealth(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    health: str = ""
    message: str = ""
    resource_id: str


class ResourceQuota(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: ResourceQuotaSpec = field(default_factory=lambda: ResourceQuotaSpec())
    status: ResourceQuotaStatus = field(default_factory=lambda: ResourceQuotaStatus())


class ResourceQuotaSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    hard: dict[str, str] = field(default_factory=dict)
    scope_selector: ScopeSelector | None = None
    scopes: tuple[str, ...] = ()


class ResourceQuotaStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    hard: dict[str, str] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)


class ResourceRequirements(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    claims: tuple[ResourceClaim, ...] = ()
    limits: dict[str, str] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)


class ResourceStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str = ""
    resources: tuple[ResourceHealth, ...] = ()


class SELinuxOptions(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    level: str = ""
    role: str = ""
    type: str = ""
    user: str = ""


class ScaleIOPersistentVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    fs_type: str = ""
    gateway: str
    protection_domain: str = ""
    read_only: bool | None = None
    secret_ref: SecretReference
    ssl_enabled: bool | None = None
    storage_mode: str = ""
    storage_pool: str = ""
    system: str
    volume_name: str = ""


class ScaleIOVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    fs_type: str = ""
    gateway: str
    protection_domain: str = ""
    read_only: bool | None = None
    secret_ref: LocalObjectReference
    ssl_enabled: bool | None = None
    storage_mode: str = ""
    storage_pool: str = ""
    system: str
    volume_name: str = ""


class ScopeSelector(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    match_expressions: tuple[ScopedResourceSelectorRequirement, ...] = ()


class ScopedResourceSelectorRequirement(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    operator: str
    scope_name: str
    values: tuple[str, ...] = ()


class SeccompProfile(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    localhost_profile: str = ""
    type: str


class Secret(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    data: dict[str, str] = field(default_factory=dict)
    immutable: bool | None = None
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    string_data: dict[str, str] = field(default_factory=dict)
    type: str = ""


class SecretEnvSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str = ""
    optional: bool | None = None


class SecretKeySelector(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    key: str
    name: str = ""
    optional: bool | None = None


class SecretProjection(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    items: tuple[KeyToPath, ...] = ()
    name: str = ""
    optional: bool | None = None


class SecretReference(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str = ""
    namespace: str = ""


class SecretVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    default_mode: int | None = None
    items: tuple[KeyToPath, ...] = ()
    optional: bool | None = None
    secret_name: str = ""


class SecurityContext(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    allow_privilege_escalation: bool | None = None
    app_armor_profile: AppArmorProfile | None = None
    capabilities: Capabilities | None = None
    privileged: bool | None = None
    proc_mount: str = ""
    read_only_root_filesystem: bool | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    se_linux_options: SELinuxOptions | None = None
    seccomp_profile: SeccompProfile | None = None
    windows_options: WindowsSecurityContextOptions | None = None


class Service(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: ServiceSpec = field(default_factory=lambda: ServiceSpec())
    status: ServiceStatus = field(default_factory=lambda: ServiceStatus())


class ServiceAccount(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    automount_service_account_token: bool | None = None
    image_pull_secrets: tuple[LocalObjectReference, ...] = ()
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    secrets: tuple[ObjectReference, ...] = ()


class ServiceAccountTokenProjection(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    audience: str = ""
    expiration_seconds: int | None = None
    path: str


class ServicePort(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    app_protocol: str = ""
    name: str = ""
    node_port: int | None = None
    port: int
    protocol: str = ""
    target_port: int | str | None = None


class ServiceSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    allocate_load_balancer_node_ports: bool | None = None
    cluster_ip: str = ""
    cluster_ips: tuple[str, ...] = ()
    external_ips: tuple[str, ...] = ()
    external_name: str = ""
    external_traffic_policy: str = ""
    health_check_node_port: int | None = None
    internal_traffic_policy: str = ""
    ip_families: tuple[str, ...] = ()
    ip_family_policy: str = ""
    load_balancer_class: str = ""
    load_balancer_ip: str = ""
    load_balancer_source_ranges: tuple[str, ...] = ()
    ports: tuple[ServicePort, ...] = ()
    publish_not_ready_addresses: bool | None = None
    selector: dict[str, str] = field(default_factory=dict)
    session_affinity: str = ""
    session_affinity_config: SessionAffinityConfig | None = None
    traffic_distribution: str = ""
    type: str = ""


class ServiceStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    conditions: tuple[Condition, ...] = ()
    load_balancer: LoadBalancerStatus | None = None


class SessionAffinityConfig(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    client_ip: ClientIPConfig | None = None


class SleepAction(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    seconds: int


class StorageOSPersistentVolumeSource(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    fs_type: str = ""
    read_only: bool | None = None
    secret_ref: ObjectReference | None = None
    volume_name: str = ""
    volume_namespace: str = ""


class StorageOSVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    fs_type: str = ""
    read_only: bool | None = None
    secret_ref: LocalObjectReference | None = None
    volume_name: str = ""
    volume_namespace: str = ""


class Sysctl(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str
    value: str


class TCPSocketAction(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    host: str = ""
    port: int | str


class Taint(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    effect: str
    key: str
    time_added: str = ""
    value: str = ""


class Toleration(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    effect: str = ""
    key: str = ""
    operator: str = ""
    toleration_seconds: int | None = None
    value: str = ""


class TopologySelectorLabelRequirement(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    key: str
    values: tuple[str, ...]


class TopologySelectorTerm(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    match_label_expressions: tuple[TopologySelectorLabelRequirement, ...] = ()


class TopologySpreadConstraint(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    label_selector: LabelSelector | None = None
    match_label_keys: tuple[str, ...] = ()
    max_skew: int
    min_domains: int | None = None
    node_affinity_policy: str = ""
    node_taints_policy: str = ""
    topology_key: str
    when_unsatisfiable: str


class TypedLocalObjectReference(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    api_group: str = ""
    kind: str
    name: str


class TypedObjectReference(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    api_group: str = ""
    kind: str
    name: str
    namespace: str = ""


class Volume(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = None
    azure_disk: AzureDiskVolumeSource | None = None
    azure_file: AzureFileVolumeSource | None = None
    cephfs: CephFSVolumeSource | None = None
    cinder: CinderVolumeSource | None = None
    config_map: ConfigMapVolumeSource | None = None
    csi: CSIVolumeSource | None = None
    downward_api: DownwardAPIVolumeSource | None = None
    empty_dir: EmptyDirVolumeSource | None = None
    ephemeral: EphemeralVolumeSource | None = None
    fc: FCVolumeSource | None = None
    flex_volume: FlexVolumeSource | None = None
    flocker: FlockerVolumeSource | None = None
    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = None
    git_repo: GitRepoVolumeSource | None = None
    glusterfs: GlusterfsVolumeSource | None = None
    host_path: HostPathVolumeSource | None = None
    image: ImageVolumeSource | None = None
    iscsi: ISCSIVolumeSource | None = None
    name: str
    nfs: NFSVolumeSource | None = None
    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = None
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = None
    portworx_volume: PortworxVolumeSource | None = None
    projected: ProjectedVolumeSource | None = None
    quobyte: QuobyteVolumeSource | None = None
    rbd: RBDVolumeSource | None = None
    scale_io: ScaleIOVolumeSource | None = None
    secret: SecretVolumeSource | None = None
    storageos: StorageOSVolumeSource | None = None
    vsphere_volume: VsphereVirtualDiskVolumeSource | None = None


class VolumeDevice(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    device_path: str
    name: str


class VolumeMount(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    mount_path: str
    mount_propagation: str = ""
    name: str
    read_only: bool | None = None
    recursive_read_only: str = ""
    sub_path: str = ""
    sub_path_expr: str = ""


class VolumeMountStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    mount_path: str = ""
    name: str = ""
    read_only: bool | None = None
    recursive_read_only: str = ""
    volume_status: VolumeStatus | None = None


class VolumeNodeAffinity(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    required: NodeSelector | None = None


class VolumeProjection(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    cluster_trust_bundle: ClusterTrustBundleProjection | None = None
    config_map: ConfigMapProjection | None = None
    downward_api: DownwardAPIProjection | None = None
    pod_certificate: PodCertificateProjection | None = None
    secret: SecretProjection | None = None
    service_account_token: ServiceAccountTokenProjection | None = None


class VolumeResourceRequirements(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    limits: dict[str, str] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)


class VolumeStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    image: ImageVolumeStatus | None = None


class VsphereVirtualDiskVolumeSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    fs_type: str = ""
    storage_policy_id: str = ""
    storage_policy_name: str = ""
    volume_path: str


class WeightedPodAffinityTerm(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    pod_affinity_term: PodAffinityTerm
    weight: int


class WindowsSecurityContextOptions(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    gmsa_credential_spec: str = ""
    gmsa_credential_spec_name: str = ""
    host_process: bool | None = None
    run_as_user_name: str = ""


BINDING = Kind("", "v1", "Binding", "bindings", True, Binding)
COMPONENT_STATUS = Kind("", "v1", "ComponentStatus", "componentstatuses", True, ComponentStatus)
CONFIG_MAP = Kind("", "v1", "ConfigMap", "configmaps", True, ConfigMap)
ENDPOINTS = Kind("", "v1", "Endpoints", "endpoints", True, Endpoints)
EVENT = Kind("", "v1", "Event", "events", True, Event)
LIMIT_RANGE = Kind("", "v1", "LimitRange", "limitranges", True, LimitRange)
NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False, Namespace)
NODE = Kind("", "v1", "Node", "nodes", False, Node)
PERSISTENT_VOLUME = Kind("", "v1", "PersistentVolume", "persistentvolumes", False, PersistentVolume)
PERSISTENT_VOLUME_CLAIM = Kind(
    "", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", True, PersistentVolumeClaim
)
POD = Kind("", "v1", "Pod", "pods", True, Pod)
POD_TEMPLATE = Kind("", "v1", "PodTemplate", "podtemplates", True, PodTemplate)
REPLICATION_CONTROLLER = Kind(
    "", "v1", "ReplicationController", "replicationcontrollers", True, ReplicationController
)
RESOURCE_QUOTA = Kind("", "v1", "ResourceQuota", "resourcequotas", True, ResourceQuota)
SECRET = Kind("", "v1", "Secret", "secrets", True, Secret)
SERVICE = Kind("", "v1", "Service", "services", True, Service)
SERVICE_ACCOUNT = Kind("", "v1", "ServiceAccount", "serviceaccounts", True, ServiceAccount)
