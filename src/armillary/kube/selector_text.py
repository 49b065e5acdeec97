"""Label selectors as text: what `a=b,c in (d,e),!f` says, and what is wrong with some, in the API's own words.

Grammar and wording: k8s.io/apimachinery, labels, selector.go.
"""

import re
from collections.abc import Iterator

import orjson

from armillary.kube.labels import label_key, label_value

# A key, an operator (`in`, `notin`, `=`, `==`, `!=`, `>`, `<`, `exists`, `!`) and the values it is given.
Term = tuple[str, str, frozenset[str]]

_TOKEN = re.compile(r"[ \t\r\n]*(?:(==|!=|[=!(),<>])|([^=!(),<> \t\r\n]+))")
_SETS = ("in", "notin")
_OPERATORS = ("=", "==", "!=", ">", "<", *_SETS)
_EXPECTED_OPERATORS = "in, notin, =, ==, !=, gt, lt"
END = ""


def parse_terms(text: str) -> list[Term]:
    """Raises ValueError."""
    return list(_Parser(text).terms())


class _Parser:
    """Looks at the next token, and takes it."""

    def __init__(self, text: str) -> None:
        found: list[str] = [symbol or word for symbol, word in _TOKEN.findall(text.partition("\0")[0])]
        self._tokens, self._at = [*found, END], 0

    @property
    def _next(self) -> str:
        return self._tokens[min(self._at, len(self._tokens) - 1)]

    def _take(self) -> str:
        token = self._next
        self._at += 1
        return token

    def terms(self) -> Iterator[Term]:
        while self._next != END:
            if not (_is_word(self._next) or self._next == "!"):
                raise ValueError(f"found '{self._next}', expected: !, identifier, or 'end of string'")
            try:
                yield self._term()
            except ValueError as exc:
                raise ValueError(f"unable to parse requirement: {exc}") from exc
            after = self._take()
            if after == END:
                return
            if after != ",":
                raise ValueError(f"found '{after}', expected: ',' or 'end of string'")
            if not (_is_word(self._next) or self._next == "!"):
                raise ValueError(f"found '{self._next}', expected: identifier after ','")

    def _term(self) -> Term:
        absent = self._next == "!"
        if absent:
            self._take()
        key = self._take()
        if not _is_word(key):
            raise ValueError(f"found '{key}', expected: identifier")
        if problems := label_key(key):
            raise ValueError(f"<nil>: {_invalid(key, '; '.join(problems))}")
        if absent or self._next in (END, ","):
            return key, "!" if absent else "exists", frozenset()
        operator = self._take()
        if operator not in _OPERATORS:
            raise ValueError(f"found '{operator}', expected: {_EXPECTED_OPERATORS}")
        values = self._values() if operator in _SETS else frozenset((self._value(),))
        _check(key, operator, sorted(values))
        return key, operator, values

    def _value(self) -> str:
        if self._next in (END, ","):
            return ""
        value = self._take()
        if not _is_word(value):
            raise ValueError(f"found '{value}', expected: identifier")
        return value

    def _values(self) -> frozenset[str]:
        begin = self._take()
        if begin != "(":
            raise ValueError(f"found '{begin}' expected: '('")
        if self._next == ")":
            self._take()
            return frozenset(("",))
        if not (_is_word(self._next) or self._next == ","):
            raise ValueError(f"found '{self._next}', expected: ',', ')' or identifier")
        found: set[str] = set()
        while True:
            value = self._take()
            if _is_word(value):
                found.add(value)
                if self._next not in (",", ")"):
                    raise ValueError(f"found '{self._next}', expected: ',' or ')'")
            elif value == ",":
                if not found or self._next in (",", ")"):
                    found.add("")
            else:
                raise ValueError(f"found '{value}', expected: ',', or identifier")
            if self._next == ")":
                self._take()
                return frozenset(found)


def _is_word(token: str) -> bool:
    """A key or a value; `in` and `notin` may be either."""
    return bool(token) and token[0] not in "=!(),<>"


def _check(key: str, operator: str, values: list[str]) -> None:
    """Raises ValueError for what no label can have, or no bound can be."""
    faults = []
    for i, value in enumerate(values):
        if operator in (">", "<") and not _is_integer(value):
            fault = "for 'Gt', 'Lt' operators, the value must be an integer"
            faults.append(f"values[{i}]: {_invalid(value, fault)}")
    for i, value in enumerate(values):
        if problems := label_value(value):
            faults.append(f"values[{i}][{key}]: {_invalid(value, '; '.join(problems))}")
    if faults:
        raise ValueError(faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]")


def _is_integer(text: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]+", text) is not None and -(1 << 63) <= int(text) < 1 << 63


def _invalid(value: str, why: str) -> str:
    return f"Invalid value: {orjson.dumps(value).decode()}: {why}"
