"""Delete: at once, after a grace period, or when every finalizer has gone.

`decide` is pure. Rules: k8s.io/apiserver, registry/rest "BeforeDelete" and registry/generic "Store.Delete".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import orjson

from armillary.base.clock import format_time, parse_time
from armillary.base.errors import Conflict
from armillary.engine.apiserver import faults
from armillary.engine.apiserver.objects import encode, key_of
from armillary.engine.apiserver.options import DeleteOptions
from armillary.engine.apiserver.ports import Operation
from armillary.engine.apiserver.traits import NOT_COLLECTED, ORPHANS_BY_DEFAULT
from armillary.engine.apiserver.verbs.core import Core, Overtaken, Request, Steps
from armillary.engine.apiserver.verbs.write import Submitted, admission_of
from armillary.engine.kinds.resource import Json, Resource

ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
JOB_WARNING = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them "
    "or set propagationPolicy=Orphan to suppress this warning"
)


class Course(Enum):
    """What a deletion does now."""

    KEEP = "it is ending already"
    MARK = "write that it is to end"
    REMOVE = "take it out"


@dataclass(frozen=True, slots=True)
class Plan:
    """`object` is the state to write, or the last one."""

    course: Course
    object: Json


def decide(resource: Resource, obj: Json, options: DeleteOptions, now: datetime) -> Plan:
    """`obj` may be changed. Raises Conflict when a precondition doesn't hold."""
    meta = obj["metadata"]
    _check_preconditions(resource, meta, options)
    if not meta.get("deletionTimestamp"):
        resource.prepare_delete(obj)
    graceful = False
    if resource.grace_seconds is not None:
        course = _shorten(meta, options, now) if meta.get("deletionTimestamp") else _begin(resource, obj, options, now)
        if course is Course.KEEP:
            return Plan(course, obj)
        graceful = course is Course.MARK
    if resource.name not in NOT_COLLECTED:
        _settle_finalizers(resource, meta, options)
    if resource.name == "namespaces" and (obj.get("spec") or {}).get("finalizers"):
        return _end_namespace(obj, now)
    if graceful:
        waits = meta.get("finalizers") or meta["deletionGracePeriodSeconds"] > 0
        return Plan(Course.MARK if waits else Course.REMOVE, obj)
    if not meta.get("finalizers"):
        return Plan(Course.REMOVE, obj)
    _mark(meta, now)
    return Plan(Course.MARK, obj)


def _check_preconditions(resource: Resource, meta: Json, options: DeleteOptions) -> None:
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    pairs = (
        (options.uid, meta.get("uid"), "UID", "The object might have been deleted and then recreated"),
        (
            options.resource_version,
            meta.get("resourceVersion"),
            "ResourceVersion",
            "The object might have been modified",
        ),
    )
    for wanted, found, what, why in pairs:
        if wanted is not None and wanted != found:
            fault = f"the {what} in the precondition ({wanted}) does not match the {what} in record ({found}). {why}"
            text = f'Operation cannot be fulfilled on {kind} "{meta["name"]}": {fault}'
            raise Conflict(text, group=resource.group, kind=resource.kind, name=meta["name"])


def _seconds(value: int) -> int:
    return 1 if value < 0 else value


def _begin(resource: Resource, obj: Json, options: DeleteOptions, now: datetime) -> Course:
    assert resource.grace_seconds is not None  # noqa: S101  # the caller asked
    meta = obj["metadata"]
    seconds = resource.grace_seconds(obj, options.grace_seconds)
    meta["deletionTimestamp"] = format_time(now + timedelta(seconds=seconds))
    meta["deletionGracePeriodSeconds"] = seconds
    if meta.get("generation"):
        meta["generation"] += 1
    return Course.MARK


def _shorten(meta: Json, options: DeleteOptions, now: datetime) -> Course:
    """The object is ending: the grace period may only become shorter."""
    current = _seconds(meta.get("deletionGracePeriodSeconds") or 0)
    if not current:
        return Course.REMOVE
    if options.grace_seconds is None or _seconds(options.grace_seconds) >= current:
        return Course.KEEP
    seconds = _seconds(options.grace_seconds)
    moment = parse_time(meta["deletionTimestamp"]) - timedelta(seconds=current - seconds)
    if moment < now:
        moment, seconds = now, min(seconds, 1)
    meta["deletionTimestamp"], meta["deletionGracePeriodSeconds"] = format_time(moment), seconds
    return Course.MARK


def _settle_finalizers(resource: Resource, meta: Json, options: DeleteOptions) -> None:
    """Tell the garbage collector what to do with the dependents, as a finalizer."""
    present = meta.get("finalizers") or []
    wanted = _dependents_finalizer(resource, present, options)
    kept = [f for f in present if f not in (ORPHAN, FOREGROUND)] + ([wanted] if wanted else [])
    if set(kept) != set(present):
        meta["finalizers"] = kept
    if not meta.get("finalizers"):
        meta.pop("finalizers", None)


def _dependents_finalizer(resource: Resource, present: list[str], options: DeleteOptions) -> str:
    if options.orphan is not None:
        return ORPHAN if options.orphan else ""
    if options.propagation:
        return {"Orphan": ORPHAN, "Foreground": FOREGROUND}.get(options.propagation, "")
    for finalizer in present:
        if finalizer in (ORPHAN, FOREGROUND):
            return finalizer
    return ORPHAN if resource.name in ORPHANS_BY_DEFAULT else ""


def _mark(meta: Json, now: datetime) -> None:
    if not meta.get("deletionTimestamp") and meta.get("generation"):
        meta["generation"] += 1
    ending = meta.get("deletionTimestamp")
    if not ending or parse_time(ending) > now:
        meta["deletionTimestamp"] = format_time(now)
    meta["deletionGracePeriodSeconds"] = 0


def _end_namespace(obj: Json, now: datetime) -> Plan:
    """A namespace goes when the namespace controller has emptied it."""
    meta = obj["metadata"]
    if not meta.get("deletionTimestamp"):
        meta["deletionTimestamp"] = format_time(now)
    obj["status"] = (obj.get("status") or {}) | {"phase": "Terminating"}
    return Plan(Course.MARK, obj)


def submit_delete(core: Core, request: Request, options: DeleteOptions) -> Steps[Submitted]:
    """Delete one object."""
    served, stored = request.served, request.served.stored
    key = key_of(stored, request.namespace, request.name)
    entry = core.store.head(key)
    if entry is None:
        raise faults.not_found(served.resource, request.name)
    old: Json = orjson.loads(entry.body)
    dry_run = request.dry_run or options.dry_run
    plan = decide(stored, orjson.loads(entry.body), options, core.now())
    if stored.name == "jobs.batch" and not options.propagation and options.orphan is None:
        request.warnings.append(JOB_WARNING)
    asked = admission_of(request, Operation.DELETE, None, old, request.name)
    asked.dry_run = dry_run
    yield from core.admit(asked)
    yield from core.validate(asked)
    if core.store.head(key) is not entry:
        raise Overtaken
    gone = plan.course is Course.REMOVE
    if plan.course is Course.KEEP or (plan.object == old and not gone):
        return Submitted(answer=entry.body)
    if dry_run:
        return Submitted(answer=encode(plan.object), deleted=gone)
    write = core.remove(stored, key, plan.object) if gone else core.put(stored, key, plan.object)
    return Submitted(write, deleted=gone)
