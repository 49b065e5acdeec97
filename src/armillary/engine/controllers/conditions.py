"""Conditions of a status: found, set and removed, in the tuple they stand in."""

from typing import Any, Protocol, TypeVar

from msgspec import structs


class Condition(Protocol):
    """What all conditions have; some have more."""

    @property
    def type(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def last_transition_time(self) -> str: ...


C = TypeVar("C", bound=Condition)


def condition(conditions: tuple[C, ...], type: str) -> C | None:
    return next((c for c in conditions if c.type == type), None)


def is_true(conditions: tuple[Any, ...], type: str) -> bool:
    """Whether that condition is there and True."""
    return any(c.type == type and c.status == "True" for c in conditions)


def with_condition(conditions: tuple[C, ...], new: C) -> tuple[C, ...]:
    """Replaced, at the end, if status or reason differ; the transition time stays while the status does."""
    old = condition(conditions, new.type)
    if old is not None and old.status == new.status:
        if old.reason == new.reason:
            return conditions
        new = structs.replace(new, last_transition_time=old.last_transition_time)  # type: ignore[type-var]
    return (*without_condition(conditions, new.type), new)


def without_condition(conditions: tuple[C, ...], type: str) -> tuple[C, ...]:
    return tuple(c for c in conditions if c.type != type)
