"""Label and field selectors."""

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


@pytest.mark.parametrize("text", ["a=b=c", "a in b", "=b", "a,,b", "a,", "a>x", "(a)", "a in (b!)"])
def test_bad_labels(text: str) -> None:
    with pytest.raises(ValueError, match=r"unable to parse|must be an integer"):
        parse_selector(text)


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
