"""What is measured: pods and containers as the agent knows them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class VolumeSubject:
    """A volume of a pod. Of a `whole` file system the usage is asked for; other directories are walked."""

    name: str
    path: Path
    whole: bool = False
    claim: str = ""  # of the PersistentVolumeClaim, if it is one
    ephemeral: bool = False  # counts as the pod's local storage: an emptyDir on disk


@dataclass(frozen=True, slots=True)
class ContainerSubject:
    """A container that runs. `cgroup` is its path in each hierarchy."""

    name: str
    id: str
    cgroup: str
    image: str
    started: datetime
    logs: Path | None = None


@dataclass(frozen=True, slots=True)
class PodSubject:
    """A pod with a sandbox. `network_pid` is a process in its network, None on the host's."""

    name: str
    namespace: str
    uid: str
    cgroup: str
    started: datetime
    containers: tuple[ContainerSubject, ...]
    network_pid: int | None = None
    volumes: tuple[VolumeSubject, ...] = ()
