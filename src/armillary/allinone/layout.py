"""Where things are in the data directory."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths under one data directory; nothing is written elsewhere."""

    root: Path

    @property
    def pki(self) -> Path:
        return self.root / "pki"

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def run(self) -> Path:
        """Sockets, the supervisor's lock and status: gone after `down`."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def containerd(self) -> Path:
        return self.root / "containerd"

    @property
    def registry(self) -> Path:
        return self.root / "registry"

    @property
    def platform(self) -> Path:
        """Audit log and history of objects."""
        return self.root / "platform"

    @property
    def pods(self) -> Path:
        """Pods' volumes: a shared mount while the node agent runs."""
        return self.root / "pods"

    @property
    def volumes(self) -> Path:
        """Persistent volumes of the class local-path."""
        return self.root / "volumes"

    @property
    def api_socket(self) -> Path:
        return self.run / "api.sock"

    @property
    def runtime_socket(self) -> Path:
        return self.run / "containerd.sock"

    @property
    def supervisor_lock(self) -> Path:
        return self.run / "supervisor.lock"

    @property
    def notify_socket(self) -> Path:
        return self.run / "notify.sock"

    @property
    def status(self) -> Path:
        return self.run / "status.json"

    @property
    def sysctls(self) -> Path:
        """Kernel settings as they were before the first `up`, for `down --purge`."""
        return self.root / "sysctls.json"

    def make(self) -> None:
        """Create the directories; only root may look into most of them."""
        self.root.mkdir(mode=0o711, parents=True, exist_ok=True)
        for path in (self.pki, self.store, self.run, self.logs, self.containerd, self.registry, self.platform):
            path.mkdir(mode=0o700, exist_ok=True)
        # Containers run as other users: they must be able to pass through to their volumes.
        for path in (self.pods, self.volumes):
            path.mkdir(mode=0o711, exist_ok=True)
