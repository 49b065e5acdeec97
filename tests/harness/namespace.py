"""A network namespace of a test's own, entered by this process: its loopback, addresses and ports are its own."""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


@contextmanager
def network_namespace(name: str) -> Iterator[Path]:
    """Make it and be in it, this thread and those it starts; gone at the end."""
    subprocess.run(["ip", "netns", "add", name], check=True)
    path = Path("/run/netns") / name
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        _enter(path)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        # What is in /proc/sys/net belongs to the namespace of whoever looks.
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        yield path
    finally:
        if _LIBC.setns(here, _NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        os.close(here)
        subprocess.run(["ip", "netns", "delete", name], check=True)


def _enter(path: Path) -> None:
    target = os.open(path, os.O_RDONLY)
    try:
        if _LIBC.setns(target, _NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(target)
