"""Which route a path belongs to: a tree of path segments. Names in a path are refused unless they are plain."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote

from armillary.base.errors import BadRequest

T = TypeVar("T")

# Handlers put names into paths of other servers: what could lead elsewhere there never reaches them.
_PLAIN = re.compile(r"(?!\.{1,2}$)[^\x00-\x20\x7f/\\?#%;]{1,512}")


@dataclass(slots=True)
class _Node(Generic[T]):
    literal: dict[str, "_Node[T]"] = field(default_factory=dict)
    parameter: "tuple[str, _Node[T]] | None" = None
    methods: dict[str, T] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What there is at a path, by method, and the path's parameters."""

    methods: Mapping[str, T]
    path: Mapping[str, str]


class Router(Generic[T]):
    """Literal segments go before parameters. Raises ValueError for two routes of one method and path."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, path: str, route: T) -> None:
        """`path` as `/workspaces/{workspace}/members`."""
        node = self._root
        for segment in path.split("/")[1:]:
            if not segment.startswith("{"):
                node = node.literal.setdefault(segment, _Node())
                continue
            name = segment[1:-1]
            if node.parameter is None:
                node.parameter = name, _Node()
            elif node.parameter[0] != name:
                raise ValueError(f"{path}: another route calls this parameter {node.parameter[0]!r}")
            node = node.parameter[1]
        if method in node.methods:
            raise ValueError(f"{method} {path} is there twice")
        node.methods[method] = route

    def find(self, path: str) -> Found[T] | None:
        """By a path as it was sent, still encoded. Raises BadRequest for a name that no object can have."""
        found = self._descend(self._root, path.split("/")[1:], 0, {})
        if found is None:
            return None
        node, names = found
        decoded = {name: unquote(value) for name, value in names.items()}
        for name, value in decoded.items():
            if _PLAIN.fullmatch(value) is None:
                raise BadRequest(f"{name}: {value!r} is not a name")
        return Found(node.methods, decoded)

    def _descend(
        self, node: _Node[T], segments: list[str], at: int, names: dict[str, str]
    ) -> tuple[_Node[T], dict[str, str]] | None:
        if at == len(segments):
            return (node, names) if node.methods else None
        further = node.literal.get(segments[at])
        if further is not None:
            found = self._descend(further, segments, at + 1, names)
            if found is not None:
                return found
        if node.parameter is None or not segments[at]:
            return None
        name, below = node.parameter
        return self._descend(below, segments, at + 1, {**names, name: segments[at]})
