"""What a CustomResourceDefinition's status says: whether its names are free, and whether it is served.

Pure. Rules: k8s.io/apiextensions-apiserver, pkg/controller/status "NamingConditionController" and
pkg/controller/establish.
"""

from collections.abc import Iterable

from armillary.engine.kinds.crd_rules import is_true
from armillary.engine.kinds.fields import spec_of, status_of
from armillary.engine.kinds.resource import Json

_FIELDS = ("plural", "singular", "kind", "listKind")
_CONFLICTS = {
    "plural": "PluralConflict",
    "singular": "SingularConflict",
    "kind": "KindConflict",
    "listKind": "ListKindConflict",
}


def settled_status(definition: Json, others: Iterable[Json], now: str) -> Json:
    """The status that a definition should have beside these others."""
    status = status_of(definition)
    accepted, reason, message = _accept(definition, others)
    conditions = list(status.get("conditions") or ())
    ok = not reason
    _set(conditions, "NamesAccepted", ok, reason or "NoConflicts", message or "no conflicts found", now)
    if not is_true(definition, "Established"):
        if ok:
            text = "the initial names have been accepted"
            _set(conditions, "Established", True, "InitialNamesAccepted", text, now)
        else:
            _set(conditions, "Established", False, "NotAccepted", "not all names are accepted", now)
    return {**status, "acceptedNames": accepted, "conditions": conditions}


def ending_status(definition: Json, now: str, *, done: bool) -> Json:
    """The status of a definition whose instances are deleted, or have been."""
    conditions = list(status_of(definition).get("conditions") or ())
    if done:
        _set(conditions, "Terminating", False, "InstanceDeletionCompleted", "removed all instances", now)
    else:
        text = "CustomResource deletion is in progress"
        _set(conditions, "Terminating", True, "InstanceDeletionInProgress", text, now)
    return {**status_of(definition), "conditions": conditions}


def _accept(definition: Json, others: Iterable[Json]) -> tuple[Json, str, str]:
    """The names that a definition has from now on, and which of those it wants are taken."""
    wanted, accepted = spec_of(definition).get("names") or {}, dict(status_of(definition).get("acceptedNames") or {})
    resources, kinds = _taken(definition, others)
    reason = message = ""
    for field in _FIELDS:
        name = wanted.get(field) or ""
        used = kinds if field in ("kind", "listKind") else resources
        if name != accepted.get(field) and name in used:
            reason, message = _CONFLICTS[field], f'"{name}" is already in use'
        else:
            accepted[field] = name
    before = accepted.get("shortNames") or []
    clashing = [n for n in wanted.get("shortNames") or () if n not in before and n in resources]
    if clashing:
        told = [f'"{name}" is already in use' for name in clashing]
        reason, message = "ShortNamesConflict", told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    else:
        _put(accepted, "shortNames", wanted.get("shortNames"))
    _put(accepted, "categories", wanted.get("categories"))
    return accepted, reason, message


def _put(accepted: Json, field: str, names: list[str] | None) -> None:
    accepted.pop(field, None)
    if names:
        accepted[field] = names


def _taken(definition: Json, others: Iterable[Json]) -> tuple[set[str], set[str]]:
    """The names of resources and kinds that others of the group have, and this definition does not."""
    resources: set[str] = set()
    kinds: set[str] = set()
    group, name = spec_of(definition).get("group"), definition["metadata"].get("name")
    for other in others:
        if spec_of(other).get("group") == group and other["metadata"].get("name") != name:
            names = status_of(other).get("acceptedNames") or {}
            resources |= {names.get("plural") or "", names.get("singular") or "", *(names.get("shortNames") or ())}
            kinds |= {names.get("kind") or "", names.get("listKind") or ""}
    return resources - {""}, kinds - {""}


def _set(conditions: list[Json], kind: str, holds: bool, reason: str, message: str, now: str) -> None:
    """Put a condition in; the moment of its change stays when nothing changed."""
    status = "True" if holds else "False"
    at = next((i for i, c in enumerate(conditions) if c.get("type") == kind), None)
    before = conditions[at] if at is not None else {}
    since = before.get("lastTransitionTime") if before.get("status") == status else None
    condition = {
        "type": kind,
        "status": status,
        "lastTransitionTime": since or now,
        "reason": reason,
        "message": message,
    }
    if at is None:
        conditions.append(condition)
    else:
        conditions[at] = condition
