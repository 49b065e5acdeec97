"""Readiness told by a part to its supervisor, in systemd's protocol (sd_notify(3)): containerd speaks it too."""

import os
import socket
from collections.abc import Mapping


def notify(message: str, environment: Mapping[str, str] = os.environ) -> None:
    """Send `READY=1`, `STATUS=...`; does nothing where nobody listens."""
    path = environment.get("NOTIFY_SOCKET", "")
    if not path:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        try:
            sock.sendto(message.encode(), path)
        except OSError:
            return  # the supervisor is gone, and with it whoever wanted to know


def parse_notification(datagram: bytes) -> dict[str, str]:
    """`KEY=value` lines as a mapping; other lines are left out."""
    lines = datagram.decode(errors="replace").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
