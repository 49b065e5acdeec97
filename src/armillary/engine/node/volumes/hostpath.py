"""hostPath volumes: what the path must be, or is made to be."""

import stat
from collections.abc import Callable
from pathlib import Path

from armillary.engine.node.faults import MountError

# What a type requires, and how the message names it.
_REQUIRED: dict[str, tuple[Callable[[int], bool], str]] = {
    "Directory": (stat.S_ISDIR, "directory"),
    "File": (stat.S_ISREG, "file"),
    "Socket": (stat.S_ISSOCK, "socket file"),
    "CharDevice": (stat.S_ISCHR, "character device"),
    "BlockDevice": (stat.S_ISBLK, "block device"),
}


def check_host_path(path: str, type: str) -> None:
    """Make or verify a path of the host; raises MountError in kubelet's words."""
    if ".." in path.split("/"):
        raise MountError(f"invalid HostPath `{path}`: must not contain '..'")
    if not type:
        return
    place = Path(path)
    if type.endswith("OrCreate"):
        _make(place, type)
    required = _REQUIRED.get(type.removesuffix("OrCreate"))
    if required is None:
        raise MountError(f"{type} is an invalid volume type")
    fits, name = required
    try:
        holds = fits(place.stat().st_mode)
    except OSError:
        holds = False
    if not holds:
        raise MountError(f"hostPath type check failed: {path} is not a {name}")


def _make(place: Path, type: str) -> None:
    if place.exists():
        return
    try:
        if type == "DirectoryOrCreate":
            place.mkdir(mode=0o755, parents=True, exist_ok=True)
        elif type == "FileOrCreate":
            place.touch(mode=0o644)
    except OSError as exc:
        raise MountError(f"{exc.strerror.lower() if exc.strerror else exc}: {place}") from exc
