"""Every error this project raises on purpose, and what each one asks of its catcher.

    ArmillaryError
    ├── SetupError              the machine lacks something; the message says what and how to get it
    └── ApiError                an answer of the Kubernetes API; server and client share it
        ├── BadRequest      400   the request can't be read; do not retry
        ├── Unauthorized    401   who are you?
        ├── Denied          403   the caller may not; says which permission is missing
        ├── NotFound        404   the thing is not there; for an observer, not an error
        ├── MethodNotAllowed 405
        ├── NotAcceptable   406
        ├── AlreadyExists   409   the name is taken
        ├── Conflict        409   someone wrote first; look again at once
        ├── Expired         410   that revision is no longer kept; list again
        ├── TooLarge        413
        ├── UnsupportedMediaType 415
        ├── Invalid         422   the request can never succeed; names each field
        ├── TooManyRequests 429   retry after the given seconds
        ├── Internal        500   a bug, reported as one
        └── Unavailable     503, 504   it may work later; retry with back-off

Anything else that escapes is a bug. Codes and reasons: Kubernetes API conventions, "Response Status Kind".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class ArmillaryError(Exception):
    """The root of what we raise on purpose."""


class SetupError(ArmillaryError):
    """The machine lacks something. The message says what, and the command that brings it."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One fault in a request: `field` is the path as the user wrote it (`spec.replicas`)."""

    reason: str  # FieldValueRequired, FieldValueInvalid, FieldValueNotSupported, FieldValueForbidden, ...
    field: str
    message: str


class ApiError(ArmillaryError):
    """An answer of the API that is not success; `status()` gives its `Status` object."""

    code = 500
    reason = "InternalError"

    def __init__(
        self,
        message: str,
        *,
        group: str = "",
        kind: str = "",
        name: str = "",
        causes: Sequence[Cause] = (),
        retry_after_seconds: int = 0,
        code: int = 0,
        reason: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.group, self.kind, self.name = group, kind, name
        self.causes = tuple(causes)
        self.retry_after_seconds = retry_after_seconds
        self.code = code or self.code
        self.reason = reason or self.reason

    def status(self) -> dict[str, Any]:
        """This error as a `Status` object (meta/v1)."""
        details: dict[str, Any] = {}
        if self.name:
            details["name"] = self.name
        if self.group:
            details["group"] = self.group
        if self.kind:
            details["kind"] = self.kind
        if self.causes:
            details["causes"] = [
                {"reason": c.reason, "message": c.message} | ({"field": c.field} if c.field else {})
                for c in self.causes
            ]
        if self.retry_after_seconds:
            details["retryAfterSeconds"] = self.retry_after_seconds
        answer = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        }
        return answer | ({"details": details} if details else {})


class BadRequest(ApiError):
    code, reason = 400, "BadRequest"


class Unauthorized(ApiError):
    code, reason = 401, "Unauthorized"


class Denied(ApiError):
    code, reason = 403, "Forbidden"


class NotFound(ApiError):
    code, reason = 404, "NotFound"


class MethodNotAllowed(ApiError):
    code, reason = 405, "MethodNotAllowed"


class NotAcceptable(ApiError):
    code, reason = 406, "NotAcceptable"


class AlreadyExists(ApiError):
    code, reason = 409, "AlreadyExists"


class Conflict(ApiError):
    code, reason = 409, "Conflict"


class Expired(ApiError):
    code, reason = 410, "Expired"


class TooLarge(ApiError):
    code, reason = 413, "RequestEntityTooLarge"


class UnsupportedMediaType(ApiError):
    code, reason = 415, "UnsupportedMediaType"


class Invalid(ApiError):
    code, reason = 422, "Invalid"


class TooManyRequests(ApiError):
    code, reason = 429, "TooManyRequests"


class Internal(ApiError):
    code, reason = 500, "InternalError"


class Unavailable(ApiError):
    code, reason = 503, "ServiceUnavailable"


_BY_REASON: dict[str, type[ApiError]] = {
    kind.reason: kind
    for kind in (
        BadRequest, Unauthorized, Denied, NotFound, MethodNotAllowed, NotAcceptable, AlreadyExists, Conflict,
        Expired, TooLarge, UnsupportedMediaType, Invalid, TooManyRequests, Internal, Unavailable,
    )
}  # fmt: skip
_BY_CODE: dict[int, type[ApiError]] = {kind.code: kind for kind in _BY_REASON.values()} | {
    409: Conflict,
    410: Expired,
    500: Internal,
    504: Unavailable,
}


def error_of(code: int, status: Mapping[str, Any] | None, text: str = "") -> ApiError:
    """The error that an answer stands for; `status` is its `Status` body, if it has one."""
    body = status or {}
    reason = str(body.get("reason") or "")
    details = body.get("details") or {}
    kind = _BY_REASON.get(reason) or _BY_CODE.get(code) or ApiError
    causes = [
        Cause(str(c.get("reason", "")), str(c.get("field", "")), str(c.get("message", "")))
        for c in details.get("causes") or ()
    ]
    return kind(
        str(body.get("message") or text or f"the server answered {code}"),
        group=str(details.get("group") or ""),
        kind=str(details.get("kind") or ""),
        name=str(details.get("name") or ""),
        causes=causes,
        retry_after_seconds=int(details.get("retryAfterSeconds") or 0),
        code=code,
        reason=reason,
    )
