"""JSON Merge Patch (RFC 7386)."""

from typing import Any


def apply_merge_patch(target: Any, patch: Any) -> Any:
    """The patched value; `target` may be changed."""
    if not isinstance(patch, dict):
        return patch
    merged = target if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = apply_merge_patch(merged.get(key), value)
        else:
            merged[key] = value
    return merged
