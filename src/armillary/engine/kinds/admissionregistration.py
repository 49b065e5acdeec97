"""The resources of the API group admissionregistration."""

from datetime import datetime

from armillary.engine.kinds import admission_policy as policy
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import count, format_selector, text
from armillary.engine.kinds.columns import AGE, UNSET
from armillary.engine.kinds.fields import spec_of
from armillary.engine.kinds.meta import status_validator, validator
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.webhook_configuration import defaults, validate_configuration
from armillary.engine.kinds.workload import start_empty

_GROUP = "admissionregistration.k8s.io"
_CATEGORIES = ("api-extensions",)


def _param_kind(obj: Json, now: datetime) -> str:
    kind = spec_of(obj).get("paramKind")
    return UNSET if kind is None else f"{kind.get('apiVersion') or ''}/{kind.get('kind') or ''}"


def _param_ref(obj: Json, now: datetime) -> str:
    ref = spec_of(obj).get("paramRef") or {}
    if name := ref.get("name"):
        return f"{ref.get('namespace') or '*'}/{name}"
    return format_selector(ref.get("selector")) or UNSET


_WEBHOOKS = (count("Webhooks", "webhooks", description="How many webhooks the configuration has."), AGE)
_PARAM_KIND = Column("ParamKind", "string", _param_kind, "The kind of the policy's parameters.")
_BINDING = (
    text("PolicyName", "spec", "policyName", description="The policy that is bound."),
    Column("ParamRef", "string", _param_ref, "The parameters."),
    AGE,
)

RESOURCES: tuple[Resource, ...] = (
    Resource(
        group=_GROUP,
        version="v1",
        kind="MutatingWebhookConfiguration",
        plural="mutatingwebhookconfigurations",
        schema="io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration",
        singular="mutatingwebhookconfiguration",
        namespaced=False,
        categories=_CATEGORIES,
        columns=_WEBHOOKS,
        default=defaults(mutating=True),
        validate=validator(names.dns_subdomain, validate_configuration, namespaced=False, built_in=False),
        has_status=False,
    ),
    Resource(
        group=_GROUP,
        version="v1",
        kind="ValidatingWebhookConfiguration",
        plural="validatingwebhookconfigurations",
        schema="io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration",
        singular="validatingwebhookconfiguration",
        namespaced=False,
        categories=_CATEGORIES,
        columns=_WEBHOOKS,
        default=defaults(mutating=False),
        validate=validator(names.dns_subdomain, validate_configuration, namespaced=False, built_in=False),
        has_status=False,
    ),
    Resource(
        group=_GROUP,
        version="v1",
        kind="ValidatingAdmissionPolicy",
        plural="validatingadmissionpolicies",
        schema="io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy",
        singular="validatingadmissionpolicy",
        namespaced=False,
        categories=_CATEGORIES,
        subresources=("status",),
        columns=(count("Validations", "spec", "validations"), _PARAM_KIND, AGE),
        default=policy.default_policy,
        prepare_create=start_empty,
        validate=validator(names.dns_subdomain, policy.validate_validating, namespaced=False, built_in=False),
        validate_status=status_validator(policy.check_policy_status, built_in=False),
    ),
    Resource(
        group=_GROUP,
        version="v1",
        kind="ValidatingAdmissionPolicyBinding",
        plural="validatingadmissionpolicybindings",
        schema="io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding",
        singular="validatingadmissionpolicybinding",
        namespaced=False,
        categories=_CATEGORIES,
        columns=_BINDING,
        default=policy.default_binding,
        validate=validator(names.dns_subdomain, policy.validate_validating_binding, namespaced=False, built_in=False),
        has_status=False,
    ),
    Resource(
        group=_GROUP,
        version="v1",
        kind="MutatingAdmissionPolicy",
        plural="mutatingadmissionpolicies",
        schema="io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy",
        singular="mutatingadmissionpolicy",
        namespaced=False,
        categories=_CATEGORIES,
        columns=(count("Mutations", "spec", "mutations"), _PARAM_KIND, AGE),
        default=policy.default_policy,
        validate=validator(names.dns_subdomain, policy.validate_mutating, namespaced=False, built_in=False),
        has_status=False,
    ),
    Resource(
        group=_GROUP,
        version="v1",
        kind="MutatingAdmissionPolicyBinding",
        plural="mutatingadmissionpolicybindings",
        schema="io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding",
        singular="mutatingadmissionpolicybinding",
        namespaced=False,
        categories=_CATEGORIES,
        columns=_BINDING,
        default=policy.default_binding,
        validate=validator(names.dns_subdomain, policy.validate_mutating_binding, namespaced=False, built_in=False),
        has_status=False,
    ),
)
