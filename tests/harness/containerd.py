"""A containerd of a test's own: in a network namespace, with its own directories; nothing is left behind."""

import asyncio
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.harness.images import busybox_archive
from tests.harness.namespace import network_namespace

from armillary.engine.node.cgroups import Cgroups
from armillary.engine.node.pause import pause_archive
from armillary.engine.node.runtime.containerd import (
    ContainerdSettings,
    PodNetwork,
    cni_conflist,
    containerd_config,
    hides_unified,
    import_command,
    registry_files,
    start_command,
)
from armillary.engine.node.runtime.cri import CriRuntime

GATEWAY, CIDR, BRIDGE = "10.99.0.1", "10.99.0.0/16", "cni0"
START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Containerd:
    """One that runs. Pods' volumes go below `pods`, a shared mount; their cgroups below `cgroup_root`."""

    directory: Path
    socket: Path
    pods: Path
    cgroup_root: str
    log: Path

    def runtime(self) -> CriRuntime:
        return CriRuntime(self.socket)


@contextmanager
def running_containerd(name: str, directory: Path, *, runtime: str = "crun") -> Iterator[Containerd]:
    """`name` begins with `arm-`; a random end is added. This process is in the namespace meanwhile."""
    name = f"{name}-{secrets.token_hex(3)}"
    settings = ContainerdSettings(directory / "containerd", directory / "c.sock", directory / "state", runtime)
    found = Containerd(directory, settings.socket, directory / "pods", f"/{name}", directory / "containerd.log")
    _write_config(settings, directory)
    with network_namespace(name), _shared_mount(found.pods), _daemon(settings, found):
        try:
            for archive, content in (("pause.tar", pause_archive()), ("busybox.tar", busybox_archive())):
                (directory / archive).write_bytes(content)
                subprocess.run(
                    import_command(settings.socket, directory / archive), check=True, stdout=subprocess.DEVNULL
                )
            yield found
        finally:
            asyncio.run(_remove_pods(found))
            cgroups = Cgroups(found.cgroup_root)
            cgroups.remove(found.cgroup_root)


def _write_config(settings: ContainerdSettings, directory: Path) -> None:
    settings.cni.mkdir(parents=True)
    network = PodNetwork(BRIDGE, CIDR, GATEWAY, directory / "leases")
    (settings.cni / "10-armillary.conflist").write_text(cni_conflist(network))
    for path, text in registry_files("127.0.0.1:5000", {}).items():
        file = settings.registries / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
    settings.config.write_text(containerd_config(settings, may_protect_from_oom=False))


@contextmanager
def _shared_mount(path: Path) -> Iterator[None]:
    path.mkdir()
    subprocess.run(["mount", "--bind", path, path], check=True)
    subprocess.run(["mount", "--make-shared", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", path], check=True)


@contextmanager
def _daemon(settings: ContainerdSettings, found: Containerd) -> Iterator[None]:
    hide = hides_unified(Path("/proc/self/mounts").read_text())
    with found.log.open("wb") as log:
        process = subprocess.Popen(start_command(settings, hide_unified_cgroups=hide), stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while asyncio.run(_answers(found)) is False:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"containerd did not start: {found.log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(settings.state, ignore_errors=True)


async def _answers(found: Containerd) -> bool:
    if not found.socket.exists():
        return False
    async with found.runtime() as runtime:
        try:
            return (await runtime.health()).runtime_ready
        except Exception:  # noqa: BLE001  # boundary: whatever it is, it does not answer yet
            return False


async def _remove_pods(found: Containerd) -> None:
    async with found.runtime() as runtime:
        for sandbox in await runtime.sandboxes():
            await runtime.stop_sandbox(sandbox.id)
            await runtime.remove_sandbox(sandbox.id)
