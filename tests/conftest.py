"""A test that needs what this machine lacks is skipped and says why; in CI it fails, so that nothing is left out."""

import functools
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.harness.cluster import SYSTEM_PATH, VERSIONS

PROGRAMS = (
    "buildah", "conntrack", "containerd", "crun", "docker-registry", "ip", "mmdebstrap", "nft", "nsenter", "runc",
    "skopeo",
)  # fmt: skip
FILES = (Path("/usr/lib/cni/bridge"), Path("/bin/busybox"))


@functools.cache
def lacks_machine() -> str:
    """What is missing for tests marked `machine`; "" if nothing is."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux"
    path = f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}"
    missing = [name for name in PROGRAMS if shutil.which(name, path=path) is None]
    missing += [str(file) for file in FILES if not file.exists()]
    return f"`make setup-test` installs what is missing: {' '.join(missing)}" if missing else ""


@functools.cache
def lacks_kubectl() -> str:
    """The same for those marked `kubectl`."""
    from tests.harness.served import kubectl_binary  # it imports most of the engine

    try:
        for version in VERSIONS:
            kubectl_binary(version)
    except FileNotFoundError as exc:
        return str(exc)
    return ""


LACKS: dict[str, Callable[[], str]] = {"machine": lacks_machine, "kubectl": lacks_kubectl}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    reason = "; ".join(lacks() for mark, lacks in LACKS.items() if item.get_closest_marker(mark) and lacks())
    if reason and os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(reason, pytrace=False)
    if reason:
        pytest.skip(reason)
