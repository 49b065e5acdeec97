"""The resources of the API group rbac.authorization.k8s.io.

Rules: k8s.io/kubernetes, pkg/apis/rbac/v1/defaults.go, pkg/apis/rbac/validation.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import CREATED_AT
from armillary.engine.kinds.checks import check_choice, each
from armillary.engine.kinds.columns import AGE
from armillary.engine.kinds.faults import invalid, required, unsupported, wrong
from armillary.engine.kinds.fields import fill_empty, part
from armillary.engine.kinds.meta import check_label_selector, validator
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import same

GROUP = "rbac.authorization.k8s.io"


def _default_binding(obj: Json) -> None:
    fill_empty(part(obj, "roleRef"), apiGroup=GROUP)
    for subject in obj.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            fill_empty(subject, apiGroup=GROUP)


def _validate_role(new: Json, old: Json | None) -> Sequence[Cause]:
    return list(each("rules", new.get("rules"), lambda rule: _check_rule(rule, namespaced=True)))


def _validate_cluster_role(new: Json, old: Json | None) -> Sequence[Cause]:
    found = list(each("rules", new.get("rules"), lambda rule: _check_rule(rule, namespaced=False)))
    aggregation = new.get("aggregationRule")
    if aggregation is None:
        return found
    selectors, field = aggregation.get("clusterRoleSelectors") or (), "aggregationRule.clusterRoleSelectors"
    if not selectors:
        fault = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        found.append(required(field, fault))
    for i, selector in enumerate(selectors):
        found += check_label_selector(selector, f"{field}[{i}]")
    return found


def _check_rule(rule: Json, *, namespaced: bool) -> Iterator[Cause]:
    if not rule.get("verbs"):
        yield required("verbs", "verbs must contain at least one value")
    if paths := rule.get("nonResourceURLs"):
        if namespaced:
            yield invalid("nonResourceURLs", paths, "namespaced rules cannot apply to non-resource URLs")
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            fault = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid("nonResourceURLs", paths, fault)
        return
    if not rule.get("apiGroups"):
        yield required("apiGroups", "resource rules must supply at least one api group")
    if not rule.get("resources"):
        yield required("resources", "resource rules must supply at least one resource")


def _binding_validator(kinds: Sequence[str], *, namespaced: bool) -> Callable[[Json, Json | None], Sequence[Cause]]:
    def validate(new: Json, old: Json | None) -> Sequence[Cause]:
        ref = new.get("roleRef") or {}
        found = [*check_choice("roleRef.apiGroup", ref.get("apiGroup") or "", (GROUP,))]
        found += check_choice("roleRef.kind", ref.get("kind") or "", kinds)
        if name := ref.get("name"):
            found += wrong("roleRef.name", name, names.path_segment(name))
        else:
            found.append(required("roleRef.name"))
        found += each("subjects", new.get("subjects"), lambda s: _check_subject(s, namespaced=namespaced))
        if old is not None and not same(ref, old.get("roleRef")):
            found.append(invalid("roleRef", ref, "cannot change roleRef"))
        return found

    return validate


def _check_subject(subject: Json, *, namespaced: bool) -> Iterator[Cause]:
    name, group = subject.get("name") or "", subject.get("apiGroup") or ""
    if not name:
        yield required("name")
    match subject.get("kind"):
        case "ServiceAccount":
            if name:
                yield from wrong("name", name, names.dns_subdomain(name))
            if group:
                yield unsupported("apiGroup", group, ("",))
            if not namespaced and not subject.get("namespace"):
                yield required("namespace")
        case "User" | "Group":
            yield from check_choice("apiGroup", group, (GROUP,))
        case kind:
            yield unsupported("kind", kind or "", ("ServiceAccount", "User", "Group"))


def _role(obj: Json, now: datetime) -> str:
    ref = obj.get("roleRef") or {}
    return f"{ref.get('kind') or ''}/{ref.get('name') or ''}"


def _subjects(name: str, kind: str) -> Column:
    def value(obj: Json, now: datetime) -> str:
        chosen = (s for s in obj.get("subjects") or () if s.get("kind") == kind)
        return ", ".join(_subject_name(s) for s in chosen)

    return Column(name, "string", value, f"The {kind}s that are bound.", priority=1)


def _subject_name(subject: Json) -> str:
    name, namespace = subject.get("name") or "", subject.get("namespace") or ""
    return f"{namespace}/{name}" if subject.get("kind") == "ServiceAccount" else name


_BINDING_COLUMNS = (
    Column("Role", "string", _role, "The role that is given."),
    AGE,
    _subjects("Users", "User"),
    _subjects("Groups", "Group"),
    _subjects("ServiceAccounts", "ServiceAccount"),
)


RESOURCES: tuple[Resource, ...] = (
    Resource(
        group=GROUP,
        version="v1",
        kind="Role",
        plural="roles",
        schema="io.k8s.api.rbac.v1.Role",
        singular="role",
        columns=(CREATED_AT,),
        validate=validator(names.path_segment, _validate_role),
        counts_generation=False,
        has_status=False,
    ),
    Resource(
        group=GROUP,
        version="v1",
        kind="RoleBinding",
        plural="rolebindings",
        schema="io.k8s.api.rbac.v1.RoleBinding",
        singular="rolebinding",
        columns=_BINDING_COLUMNS,
        default=_default_binding,
        validate=validator(names.path_segment, _binding_validator(("Role", "ClusterRole"), namespaced=True)),
        counts_generation=False,
        has_status=False,
    ),
    Resource(
        group=GROUP,
        version="v1",
        kind="ClusterRole",
        plural="clusterroles",
        schema="io.k8s.api.rbac.v1.ClusterRole",
        singular="clusterrole",
        namespaced=False,
        columns=(CREATED_AT,),
        validate=validator(names.path_segment, _validate_cluster_role, namespaced=False),
        counts_generation=False,
        has_status=False,
    ),
    Resource(
        group=GROUP,
        version="v1",
        kind="ClusterRoleBinding",
        plural="clusterrolebindings",
        schema="io.k8s.api.rbac.v1.ClusterRoleBinding",
        singular="clusterrolebinding",
        namespaced=False,
        columns=_BINDING_COLUMNS,
        default=_default_binding,
        validate=validator(
            names.path_segment, _binding_validator(("ClusterRole",), namespaced=False), namespaced=False
        ),
        counts_generation=False,
        has_status=False,
    ),
)
