"""Strategic merge patch: a merge patch that knows which lists are maps and which are sets.

Rules: k8s.io/apimachinery, util/strategicpatch; contributors/devel/sig-api-machinery/strategic-merge-patch.md.
"""

from collections.abc import Callable
from typing import Any

from armillary.engine.apiserver.patch.media import PatchFailed
from armillary.engine.apiserver.schema.node import Form, Node
from armillary.engine.kinds.resource import Json

DIRECTIVE = "$patch"
RETAIN_KEYS = "$retainKeys"
DELETE_FROM = "$deleteFromPrimitiveList/"
SET_ORDER = "$setElementOrder/"


def apply_strategic(original: Json, patch: Json, node: Node | None) -> Json:
    """The patched object; both arguments may be changed. Raises PatchFailed."""
    directive = patch.pop(DIRECTIVE, None)
    if directive == "replace":
        return patch
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise PatchFailed(f"unknown patch type: {directive} in map: {go_text({DIRECTIVE: directive} | patch)}")
    _retain(original, patch)
    for key in [k for k in patch if k.startswith(SET_ORDER)]:
        _merge_ordered(original, patch, key, node)
    for key, value in patch.items():
        if key.startswith(DELETE_FROM):
            _delete_from(original, key.removeprefix(DELETE_FROM), value)
        elif value is None:
            original.pop(key, None)
        else:
            original[key] = _merged(original.get(key), value, node.child(key) if node else None)
    return original


def _merged(present: Any, value: Any, node: Node | None) -> Any:
    if isinstance(value, dict):
        if isinstance(present, dict) and not (node and "replace" in node.merge.strategies):
            return apply_strategic(present, value, node)
        return apply_strategic({}, value, node)
    if isinstance(value, list):
        if isinstance(present, list) and node is not None and "merge" in node.merge.strategies:
            return _merge_list(present, value, node)
        return _without_directives(value, node)
    return value


def _without_directives(value: list[Any], node: Node | None) -> list[Any]:
    """A list that is taken over as it stands."""
    item = node.item if node is not None and node.form is Form.LIST else None
    plain = [v for v in value if not (isinstance(v, dict) and DIRECTIVE in v)]
    return [apply_strategic({}, v, item) if isinstance(v, dict) else v for v in plain]


def _retain(original: Json, patch: Json) -> None:
    retained = patch.pop(RETAIN_KEYS, None)
    if retained is None:
        return
    if not isinstance(retained, list):
        raise PatchFailed(f"invalid value for {RETAIN_KEYS}")
    for key in [k for k in original if k not in retained]:
        del original[key]


def _delete_from(original: Json, key: str, values: Any) -> None:
    present = original.get(key)
    if isinstance(present, list) and isinstance(values, list):
        original[key] = [v for v in present if v not in values]


def _merge_list(present: list[Any], patch: list[Any], node: Node) -> list[Any]:
    if not present and not patch:
        return present
    key = node.merge.merge_key
    if not any(isinstance(v, dict) for v in (*present, *patch)):
        merged: list[Any] = []
        merged += (v for v in (*present, *patch) if v not in merged)
        return _in_order(merged, patch, present, lambda v: v)
    if not key or not all(isinstance(v, dict) for v in (*present, *patch)):
        raise PatchFailed("a list without a merge key can't be merged")
    found, left = _take_directives(present, patch, key)
    for value in left:
        if key not in value:
            raise PatchFailed(f"map: {go_text(value)} does not contain declared merge key: {key}")
        at = next((i for i, v in enumerate(found) if v.get(key) == value[key]), None)
        if at is None:
            found.append(apply_strategic({}, value, node.item))
        else:
            found[at] = apply_strategic(found[at], dict(value), node.item)
    return _in_order(found, left, present, lambda v: v.get(key))


def _take_directives(present: list[Json], patch: list[Json], key: str) -> tuple[list[Json], list[Json]]:
    """What is there after items were deleted or the list replaced, and the items left to merge."""
    found, left = list(present), []
    for value in patch:
        match value.get(DIRECTIVE):
            case None | "merge":
                left.append(value)
            case "delete":
                if key not in value:
                    raise PatchFailed(f"map: {go_text(value)} does not contain declared merge key: {key}")
                found = [v for v in found if v.get(key) != value[key]]
            case "replace":
                found = []
            case other:
                raise PatchFailed(f"unknown patch type: {other} in map: {go_text(value)}")
    return found, left


def _merge_ordered(original: Json, patch: Json, directive: str, node: Node | None) -> None:
    """Merge one list and put it in the order that the patch says."""
    key, order = directive.removeprefix(SET_ORDER), patch.pop(directive)
    if not isinstance(order, list):
        raise PatchFailed(f"invalid value for {directive}")
    inner = node.child(key) if node else None
    present, value = original.get(key), patch.pop(key, None)
    if present is None and value is None:
        return
    merged = present if value is None else _merged(present, value, inner)
    if not isinstance(merged, list):
        raise PatchFailed(f"{key} is not a list")
    merge_key = inner.merge.merge_key if inner else ""

    def name(v: Any) -> Any:
        return v.get(merge_key) if isinstance(v, dict) and merge_key else v

    original[key] = _in_order(merged, order, present or [], name)


def _in_order(merged: list[Any], order: list[Any], server: list[Any], name: Callable[[Any], Any]) -> list[Any]:
    """Items that `order` names in its order; the others between them as they stood before."""
    wanted, before = [name(v) for v in order], [name(v) for v in server]
    named = sorted((v for v in merged if name(v) in wanted), key=lambda v: wanted.index(name(v)))
    others = [v for v in merged if name(v) not in wanted]
    others.sort(key=lambda v: before.index(name(v)) if name(v) in before else len(before))
    found: list[Any] = []
    while others and named:
        left, right = name(others[0]), name(named[0])
        first = left in before and right in before and before.index(left) < before.index(right)
        found.append(others.pop(0) if first else named.pop(0))
    return found + others + named


def go_text(value: Any) -> str:
    """A value as Go's `%v` writes it."""
    match value:
        case dict():
            return "map[" + " ".join(f"{key}:{go_text(value[key])}" for key in sorted(value)) + "]"
        case list():
            return "[" + " ".join(map(go_text, value)) + "]"
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
    return str(value)
