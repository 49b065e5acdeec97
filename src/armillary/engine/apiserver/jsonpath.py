"""The part of JSONPath that columns of custom resources use: `.status.conditions[?(@.type=="Ready")].status`.

Rules: k8s.io/client-go, util/jsonpath. Fields, quoted fields, indexes, wildcards and filters by comparison.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

Step = Callable[[Any], Iterator[Any]]

_FIELD = re.compile(r"\.?((?:[^.\[\]\\'\"()\s]|\\.)+)")
_QUOTED = re.compile(r"\[\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")\s*\]")
_INDEX = re.compile(r"\[\s*(-?\d+)\s*\]")
_ALL = re.compile(r"\[\s*\*\s*\]|\.\*")
_FILTER = re.compile(
    r"\[\?\(\s*@(?P<path>[^=!<>\s]*)\s*(?:(?P<op>==|!=|<=|>=|<|>)\s*"
    r"(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<bare>[^\s)]+)))?\s*\)\]"
)


def find(path: str, value: Any) -> Any:
    """The first value at a path; None when there is none. Raises ValueError for what is no path."""
    found: Sequence[Any] = [value]
    for step in parse(path):
        found = [inner for outer in found for inner in step(outer)]
        if not found:
            return None
    return found[0]


@lru_cache(maxsize=1024)
def parse(path: str) -> tuple[Step, ...]:
    """The steps of a path. Raises ValueError."""
    steps: list[Step] = []
    at = 0
    while at < len(path):
        step, end = _step(path, at)
        if end == at:
            raise ValueError(f"unrecognized path: {path[at:]!r} in {path!r}")
        steps.append(step)
        at = end
    return tuple(steps)


def _step(path: str, at: int) -> tuple[Step, int]:
    if path[at:] == ".":
        return _itself, len(path)
    if found := _ALL.match(path, at):
        return _every, found.end()
    if found := _QUOTED.match(path, at):
        return _field(found[1] if found[1] is not None else found[2]), found.end()
    if found := _INDEX.match(path, at):
        return _item(int(found[1])), found.end()
    if found := _FILTER.match(path, at):
        return _chosen(found), found.end()
    if (found := _FIELD.match(path, at)) and (path[at] == "." or at == 0):
        return _field(found[1]), found.end()
    return _itself, at


def _itself(value: Any) -> Iterator[Any]:
    yield value


def _every(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _field(name: str) -> Step:
    plain = re.sub(r"\\(.)", r"\1", name)

    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and plain in value:
            yield value[plain]

    return step


def _item(index: int) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list) and -len(value) <= index < len(value):
            yield value[index]

    return step


def _chosen(match: re.Match[str]) -> Step:
    inner, op = match["path"], match["op"]
    texts = (match["single"], match["double"])
    wanted = next((text for text in texts if text is not None), None)
    literal = wanted if wanted is not None else _literal(match["bare"])

    def step(value: Any) -> Iterator[Any]:
        for item in value if isinstance(value, list) else ():
            found = find(inner, item) if inner else item
            if found is not None and (op is None or _compare(found, op, literal)):
                yield item

    return step


def _literal(text: str | None) -> Any:
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text or "")
    except ValueError:
        return text


def _compare(found: Any, op: str, wanted: Any) -> bool:
    if op in ("==", "!="):
        return (found == wanted and isinstance(found, bool) == isinstance(wanted, bool)) is (op == "==")
    comparable = isinstance(found, int | float) and isinstance(wanted, float)
    if not comparable and not (isinstance(found, str) and isinstance(wanted, str)):
        return False
    below, above = bool(found < wanted), bool(found > wanted)
    return {"<": below, ">": above, "<=": not above, ">=": not below}[op]
