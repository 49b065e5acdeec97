"""Checks that kinds of many groups share. All name fields relative to what they are given."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import immutable, invalid, required, under, unsupported, wrong
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import NOT_NEGATIVE, percentage, same

Check = Callable[[Any], Iterable[Cause]]

_NO_CAUSES: tuple[Cause, ...] = ()


def each(field: str, items: Sequence[Any] | None, check: Check) -> Iterator[Cause]:
    """The faults of every item of a list."""
    for i, item in enumerate(items or ()):
        yield from under(f"{field}[{i}]", check(item))


def check_counts(holder: Json, *fields: str) -> Iterable[Cause]:
    """Integers that must not be negative; those that are absent are fine."""
    for field in fields:
        value = holder.get(field)
        if value is not None and value < 0:
            return [invalid(f, v, NOT_NEGATIVE) for f in fields if (v := holder.get(f)) is not None and v < 0]
    return _NO_CAUSES


def check_choice(field: str, value: Any, allowed: Sequence[str]) -> Iterable[Cause]:
    """One of the allowed words; absence is fine."""
    return _NO_CAUSES if value is None or value in allowed else [unsupported(field, value, allowed)]


def check_required_choice(field: str, value: Any, allowed: Sequence[str]) -> Iterable[Cause]:
    """One of the allowed words, and not empty."""
    return check_choice(field, value, allowed) if value else [required(field)]


def check_segment(field: str, value: str | None) -> Iterable[Cause]:
    """A name that can stand in a URL's path; it must be given."""
    return wrong(field, value, names.path_segment(value)) if value else [required(field)]


def check_same(new: Json, old: Json, *fields: str) -> list[Cause]:
    """Fields that may not change any more."""
    return [immutable(f, new.get(f)) for f in fields if new.get(f) != old.get(f) and not same(new.get(f), old.get(f))]


def check_not_above(holder: Json, bound: int, detail: str, *fields: str) -> Iterable[Cause]:
    """Counts that may not be larger than another."""
    return [invalid(f, count, detail) for f in fields if (count := holder.get(f) or 0) > bound]


def int_or_percent(value: Any) -> int:
    """The number in a count or percentage, 0 when there is none."""
    if isinstance(value, str):
        share = percentage(value)
        if share is not None:
            return share
        return int(value) if value.lstrip("+-").isdecimal() and value.isascii() and value[-1:].isdigit() else 0
    return value or 0


def invalid_whole(field: str, detail: str) -> Cause:
    """A fault whose value says nothing, or too much."""
    return Cause("FieldValueInvalid", field, f"Invalid value: {detail}")
