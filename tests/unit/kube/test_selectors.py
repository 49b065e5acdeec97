"""Label and field selectors."""

import re

import pytest

from armillary.kube.kinds.meta import LabelSelector, LabelSelectorRequirement
from armillary.kube.selectors import fields_match, format_selector, parse_fields, parse_selector, selector_of

LABELS = {"app": "web", "tier": "front", "n": "5"}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("app=web", True),
        ("app==web,tier=front", True),
        ("app!=web", False),
        ("other!=x", True),
        ("app in (web, api)", True),
        ("app notin (web)", False),
        ("other notin (web)", True),
        ("app", True),
        ("!app", False),
        ("! other", True),
        ("n>4", True),
        ("n<5", False),
        ("app in (),x", False),
    ],
)
def test_labels(text: str, matches: bool) -> None:
    selector = parse_selector(text)
    assert selector.matches(LABELS) is matches
    assert parse_selector(format_selector(selector)) == selector


VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (b!)", "unable to parse requirement: found '!', expected: ',' or ')'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("=b", "found '=', expected: !, identifier, or 'end of string'"),
        ("!=b", "found '!=', expected: !, identifier, or 'end of string'"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        ("!!a", "unable to parse requirement: found '!', expected: identifier"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a,", "found '', expected: identifier after ','"),
        ("(a)", "found '(', expected: !, identifier, or 'end of string'"),
        ("a=(b)", "unable to parse requirement: found '(', expected: identifier"),
        ("a>x", """unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, """
                "the value must be an integer"),
        ("a=%", f'unable to parse requirement: values[0][a]: Invalid value: "%": {VALUE}'),
    ],
)  # fmt: skip
def test_bad_labels(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(fault)}$"):
        parse_selector(text)


@pytest.mark.parametrize(("text", "values"), [("a in (b,,c)", "|b|c"), ("a in (in,notin)", "in|notin"), ("a=in", "in")])
def test_values(text: str, values: str) -> None:
    (requirement,) = parse_selector(text).requirements
    assert requirement.values == set(values.split("|"))


def test_selector_objects() -> None:
    requirement = LabelSelectorRequirement(key="tier", operator="In", values=("front", "back"))
    selector = selector_of(LabelSelector(match_labels={"app": "web"}, match_expressions=(requirement,)))
    assert selector is not None
    assert selector.matches(LABELS)
    assert not selector.matches({"app": "web"})
    everything = selector_of(LabelSelector())
    assert everything is not None
    assert everything.matches({})
    assert selector_of(None) is None


@pytest.mark.parametrize(
    ("text", "matches"),
    [("", True), ("spec.nodeName=a", True), ("spec.nodeName!=a", False), ("status.phase=", True), ("x=1", False)],
)
def test_fields(text: str, matches: bool) -> None:
    assert fields_match(parse_fields(text), {"spec.nodeName": "a"}) is matches


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a", "invalid selector: 'a'; can't understand 'a'"),
        ("a=b,c", "invalid selector: 'a=b,c'; can't understand 'c'"),
        ("a=b=c", "invalid field selector: unescaped character in value: 61"),
        (r"a=\x", r"invalid field selector: invalid escape sequence: \x"),
    ],
)
def test_bad_fields(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(fault)}$"):
        parse_fields(text)


def test_values_of_fields_may_be_escaped() -> None:
    assert fields_match(parse_fields(r"a=b\,c\=d,e!=f"), {"a": "b,c=d"})
