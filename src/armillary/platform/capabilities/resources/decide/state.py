"""How a thing is, in one word that every kind shares and in its own words. Pure."""

from typing import Literal

from armillary.platform.capabilities.resources.decide.thing import Thing

# "" is for what has no state of its own: a config map is.
State = Literal["healthy", "progressing", "failing", "off", ""]
_POD: dict[str, State] = {
    "Running": "healthy",
    "Completed": "off",
    "Succeeded": "off",
    "Pending": "progressing",
    "ContainerCreating": "progressing",
    "PodInitializing": "progressing",
    "Terminating": "progressing",
    "SchedulingGated": "progressing",
    "NotReady": "progressing",
}
_PHASES: dict[str, State] = {
    "Bound": "healthy",
    "Available": "healthy",
    "Active": "healthy",
    "Pending": "progressing",
    "Released": "off",
    "Terminating": "progressing",
    "Lost": "failing",
    "Failed": "failing",
}


def state_of(thing: Thing) -> tuple[State, str]:
    match thing.kind:
        case "Pod":
            return _pod(thing)
        case "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController":
            return _replicas(thing)
        case "DaemonSet":
            status = thing.status
            return _count(status.get("numberReady"), status.get("desiredNumberScheduled"), stuck=False)
        case "Job":
            return _job(thing)
        case "CronJob":
            return ("off", "suspended") if thing.spec.get("suspend") else ("healthy", str(thing.spec.get("schedule")))
        case "PersistentVolumeClaim" | "PersistentVolume" | "Namespace":
            phase = str(thing.status.get("phase") or "")
            return _PHASES.get(phase, ""), phase
        case "Service":
            return "", str(thing.spec.get("type") or "ClusterIP")
        case "Ingress":
            return "", thing.cell("hosts")
        case "Secret":
            return "", str(thing.object.get("type") or "")
    return "", ""


def _pod(thing: Thing) -> tuple[State, str]:
    said, ready = thing.cell("status"), thing.cell("ready")
    state = _POD.get(said, "progressing" if said.startswith("Init:") and "rror" not in said else "failing")
    have, _, want = ready.partition("/")
    if state == "healthy" and have != want:
        state = "progressing"
    return state, said


def _replicas(thing: Thing) -> tuple[State, str]:
    wanted = thing.spec.get("replicas", 1)
    if not wanted:
        return "off", "0/0"
    conditions = {c.get("type"): c for c in thing.status.get("conditions") or ()}
    is_late = (conditions.get("Progressing") or {}).get("status") == "False"
    has_failed = (conditions.get("ReplicaFailure") or {}).get("status") == "True"
    return _count(thing.status.get("readyReplicas"), wanted, stuck=is_late or has_failed)


def _count(have: int | None, wanted: int | None, *, stuck: bool) -> tuple[State, str]:
    said = f"{have or 0}/{wanted or 0}"
    if not wanted:
        return "off", said
    if (have or 0) >= wanted:
        return "healthy", said
    return ("failing" if stuck else "progressing"), said


def _job(thing: Thing) -> tuple[State, str]:
    for condition in thing.status.get("conditions") or ():
        if condition.get("status") == "True" and condition.get("type") in ("Failed", "Complete", "Suspended"):
            said = str(condition["type"])
            return ("failing" if said == "Failed" else "off"), said
    return "progressing", f"{thing.status.get('succeeded') or 0}/{thing.spec.get('completions') or 1}"
