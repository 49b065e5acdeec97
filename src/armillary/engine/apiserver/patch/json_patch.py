"""JSON Patch (RFC 6902) with JSON Pointers (RFC 6901). Changes its document in place."""

import copy
import re
from collections.abc import Mapping
from typing import Any

from armillary.engine.apiserver.patch.media import PatchFailed

_INDEX = re.compile(r"0|[1-9]\d*")


def apply_json_patch(document: Any, operations: list[Any]) -> Any:
    """The patched document. Raises PatchFailed."""
    for operation in operations:
        if not isinstance(operation, Mapping):
            raise PatchFailed("an operation must be an object")
        document = _apply(document, operation)
    return document


def _apply(document: Any, operation: Mapping[str, Any]) -> Any:
    path = _pointer(operation.get("path"))
    match operation.get("op"):
        case "add":
            return _add(document, path, _value(operation))
        case "remove":
            return _remove(document, path)
        case "replace":
            _get(document, path)
            return _replace(document, path, _value(operation))
        case "move":
            source = _pointer(operation.get("from"))
            if path[: len(source)] == source and path != source:
                raise PatchFailed("a value can't be moved into itself")
            value = _get(document, source)
            return _add(_remove(document, source), path, value)
        case "copy":
            return _add(document, path, copy.deepcopy(_get(document, _pointer(operation.get("from")))))
        case "test":
            if not _same(_get(document, path, absent=None), operation.get("value")):
                raise PatchFailed(f"testing value {operation.get('path')} failed")
            return document
    raise PatchFailed(f"unexpected kind: {operation.get('op')}")


def _same(one: Any, other: Any) -> bool:
    """Equality of JSON, where true is not 1."""
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _value(operation: Mapping[str, Any]) -> Any:
    if "value" not in operation:
        raise PatchFailed(f"{operation['op']} operation without a value")
    return operation["value"]


def _pointer(text: Any) -> list[str]:
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise PatchFailed(f"invalid path {text!r}")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


_NOTHING = object()


def _index(items: list[Any], part: str, most: int) -> int:
    if not _INDEX.fullmatch(part) or len(part) > 9 or int(part) > most:
        raise PatchFailed(f"unable to access invalid index: {part}")
    return int(part)


def _get(document: Any, path: list[str], absent: Any = _NOTHING) -> Any:
    found = document
    for part in path:
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list):
            found = found[_index(found, part, len(found) - 1)]
        elif absent is not _NOTHING:
            return absent
        else:
            raise PatchFailed(f"the path /{'/'.join(path)} does not exist")
    return found


def _add(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent, last = _get(document, path[:-1]), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list):
        parent.insert(len(parent) if last == "-" else _index(parent, last, len(parent)), value)
    else:
        raise PatchFailed(f"the path /{'/'.join(path)} does not exist")
    return document


def _replace(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent, last = _get(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        parent[_index(parent, last, len(parent) - 1)] = value
    else:
        parent[last] = value
    return document


def _remove(document: Any, path: list[str]) -> Any:
    if not path:
        raise PatchFailed("the whole document can't be removed")
    parent, last = _get(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        del parent[_index(parent, last, len(parent) - 1)]
    elif isinstance(parent, dict) and last in parent:
        del parent[last]
    else:
        raise PatchFailed(f"unable to remove nonexistent key: {last}")
    return document
