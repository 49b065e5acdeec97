"""Sets of fields, as `managedFields` keeps them (FieldsV1), and what to do with objects by them.

Form: sigs.k8s.io/structured-merge-diff, fieldpath. A path is a tuple of `f:<name>`, `k:<keys>` and `v:<value>`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from armillary.engine.apiserver.schema.node import Form, Node
from armillary.engine.kinds.resource import Json

Path = tuple[str, ...]
ITSELF = "."


def list_keys(node: Node | None) -> tuple[str, ...]:
    """The keys that tell a list's items apart; none for lists that are no maps."""
    return node.merge.map_keys if node is not None and node.merge.list_type == "map" else ()


def is_atomic(node: Node | None, value: Any) -> bool:
    """Whether a value is owned as a whole."""
    if isinstance(value, dict):
        return node is not None and (
            node.merge.map_type == "atomic" or node.form not in (Form.STRUCT, Form.MAP, Form.ANY)
        )
    if isinstance(value, list):
        return node is None or node.merge.list_type not in ("map", "set")
    return True


def item_segment(item: Any, node: Node) -> str:
    """How an item of a map-like or set-like list is named."""
    keys = list_keys(node)
    if not keys or not isinstance(item, dict):
        return "v:" + orjson.dumps(item, option=orjson.OPT_SORT_KEYS).decode()
    named = {key: item.get(key, _KEY_DEFAULTS.get(key)) for key in keys}
    return "k:" + orjson.dumps({k: v for k, v in sorted(named.items()) if v is not None}).decode()


# Keys that may be left out and have a default: a port's protocol.
_KEY_DEFAULTS = {"protocol": "TCP"}


def paths_of(value: Any, node: Node | None, at: Path = ()) -> Iterator[Path]:
    """The fields that a value sets."""
    if is_atomic(node, value) or not value:
        yield at
    elif isinstance(value, dict):
        for name, sub in value.items():
            yield from paths_of(sub, node.child(name) if node else None, (*at, f"f:{name}"))
    else:
        assert node is not None  # noqa: S101  # a list without a type is atomic
        for item in value:
            here = (*at, item_segment(item, node))
            yield here
            if isinstance(item, dict) and item:
                yield from paths_of(item, node.item, here)


def to_fields(paths: Iterable[Path]) -> Json:
    """FieldsV1 of a set of paths."""
    root: Json = {}
    every = sorted(paths)
    inner = {path[:i] for path in every for i in range(1, len(path))}
    for path in every:
        here = root
        for segment in path:
            here = here.setdefault(segment, {})
        if path in inner:
            here[ITSELF] = {}
    return root


def from_fields(fields: Any, at: Path = ()) -> Iterator[Path]:
    """The paths of a FieldsV1; what can't be read is left out."""
    if not isinstance(fields, dict):
        return
    if at and (not fields or ITSELF in fields):
        yield at
    for segment, sub in fields.items():
        if _is_readable(segment):
            yield from from_fields(sub, (*at, segment))


def _is_readable(segment: str) -> bool:
    if not segment.startswith("k:"):
        return segment[:2] in ("f:", "v:")
    try:
        return isinstance(orjson.loads(segment[2:]), dict)
    except orjson.JSONDecodeError:
        return False


def is_key(path: Path) -> bool:
    """Whether a path leads to a key of a list's item: that goes with its item only."""
    return len(path) > 1 and path[-2].startswith("k:") and path[-1][2:] in orjson.loads(path[-2][2:])


def find(value: Any, node: Node | None, path: Path) -> tuple[bool, Any]:
    """Whether there is a value at a path, and the value."""
    for segment in path:
        kind, name = segment[:2], segment[2:]
        if kind == "f:":
            if not isinstance(value, dict) or name not in value:
                return False, None
            value, node = value[name], node.child(name) if node else None
        else:
            items = value if isinstance(value, list) and node is not None else []
            at = _item_at(items, node, segment)
            if at is None or node is None:
                return False, None
            value, node = items[at], node.item
    return True, value


def _item_at(items: list[Any], node: Node | None, segment: str) -> int | None:
    if node is None:
        return None
    return next((i for i, item in enumerate(items) if item_segment(item, node) == segment), None)


def remove(value: Any, node: Node | None, path: Path) -> bool:
    """Take out what stands at a path, and containers left empty by that; says whether `value` is empty now."""
    segment, rest = path[0], path[1:]
    name = segment[2:]
    if segment.startswith("f:") and isinstance(value, dict) and name in value:
        if not rest or remove(value[name], node.child(name) if node else None, rest):
            del value[name]
    elif isinstance(value, list) and node is not None:
        at = _item_at(value, node, segment)
        if at is not None and not rest:
            del value[at]
        elif at is not None and isinstance(value[at], dict):
            remove(value[at], node.item, rest)
    return not value and isinstance(value, dict | list)


def merge(live: Any, applied: Any, node: Node | None) -> Any:
    """`live` with what `applied` sets; may share parts with both."""
    if is_atomic(node, applied) or type(live) is not type(applied):
        return applied
    if isinstance(applied, dict):
        merged = dict(live)
        for name, sub in applied.items():
            merged[name] = merge(live[name], sub, node.child(name) if node else None) if name in live else sub
        return merged
    assert node is not None  # noqa: S101  # a list without a type is atomic
    items = list(live)
    places = {item_segment(item, node): i for i, item in enumerate(items)}
    for item in applied:
        at = places.get(item_segment(item, node))
        if at is None:
            items.append(item)
        else:
            items[at] = merge(items[at], item, node.item)
    return items
