"""A whole cluster for end-to-end tests, in a network namespace and a data directory of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
KUBECTL = ROOT / ".venv/kubectl"
IMAGES = ROOT / ".cache/images"
BAKERY = ROOT / ".cache/bakery"
VERSIONS = ("1.32", "1.35")
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass
class Cluster:
    """Runs commands beside the cluster: same network, its kubeconfig, `kubectl` and `armillary` in the path."""

    namespace: str
    data_dir: Path
    kubectl_version: str = VERSIONS[-1]
    environment: Mapping[str, str] = field(default_factory=dict)
    authority: str = "pki/ca.crt"  # of the platform's certificate, below the data directory

    @property
    def ca(self) -> Path:
        return self.data_dir / self.authority

    def command(self, *words: str) -> list[str]:
        if not self.namespace:  # the machine's own network
            return list(words)
        return ["nsenter", f"--net=/run/netns/{self.namespace}", *words]

    @property
    def kubectl_binary(self) -> Path:
        """Of that very version: a machine's own must not be taken for it."""
        binary = KUBECTL / self.kubectl_version / "kubectl"
        if not binary.exists():
            raise FileNotFoundError(f"{binary} is missing; `make kubectl` brings it")
        return binary

    def env(self) -> dict[str, str]:
        binaries = f"{KUBECTL / self.kubectl_version}:{Path(sys.executable).parent}"
        return {
            **os.environ,
            "PATH": f"{binaries}:{SYSTEM_PATH}",
            "KUBECONFIG": str(self.data_dir / "pki/admin.kubeconfig"),
            "ARMILLARY_DATA_DIR": str(self.data_dir),
            "LANG": "C.UTF-8",
            **self.environment,
        }

    def run(
        self, *words: str, check: bool = True, stdin: str | None = None, timeout: float = 180
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end; a failure shows what the command said."""
        done = subprocess.run(
            self.command(*words),
            input=stdin,
            capture_output=True,
            text=True,
            env=self.env(),
            cwd=ROOT,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)} gave {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def armillary(self, *words: str, check: bool = True, timeout: float = 180) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "armillary.allinone.main", *words, check=check, timeout=timeout)

    def kubectl(self, *words: str, check: bool = True, stdin: str | None = None, timeout: float = 180) -> str:
        """What it printed, standard error after standard output."""
        done = self.run(str(self.kubectl_binary), *words, check=check, stdin=stdin, timeout=timeout)
        return done.stdout + done.stderr

    def apply(self, manifest: str) -> str:
        return self.kubectl("apply", "-f", "-", stdin=manifest)

    def spawn(self, *words: str) -> subprocess.Popen[str]:
        """Start and leave running; the caller ends it."""
        return subprocess.Popen(
            self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.env(), cwd=ROOT
        )


def eventually(look: Callable[[], object], what: str, timeout: float = 60.0) -> None:
    """Wait until `look()` holds. Failed assertions inside count as "not yet", and are told at the end."""
    deadline, last = time.monotonic() + timeout, ""
    while time.monotonic() < deadline:
        try:
            if look():
                return
            last = "it does not hold"
        except AssertionError as exc:
            last = str(exc)
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {timeout:.0f} s; {last}")


def bake(*names: str) -> list[Path]:
    """Archives of base images, made once and kept: they take minutes."""
    wanted = {name: IMAGES / f"library_{name}_latest.tar" for name in names}
    missing = [name for name, path in wanted.items() if not path.exists()]
    if missing:
        command = [sys.executable, "-m", "armillary.allinone.main", "image", "bake", *missing]
        command += ["--output-dir", str(IMAGES), "--data-dir", str(BAKERY)]
        path = {"PATH": f"{os.environ['PATH']}:{SYSTEM_PATH}"}
        subprocess.run(command, check=True, env={**os.environ, **path}, stdout=subprocess.DEVNULL, timeout=900)
    return list(wanted.values())


@contextmanager
def network_namespace(name: str) -> Iterator[str]:
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        yield name
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


@contextmanager
def running_cluster(name: str, data_dir: Path, *options: str) -> Iterator[Cluster]:
    """Up, and at the end purged, whatever happened in between."""
    with network_namespace(name):
        cluster = Cluster(name, data_dir)
        cluster.armillary("up", "--detach", "--node-name", "node-1", *options)
        try:
            yield cluster
        finally:
            cluster.armillary("down", "--purge", "--yes")
