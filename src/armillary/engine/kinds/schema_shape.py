"""Whether a JSON schema is one at all: each keyword with a value of its type, and not nested without end.

The schema of CustomResourceDefinitions leaves open what `items`, `additionalProperties` and the like hold, so what
stands below them has not been checked when it gets here.
"""

from collections.abc import Callable
from typing import Any

from armillary.base.errors import Cause
from armillary.engine.kinds.checks import invalid_whole

MOST_LEVELS = 100

_STRINGS = (
    "type", "format", "title", "description", "pattern", "id", "$schema", "$ref", "x-kubernetes-list-type",
    "x-kubernetes-map-type",
)  # fmt: skip
_FLAGS = (
    "nullable", "exclusiveMaximum", "exclusiveMinimum", "uniqueItems", "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string",
)  # fmt: skip
_NUMBERS = ("maximum", "minimum", "multipleOf")
_COUNTS = ("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties")
_WORDS = ("required", "x-kubernetes-list-map-keys")
_MAPS = ("properties", "patternProperties", "definitions")
_BRANCHES = ("allOf", "anyOf", "oneOf")


def _is_count(value: Any) -> bool:
    return type(value) is int


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


_RULES: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(_STRINGS, lambda value: isinstance(value, str)),
    **dict.fromkeys(_FLAGS, lambda value: isinstance(value, bool)),
    **dict.fromkeys(_NUMBERS, _is_number),
    **dict.fromkeys(_COUNTS, _is_count),
    **dict.fromkeys(_WORDS, _are_words),
    "enum": lambda value: isinstance(value, list),
    "x-kubernetes-validations": _are_objects,
}


def shape_fault(schema: Any, level: int = 0) -> Cause | None:
    """The first fault in the form of a schema, relative to it."""
    if not isinstance(schema, dict):
        return invalid_whole("", "must be a schema")
    if level > MOST_LEVELS:
        return invalid_whole("", f"must not be nested more than {MOST_LEVELS} levels deep")
    for keyword, value in schema.items():
        rule = _RULES.get(keyword)
        if rule is not None and value is not None and not rule(value):
            return invalid_whole(keyword, "has a value of the wrong type")
        fault = _child_fault(keyword, value, level)
        if fault is not None:
            return fault
    return None


def _child_fault(keyword: str, value: Any, level: int) -> Cause | None:
    """The fault in what stands below a keyword that holds schemas."""
    children: list[tuple[str, Any]] = []
    if value is None:
        return None
    if keyword in _MAPS:
        if not isinstance(value, dict):
            return invalid_whole(keyword, "must be a map of schemas")
        children = [(f"{keyword}[{name}]", sub) for name, sub in value.items()]
    elif keyword in _BRANCHES or (keyword == "items" and isinstance(value, list)):
        if not isinstance(value, list):
            return invalid_whole(keyword, "must be a list of schemas")
        children = [(f"{keyword}[{i}]", sub) for i, sub in enumerate(value)]
    elif keyword in ("not", "items") or (
        keyword in ("additionalProperties", "additionalItems") and not isinstance(value, bool)
    ):
        children = [(keyword, value)]
    for at, child in children:
        fault = shape_fault(child, level + 1)
        if fault is not None:
            joint = "." if fault.field and fault.field[0] != "[" else ""
            return Cause(fault.reason, f"{at}{joint}{fault.field}", fault.message)
    return None
