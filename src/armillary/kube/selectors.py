"""Label and field selectors: read, match, and write them. Shared by server and clients.

Grammar: Kubernetes documentation, "Labels and selectors"; k8s.io/apimachinery, labels and fields packages.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from armillary.kube.kinds.meta import LabelSelector
from armillary.kube.selector_text import parse_terms


class Op(Enum):
    """How a label's value is compared."""

    IN = "in"
    NOT_IN = "notin"
    EXISTS = "exists"
    ABSENT = "!"
    GREATER = "gt"
    LESS = "lt"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label."""

    key: str
    op: Op
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        match self.op:
            case Op.IN:
                return value is not None and value in self.values
            case Op.NOT_IN:
                return value is None or value not in self.values
            case Op.EXISTS:
                return value is not None
            case Op.ABSENT:
                return value is None
        if value is None or not re.fullmatch(r"[+-]?\d+", value):
            return False
        bound = int(next(iter(self.values)))
        return int(value) > bound if self.op is Op.GREATER else int(value) < bound


@dataclass(frozen=True, slots=True)
class Selector:
    """All requirements must hold; none at all matches everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        return all(r.matches(labels) for r in self.requirements)


EVERYTHING = Selector()

_OPS = {
    "in": Op.IN, "=": Op.IN, "==": Op.IN, "notin": Op.NOT_IN, "!=": Op.NOT_IN, ">": Op.GREATER, "<": Op.LESS,
    "exists": Op.EXISTS, "!": Op.ABSENT,
}  # fmt: skip


def parse_selector(text: str) -> Selector:
    """`a=b,c!=d,e in (f,g),h,!i,j>3`. Raises ValueError."""
    return Selector(tuple(Requirement(key, _OPS[operator], values) for key, operator, values in parse_terms(text)))


def selector_of(selector: LabelSelector | None) -> Selector | None:
    """A `LabelSelector` as a selector. None selects nothing and stays None; an empty one selects everything."""
    if selector is None:
        return None
    found = [Requirement(k, Op.IN, frozenset([v])) for k, v in selector.match_labels.items()]
    ops = {"In": Op.IN, "NotIn": Op.NOT_IN, "Exists": Op.EXISTS, "DoesNotExist": Op.ABSENT}
    found += [Requirement(e.key, ops[e.operator], frozenset(e.values)) for e in selector.match_expressions]
    return Selector(tuple(found))


def selector_of_map(labels: Mapping[str, str]) -> Selector:
    """Equality on every label of a map (a Service's or ReplicationController's selector)."""
    return Selector(tuple(Requirement(k, Op.IN, frozenset([v])) for k, v in labels.items()))


def format_selector(selector: Selector) -> str:
    """The selector as the text that `parse_selector` reads."""

    def term(r: Requirement) -> str:
        values = sorted(r.values)
        match r.op:
            case Op.IN if len(values) == 1:
                return f"{r.key}={values[0]}"
            case Op.NOT_IN if len(values) == 1:
                return f"{r.key}!={values[0]}"
            case Op.IN | Op.NOT_IN:
                return f"{r.key} {r.op.value} ({','.join(values)})"
            case Op.EXISTS:
                return r.key
            case Op.ABSENT:
                return f"!{r.key}"
        return f"{r.key}{'>' if r.op is Op.GREATER else '<'}{values[0]}"

    return ",".join(term(r) for r in selector.requirements)


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """One condition on one field path."""

    path: str
    equal: bool
    value: str


def parse_fields(text: str) -> tuple[FieldTerm, ...]:
    """`spec.nodeName=a,status.phase!=Failed`. Raises ValueError."""
    found = []
    for term in filter(None, re.findall(r"((?:\\.|[^,\\]|\\$)+)", text)):
        parts = re.match(r"(.*?)(!=|==|=)(.*)", term, re.DOTALL)
        if parts is None:
            raise ValueError(f"invalid selector: '{text}'; can't understand '{term}'")
        found.append(FieldTerm(parts[1].strip(), parts[2] != "!=", _unescaped(parts[3]).strip()))
    return tuple(found)


def _unescaped(value: str) -> str:
    """A value with `\\,`, `\\=` and `\\\\` as what they stand for. Raises ValueError."""
    if wrong := re.search(r"\\(?:[^,=\\]|$)", re.sub(r"\\[,=\\]", "", value)):
        raise ValueError(f"invalid field selector: invalid escape sequence: {wrong[0]}")
    if wrong := re.search(r"[,=]", re.sub(r"\\[,=\\]", "", value)):
        raise ValueError(f"invalid field selector: unescaped character in value: {ord(wrong[0])}")
    return re.sub(r"\\([,=\\])", r"\1", value)


def fields_match(terms: tuple[FieldTerm, ...], fields: Mapping[str, str]) -> bool:
    """Whether an object with these fields is selected; a field that it lacks counts as ""."""
    return all((fields.get(t.path, "") == t.value) is t.equal for t in terms)
