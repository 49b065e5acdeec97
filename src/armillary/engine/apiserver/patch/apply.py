"""Server-side apply: merge what an applier wants, take out what it no longer wants, remember what is its.

Only appliers are remembered: writes by other means own nothing here, so they never conflict.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from armillary.base.errors import BadRequest, Cause, Conflict
from armillary.engine.apiserver.patch.fields import Path, find, from_fields, is_key, merge, paths_of, remove, to_fields
from armillary.engine.apiserver.schema.node import Node
from armillary.engine.kinds.resource import Json

_NOT_OWNED = {("f:apiVersion",), ("f:kind",)}
_NOT_OWNED_META = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp", "generation", "selfLink")


@dataclass(frozen=True, slots=True)
class Applier:
    """Who applies, and how."""

    manager: str
    force: bool
    timestamp: str
    subresource: str = ""


def owned_paths(applied: Json, node: Node) -> set[Path]:
    """The fields that a configuration sets."""
    return {
        path
        for path in paths_of(applied, node)
        if path
        and path not in _NOT_OWNED
        and not (path[0] == "f:metadata" and (len(path) == 1 or path[1][2:] in _NOT_OWNED_META))
    }


def apply(live: Json, applied: Json, node: Node, applier: Applier) -> Json:
    """The object to write. Raises BadRequest, Conflict."""
    if (applied.get("metadata") or {}).get("managedFields"):
        raise BadRequest("metadata.managedFields must be nil")
    entries: list[Json] = list(live.get("metadata", {}).get("managedFields") or ())
    mine = next((e for e in entries if _is_mine(e, applier)), None)
    others = [e for e in entries if e is not mine]
    wanted = owned_paths(applied, node)
    others = _settle(live, applied, node, wanted, others, applier)
    result: Json = merge(live, applied, node)
    result = orjson.loads(orjson.dumps(result))  # parts are shared with `live` until here
    kept = {path for entry in others for path in from_fields(entry.get("fieldsV1"))}
    dropped = set(from_fields(mine.get("fieldsV1"))) - wanted if mine else set()
    for path in sorted(dropped, key=len):  # an item before its fields: without its keys it would not be found
        if not is_key(path) and not any(other[: len(path)] == path for other in kept):
            remove(result, node, path)
    result.setdefault("metadata", {})["managedFields"] = [*others, _entry(applied, wanted, mine, applier)]
    return result


def _is_mine(entry: Json, applier: Applier) -> bool:
    asked = (applier.manager, "Apply", applier.subresource)
    return (entry.get("manager"), entry.get("operation"), entry.get("subresource") or "") == asked


def _entry(applied: Json, wanted: set[Path], mine: Json | None, applier: Applier) -> Json:
    fields, version = to_fields(wanted), applied["apiVersion"]
    if mine is not None and (mine.get("fieldsV1"), mine.get("apiVersion")) == (fields, version):
        return mine
    found = {
        "manager": applier.manager,
        "operation": "Apply",
        "apiVersion": version,
        "time": applier.timestamp,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    return found | ({"subresource": applier.subresource} if applier.subresource else {})


def _settle(
    live: Json, applied: Json, node: Node, wanted: set[Path], others: Sequence[Json], applier: Applier
) -> list[Json]:
    """Other appliers' entries, without what this one takes by force. Raises Conflict."""
    clashing = {path for path in wanted if _values_differ(live, applied, node, path)}
    causes: list[Cause] = []
    left: list[Json] = []
    for entry in others:
        theirs = set(from_fields(entry.get("fieldsV1")))
        taken = sorted(theirs & clashing)
        if taken and not applier.force:
            who = f'conflict with "{entry.get("manager")}"'
            causes += [Cause("FieldManagerConflict", _text(path), who) for path in taken]
        remaining = theirs - set(taken)
        if not taken:
            left.append(entry)
        elif remaining:
            left.append(entry | {"fieldsV1": to_fields(remaining)})
    if causes:
        raise _conflict(causes)
    return left


def _values_differ(live: Json, applied: Json, node: Node, path: Path) -> bool:
    if path[-1][:2] == "k:":
        return False
    return find(live, node, path) != find(applied, node, path)


def _text(path: Path) -> str:
    """`.spec.template.spec.containers[name="web"].image`."""
    text = ""
    for segment in path:
        name = segment[2:]
        if segment.startswith("f:"):
            text += f".{name}"
        elif segment.startswith("k:"):
            keys = orjson.loads(name)
            text += "[" + ",".join(f"{k}={orjson.dumps(v).decode()}" for k, v in keys.items()) + "]"
        else:
            text += f"[={name}]"
    return text


def _conflict(causes: list[Cause]) -> Conflict:
    if len(causes) == 1:
        return Conflict(f"Apply failed with 1 conflict: {causes[0].message}: {causes[0].field}", causes=causes)
    lines: list[str] = []
    for who in sorted({cause.message for cause in causes}):
        lines.append(f"{who.replace('conflict', 'conflicts', 1)}:")
        lines += [f"- {cause.field}" for cause in causes if cause.message == who]
    return Conflict(f"Apply failed with {len(causes)} conflicts: " + "\n".join(lines), causes=causes)
