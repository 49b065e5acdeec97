"""All that can be set about a node."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

VERSION = "v1.36.0"  # the kubelet whose behaviour this is


@dataclass(frozen=True, slots=True)
class ReservedResources:
    """Kept from pods for the machine itself."""

    milli_cpu: int = 0
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The agent's own certificate, and the CA of those who may call it."""

    certificate: Path
    key: Path
    client_ca: Path


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """`pods` must be a shared mount, and be one before the runtime starts."""

    node_name: str
    address: str  # the node's InternalIP, where the kubelet API listens
    pods: Path  # volumes and small files of pods
    pod_logs: Path  # what containers print
    state: Path  # what the agent itself must remember
    runtime_socket: Path
    tls: TlsFiles
    port: int = 10250
    runtime_handler: str = ""  # "" for the runtime's own default
    cgroup_root: str = "/armillary"
    cluster_dns: tuple[str, ...] = ()
    cluster_domain: str = "cluster.local"
    pod_cidr: str = ""
    max_pods: int = 110
    pids_limit: int | None = None
    reserved: ReservedResources = field(default_factory=ReservedResources)
    labels: Mapping[str, str] = field(default_factory=dict)
    control_plane: bool = False  # shown as the node's role
    resolv_conf: Path = Path("/etc/resolv.conf")
    starts_at_once: int = 8

    @property
    def seccomp_profiles(self) -> Path:
        return self.state / "seccomp"
