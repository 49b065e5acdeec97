"""The node's side of the pod network: bridge, kernel settings, route. Undone by `armillary down --purge`."""

import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from armillary.base.errors import SetupError

SYSCTLS = Path("/proc/sys")
WANTED: Mapping[str, str] = {
    "net/ipv4/ip_forward": "1",
    # Pods of one bridge reach each other through Services: bridged packets must pass the rules.
    "net/bridge/bridge-nf-call-iptables": "1",
    # Network policies must see those that would go around them by link-local addresses.
    "net/bridge/bridge-nf-call-ip6tables": "1",
    # NodePorts answer on 127.0.0.1 too.
    "net/ipv4/conf/all/route_localnet": "1",
}


def make_bridge(name: str, address: str, prefix: int, service_cidr: str) -> None:
    """The pods' bridge with its address, and a route that makes the node's own packets to Services pass the rules.

    Idempotent. Raises SetupError with the kernel's words.
    """
    # Not by a look at /sys: that shows the network namespace it was mounted in, which may not be ours.
    if name not in (known for _, known in socket.if_nameindex()):
        _ip("link", "add", name, "type", "bridge")
    _ip("address", "replace", f"{address}/{prefix}", "dev", name)
    _ip("link", "set", name, "up")
    # A namespace of its own has its loopback down.
    _ip("link", "set", "lo", "up")
    _ip("route", "replace", service_cidr, "dev", name, "src", address)


def set_sysctls() -> dict[str, str]:
    """Set what the network needs; gives what was there before, for those that changed."""
    before = {}
    for name, value in WANTED.items():
        path = SYSCTLS / name
        try:
            found = path.read_text().strip()
            if found != value:
                path.write_text(value)
                before[name] = found
        except OSError as exc:
            raise SetupError(f"kernel setting {name.replace('/', '.')}: {exc.strerror}") from exc
    return before


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(f"ip {' '.join(words)}: {done.stderr.strip()}")
