"""Events, stored in the form of core/v1 whichever group they come through.

Rules: k8s.io/kubernetes, pkg/apis/core/validation/events.go, pkg/apis/events/v1 conversion.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.columns import since
from armillary.engine.kinds.faults import immutable, invalid, required, wrong
from armillary.engine.kinds.meta import validate_meta
from armillary.engine.kinds.resource import Column, Json, Resource

NEW_GROUP = "events.k8s.io"
# What the newer group calls the fields of core/v1.
_RENAMED = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
_BACK = {new: old for old, new in _RENAMED.items()}
_FIXED = (
    "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "type", "eventTime",
    "action", "related", "reportingComponent", "reportingInstance",
)  # fmt: skip
_REFERENCE = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")


def to_core(event: Json) -> Json:
    """An Event of events.k8s.io in the form in which it is stored."""
    return {**{_BACK.get(key, key): value for key, value in event.items()}, "apiVersion": "v1"}


def from_core(event: Json) -> Json:
    """A stored Event as events.k8s.io shows it."""
    found = {_RENAMED.get(key, key): value for key, value in event.items()}
    return {**found, "apiVersion": f"{NEW_GROUP}/v1"}


def _core(event: Json) -> Json:
    return to_core(event) if (event.get("apiVersion") or "").startswith(NEW_GROUP) else event


def _check_legacy(event: Json, controller_field: str) -> list[Cause]:
    """What holds in every version."""
    namespace = (event.get("metadata") or {}).get("namespace") or ""
    about = (event.get("involvedObject") or {}).get("namespace") or ""
    stray = invalid("involvedObject.namespace", about, "does not match event.namespace")
    found: list[Cause] = []
    if not event.get("eventTime"):
        if (about and about != namespace) or (not about and namespace not in ("", "default")):
            found.append(stray)
    else:
        if not about and namespace not in ("default", "kube-system"):
            found.append(stray)
        controller = event.get("reportingComponent") or ""
        if not controller:
            found.append(required(controller_field))
        found += wrong(controller_field, controller, names.label_key(controller))
        for field, limit in (("reportingInstance", 128), ("action", 128), ("reason", 128), ("message", 1024)):
            text = event.get(field) or ""
            if not text and field != "message":
                found.append(required(field))
            if names.size(text) > limit:
                found.append(invalid(field, "", f"can have at most {limit} characters"))
    return found + wrong("namespace", namespace, names.dns_subdomain(namespace))


def validate_core_event(new: Json, old: Json | None) -> Sequence[Cause]:
    """An Event written through core/v1, which asks for little."""
    return [*validate_meta(new, old, names.path_segment), *_check_legacy(_core(new), "reportingComponent")]


def validate_new_event(new: Json, old: Json | None) -> Sequence[Cause]:
    """An Event written through events.k8s.io/v1."""
    event = to_core(new)
    found = _check_legacy(event, "reportingController")
    found += validate_meta(new, old, names.dns_subdomain)
    if old is None:
        return found + _check_series(event) + _check_new(event)
    before = to_core(old)
    if (event.get("series") or None) != (before.get("series") or None):
        found += _check_series(event)
    changed = (field for field in _FIXED if (event.get(field) or None) != (before.get(field) or None))
    return found + [immutable(_RENAMED_IN_MESSAGES.get(f, f), event.get(f)) for f in changed]


_RENAMED_IN_MESSAGES = {"reportingComponent": "reportingController"}


def _check_series(event: Json) -> list[Cause]:
    series = event.get("series")
    if series is None:
        return []
    found = [invalid("series.count", "", "should be at least 2")] if (series.get("count") or 0) < 2 else []
    return found if series.get("lastObservedTime") else [*found, required("series.lastObservedTime")]


def _check_new(event: Json) -> list[Cause]:
    found = [] if event.get("eventTime") else [required("eventTime")]
    kind = event.get("type") or ""
    if kind not in ("Normal", "Warning"):
        found.append(invalid("type", "", f"has invalid value: {kind}"))
    old_fields = (field for field in ("firstTimestamp", "lastTimestamp", "count") if event.get(field))
    found += [invalid(field, "", "needs to be unset") for field in old_fields]
    source: Json = event.get("source") or {}
    if source.get("component") or source.get("host"):
        found.append(invalid("source", "", "needs to be unset"))
    return found


def core_fields(event: Json) -> Mapping[str, str]:
    """What field selectors of core/v1 may name."""
    event = _core(event)
    about: Json = event.get("involvedObject") or {}
    reporter = event.get("reportingComponent") or ""
    return {
        **{f"involvedObject.{part}": about.get(part) or "" for part in _REFERENCE},
        "reason": event.get("reason") or "",
        "reportingComponent": reporter,
        "source": (event.get("source") or {}).get("component") or reporter,
        "type": event.get("type") or "",
    }


def new_fields(event: Json) -> Mapping[str, str]:
    """What field selectors of events.k8s.io/v1 may name."""
    found = core_fields(to_core(event))
    return {
        **{f"regarding.{part}": found[f"involvedObject.{part}"] for part in _REFERENCE},
        "reason": found["reason"],
        "reportingController": found["reportingComponent"],
        "type": found["type"],
    }


def _first_seen(event: Json, now: datetime) -> str:
    event = _core(event)
    return since(event.get("firstTimestamp") or event.get("eventTime"), now)


def _last_seen(event: Json, now: datetime) -> str:
    event = _core(event)
    if (series := event.get("series")) is not None:
        return since(series.get("lastObservedTime"), now)
    return since(event["lastTimestamp"], now) if event.get("lastTimestamp") else _first_seen(event, now)


def _count(event: Json, now: datetime) -> int:
    event = _core(event)
    if (series := event.get("series")) is not None:
        return int(series.get("count") or 0)
    return int(event.get("count") or 1)


def _object(event: Json, now: datetime) -> str:
    about: Json = _core(event).get("involvedObject") or {}
    kind, name = (about.get("kind") or "").lower(), about.get("name")
    return f"{kind}/{name}" if name else kind


def _source(event: Json, now: datetime) -> str:
    event = _core(event)
    source: Json = event.get("source") or {}
    component = source.get("component") or event.get("reportingComponent") or ""
    instance = source.get("host") or event.get("reportingInstance") or ""
    return f"{component}, {instance}" if instance else component


def _name(event: Json, now: datetime) -> str:
    return (event.get("metadata") or {}).get("name") or ""


COLUMNS = (
    Column("Last Seen", "string", _last_seen, "When it was last observed."),
    Column("Type", "string", lambda e, now: e.get("type") or "", "Normal or Warning."),
    Column("Reason", "string", lambda e, now: e.get("reason") or "", "Why it was made, in one word."),
    Column("Object", "string", _object, "What it is about."),
    Column(
        "Subobject",
        "string",
        lambda e, now: (_core(e).get("involvedObject") or {}).get("fieldPath") or "",
        "Which part of that object.",
        priority=1,
    ),
    Column("Source", "string", _source, "Who reports it.", priority=1),
    Column("Message", "string", lambda e, now: (_core(e).get("message") or "").strip(), "What happened."),
    Column("First Seen", "string", _first_seen, "When it was first observed.", priority=1),
    Column("Count", "string", _count, "How often it was observed.", priority=1),
    Column("Name", "string", _name, "The name of the event.", format="name", priority=1),
)

EVENTS = Resource(
    group="",
    version="v1",
    kind="Event",
    plural="events",
    schema="io.k8s.api.core.v1.Event",
    singular="event",
    short_names=("ev",),
    validate=validate_core_event,
    fields=core_fields,
    selectable=(
        *(f"involvedObject.{part}" for part in _REFERENCE), "reason", "reportingComponent", "source", "type",
    ),
    counts_generation=False,
    has_status=False,
    columns=COLUMNS,
)  # fmt: skip
