"""What an API server asks a validating webhook, and the two answers (admission.k8s.io/v1, AdmissionReview)."""

from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from armillary.base.errors import ApiError

API_VERSION, KIND = "admission.k8s.io/v1", "AdmissionReview"


class UserInfo(Struct, frozen=True, kw_only=True):
    username: str = ""
    groups: tuple[str, ...] | None = ()


class Resource(Struct, frozen=True, kw_only=True):
    group: str = ""
    version: str = ""
    resource: str = ""

    def __str__(self) -> str:
        return f"{self.resource}.{self.group}" if self.group else self.resource


class Request(Struct, frozen=True, kw_only=True, rename="camel"):
    """`object` and `old_object` are JSON; the first is missing in a DELETE, the second in a CREATE."""

    uid: str
    resource: Resource
    operation: Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]
    sub_resource: str = ""
    name: str = ""
    namespace: str = ""
    user_info: UserInfo = UserInfo()
    object: msgspec.Raw = field(default_factory=lambda: msgspec.Raw(b""))
    old_object: msgspec.Raw = field(default_factory=lambda: msgspec.Raw(b""))
    dry_run: bool = False


class Review(Struct, frozen=True, kw_only=True, rename="camel"):
    request: Request
    api_version: str = API_VERSION
    kind: str = field(default=KIND)


def answer(request: Request, refusal: ApiError | None) -> dict[str, Any]:
    """The same review, with the response."""
    response: dict[str, Any] = {"uid": request.uid, "allowed": refusal is None}
    if refusal is not None:
        response["status"] = refusal.status()
    return {"apiVersion": API_VERSION, "kind": KIND, "response": response}
