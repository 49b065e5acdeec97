"""containerd as this project runs it: its configuration, the pods' network, registries, how to start it. Pure.

Everything lies below one data directory, so it never meets a containerd of the machine's own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from armillary.engine.node.pause import IMAGE

RUNTIMES = {"crun": "/usr/bin/crun", "runc": "/usr/sbin/runc"}
DEFAULT_RUNTIME = "crun"  # 154 ms from nothing to a running pod, runc 193 ms
CNI_PLUGINS = Path("/usr/lib/cni")
_FIRST_POD_ADDRESS = 10  # the ones below are for the node itself


@dataclass(frozen=True, slots=True)
class ContainerdSettings:
    """Where containerd lives. `socket` is also what names its shims' sockets, so keep it short."""

    directory: Path
    socket: Path
    state: Path  # gone after a reboot: a tmpfs
    default_runtime: str = DEFAULT_RUNTIME
    runtimes: Mapping[str, str] = field(default_factory=lambda: RUNTIMES)
    cni_plugins: Path = CNI_PLUGINS

    @property
    def root(self) -> Path:
        return self.directory / "root"

    @property
    def config(self) -> Path:
        return self.directory / "config.toml"

    @property
    def cni(self) -> Path:
        """Directory of the network's configuration."""
        return self.directory / "cni"

    @property
    def registries(self) -> Path:
        """Directory of registries' hosts.toml files."""
        return self.directory / "certs.d"


@dataclass(frozen=True, slots=True)
class PodNetwork:
    """The bridge that pods hang on."""

    bridge: str
    cidr: str
    gateway: str
    leases: Path  # which address is whose
    mtu: int = 1500


_CONFIG = """\
version = 2
root = {root}
state = {state}
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper",
]

[grpc]
  address = {socket}

[plugins."io.containerd.internal.v1.opt"]
  path = {opt}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{image}"
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  disable_apparmor = {disable_apparmor}
  restrict_oom_score_adj = {restrict_oom_score}
  max_concurrent_downloads = 3
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = {cni_plugins}
    conf_dir = {cni}
    max_conf_num = 1
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = {registries}
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = {default_runtime}
"""
_RUNTIME = """\
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.{name}]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.{name}.options]
        BinaryName = {binary}
        SystemdCgroup = false
"""


def containerd_config(settings: ContainerdSettings, *, may_protect_from_oom: bool, has_apparmor: bool = False) -> str:
    """config.toml. Without CAP_SYS_RESOURCE (`may_protect_from_oom`) no process's OOM score may be lowered."""
    head = _CONFIG.format(
        root=_quote(settings.root),
        state=_quote(settings.state),
        socket=_quote(settings.socket),
        opt=_quote(settings.directory / "opt"),
        image=IMAGE,
        disable_apparmor=_bool(not has_apparmor),
        restrict_oom_score=_bool(not may_protect_from_oom),
        cni_plugins=_quote(settings.cni_plugins),
        cni=_quote(settings.cni),
        registries=_quote(settings.registries),
        default_runtime=_quote(settings.default_runtime),
    )
    runtimes = "".join(_RUNTIME.format(name=name, binary=_quote(path)) for name, path in settings.runtimes.items())
    return head + runtimes


def cni_conflist(network: PodNetwork) -> str:
    """The pods' network: a bridge whose gateway is the node; addresses handed out from the CIDR."""
    address, _, prefix = network.cidr.partition("/")
    base = [int(part) for part in address.split(".")]
    first = ".".join(str(part) for part in (*base[:3], base[3] + _FIRST_POD_ADDRESS))
    plugins = [
        {
            "type": "bridge",
            "bridge": network.bridge,
            "isGateway": True,
            "ipMasq": False,
            "hairpinMode": True,
            "mtu": network.mtu,
            "ipam": {
                "type": "host-local",
                "dataDir": str(network.leases),
                "ranges": [[{"subnet": f"{address}/{prefix}", "rangeStart": first, "gateway": network.gateway}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }
    ]
    return json.dumps({"cniVersion": "0.4.0", "name": "armillary", "plugins": plugins}, indent=1) + "\n"


def hosts_toml(mirrors: Sequence[str], server: str = "") -> str:
    """How to reach a registry: the mirrors in turn, at last `server` (or the registry itself)."""
    lines = [f"server = {_quote(server)}"] if server else []
    for url in mirrors:
        lines += ["", f"[host.{_quote(url)}]", '  capabilities = ["pull", "resolve"]']
    return "\n".join(lines) + "\n"


def registry_files(local: str, mirrors: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """hosts.toml files by their path below `registries`.

    Every name is looked for in the registry at `local` (`127.0.0.1:5000`) first. `mirrors` names further places for
    a registry (`docker.io` -> URLs).
    """
    nearby = f"http://{local}"
    files = {"_default/hosts.toml": hosts_toml([nearby])}
    for name in {"docker.io", *mirrors}:
        server = "https://registry-1.docker.io" if name == "docker.io" else ""
        files[f"{name}/hosts.toml"] = hosts_toml([nearby, *mirrors.get(name, ())], server)
    return files


def start_command(settings: ContainerdSettings, *, hide_unified_cgroups: bool) -> list[str]:
    """The command line. crun refuses a machine that mounts version 2 of cgroups beside version 1 with a controller
    in it; so containerd gets a mount namespace of its own where that is gone, and sees volumes mounted later.
    """
    daemon = ["containerd", "--config", str(settings.config), "--log-level", "warn"]
    if not hide_unified_cgroups:
        return daemon
    script = 'umount /sys/fs/cgroup/unified && exec "$@"'
    return ["unshare", "--mount", "--propagation", "slave", "sh", "-c", script, "sh", *daemon]


def import_command(socket: Path, archive: Path) -> list[str]:
    """Loads an image archive, for pods to use."""
    return ["ctr", "--address", str(socket), "--namespace", "k8s.io", "images", "import", str(archive)]


def hides_unified(mounts: str) -> bool:
    """Whether `start_command` must hide it, by the text of /proc/self/mounts."""
    points = {line.split()[1]: line.split()[2] for line in mounts.splitlines() if line.count(" ") >= 2}
    return points.get("/sys/fs/cgroup/unified") == "cgroup2"


def _quote(value: object) -> str:
    return json.dumps(str(value))


def _bool(value: bool) -> str:
    return "true" if value else "false"
