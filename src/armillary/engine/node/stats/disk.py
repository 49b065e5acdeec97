"""How full file systems are and how large directories: blocking, the latter slow for large ones."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 512  # what st_blocks counts in, whatever the file system


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """Bytes and inodes; `used` ones of a directory may be fewer than those of its file system."""

    capacity_bytes: int
    available_bytes: int
    used_bytes: int
    inodes: int
    inodes_free: int
    inodes_used: int


def file_system_usage(path: Path) -> DiskUsage:
    """Of the file system that holds a path. Raises OSError."""
    found = os.statvfs(path)
    return DiskUsage(
        capacity_bytes=found.f_blocks * found.f_frsize,
        available_bytes=found.f_bavail * found.f_frsize,
        used_bytes=(found.f_blocks - found.f_bfree) * found.f_frsize,
        inodes=found.f_files,
        inodes_free=found.f_ffree,
        inodes_used=found.f_files - found.f_ffree,
    )


def directory_usage(path: Path) -> DiskUsage:
    """Of what is below a path, other file systems left out; each file counts once. Raises OSError."""
    whole = file_system_usage(path)
    top = path.lstat()
    seen: set[int] = set()
    blocks, count = top.st_blocks, 1
    for entry in _walk(path, top.st_dev):
        if entry.st_nlink > 1 and entry.st_ino in seen:
            continue
        if entry.st_nlink > 1:
            seen.add(entry.st_ino)
        blocks += entry.st_blocks
        count += 1
    return DiskUsage(
        capacity_bytes=whole.capacity_bytes,
        available_bytes=whole.available_bytes,
        used_bytes=blocks * _BLOCK,
        inodes=whole.inodes,
        inodes_free=whole.inodes_free,
        inodes_used=count,
    )


def _walk(path: str | Path, device: int) -> Iterator[os.stat_result]:
    try:
        entries = list(os.scandir(path))
    except OSError:  # gone, or not ours to read: it holds nothing that we could count
        return
    for entry in entries:
        try:
            found = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        if found.st_dev != device:
            continue
        yield found
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, device)
