"""The status of what tenancy makes: one condition, `Ready`, whose message is a sentence. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from armillary.base.clock import format_time
from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import Condition
from armillary.kube.object import key_of
from armillary.kube.reconcile import Patch


def told(
    kind: Kind[Any], item: Any, now: datetime, *, ready: bool, reason: str, message: str, **more: Any
) -> tuple[Patch, ...]:
    """The change of its status, if any, that says so; `more` are other fields of the status, by their Python names.

    A merge patch: fields that are not given stay as they are, and so does the ledger beside them.
    """
    status = item.status
    old = next((c for c in status.conditions if c.type == "Ready"), None)
    state = "True" if ready else "False"
    since = old.last_transition_time if old is not None and old.status == state else format_time(now)
    generation = item.metadata.generation or 0
    condition = Condition(
        type="Ready",
        status=state,
        reason=reason,
        message=message,
        last_transition_time=since,
        observed_generation=generation or None,
    )
    others = tuple(c for c in status.conditions if c.type != "Ready")
    wanted = {"conditions": (*others, condition), "observed_generation": generation, **more}
    if all(getattr(status, name) == value for name, value in wanted.items()):
        return ()
    return (Patch(kind, key_of(item), {"status": _on_the_wire(status, wanted)}, subresource="status"),)


def _on_the_wire(status: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """By the names of JSON; empty values too, since these take old ones back."""
    names = {f.name: f.encode_name for f in msgspec.structs.fields(type(status))}
    return {names[name]: msgspec.to_builtins(value) for name, value in wanted.items()}
