"""What the log keeps of a deed, and who may see it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from armillary.base.clock import parse_time
from armillary.base.errors import BadRequest
from armillary.platform.capabilities.tenancy.kinds import GROUP as TENANCY
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE_LABEL
from armillary.platform.frame.fields import changes, parsed, redact, shortened, without_credentials
from armillary.platform.frame.parts import HOST, Deed

MOST_CHANGES = 100
LONGEST_TEXT = 1024
_AGO = re.compile(r"([0-9]{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
Row = dict[str, Any]


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)


def row_of(deed: Deed, at: datetime, workspace: str) -> Row:
    """What is kept. `workspace` is whose the deed's namespace is."""
    before, after = parsed(deed.before), parsed(deed.after)
    namespace = deed.namespace or (deed.name if (deed.group, deed.resource) == ("", "namespaces") else "")
    found = deed.workspace or _workspace(deed, before, after) or workspace
    revision = str((after.get("metadata") or {}).get("resourceVersion") or "")
    texts = {
        "action": deed.action,
        "user": deed.user,
        "outcome": deed.outcome,
        "address": deed.address,
        "agent": deed.agent,
        "session": deed.session,
        "cluster": deed.cluster or HOST,
        "workspace": found,
        "namespace": namespace,
        "group": deed.group,
        "resource": deed.resource,
        "subresource": deed.subresource,
        "name": deed.name or _name(after),
        "reason": without_credentials(deed.reason),
        "request_id": deed.request_id,
        "revision": revision,
    }
    kept = {key: shortened(_storable(text), LONGEST_TEXT) for key, text in texts.items()}
    return {**kept, "time": micros(at), "code": deed.code, "changes": _changes(deed, before, after)}


def _workspace(deed: Deed, before: Row, after: Row) -> str:
    if (deed.group, deed.resource) == (TENANCY, "workspaces"):
        return deed.name or _name(after)
    if (deed.group, deed.resource) == ("", "namespaces"):
        labels = ((before or after).get("metadata") or {}).get("labels") or {}
        return str(labels.get(WORKSPACE_LABEL) or "")
    return ""


def _name(body: Row) -> str:
    """Of an object that was created by `generateName`."""
    return str((body.get("metadata") or {}).get("name") or "")


def _changes(deed: Deed, before: Row, after: Row) -> str:
    """Of a write that changed what was there; what is created or deleted is all new or all gone."""
    return changed_fields(deed.group, deed.resource, before, after) if before and after else "[]"


def changed_fields(group: str, resource: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """As they are kept: JSON, without credentials."""
    secret = (group, resource) == ("", "secrets")
    found = [redact(change, secret=secret) for change in changes(before, after)[:MOST_CHANGES]]
    return _storable(orjson.dumps([{"path": c.path, "old": c.old, "new": c.new} for c in found]).decode())


def _storable(text: str) -> str:
    """PostgreSQL has no NUL in text, and UTF-8 no half characters."""
    return text.replace("\x00", "").replace("\\u0000", "").encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody may see of the log. Each right counts since the thing exists that it is about: a workspace, a
    namespace or an account that had the same name before is somebody else's."""

    user: str
    user_since: int = 0
    everything: bool = False
    clusters: frozenset[str] = frozenset()
    workspaces: Mapping[str, int] = field(default_factory=dict)
    namespaces: Mapping[tuple[str, str], int] = field(default_factory=dict)  # by cluster and name

    def shows(self, row: Row) -> bool:
        if self.everything or row["cluster"] in self.clusters:
            return True
        if row["user"] == self.user:
            return bool(row["time"] >= self.user_since)
        since = self.workspaces.get(row["workspace"]) if row["workspace"] else None
        if since is not None and row["time"] >= since:
            return True
        since = self.namespaces.get((row["cluster"], row["namespace"]))
        return since is not None and bool(row["time"] >= since)


def moment(text: str, now: datetime) -> datetime:
    """A time as people give it: RFC 3339, or how long ago (`2h`). Raises BadRequest."""
    ago = _AGO.fullmatch(text)
    try:
        if ago is not None:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        found = parse_time(text)
    except (ValueError, OverflowError) as exc:
        raise BadRequest(f"{text!r} is no time: give 2026-01-31T08:00:00Z, or how long ago, as 30m, 2h or 7d") from exc
    return found
