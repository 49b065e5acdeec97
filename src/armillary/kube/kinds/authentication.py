"""authentication: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.wire import wire_name


class BoundObjectReference(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""


class SelfSubjectReview(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    status: SelfSubjectReviewStatus = field(default_factory=lambda: SelfSubjectReviewStatus())


class SelfSubjectReviewStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    user_info: UserInfo | None = None


class TokenRequest(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: TokenRequestSpec = field(default_factory=lambda: TokenRequestSpec())
    status: TokenRequestStatus = field(default_factory=lambda: TokenRequestStatus())


class TokenRequestSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    audiences: tuple[str, ...] = ()
    bound_object_ref: BoundObjectReference | None = None
    expiration_seconds: int | None = None


class TokenRequestStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    expiration_timestamp: str = ""
    token: str = ""


class TokenReview(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: TokenReviewSpec = field(default_factory=lambda: TokenReviewSpec())
    status: TokenReviewStatus = field(default_factory=lambda: TokenReviewStatus())


class TokenReviewSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    audiences: tuple[str, ...] = ()
    token: str = ""


class TokenReviewStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    audiences: tuple[str, ...] = ()
    authenticated: bool | None = None
    error: str = ""
    user: UserInfo | None = None


class UserInfo(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    extra: dict[str, tuple[str, ...]] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    uid: str = ""
    username: str = ""


SELF_SUBJECT_REVIEW = Kind(
    "authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", False, SelfSubjectReview
)
TOKEN_REQUEST = Kind("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests", True, TokenRequest)
TOKEN_REVIEW = Kind("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", False, TokenReview)
