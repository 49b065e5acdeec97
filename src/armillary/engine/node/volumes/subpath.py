"""subPath: a part of a volume, bound so that no link in the volume can lead a container elsewhere.

The part is opened once, under the volume, and what was opened is what gets bound: a link that changes
afterwards changes nothing.
"""

import errno
import os
import stat
from pathlib import Path

from armillary.engine.node.faults import ConfigError
from armillary.engine.node.volumes.mounts import bind, mount_at, open_beneath, unmount


def check_sub_path(sub_path: str) -> None:
    if sub_path.startswith("/"):
        raise ConfigError(f"error SubPath `{sub_path}` must not be an absolute path")
    if ".." in sub_path.split("/"):
        raise ConfigError(f"unable to provision SubPath `{sub_path}`: must not contain '..'")


def bind_sub_path(volume: Path, sub_path: str, target: Path, *, mount_name: str, container: str) -> None:
    """Make `target` show that part of the volume, created as a directory if it is not there.

    Messages leave out what the host's file system looks like.
    """
    base = os.open(volume, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _make(base, sub_path, stat.S_IMODE(os.fstat(base).st_mode))
    except OSError as exc:
        os.close(base)
        raise ConfigError(
            f'failed to create subPath directory for volumeMount "{mount_name}" of container "{container}"'
        ) from exc
    try:
        part = open_beneath(base, sub_path)
        try:
            _bind(part, target)
        finally:
            os.close(part)
    except OSError as exc:
        raise ConfigError(
            f'failed to prepare subPath for volumeMount "{mount_name}" of container "{container}"'
        ) from exc
    finally:
        os.close(base)


def _bind(part: int, target: Path) -> None:
    wanted = os.fstat(part)
    while mount_at(target) is not None:
        if os.path.samestat(target.stat(), wanted):
            return
        unmount(str(target))  # an older version of the part, say of a config map
    target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    if stat.S_ISDIR(wanted.st_mode):
        target.mkdir(mode=0o750, exist_ok=True)
    else:
        target.touch(mode=0o640)
    bind(f"/proc/self/fd/{part}", target)


def _make(base: int, sub_path: str, mode: int) -> None:
    """Create the directories that are missing, each inside the one that was opened before."""
    here = os.dup(base)
    try:
        parts = [part for part in sub_path.split("/") if part not in ("", ".")]
        known = _existing(base, parts)
        if known == len(parts):
            return
        if known:
            os.close(here)
            here = open_beneath(base, "/".join(parts[:known]))
        for part in parts[known:]:
            os.mkdir(part, mode, dir_fd=here)
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
            os.close(here)
            here = inner
            os.fchmod(here, mode)  # mkdir's mode was cut by the umask
    finally:
        os.close(here)


def _existing(base: int, parts: list[str]) -> int:
    """How many of the leading parts are there."""
    for count in range(len(parts), 0, -1):
        try:
            os.close(open_beneath(base, "/".join(parts[:count])))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as exc:
            if exc.errno not in (errno.EXDEV, errno.ELOOP):
                raise  # those two lead out of the volume: there is nothing to make, and binding will refuse it
        return count
    return 0
