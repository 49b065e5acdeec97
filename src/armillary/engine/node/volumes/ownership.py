"""fsGroup: a volume's files given to a group, as kubelet's pkg/volume/volume_linux.go does."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from armillary.engine.node.containers import lasting_containers
from armillary.kube.kinds.core import Container, Pod

_READ_WRITE, _READ, _SEARCH = 0o660, 0o440, 0o110


def give_to_group(volume: Path, group: int, *, read_only: bool, only_if_root_differs: bool = False) -> None:
    """Let the group use everything in the volume; links are not followed, the volume itself comes last."""
    if only_if_root_differs and _root_fits(volume, group, read_only):
        return
    for path, mode in _deepest_first(volume, volume.lstat().st_mode):
        os.lchown(path, -1, group)
        if not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) | _wanted(mode, read_only))


def user_of_files(pod: Pod) -> int | None:
    """The one user that all containers run as, if they do: tokens are given to it."""
    users = {_user(container, pod) for container in lasting_containers(pod)}
    return users.pop() if len(users) == 1 else None


def _user(container: Container, pod: Pod) -> int | None:
    own = container.security_context.run_as_user if container.security_context else None
    shared = pod.spec.security_context.run_as_user if pod.spec.security_context else None
    return own if own is not None else shared


def _wanted(mode: int, read_only: bool) -> int:
    bits = _READ if read_only else _READ_WRITE
    return bits | _SEARCH | stat.S_ISGID if stat.S_ISDIR(mode) else bits


def _root_fits(volume: Path, group: int, read_only: bool) -> bool:
    found = volume.stat()
    wanted = _wanted(found.st_mode, read_only)
    return found.st_gid == group and stat.S_ISDIR(found.st_mode) and found.st_mode & wanted == wanted


def _deepest_first(path: Path, mode: int) -> Iterator[tuple[Path, int]]:
    if stat.S_ISDIR(mode):
        for entry in os.scandir(path):
            yield from _deepest_first(Path(entry.path), entry.stat(follow_symlinks=False).st_mode)
    yield path, mode
