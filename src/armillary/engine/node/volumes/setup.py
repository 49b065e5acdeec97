"""Volumes made real: directories, mounts, files. Blocking; run it in a thread.

Doing it again is harmless: what a former run of the agent made is found and kept.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from armillary.engine.node.containers import all_containers
from armillary.engine.node.faults import MountError
from armillary.engine.node.volumes.atomic import write_files
from armillary.engine.node.volumes.hostpath import check_host_path
from armillary.engine.node.volumes.mounts import bind, mount_at, mount_tmpfs, mounts_below, unmount
from armillary.engine.node.volumes.ownership import give_to_group
from armillary.engine.node.volumes.plan import Bound, Files, HostPath, Plan, Scratch
from armillary.kube.kinds.core import Pod

_OPEN, _CLOSED = 0o777, 0o750


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who else may use the files."""

    group: int | None
    only_if_root_differs: bool = False


def ownership_of(pod: Pod) -> Ownership:
    context = pod.spec.security_context
    if context is None:
        return Ownership(None)
    return Ownership(context.fs_group, context.fs_group_change_policy == "OnRootMismatch")


def set_up(name: str, plan: Plan, owner: Ownership, nested: Iterable[str], now: datetime) -> None:
    """Make one volume. Raises MountError, in the words of a FailedMount event."""
    try:
        match plan:
            case Scratch():
                _scratch(plan, owner)
            case Files():
                write_volume(plan, owner, nested, now)
            case HostPath():
                check_host_path(str(plan.path), plan.type)
            case Bound():
                _bound(plan, owner)
    except (MountError, OSError) as exc:
        name = plan.volume_name if isinstance(plan, Bound) else name
        raise MountError(f'MountVolume.SetUp failed for volume "{name}" : {exc}') from exc


def write_volume(plan: Files, owner: Ownership, nested: Iterable[str], now: datetime) -> bool:
    """Bring a volume's files up to date; says whether anything changed."""
    _directory(plan.path, _OPEN)
    if plan.in_memory and mount_at(plan.path) is None:
        mount_tmpfs(plan.path, 0)
        plan.path.chmod(_OPEN)
    for inner in nested:
        (plan.path / inner).mkdir(mode=0o755, parents=True, exist_ok=True)

    def settle() -> None:
        if owner.group is not None:
            give_to_group(plan.path, owner.group, read_only=True)

    return write_files(plan.path, plan.files, now, settle)


def tear_down(pod_directory: Path) -> None:
    """Unmount all of a pod's volumes and delete what was only its own. What was bound in stays whole."""
    for mount in mounts_below(pod_directory):
        unmount(mount.point)
    left = mounts_below(pod_directory)
    if left:  # deleting now would reach through the mount
        raise MountError(f"{left[0].point} is still mounted")
    for name in ("volume-subpaths", "volumes"):
        shutil.rmtree(pod_directory / name, ignore_errors=True)


def nested_mount_points(pod: Pod, volume: str) -> set[str]:
    """Paths in a volume where a container mounts another one: they must be there, for the volume is read-only."""
    found: set[str] = set()
    for container in all_containers(pod):
        points = sorted(Path(mount.mount_path) for mount in container.volume_mounts)
        for mine in (Path(mount.mount_path) for mount in container.volume_mounts if mount.name == volume):
            inner = [point for point in points if mine in point.parents]
            outermost = (p for p in inner if not any(other in p.parents for other in inner))
            found |= {str(point.relative_to(mine)) for point in outermost}
    return found


def _scratch(plan: Scratch, owner: Ownership) -> None:
    fresh = _directory(plan.path, _OPEN)
    if plan.memory_bytes is not None and mount_at(plan.path) is None:
        mount_tmpfs(plan.path, plan.memory_bytes)
        plan.path.chmod(_OPEN)
        fresh = True
    if fresh and owner.group is not None:
        give_to_group(plan.path, owner.group, read_only=False)


def _bound(plan: Bound, owner: Ownership) -> None:
    if ".." in plan.source.split("/"):
        raise MountError(f"invalid path: {plan.source} must not contain '..'")
    if not Path(plan.source).exists():
        raise MountError(f'path "{plan.source}" does not exist')
    _directory(plan.path, _CLOSED)
    if mount_at(plan.path) is not None:
        return
    pods = plan.path.parents[3]
    shared = any(Path(mount.point).name == plan.path.name for mount in mounts_below(pods))
    bind(plan.source, plan.path, read_only=plan.read_only)
    if owner.group is not None and not plan.read_only and not shared:
        give_to_group(plan.path, owner.group, read_only=False, only_if_root_differs=owner.only_if_root_differs)


def _directory(path: Path, mode: int) -> bool:
    """Make it; says whether it is new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir()
    except FileExistsError:
        return False
    path.chmod(mode)  # mkdir's mode was cut by the umask
    return True
