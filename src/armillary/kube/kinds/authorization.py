"""authorization: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import FieldSelectorRequirement, LabelSelectorRequirement, ObjectMeta
from armillary.kube.wire import wire_name


class FieldSelectorAttributes(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    raw_selector: str = ""
    requirements: tuple[FieldSelectorRequirement, ...] = ()


class LabelSelectorAttributes(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    raw_selector: str = ""
    requirements: tuple[LabelSelectorRequirement, ...] = ()


class LocalSubjectAccessReview(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: SubjectAccessReviewSpec = field(default_factory=lambda: SubjectAccessReviewSpec())
    status: SubjectAccessReviewStatus = field(default_factory=lambda: SubjectAccessReviewStatus())


class NonResourceAttributes(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    path: str = ""
    verb: str = ""


class NonResourceRule(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    non_resource_urls: tuple[str, ...] = ()
    verbs: tuple[str, ...]


class ResourceAttributes(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    field_selector: FieldSelectorAttributes | None = None
    group: str = ""
    label_selector: LabelSelectorAttributes | None = None
    name: str = ""
    namespace: str = ""
    resource: str = ""
    subresource: str = ""
    verb: str = ""
    version: str = ""


class ResourceRule(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    api_groups: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    verbs: tuple[str, ...]


class SelfSubjectAccessReview(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: SelfSubjectAccessReviewSpec = field(default_factory=lambda: SelfSubjectAccessReviewSpec())
    status: SubjectAccessReviewStatus = field(default_factory=lambda: SubjectAccessReviewStatus())


class SelfSubjectAccessReviewSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    non_resource_attributes: NonResourceAttributes | None = None
    resource_attributes: ResourceAttributes | None = None


class SelfSubjectRulesReview(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: SelfSubjectRulesReviewSpec = field(default_factory=lambda: SelfSubjectRulesReviewSpec())
    status: SubjectRulesReviewStatus = field(default_factory=lambda: SubjectRulesReviewStatus())


class SelfSubjectRulesReviewSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    namespace: str = ""


class SubjectAccessReview(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: SubjectAccessReviewSpec = field(default_factory=lambda: SubjectAccessReviewSpec())
    status: SubjectAccessReviewStatus = field(default_factory=lambda: SubjectAccessReviewStatus())


class SubjectAccessReviewSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    extra: dict[str, tuple[str, ...]] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    non_resource_attributes: NonResourceAttributes | None = None
    resource_attributes: ResourceAttributes | None = None
    uid: str = ""
    user: str = ""


class SubjectAccessReviewStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    allowed: bool | None = None
    denied: bool | None = None
    evaluation_error: str = ""
    reason: str = ""


class SubjectRulesReviewStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    evaluation_error: str = ""
    incomplete: bool | None = None
    non_resource_rules: tuple[NonResourceRule, ...] = ()
    resource_rules: tuple[ResourceRule, ...] = ()


LOCAL_SUBJECT_ACCESS_REVIEW = Kind(
    "authorization.k8s.io",
    "v1",
    "LocalSubjectAccessReview",
    "localsubjectaccessreviews",
    True,
    LocalSubjectAccessReview,
)
SELF_SUBJECT_ACCESS_REVIEW = Kind(
    "authorization.k8s.io",
    "v1",
    "SelfSubjectAccessReview",
    "selfsubjectaccessreviews",
    False,
    SelfSubjectAccessReview,
)
SELF_SUBJECT_RULES_REVIEW = Kind(
    "authorization.k8s.io",
    "v1",
    "SelfSubjectRulesReview",
    "selfsubjectrulesreviews",
    False,
    SelfSubjectRulesReview,
)
SUBJECT_ACCESS_REVIEW = Kind(
    "authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", False, SubjectAccessReview
)
