"""How a fault in a request is said: field, value and what is wrong, in the API's own wording.

Wording: k8s.io/apimachinery, util/validation/field, "Error.ErrorBody".
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from armillary.base.errors import Cause, Invalid


def shown(value: Any) -> str:
    """A value as it appears in a message."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # an integer past 64 bits
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def under(path: str, causes: Iterable[Cause]) -> Iterator[Cause]:
    """Causes whose fields are relative to `path`, with whole paths.

    Validators name fields relative to what they are given, so that paths are only built when there is a fault.
    """
    for cause in causes:
        field = cause.field
        joint = "" if not field or not path or field[0] == "[" else "."
        yield Cause(cause.reason, f"{path}{joint}{field}", cause.message)


def required(field: str, detail: str = "") -> Cause:
    return Cause("FieldValueRequired", field, "Required value" + (f": {detail}" if detail else ""))


def invalid(field: str, value: Any, detail: str) -> Cause:
    return Cause("FieldValueInvalid", field, f"Invalid value: {shown(value)}: {detail}")


def not_supported(field: str, value: Any, allowed: Iterable[str]) -> Cause:
    words = ", ".join(shown(a) for a in sorted(allowed))
    return Cause("FieldValueNotSupported", field, f"Unsupported value: {shown(value)}: supported values: {words}")


def unsupported(field: str, value: Any, allowed: Iterable[str]) -> Cause:
    """As `not_supported`, with the allowed values in the order given."""
    words = ", ".join(shown(a) for a in allowed)
    return Cause("FieldValueNotSupported", field, f"Unsupported value: {shown(value)}: supported values: {words}")


def forbidden(field: str, detail: str) -> Cause:
    return Cause("FieldValueForbidden", field, f"Forbidden: {detail}")


def duplicate(field: str, value: Any) -> Cause:
    return Cause("FieldValueDuplicate", field, f"Duplicate value: {shown(value)}")


def not_found(field: str, value: Any) -> Cause:
    return Cause("FieldValueNotFound", field, f"Not found: {shown(value)}")


def too_long(field: str, most: int) -> Cause:
    unit = "byte" if most == 1 else "bytes"
    return Cause("FieldValueTooLong", field, f"Too long: may not be more than {most} {unit}")


def too_many(field: str, count: int, most: int) -> Cause:
    return Cause(
        "FieldValueTooMany", field, f"Too many: {count}: must have at most {most} {'item' if most == 1 else 'items'}"
    )


def wrong(field: str, value: Any, problems: Iterable[str]) -> list[Cause]:
    """One `invalid` for each complaint of a rule in `names`."""
    return [invalid(field, value, problem) for problem in problems]


def immutable(field: str, value: Any) -> Cause:
    return invalid(field, value, "field is immutable")


def refusal(group: str, kind: str, name: str, causes: Sequence[Cause]) -> Invalid:
    """The error that answers a request with these faults (at least one)."""
    lines = [f"{c.field}: {c.message}" if c.field else c.message for c in causes]
    said = lines[0] if len(lines) == 1 else f"[{', '.join(lines)}]"
    full = f"{kind}.{group}" if group else kind
    return Invalid(f'{full} "{name}" is invalid: {said}', group=group, kind=kind, name=name, causes=causes)
