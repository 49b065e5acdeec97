"""Objects of the groups beside the core one, in few words."""

from datetime import UTC, datetime
from typing import Any

from armillary.engine.kinds.registry import BUILT_IN
from armillary.engine.kinds.resource import Json, Resource

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CREATED = "2026-01-01T00:00:00Z"
APP = {"app": "web"}


def resource(plural: str, version: str = "") -> Resource:
    return next(r for r in BUILT_IN if r.plural == plural and version in ("", r.version))


def meta(name: str = "a", *, namespaced: bool = True, **more: Any) -> Json:
    found = {"name": name, "uid": "u-1", "creationTimestamp": CREATED}
    return found | ({"namespace": "default"} if namespaced else {}) | more


def template(restart: str = "Always", **spec: Any) -> Json:
    pod = {"containers": [{"name": "web", "image": "web:1"}], "restartPolicy": restart}
    return {"metadata": {"labels": dict(APP)}, "spec": pod | spec}


def workload(**spec: Any) -> Json:
    return {"metadata": meta(), "spec": {"selector": {"matchLabels": dict(APP)}, "template": template()} | spec}


def made(kind: Resource, obj: Json) -> Json:
    """As the server would store it."""
    kind.default(obj)
    kind.prepare_create(obj)
    return obj


def faults(kind: Resource, obj: Json, old: Json | None = None) -> list[str]:
    """What is wrong with an object, `field: message`; with `old` for an update."""
    kind.default(obj)
    if old is not None:
        made(kind, old)
        obj.setdefault("status", old.get("status"))
        obj["metadata"].setdefault("generation", old["metadata"].get("generation"))
        if kind.prepare_update:
            kind.prepare_update(obj, old)
    else:
        kind.prepare_create(obj)
    return [f"{c.field}: {c.message}" for c in kind.validate(obj, old)]


def status_faults(kind: Resource, new: Json, old: Json) -> list[str]:
    assert kind.validate_status is not None
    return [f"{c.field}: {c.message}" for c in kind.validate_status(new, old)]


def row(kind: Resource, obj: Json, *, wide: bool = False) -> list[Any]:
    """The cells that kubectl shows, the name left out unless the kind gives it."""
    return [c.value(obj, NOW) for c in kind.columns if wide or not c.priority]
