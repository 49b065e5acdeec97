"""One write as the guard's judges see it, and how they refuse. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from armillary.base.errors import ApiError, Cause, Conflict, Denied, Invalid
from armillary.platform.frame.caller import user_of

T = TypeVar("T")
Operation = Literal["CREATE", "UPDATE", "DELETE"]


@dataclass(frozen=True, slots=True)
class Write(Generic[T]):
    """`old` is missing in a CREATE, `new` in a DELETE. `user` is the name that the cluster knows."""

    operation: Operation
    user: str
    name: str
    namespace: str = ""
    old: T | None = None
    new: T | None = None

    @property
    def account(self) -> str:
        """The platform's user who writes; "" for users of the cluster's own."""
        return user_of(self.user)


def refuse(what: str, message: str, field: str = "") -> Denied:
    """`what` is the object: `project "web"`. With a `field`, the fault is told there as well."""
    causes = [Cause("FieldValueForbidden", field, message)] if field else []
    return Denied(f"{what}: {f'{field}: ' if field else ''}{message}", causes=causes)


def invalid(what: str, causes: Iterable[Cause]) -> Invalid | None:
    found = tuple(causes)
    if not found:
        return None
    return Invalid(f"{what} is invalid: " + "; ".join(f"{c.field}: {c.message}" for c in found), causes=found)


def in_the_way(what: str, message: str) -> Conflict:
    return Conflict(f"{what}: {message}")


def first(*judgements: ApiError | None) -> ApiError | None:
    return next((one for one in judgements if one is not None), None)


def lost(old: Any, new: Any, finalizer: str) -> bool:
    """Whether a write takes that finalizer away."""
    return finalizer in old.metadata.finalizers and finalizer not in new.metadata.finalizers
