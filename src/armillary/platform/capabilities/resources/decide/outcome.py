"""What came of a write, and what the API server said beside it. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Literal

Outcome = Literal["created", "configured", "unchanged", "refused"]
_CREATED = 201
_BOOKKEEPING = ("managedFields", "resourceVersion", "generation")
# RFC 9111, 5.5 (now obsolete) as Kubernetes uses it (KEP-1693): 299 - "text".
_WARNING = re.compile(r'\d{3} \S+ "((?:[^"\\]|\\.)*)"')


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """Without managedFields."""
    item.get("metadata", {}).pop("managedFields", None)
    return item


def outcome_of(code: int, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Outcome:
    """`before` is None for what was not there, or not theirs to read."""
    if code == _CREATED:
        return "created"
    return "unchanged" if before is not None and _content(before) == _content(after) else "configured"


def _content(item: Mapping[str, Any]) -> dict[str, Any]:
    meta = {key: value for key, value in item["metadata"].items() if key not in _BOOKKEEPING}
    return {**item, "metadata": meta}


def warnings_of(header: str) -> tuple[str, ...]:
    """The texts of all Warning headers, joined by commas as they were."""
    texts = (re.sub(r"\\(.)", r"\1", found) for found in _WARNING.findall(header))
    return tuple(dict.fromkeys(texts))
