"""Every setting of the embedded cluster, once; `up` keeps them in the data directory for the other commands."""

import hashlib
import ipaddress
import os
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

import orjson

from armillary.base.errors import SetupError

DEFAULT_DATA_DIR = Path("/var/lib/armillary")
DATA_DIR_VARIABLE = "ARMILLARY_DATA_DIR"
# A Unix socket's path has 108 bytes (unix(7)); containerd's shims append theirs under /run, ours stand in the data dir.
LONGEST_DATA_DIR = 80


@dataclass(frozen=True, slots=True)
class Settings:
    """Where and how a cluster runs. Two clusters on one machine need two network namespaces and data directories."""

    data_dir: Path
    node_name: str
    api_port: int = 6443
    kubelet_port: int = 10250
    registry_port: int = 5000
    platform: bool = True  # whether the platform comes with the cluster
    platform_port: int = 9443
    platform_address: str = "0.0.0.0"  # noqa: S104  # nobody gets in without signing in
    pod_cidr: str = "10.244.0.0/16"
    service_cidr: str = "10.96.0.0/16"
    cluster_domain: str = "cluster.local"
    bridge: str = "cni0"
    runtime: str = "crun"
    max_pods: int = 250
    # Further places to look for a registry's images, after the local one: `docker.io=https://mirror.example.com`.
    mirrors: Sequence[str] = ()

    @property
    def origin(self) -> str:
        """The platform's address, as it is signed in to from this machine."""
        return f"https://127.0.0.1:{self.platform_port}"

    @property
    def gateway(self) -> str:
        """The bridge's address, first of the pod CIDR: the node's own, and where cluster DNS listens."""
        return str(ipaddress.ip_network(self.pod_cidr)[1])

    @property
    def api_service_ip(self) -> str:
        return str(ipaddress.ip_network(self.service_cidr)[1])

    @property
    def dns_service_ip(self) -> str:
        return str(ipaddress.ip_network(self.service_cidr)[10])

    @property
    def cgroup(self) -> str:
        """The root of all pods' cgroups: cgroups are the machine's, so a second cluster needs another name."""
        if self.data_dir == DEFAULT_DATA_DIR:
            return "armillary"
        return f"armillary-{hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:8]}"

    @property
    def mirrors_by_registry(self) -> dict[str, list[str]]:
        """The mirrors' URLs of each registry, in the order given."""
        found: dict[str, list[str]] = {}
        for mirror in self.mirrors:
            registry, _, url = mirror.partition("=")
            found.setdefault(registry, []).append(url)
        return found

    @property
    def file(self) -> Path:
        return self.data_dir / "settings.json"

    def checked(self) -> Self:
        """Itself; raises SetupError naming the setting that can't work, its value and what would."""
        if not self.data_dir.is_absolute() or len(str(self.data_dir)) > LONGEST_DATA_DIR:
            raise SetupError(
                f"data_dir: {str(self.data_dir)!r}: give an absolute path of at most {LONGEST_DATA_DIR} bytes"
            )
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?", self.node_name):
            raise SetupError(f"node_name: {self.node_name!r}: use lower-case letters, digits, '-' and '.'")
        for name in ("api_port", "kubelet_port", "registry_port", "platform_port"):
            if not 0 < getattr(self, name) < 65536:
                raise SetupError(f"{name}: {getattr(self, name)}: a port is between 1 and 65535")
        if not _is_address(self.platform_address):
            raise SetupError(f"platform_address: {self.platform_address!r}: give an IPv4 address of this machine")
        networks = [_network(name, getattr(self, name)) for name in ("pod_cidr", "service_cidr")]
        if networks[0].overlaps(networks[1]):
            raise SetupError(f"service_cidr: {self.service_cidr}: overlaps pod_cidr {self.pod_cidr}")
        if self.runtime not in ("crun", "runc"):
            raise SetupError(f"runtime: {self.runtime!r}: choose crun or runc")
        for mirror in self.mirrors:
            if not re.fullmatch(r"[\w.:-]+=https?://\S+", mirror):
                raise SetupError(f"mirror: {mirror!r}: write it as REGISTRY=URL, docker.io=https://mirror.example.com")
        if not re.fullmatch(r"[a-zA-Z][\w.-]{0,14}", self.bridge):
            raise SetupError(f"bridge: {self.bridge!r}: an interface name has at most 15 characters")
        return self

    def save(self) -> None:
        self.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        values = asdict(self) | {"data_dir": str(self.data_dir)}
        self.file.write_bytes(orjson.dumps(values, option=orjson.OPT_INDENT_2) + b"\n")


def _is_address(value: str) -> bool:
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        return False
    return True


def _network(name: str, value: str) -> ipaddress.IPv4Network:
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError as exc:
        raise SetupError(f"{name}: {value!r}: {exc}; give an IPv4 network such as 10.244.0.0/16") from exc
    if network.prefixlen > 24:
        raise SetupError(f"{name}: {value}: too small; give at least a /24")
    return network


def data_dir_of(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The data directory meant by a command: its flag, the environment's, or the default."""
    return (given or Path(environment.get(DATA_DIR_VARIABLE) or DEFAULT_DATA_DIR)).absolute()


def load_settings(data_dir: Path, changes: Mapping[str, Any] | None = None) -> Settings:
    """What `up` last kept there, or the defaults, with `changes` (None values left out). Raises SetupError."""
    settings = Settings(data_dir=data_dir, node_name=_host_name())
    if settings.file.exists():
        try:
            kept = orjson.loads(settings.file.read_bytes())
        except orjson.JSONDecodeError as exc:
            raise SetupError(f"{settings.file}: {exc}; mend or remove it") from exc
        known = {field.name for field in fields(Settings)}
        settings = replace(settings, **{k: v for k, v in kept.items() if k in known and k != "data_dir"})
    wanted = {key: value for key, value in (changes or {}).items() if value is not None}
    return replace(settings, **wanted).checked()


def _host_name() -> str:
    plain = re.sub(r"[^a-z0-9.-]", "-", socket.gethostname().lower()).strip("-.")
    return plain or "node"
