"""Files that change all at once: kubelet's layout of `..data`, which running pods see updated.

The files stand in a directory of their own, `..data` is a link to it, and every visible name a link through
`..data`. A new version is a new directory and one rename.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from armillary.engine.node.faults import MountError

_DATA, _NEXT = "..data", "..data_tmp"
_NAME_LENGTH, _PATH_LENGTH = 255, 4096


@dataclass(frozen=True, slots=True)
class File:
    """One file of a volume; `owner` is None for root."""

    content: bytes
    mode: int
    owner: int | None = None


def write_files(
    volume: Path, files: Mapping[str, File], now: datetime, settle: Callable[[], None] = lambda: None
) -> bool:
    """Make the volume hold just these files, by path; says whether it changed.

    `settle` is called when new files are written and not yet visible: the moment to give them away.
    """
    files = {_checked(path): file for path, file in files.items()}
    old = _current(volume)
    if old is not None and _same(old, files):
        _link(volume, files)
        return False
    new = Path(tempfile.mkdtemp(prefix=now.strftime("..%Y_%m_%d_%H_%M_%S."), dir=volume))
    new.chmod(0o755)
    for path, file in files.items():
        _write(new / path, file)
    settle()
    (volume / _NEXT).unlink(missing_ok=True)  # left behind by a crash
    (volume / _NEXT).symlink_to(new.name)
    (volume / _NEXT).rename(volume / _DATA)
    _link(volume, files)
    _unlink_stale(volume, files)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)
    return True


def _checked(path: str) -> str:
    parts = path.split("/")
    if not path:
        raise MountError('invalid path: must not be empty: ""')
    if path.startswith("/"):
        raise MountError(f"invalid path: must be relative path: {path}")
    if len(path) > _PATH_LENGTH:
        raise MountError(f"invalid path: must be less than or equal to {_PATH_LENGTH} characters")
    if ".." in parts:
        raise MountError(f"invalid path: must not contain '..': {path}")
    if any(len(part) > _NAME_LENGTH for part in parts):
        raise MountError(f"invalid path: filenames must be less than or equal to {_NAME_LENGTH} characters")
    if parts[0].startswith(".."):
        raise MountError(f"invalid path: must not start with '..': {path}")
    return str(PurePosixPath(path))


def _current(volume: Path) -> Path | None:
    try:
        return volume / (volume / _DATA).readlink()
    except FileNotFoundError:
        return None


def _same(directory: Path, files: Mapping[str, File]) -> bool:
    there = {str(found.relative_to(directory)) for found in directory.rglob("*") if not found.is_dir()}
    return there == set(files) and all((directory / path).read_bytes() == file.content for path, file in files.items())


def _write(path: Path, file: File) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.content)
    path.chmod(file.mode)
    if file.owner is not None:
        os.lchown(path, file.owner, -1)


def _link(volume: Path, files: Mapping[str, File]) -> None:
    for path, file in files.items():
        name = PurePosixPath(path).parts[0]
        if not (volume / name).is_symlink():
            (volume / name).symlink_to(f"{_DATA}/{name}")
            if file.owner is not None:
                os.lchown(volume / name, file.owner, -1)


def _unlink_stale(volume: Path, files: Mapping[str, File]) -> None:
    kept = {PurePosixPath(path).parts[0] for path in files}
    for entry in volume.iterdir():
        ours = entry.is_symlink() and str(entry.readlink()) == f"{_DATA}/{entry.name}"
        if ours and entry.name not in kept:
            entry.unlink()
