"""How a pod is shown by `kubectl get pods`.

Texts: k8s.io/kubernetes, pkg/printers/internalversion "printPod".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from armillary.engine.kinds.columns import AGE, NONE, since
from armillary.engine.kinds.pod.resources import is_sidecar
from armillary.engine.kinds.resource import Column, Json


@dataclass(slots=True)
class _Tally:
    """What goes into the three columns that look at all containers."""

    reason: str
    ready: int = 0
    total: int = 0
    restarts: int = 0
    last_restart: str = ""

    def count(self, status: Json) -> None:
        self.restarts += status.get("restartCount") or 0
        ended = (status.get("lastState") or {}).get("terminated") or {}
        # RFC 3339 in UTC and whole seconds sorts as text.
        self.last_restart = max(self.last_restart, ended.get("finishedAt") or "")


def _tally(pod: Json) -> _Tally:
    spec: Json = pod.get("spec") or {}
    status: Json = pod.get("status") or {}
    conditions = {c.get("type"): c for c in status.get("conditions") or ()}
    found = _Tally(status.get("reason") or status.get("phase") or "")
    if (conditions.get("PodScheduled") or {}).get("reason") == "SchedulingGated":
        found.reason = "SchedulingGated"
    sidecars = {c.get("name") for c in spec.get("initContainers") or () if is_sidecar(c)}
    found.total = len(spec.get("containers") or ()) + len(sidecars)
    beside = _Tally("")  # restarts of sidecars alone: those of init containers are forgotten once they are done
    initializing = _look_at_init(spec, status, sidecars, found, beside)
    if not initializing or (conditions.get("Initialized") or {}).get("status") == "True":
        found.restarts, found.last_restart = beside.restarts, beside.last_restart
        ready = (conditions.get("Ready") or {}).get("status") == "True"
        _look_at_ordinary(status, found, ready=ready)
    if (pod.get("metadata") or {}).get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            found.reason = "Unknown"
        elif status.get("phase") not in ("Succeeded", "Failed"):
            found.reason = "Terminating"
    return found


def _look_at_init(spec: Json, status: Json, sidecars: set[str | None], found: _Tally, beside: _Tally) -> bool:
    """Whether the pod is still initializing; then `found.reason` says with what."""
    for i, container in enumerate(status.get("initContainerStatuses") or ()):
        found.count(container)
        sidecar = container.get("name") in sidecars
        if sidecar:
            beside.count(container)
        state = container.get("state") or {}
        ended, waiting = state.get("terminated"), (state.get("waiting") or {}).get("reason") or ""
        if ended is not None and not ended.get("exitCode"):
            continue
        if sidecar and container.get("started"):
            found.ready += 1 if container.get("ready") else 0
            continue
        if ended is not None:
            found.reason = f"Init:{_end(ended)}"
        elif waiting and waiting != "PodInitializing":
            found.reason = f"Init:{waiting}"
        else:
            found.reason = f"Init:{i}/{len(spec.get('initContainers') or ())}"
        return True
    return False


def _look_at_ordinary(status: Json, found: _Tally, *, ready: bool) -> None:
    running, failed = False, ""
    for container in reversed(status.get("containerStatuses") or ()):
        found.count(container)
        state = container.get("state") or {}
        ended, waiting = state.get("terminated"), (state.get("waiting") or {}).get("reason")
        if waiting:
            found.reason = waiting
        elif ended is not None:
            found.reason = _end(ended)
            failed = found.reason if ended.get("exitCode") else failed
        elif container.get("ready") and state.get("running") is not None:
            running = True
            found.ready += 1
    if found.reason == "Completed":
        if running and ready:
            found.reason = "Running"
        elif failed:
            found.reason = failed
        elif running:
            found.reason = "NotReady"


def _end(ended: Json) -> str:
    if reason := ended.get("reason"):
        return str(reason)
    signal = ended.get("signal")
    return f"Signal:{signal}" if signal else f"ExitCode:{ended.get('exitCode') or 0}"


def _ready(pod: Json, now: datetime) -> str:
    tally = _tally(pod)
    return f"{tally.ready}/{tally.total}"


def _restarts(pod: Json, now: datetime) -> str:
    tally = _tally(pod)
    if tally.restarts and tally.last_restart:
        return f"{tally.restarts} ({since(tally.last_restart, now)} ago)"
    return str(tally.restarts)


def _ip(pod: Json, now: datetime) -> str:
    addresses = (pod.get("status") or {}).get("podIPs") or [{}]
    return addresses[0].get("ip") or NONE


def _gates(pod: Json, now: datetime) -> str:
    gates = (pod.get("spec") or {}).get("readinessGates") or ()
    return f"{sum(_open_gates(pod))}/{len(gates)}" if gates else NONE


def _open_gates(pod: Json) -> Iterator[bool]:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    states = {c.get("type"): c.get("status") for c in reversed(conditions)}
    for gate in (pod.get("spec") or {}).get("readinessGates") or ():
        yield states.get(gate.get("conditionType")) == "True"


COLUMNS = (
    Column("Ready", "string", _ready, "The aggregate readiness state of this pod for accepting traffic."),
    Column("Status", "string", lambda pod, now: _tally(pod).reason, "The aggregate status of the pod's containers."),
    Column("Restarts", "string", _restarts, "How often its containers have been restarted, and when last."),
    AGE,
    Column("IP", "string", _ip, "The pod's address.", priority=1),
    Column(
        "Node",
        "string",
        lambda pod, now: (pod.get("spec") or {}).get("nodeName") or NONE,
        "The node that it runs on.",
        priority=1,
    ),
    Column(
        "Nominated Node",
        "string",
        lambda pod, now: (pod.get("status") or {}).get("nominatedNodeName") or NONE,
        "The node on which room is being made for it.",
        priority=1,
    ),
    Column("Readiness Gates", "string", _gates, "How many of its readiness gates are open.", priority=1),
)
