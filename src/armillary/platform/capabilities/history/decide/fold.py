"""What of an object makes a version, and what only moves with time. Pure.

Folded, so that it makes none: the status, managedFields, resourceVersion, generation, the marks of a deletion under way
and annotations by which controllers elect a leader.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import orjson

from armillary.base.clock import parse_time

MOVING = (
    "managedFields",
    "resourceVersion",
    "generation",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
)
MOVING_ANNOTATIONS = ("control-plane.alpha.kubernetes.io/leader",)
LATE = timedelta(seconds=2)  # managedFields have whole seconds


@dataclass(frozen=True, slots=True)
class Observed:
    """An object as it was seen. Times are microseconds since 1970; `body` is canonical JSON."""

    uid: str
    namespace: str
    name: str
    revision: str
    created: int
    changed: int  # when it became as it is; not known if 0
    manager: str  # what made it so, as managedFields have it
    owners: tuple[str, ...]  # uids, the managing one first
    controller: str  # uid of the managing owner
    labels: dict[str, str]
    body: bytes
    status: bytes
    digest: bytes


def observe(raw: bytes, api_version: str, kind: str) -> Observed:
    """From an object's JSON; in lists objects do not say what they are."""
    item: dict[str, Any] = orjson.loads(raw)
    item["apiVersion"], item["kind"] = api_version, kind
    status = item.pop("status", None)
    meta: dict[str, Any] = item.get("metadata") or {}
    fields = meta.get("managedFields") or ()
    revision = str(meta.get("resourceVersion") or "")
    for key in MOVING:
        meta.pop(key, None)
    _drop_moving_annotations(meta)
    body = orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
    owners = meta.get("ownerReferences") or []
    controller = next((o["uid"] for o in owners if o.get("controller")), "")
    manager, changed = _last_write(fields)
    return Observed(
        uid=str(meta.get("uid") or ""),
        namespace=str(meta.get("namespace") or ""),
        name=str(meta.get("name") or ""),
        revision=revision,
        created=_micros(meta.get("creationTimestamp")),
        changed=changed,
        manager=manager,
        owners=tuple(sorted((o["uid"] for o in owners), key=lambda uid: uid != controller)),
        controller=controller,
        labels=meta.get("labels") or {},
        body=body,
        status=orjson.dumps(status) if status else b"",
        digest=blake2b(body, digest_size=16).digest(),
    )


def _drop_moving_annotations(meta: dict[str, Any]) -> None:
    annotations = meta.get("annotations")
    if annotations:
        for key in MOVING_ANNOTATIONS:
            annotations.pop(key, None)
        if not annotations:
            del meta["annotations"]


def _last_write(fields: Any) -> tuple[str, int]:
    """Of anything but the status: by whom and when."""
    writes = [(_micros(f.get("time")), str(f.get("manager") or "")) for f in fields if f.get("subresource") != "status"]
    changed, manager = max(writes, default=(0, ""))
    return manager, changed


def _micros(text: Any) -> int:
    try:
        return round(parse_time(text).timestamp() * 1_000_000) if text else 0
    except ValueError:
        return 0


def happened(seen: Observed, now: datetime, *, previous: int = 0) -> int:
    """When it became as it is: now, unless the object itself tells of an earlier moment that can be true."""
    moment = round(now.timestamp() * 1_000_000)
    told = max(seen.changed, seen.created) if not previous else seen.changed
    is_late = 0 < told < moment - LATE // timedelta(microseconds=1)
    return told if is_late and told >= previous else max(moment, previous)
