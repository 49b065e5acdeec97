"""What the agent knows of a pod, what may happen to it, and what is to be done: the words of `machine`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Literal

from armillary.kube.kinds.core import Pod

ProbeKind = Literal["startup", "liveness", "readiness"]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a container, as the runtime has it. It has ended if `finished_at` is known."""

    id: str
    attempt: int
    sandbox_id: str
    asked_image: str  # as the pod's spec named it when this run began
    image: str = ""
    image_ref: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int = 0
    reason: str = ""
    message: str = ""

    @property
    def ended(self) -> bool:
        return self.finished_at is not None


class Doing(Enum):
    """What is under way for a container, and will be answered by an event."""

    NOTHING = auto()
    STARTING = auto()
    POST_START = auto()  # runs, but does not count as running yet
    PRE_STOP = auto()
    AWAITING_TURN = auto()  # its end is wanted; sidecars wait for those that they serve
    STOPPING = auto()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a container does not run, as its status shows it."""

    reason: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class CrashBackoff:
    """How long the next restart must wait, and when that was decided."""

    seconds: float
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class ContainerRecord:
    """One container of the pod."""

    name: str
    attempt: int = 0  # of the next run
    doing: Doing = Doing.NOTHING
    current: Run | None = None
    last: Run | None = None  # the run before `current`
    waiting: Waiting | None = None
    retry_at: datetime | None = None
    failures: int = 0  # to start, in a row
    crash: CrashBackoff | None = None
    started: bool = False  # the startup probe said so, or there is none
    ready: bool = False  # the readiness probe said so, or there is none
    restart_anyway: bool = False  # it was stopped to be started anew, whatever the restart policy
    stop_by: datetime | None = None  # when its grace is over

    @property
    def is_running(self) -> bool:
        return self.current is not None and not self.current.ended


@dataclass(frozen=True, slots=True)
class SandboxRecord:
    """The pod's sandbox: none yet, on its way, there, or lost."""

    attempt: int = 0
    id: str = ""
    ips: tuple[str, ...] = ()
    pid: int = 0  # of a process in its namespaces
    ready: bool = False
    busy: bool = False  # being started or stopped
    stopped: bool = False
    failures: int = 0
    retry_at: datetime | None = None


class Because(Enum):
    """Why a pod ends."""

    DELETED = auto()  # its deletion was asked for
    GONE = auto()  # its object is not there any more
    COMPLETED = auto()  # nothing is left to run
    REFUSED = auto()  # this node does not take it, or puts it out


@dataclass(frozen=True, slots=True)
class Ending:
    """The pod is on its way out. `reason` and `message` go into its status, for those that fail by our decision."""

    because: Because
    grace_seconds: int
    reason: str = ""
    message: str = ""


class Step(Enum):
    """Of preparation and of clearing away: each is begun once, and tried again after a failure."""

    TO_DO = auto()
    DOING = auto()
    DONE = auto()


@dataclass(frozen=True, slots=True)
class PodRecord:
    """Everything known of one pod."""

    pod: Pod
    started_at: datetime
    containers: Mapping[str, ContainerRecord]
    sandbox: SandboxRecord = field(default_factory=SandboxRecord)
    prepared: Step = Step.TO_DO
    unmounted: Step = Step.DONE
    released: Step = Step.TO_DO  # the API server was told that it may forget the pod
    removed: Step = Step.TO_DO  # nothing of it is left in the runtime and on disk
    failures: int = 0  # of the step under way, in a row
    retry_at: datetime | None = None
    ending: Ending | None = None

    @property
    def key(self) -> str:
        """How kubelet's messages name a pod."""
        meta = self.pod.metadata
        return f"{meta.name}_{meta.namespace}({meta.uid})"

    @property
    def is_over(self) -> bool:
        """Nothing is left to do or to wait for."""
        because = self.ending.because if self.ending else None
        let_go = because is Because.GONE or (because is Because.DELETED and self.released is Step.DONE)
        return let_go and self.removed is Step.DONE


# What may happen


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class PodChanged:
    pod: Pod


@dataclass(frozen=True, slots=True)
class PodGone:
    """The object was removed without waiting for us."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The node decided that this pod must not run here."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """Cgroup and volumes are there."""


@dataclass(frozen=True, slots=True)
class PrepareFailed:
    reason: str  # of the event: FailedMount, FailedCreatePodContainer
    message: str


@dataclass(frozen=True, slots=True)
class SandboxStarted:
    id: str
    ips: tuple[str, ...]
    pid: int = 0


@dataclass(frozen=True, slots=True)
class SandboxFailed:
    message: str


@dataclass(frozen=True, slots=True)
class SandboxEnded:
    """By itself."""

    id: str


@dataclass(frozen=True, slots=True)
class SandboxStopped:
    id: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class ContainerStarted:
    name: str
    run: Run


@dataclass(frozen=True, slots=True)
class StartFailed:
    """`run` is there if the container was made and could not be started: it counts as a run that ended."""

    name: str
    reason: str
    message: str
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class ContainerExited:
    name: str
    run: Run


@dataclass(frozen=True, slots=True)
class PostStartDone:
    name: str
    id: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class PreStopDone:
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Probed:
    """A probe passed its threshold, either way."""

    name: str
    id: str
    kind: ProbeKind
    succeeded: bool


@dataclass(frozen=True, slots=True)
class Unmounted:
    error: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    error: str = ""


@dataclass(frozen=True, slots=True)
class Removed:
    error: str = ""


Event = (
    Tick | PodChanged | PodGone | Refused | Prepared | PrepareFailed | SandboxStarted | SandboxFailed | SandboxEnded
    | SandboxStopped | ContainerStarted | StartFailed | ContainerExited | PostStartDone | PreStopDone
    | Probed | Unmounted | Released | Removed
)  # fmt: skip


# What is to be done


@dataclass(frozen=True, slots=True)
class Prepare:
    """Make the pod's cgroup and volumes: answered by Prepared or PrepareFailed."""


@dataclass(frozen=True, slots=True)
class StartSandbox:
    """Answered by SandboxStarted or SandboxFailed."""

    attempt: int


@dataclass(frozen=True, slots=True)
class StopSandbox:
    id: str


@dataclass(frozen=True, slots=True)
class StartContainer:
    """See to the image, create, start: answered by ContainerStarted or StartFailed."""

    name: str
    attempt: int


@dataclass(frozen=True, slots=True)
class PostStart:
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class PreStop:
    """Run the hook for at most so long."""

    name: str
    id: str
    seconds: int


@dataclass(frozen=True, slots=True)
class StopContainer:
    """Answered by ContainerExited."""

    name: str
    id: str
    grace_seconds: int


@dataclass(frozen=True, slots=True)
class Unmount:
    """Take volumes and cgroup away."""


@dataclass(frozen=True, slots=True)
class Release:
    """Write the last status, then have the API server forget the pod."""


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove what the runtime and the disk still have of it."""


@dataclass(frozen=True, slots=True)
class Tell:
    """An event for people; about one container, if named."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    container: str = ""


Instruction = (
    Prepare | StartSandbox | StopSandbox | StartContainer | PostStart | PreStop | StopContainer | Unmount | Release
    | Remove | Tell
)  # fmt: skip
