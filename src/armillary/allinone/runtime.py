"""What containerd finds when it starts: configuration, the pods' network, registries, a shared mount."""

import ctypes
import os
from pathlib import Path

from armillary.allinone.layout import Layout
from armillary.allinone.settings import Settings
from armillary.allinone.teardown import mounts_below, parse_mounts
from armillary.base.errors import SetupError
from armillary.engine.node.runtime.containerd import (
    ContainerdSettings,
    PodNetwork,
    cni_conflist,
    containerd_config,
    registry_files,
)

MS_BIND, MS_SHARED = 0x1000, 0x100000
CAP_SYS_RESOURCE = 24


def containerd_settings(settings: Settings, layout: Layout) -> ContainerdSettings:
    """containerd's files lie with the cluster's others."""
    return ContainerdSettings(
        directory=layout.containerd,
        socket=layout.runtime_socket,
        state=layout.run / "containerd",
        default_runtime=settings.runtime,
    )


def prepare_runtime(settings: Settings, layout: Layout, registry: str) -> None:
    """Write containerd's files, and make the pods' directory a mount that it sees into."""
    runtime = containerd_settings(settings, layout)
    text = containerd_config(runtime, may_protect_from_oom=_has_capability(CAP_SYS_RESOURCE))
    _write(runtime.config, text)
    network = PodNetwork(settings.bridge, settings.pod_cidr, settings.gateway, layout.containerd / "leases")
    _write(runtime.cni / "10-armillary.conflist", cni_conflist(network))
    for name, content in registry_files(registry, settings.mirrors_by_registry).items():
        _write(runtime.registries / name, content)
    share(layout.pods)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.write_text(text)


def share(path: Path) -> None:
    """Make a directory a shared mount: what is mounted below it later then shows up in containerd's namespace too."""
    mounts = parse_mounts(Path("/proc/self/mountinfo").read_text())
    libc = ctypes.CDLL(None, use_errno=True)
    target = str(path).encode()
    if str(path) not in mounts_below(mounts, path):
        _check(libc.mount(target, target, None, MS_BIND, None), path)
    _check(libc.mount(None, target, None, MS_SHARED, None), path)


def _check(result: int, path: Path) -> None:
    if result != 0:
        raise SetupError(f"{path} can't be made a shared mount: {os.strerror(ctypes.get_errno())}")


def _has_capability(number: int) -> bool:
    """Whether this process holds a capability (capabilities(7)), by the kernel's own word."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(line.split()[1], 16) >> number & 1)
