"""How a fault in a request is said: field, value and what is wrong, in the API's own wording.

Wording: k8s.io/apimachinery, util/validation/field, "Error.ErrorBody".
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from armillary.base.errors import Cause, Invalid


def shown(value: Any) -> str:
    """A value as it appears in a message."""
    return orjson.dumps(value).decode()


def required(field: str, detail: str = "") -> Cause:
    return Cause("FieldValueRequired", field, "Required value" + (f": {detail}" if detail else ""))


def invalid(field: str, value: Any, detail: str) -> Cause:
    return Cause("FieldValueInvalid", field, f"Invalid value: {shown(value)}: {detail}")


def not_supported(field: str, value: Any, allowed: Iterable[str]) -> Cause:
    words = ", ".join(shown(a) for a in sorted(allowed))
    return Cause("FieldValueNotSupported", field, f"Unsupported value: {shown(value)}: supported values: {words}")


def forbidden(field: str, detail: str) -> Cause:
    return Cause("FieldValueForbidden", field, f"Forbidden: {detail}")


def duplicate(field: str, value: Any) -> Cause:
    return Cause("FieldValueDuplicate", field, f"Duplicate value: {shown(value)}")


def not_found(field: str, value: Any) -> Cause:
    return Cause("FieldValueNotFound", field, f"Not found: {shown(value)}")


def too_long(field: str, most: int) -> Cause:
    return Cause("FieldValueTooLong", field, f"Too long: may not be more than {most} bytes")


def too_many(field: str, count: int, most: int) -> Cause:
    return Cause("FieldValueTooMany", field, f"Too many: {count}: must have at most {most} items")


def immutable(field: str, value: Any) -> Cause:
    return invalid(field, value, "field is immutable")


def refusal(group: str, kind: str, name: str, causes: Sequence[Cause]) -> Invalid:
    """The error that answers a request with these faults (at least one)."""
    lines = [f"{c.field}: {c.message}" if c.field else c.message for c in causes]
    said = lines[0] if len(lines) == 1 else f"[{', '.join(lines)}]"
    full = f"{kind}.{group}" if group else kind
    return Invalid(f'{full} "{name}" is invalid: {said}', group=group, kind=kind, name=name, causes=causes)
