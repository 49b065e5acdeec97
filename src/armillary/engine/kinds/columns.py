"""What columns of `kubectl get` have in common: ages, labels, containers.

Texts: k8s.io/kubernetes, pkg/printers/internalversion; k8s.io/apimachinery, util/duration.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from armillary.base.clock import parse_time
from armillary.engine.kinds.resource import Column, Json

NONE = "<none>"
UNSET = "<unset>"
UNKNOWN = "<unknown>"


def human_duration(seconds: float) -> str:
    """`45s`, `5m30s`, `3h`, `2d4h`, `1y20d`: at most two units, fewer as it grows."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 120:
        return f"{max(whole, 0)}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 10:
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours, rest = divmod(minutes, 60)
    if hours < 8:
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days, rest = divmod(hours, 24)
    if days < 8:
        return f"{days}d{rest}h" if rest else f"{days}d"
    if days < 730:
        return f"{days}d"
    years, rest = divmod(days, 365)
    return f"{years}y{rest}d" if years < 8 and rest else f"{years}y"


def since(moment: str | None, now: datetime) -> str:
    """How long ago a moment was; `<unknown>` when there is none."""
    if not moment:
        return UNKNOWN
    try:
        return human_duration((now - parse_time(moment)).total_seconds())
    except ValueError:
        return UNKNOWN


def _age(obj: Json, now: datetime) -> str:
    return since((obj.get("metadata") or {}).get("creationTimestamp"), now)


AGE = Column("Age", "string", _age, "How long ago the object was created.")


def format_labels(labels: Mapping[str, str] | None) -> str:
    """`a=b,c=d` by key; `<none>` when there are none."""
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels)) if labels else NONE


def container_names(containers: Iterable[Json] | None) -> str:
    return ",".join(c.get("name") or "" for c in containers or ())


def container_images(containers: Iterable[Json] | None) -> str:
    return ",".join(c.get("image") or "" for c in containers or ())


def template_containers(obj: Json) -> list[Json]:
    """The containers of a workload's pod template."""
    template = (obj.get("spec") or {}).get("template") or {}
    containers: Any = (template.get("spec") or {}).get("containers") or []
    return list(containers)
