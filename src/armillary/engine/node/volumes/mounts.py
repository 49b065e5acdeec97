"""Mounts, by system call: make, find, take away. Linux only."""

import ctypes
import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT, _MS_BIND = 1, 2, 4, 32, 4096
_MNT_DETACH, _UMOUNT_NOFOLLOW = 2, 8
_SYS_OPENAT2 = 437  # the same number on every architecture
_RESOLVE_NO_MAGICLINKS, _RESOLVE_BENEATH = 0x02, 0x08
_ESCAPED = re.compile(r"\\([0-7]{3})")

_libc = ctypes.CDLL(None, use_errno=True)


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


@dataclass(frozen=True, slots=True)
class Mount:
    """A line of mountinfo."""

    point: str
    type: str


def mount_tmpfs(target: Path, size_bytes: int) -> None:
    """A file system in memory; 0 bytes for the kernel's own limit."""
    size = f"size={size_bytes}" if size_bytes else ""
    try:
        _mount("tmpfs", target, "tmpfs", 0, ",".join(filter(None, (size, "noswap"))))
    except OSError as exc:
        if exc.errno != errno.EINVAL:
            raise
        _mount("tmpfs", target, "tmpfs", 0, size)  # kernels before 6.4 do not know noswap


def bind(source: str, target: Path, *, read_only: bool = False) -> None:
    """Show `source` (a directory or a file) at `target` too."""
    _mount(source, target, "", _MS_BIND, "")
    if read_only:
        _mount("", target, "", _MS_BIND | _MS_REMOUNT | _MS_RDONLY, "")


def unmount(target: str) -> None:
    """Take away the uppermost mount; what still uses it keeps it to itself."""
    for flags in (_UMOUNT_NOFOLLOW, _UMOUNT_NOFOLLOW | _MNT_DETACH):
        if _libc.umount2(os.fsencode(target), flags) == 0:
            return
        code = ctypes.get_errno()
        if code != errno.EBUSY:
            break
    raise OSError(code, os.strerror(code), target)


def mounts_below(directory: Path) -> list[Mount]:
    """Mounts at or below a directory, innermost first."""
    top = os.path.realpath(directory)
    prefix = top.rstrip("/") + "/"
    return [mount for mount in reversed(_all()) if mount.point == top or mount.point.startswith(prefix)]


def mount_at(path: Path) -> Mount | None:
    """What is mounted right there."""
    point = os.path.realpath(path)
    return next((mount for mount in reversed(_all()) if mount.point == point), None)


def open_beneath(directory: int, path: str) -> int:
    """An O_PATH descriptor of `path`, which no symbolic link may lead out of `directory`; raises OSError."""
    how = _OpenHow(os.O_PATH | os.O_CLOEXEC, 0, _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS)
    found = _libc.syscall(_SYS_OPENAT2, directory, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how))
    if found < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), path)
    return int(found)


def _mount(source: str, target: Path, type: str, flags: int, data: str) -> None:
    arguments = (os.fsencode(source), os.fsencode(target), type.encode(), ctypes.c_ulong(flags), data.encode())
    if _libc.mount(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(target))


def _all() -> list[Mount]:
    """In the order of mounting."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines():
        head, _, tail = line.partition(" - ")
        point = _ESCAPED.sub(lambda m: chr(int(m[1], 8)), head.split(" ")[4])
        found.append(Mount(point, tail.split(" ")[0]))
    return found
