"""The ValidatingWebhookConfiguration: what the cluster asks the guard about, and what holds while it is away. Pure.

It fails closed for our own kinds, for quotas, and for the marks of tenants' namespaces. It fails open where closed
could keep a cluster from mending itself: deletions of namespaces, and roles.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from armillary.platform.capabilities.access.kinds import GROUP as IAM_GROUP
from armillary.platform.capabilities.access.kinds import LEVEL_LABEL
from armillary.platform.capabilities.tenancy.guard.settings import GuardSettings
from armillary.platform.capabilities.tenancy.kinds import (
    GROUP,
    QUOTA_LABEL,
    SYSTEM_WORKSPACE,
    WORKSPACE_LABEL,
    Workspace,
)
from armillary.platform.capabilities.tenancy.names import MANAGED
from armillary.platform.capabilities.tenancy.quota.usage import resource_of

NAME = "armillary-guard"
PATH = f"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{NAME}"
TIMEOUT_SECONDS = 10
RBAC = "rbac.authorization.k8s.io"
WRITES = ("CREATE", "UPDATE", "DELETE")
GROWING = ("persistentvolumeclaims", "services", "pods/resize")  # what may use more after it was made


def counted(workspaces: Iterable[Workspace]) -> frozenset[str]:
    """The resources, as `deployments.apps`, that the workspaces' quotas are about."""
    return frozenset(resource_of(name) for workspace in workspaces for name in workspace.spec.quota.hard)


def configuration(settings: GuardSettings, secret: str, resources: frozenset[str]) -> dict[str, Any]:
    base = f"{settings.url.rstrip('/')}/admission/{secret}/v1"
    ca = base64.b64encode(settings.ca.encode()).decode()
    in_quota = {"matchLabels": {QUOTA_LABEL: "enforced"}}
    tenants = _exists(WORKSPACE_LABEL, {"key": WORKSPACE_LABEL, "operator": "NotIn", "values": [SYSTEM_WORKSPACE]})
    roles = _rule(RBAC, ("roles", "rolebindings", "clusterroles", "clusterrolebindings"))
    ours = [
        _rule(
            GROUP,
            ("workspaces", "projects", "devopsprojects", "clusters", "projects/status", "devopsprojects/status"),
        ),
        _rule(
            IAM_GROUP,
            ("departments", "users", "sessions", "accesstokens", "oauthclients", "consents", "identityproviders"),
        ),
    ]
    marks = _rule("", ("namespaces",), ("CREATE", "UPDATE"))
    hooks = [
        _hook("tenants", f"{base}/guard", ca, ours, "Fail"),
        _hook("marks", f"{base}/guard", ca, [marks], "Fail", objectSelector=tenants),
        _hook("namespaces", f"{base}/guard", ca, [_rule("", ("namespaces",))], "Ignore"),
        _hook("roles", f"{base}/guard", ca, [roles], "Ignore", objectSelector=_exists(LEVEL_LABEL)),
    ]
    if resources:
        hooks.append(_hook("quota", f"{base}/quota", ca, _quota(resources), "Fail", namespaceSelector=in_quota))
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": NAME, "labels": MANAGED},
        "webhooks": hooks,
    }


def _exists(label: str, *more: Mapping[str, Any]) -> dict[str, Any]:
    return {"matchExpressions": [{"key": label, "operator": "Exists"}, *more]}


def _rule(group: str, resources: Sequence[str], operations: Sequence[str] = WRITES) -> dict[str, Any]:
    return {
        "apiGroups": [group],
        "apiVersions": ["*"],
        "operations": list(operations),
        "resources": list(resources),
        "scope": "*",
    }


def _quota(resources: frozenset[str]) -> list[dict[str, Any]]:
    by_group: dict[str, list[str]] = {}
    for resource in sorted(resources):
        plural, _, group = resource.partition(".")
        by_group.setdefault(group, []).append(plural)
    rules = [_rule(group, plurals, ("CREATE",)) for group, plurals in sorted(by_group.items())]
    growing = [resource for resource in GROWING if resource.partition("/")[0] in resources]
    return [*rules, *([_rule("", growing, ("UPDATE",))] if growing else [])]


def _hook(name: str, url: str, ca: str, rules: list[dict[str, Any]], failing: str, **selectors: Any) -> dict[str, Any]:
    return {
        "name": f"{name}.guard.armillary.io",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"url": url, "caBundle": ca},
        "failurePolicy": failing,
        "matchPolicy": "Equivalent",
        "rules": rules,
        "sideEffects": "NoneOnDryRun",
        "timeoutSeconds": TIMEOUT_SECONDS,
        **selectors,
    }
