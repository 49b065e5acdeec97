"""Label and field selectors: read, match, and write them. Shared by server and clients.

Grammar: Kubernetes documentation, "Labels and selectors"; k8s.io/apimachinery, labels and fields packages.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from armillary.kube.kinds.meta import LabelSelector


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

_KEY = r"(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?"
_VALUE = r"(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)?"
_TERM = re.compile(
    rf"\s*(?:!\s*(?P<absent>{_KEY})"
    rf"|(?P<key>{_KEY})\s*(?:(?P<op>==|=|!=|>|<)\s*(?P<value>{_VALUE})"
    rf"|\s(?P<set>in|notin)\s*\((?P<values>[^()]*)\))?)\s*(?:,|$)"
)


def parse_selector(text: str) -> Selector:
    """`a=b,c!=d,e in (f,g),h,!i,j>3`. Raises ValueError."""
    found, at = [], 0
    while at < len(text.rstrip()):
        term = _TERM.match(text, at)
        if term is None or term.end() == at:
            raise ValueError(f"unable to parse requirement: found {text[at:]!r} in {text!r}")
        found.append(_requirement(term))
        at = term.end()
    if text.rstrip().endswith(","):
        raise ValueError(f"unable to parse requirement: {text!r} ends with a comma")
    return Selector(tuple(found))


def _requirement(term: re.Match[str]) -> Requirement:
    if term["absent"]:
        return Requirement(term["absent"], Op.ABSENT)
    if term["set"]:
        values = frozenset(v.strip() for v in term["values"].split(","))
        for value in values:
            if not re.fullmatch(_VALUE, value) or len(value) > 63:
                raise ValueError(f"unable to parse requirement: {value!r} is not a label value")
        return Requirement(term["key"], Op.IN if term["set"] == "in" else Op.NOT_IN, values)
    value = frozenset([term["value"] or ""])
    match term["op"]:
        case "=" | "==":
            return Requirement(term["key"], Op.IN, value)
        case "!=":
            return Requirement(term["key"], Op.NOT_IN, value)
        case ">" | "<":
            if not re.fullmatch(r"[+-]?\d+", term["value"] or ""):
                raise ValueError(f"for 'Gt', 'Lt' operators, the value must be an integer: {term['value']!r}")
            return Requirement(term["key"], Op.GREATER if term["op"] == ">" else Op.LESS, value)
    return Requirement(term["key"], Op.EXISTS)


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
    for term in filter(None, (part.strip() for part in text.split(","))):
        parts = re.match(r"^([^=!]+?)(==|=|!=)(.*)$", term)
        if parts is None:
            raise ValueError(f"invalid field selector: {term!r}; can't understand")
        found.append(FieldTerm(parts[1].strip(), parts[2] != "!=", parts[3].strip()))
    return tuple(found)


def fields_match(terms: tuple[FieldTerm, ...], fields: Mapping[str, str]) -> bool:
    """Whether an object with these fields is selected; a field that it lacks counts as ""."""
    return all((fields.get(t.path, "") == t.value) is t.equal for t in terms)
