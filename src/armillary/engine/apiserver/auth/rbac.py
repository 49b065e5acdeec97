"""Role-based access control: who holds which rules, indexed by subject and kept current write by write.

Answers are remembered until a role or binding changes; a rule is looked at once per question, not per request.
Semantics and reasons: k8s.io/kubernetes, pkg/registry/rbac/validation and plugin/pkg/auth/authorizer/rbac.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from armillary.base.errors import NotFound
from armillary.engine.apiserver.auth.rules import Rule, parse_rules
from armillary.engine.apiserver.auth.users import service_account_user
from armillary.engine.apiserver.ports import Attributes, Objects, User, Verdict
from armillary.engine.kinds.faults import shown
from armillary.engine.kinds.resource import Json
from armillary.kube.selectors import Op, Requirement, Selector

GROUP = "rbac.authorization.k8s.io"
ROLES, CLUSTER_ROLES = f"roles.{GROUP}", f"clusterroles.{GROUP}"
BINDINGS, CLUSTER_BINDINGS = f"rolebindings.{GROUP}", f"clusterrolebindings.{GROUP}"
RESOURCES = (CLUSTER_ROLES, ROLES, CLUSTER_BINDINGS, BINDINGS)

MOST_ANSWERS = 20_000

Subject = tuple[str, str]  # ("User" or "Group", name)
_REFUSED = Verdict(False)


@dataclass(frozen=True, slots=True)
class _Grant:
    """That a binding gives a role to a subject; `said` is the reason when it allows something."""

    role: tuple[str, str, str]  # kind, namespace, name
    said: str


@dataclass(frozen=True, slots=True)
class _ClusterRole:
    rules: tuple[Rule, ...]
    labels: dict[str, str]
    aggregates: tuple[Selector, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A rule that allows what was asked: for these names, or for any if there are none."""

    names: tuple[str, ...]
    verdict: Verdict


class Rbac:
    """An Authorizer. Call `observe` with every submitted write; it ignores what is not RBAC's."""

    def __init__(self, objects: Objects) -> None:
        self._roles: dict[tuple[str, str], tuple[Rule, ...]] = {}
        self._cluster_roles: dict[str, _ClusterRole] = {}
        # namespace ("" for the cluster's own) -> subject -> binding's name -> grant
        self._grants: dict[str, dict[Subject, dict[str, _Grant]]] = {}
        self._bound: dict[tuple[str, str], tuple[Subject, ...]] = {}
        self._answers: dict[tuple[object, ...], tuple[_Candidate, ...]] = {}
        for resource in RESOURCES:
            for obj in objects.list(resource):
                meta = obj["metadata"]
                self.observe(resource, meta.get("namespace", ""), meta["name"], obj)

    def observe(self, resource: str, namespace: str, name: str, obj: Json | None) -> None:
        """A write was submitted; `obj` is None for a removal."""
        match resource:
            case "roles.rbac.authorization.k8s.io":
                self._roles.pop((namespace, name), None)
                if obj is not None:
                    self._roles[namespace, name] = parse_rules(obj.get("rules"))
            case "clusterroles.rbac.authorization.k8s.io":
                self._cluster_roles.pop(name, None)
                if obj is not None:
                    self._cluster_roles[name] = _cluster_role(obj)
            case "rolebindings.rbac.authorization.k8s.io" | "clusterrolebindings.rbac.authorization.k8s.io":
                self._unbind(namespace, name)
                if obj is not None:
                    self._bind(namespace, name, obj)
            case _:
                return
        self._answers.clear()

    def authorize(self, attributes: Attributes) -> Verdict:
        asked, user = attributes, attributes.user
        if asked.path:
            return self._authorize_path(asked)
        key = (
            user.name, user.groups, asked.verb, asked.group, asked.resource, asked.subresource, asked.namespace,
        )  # fmt: skip
        candidates = self._answers.get(key)
        if candidates is None:
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            candidates = self._answers[key] = tuple(self._candidates(asked))
        for candidate in candidates:
            if not candidate.names or asked.name in candidate.names:
                return candidate.verdict
        return self._refused(user, asked.namespace)

    def rules_for(self, user: User, namespace: str) -> list[Rule]:
        """Everything the user holds in the cluster and in that namespace."""
        return [rule for grant in self._grants_of(user, namespace) for rule in self._rules_of(grant.role)]

    def rules_of_reference(self, reference: Json, namespace: str) -> tuple[Rule, ...]:
        """The rules behind a binding's `roleRef`. Raises NotFound."""
        kind, name = reference.get("kind", ""), reference.get("name", "")
        plural = "clusterroles" if kind == "ClusterRole" else "roles"
        found = self._cluster_roles.get(name) if kind == "ClusterRole" else self._roles.get((namespace, name))
        if found is None:
            raise NotFound(f"{plural}.{GROUP} {shown(name)} not found", group=GROUP, kind=plural, name=name)
        return self._rules_of((kind, namespace, name))

    def _candidates(self, asked: Attributes) -> Iterator[_Candidate]:
        for grant in self._grants_of(asked.user, asked.namespace):
            for rule in self._rules_of(grant.role):
                if rule.allows(asked.verb, asked.group, asked.resource, asked.subresource):
                    yield _Candidate(rule.names, Verdict(True, grant.said))
                    if not rule.names:
                        return

    def _authorize_path(self, asked: Attributes) -> Verdict:
        key = (asked.user.name, asked.user.groups, asked.verb)
        held = self._answers.get(key)
        if held is None:
            held = self._answers[key] = tuple(
                _Candidate(rule.paths, Verdict(True, grant.said))
                for grant in self._grants_of(asked.user, "")
                for rule in self._rules_of(grant.role)
                if rule.paths and (asked.verb in rule.verbs or "*" in rule.verbs)
            )
        for candidate in held:
            if Rule(("*",), paths=candidate.names).allows_path(asked.verb, asked.path):
                return candidate.verdict
        return self._refused(asked.user, "")

    def _refused(self, user: User, namespace: str) -> Verdict:
        """With the roles named that the user was given and that do not exist: the likely reason."""
        missing = [
            f"{role[0].lower()}.{GROUP} {shown(role[2])} not found"
            for role in dict.fromkeys(grant.role for grant in self._grants_of(user, namespace))
            if (role[2] not in self._cluster_roles if role[0] == "ClusterRole" else role[1:] not in self._roles)
        ]
        if not missing:
            return _REFUSED
        return Verdict(False, f"RBAC: {missing[0] if len(missing) == 1 else '[' + ', '.join(missing) + ']'}")

    def _grants_of(self, user: User, namespace: str) -> Iterator[_Grant]:
        for place in ("", namespace) if namespace else ("",):
            by_subject = self._grants.get(place)
            if by_subject is None:
                continue
            for subject in (("User", user.name), *(("Group", group) for group in user.groups)):
                yield from by_subject.get(subject, {}).values()

    def _rules_of(self, role: tuple[str, str, str]) -> tuple[Rule, ...]:
        kind, namespace, name = role
        if kind != "ClusterRole":
            return self._roles.get((namespace, name), ())
        found = self._cluster_roles.get(name)
        if found is None:
            return ()
        # Aggregation is resolved here as well, so that a role counts before the controller has written it down.
        return self._aggregated(name, set()) if found.aggregates else found.rules

    def _aggregated(self, name: str, seen: set[str]) -> tuple[Rule, ...]:
        seen.add(name)
        role = self._cluster_roles[name]
        found = dict.fromkeys(role.rules)
        for other, candidate in self._cluster_roles.items():
            if other not in seen and any(selector.matches(candidate.labels) for selector in role.aggregates):
                found |= dict.fromkeys(self._aggregated(other, seen))
        return tuple(found)

    def _bind(self, namespace: str, name: str, obj: Json) -> None:
        reference = obj.get("roleRef") or {}
        role = (reference.get("kind", ""), namespace, reference.get("name", ""))
        what = f"{role[0]} {shown(role[2])}"
        binding = (
            f"RoleBinding {shown(f'{name}/{namespace}')} of {what}"
            if namespace
            else f"ClusterRoleBinding {shown(name)} of {what}"
        )
        place = self._grants.setdefault(namespace, {})
        subjects: list[Subject] = []
        for subject, said in _subjects(obj.get("subjects") or (), namespace):
            if subject not in subjects:
                subjects.append(subject)
                place.setdefault(subject, {})[name] = _Grant(role, f"RBAC: allowed by {binding} to {said}")
        self._bound[namespace, name] = tuple(subjects)

    def _unbind(self, namespace: str, name: str) -> None:
        place = self._grants.get(namespace, {})
        for subject in self._bound.pop((namespace, name), ()):
            held = place[subject]
            del held[name]
            if not held:
                del place[subject]
        if not place:
            self._grants.pop(namespace, None)


def _subjects(subjects: Iterable[Json], namespace: str) -> Iterator[tuple[Subject, str]]:
    for subject in subjects:
        kind, name = subject.get("kind", ""), subject.get("name", "")
        match kind:
            case "User" | "Group":
                yield (kind, name), f"{kind} {shown(name)}"
            case "ServiceAccount":
                where = subject.get("namespace") or namespace
                if where:
                    yield ("User", service_account_user(where, name)), f"{kind} {shown(f'{name}/{where}')}"


def _cluster_role(obj: Json) -> _ClusterRole:
    rule = obj.get("aggregationRule") or {}
    return _ClusterRole(
        parse_rules(obj.get("rules")),
        dict(obj["metadata"].get("labels") or {}),
        tuple(label_selector(selector) for selector in rule.get("clusterRoleSelectors") or ()),
    )


_OPS = {"In": Op.IN, "NotIn": Op.NOT_IN, "Exists": Op.EXISTS, "DoesNotExist": Op.ABSENT}


def label_selector(selector: Json) -> Selector:
    """A `LabelSelector` as it stands in an object."""
    found = [Requirement(k, Op.IN, frozenset([v])) for k, v in (selector.get("matchLabels") or {}).items()]
    found += [
        Requirement(e["key"], _OPS[e["operator"]], frozenset(e.get("values") or ()))
        for e in selector.get("matchExpressions") or ()
    ]
    return Selector(tuple(found))
