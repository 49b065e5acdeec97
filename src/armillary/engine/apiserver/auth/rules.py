"""RBAC rules: what one allows, whether some cover others, and how they are shown.

Semantics: k8s.io/kubernetes, pkg/apis/rbac/v1 (evaluation helpers) and component-helpers/auth/rbac/validation.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from armillary.engine.kinds.faults import shown
from armillary.engine.kinds.resource import Json


@dataclass(frozen=True, slots=True)
class Rule:
    """A `PolicyRule`."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def allows(self, verb: str, group: str, resource: str, subresource: str) -> bool:
        """For some name of that resource; `names` is the caller's to look at."""
        if verb not in self.verbs and "*" not in self.verbs:
            return False
        if group not in self.groups and "*" not in self.groups:
            return False
        if "*" in self.resources:
            return True
        if subresource:
            return f"{resource}/{subresource}" in self.resources or f"*/{subresource}" in self.resources
        return resource in self.resources

    def allows_path(self, verb: str, path: str) -> bool:
        if verb not in self.verbs and "*" not in self.verbs:
            return False
        return any(_path_covers(mine, path) for mine in self.paths)

    def to_json(self) -> Json:
        named = {
            "verbs": self.verbs,
            "apiGroups": self.groups,
            "resources": self.resources,
            "resourceNames": self.names,
            "nonResourceURLs": self.paths,
        }
        return {name: list(values) for name, values in named.items() if values}


def parse_rules(rules: Iterable[Json] | None) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            tuple(rule.get("verbs") or ()),
            tuple(rule.get("apiGroups") or ()),
            tuple(rule.get("resources") or ()),
            tuple(rule.get("resourceNames") or ()),
            tuple(rule.get("nonResourceURLs") or ()),
        )
        for rule in rules or ()
    )


def missing_rules(owned: Sequence[Rule], wanted: Sequence[Rule]) -> list[Rule]:
    """The parts of `wanted`, each of one verb and one resource or path, that nothing in `owned` covers."""
    parts = (part for rule in wanted for part in _parts(rule))
    return [part for part in parts if not any(_covers(mine, part) for mine in owned)]


def describe_rules(rules: Sequence[Rule]) -> list[str]:
    """For people: one line per resource, sorted; verbs of the same resource taken together."""
    together: dict[tuple[object, ...], Rule] = {}
    for rule in rules:
        key: tuple[object, ...] = (rule.groups, rule.resources, rule.names, rule.paths)
        if rule.paths:
            key = (*key, rule.verbs)
        known = together.get(key)
        together[key] = replace(known, verbs=known.verbs + rule.verbs) if known else rule
    return sorted({_describe(rule) for rule in together.values()})


def quoted(values: Iterable[str]) -> str:
    """A list of strings as upstream's messages show it: `["a" "b"]`."""
    return f"[{' '.join(shown(value) for value in values)}]"


def _path_covers(mine: str, path: str) -> bool:
    return mine == path or (mine.endswith("*") and path.startswith(mine.rstrip("*")))


def _parts(rule: Rule) -> Iterator[Rule]:
    for group in rule.groups:
        for resource in rule.resources:
            for verb in rule.verbs:
                part = Rule((verb,), (group,), (resource,))
                yield from (replace(part, names=(name,)) for name in rule.names) if rule.names else (part,)
    for path in rule.paths:
        for verb in rule.verbs:
            yield Rule((verb,), paths=(path,))


def _covers(owner: Rule, part: Rule) -> bool:
    if "*" not in owner.verbs and part.verbs[0] not in owner.verbs:
        return False
    if part.paths:
        return any(_path_covers(mine, part.paths[0]) for mine in owner.paths)
    if "*" not in owner.groups and part.groups[0] not in owner.groups:
        return False
    resource = part.resources[0]
    _, slash, subresource = resource.partition("/")
    if (
        "*" not in owner.resources
        and resource not in owner.resources
        and not (slash and f"*/{subresource}" in owner.resources)
    ):
        return False
    return not owner.names or (bool(part.names) and part.names[0] in owner.names)


def _describe(rule: Rule) -> str:
    named = {
        "APIGroups": rule.groups,
        "Resources": rule.resources,
        "NonResourceURLs": rule.paths,
        "ResourceNames": rule.names,
        "Verbs": rule.verbs,
    }
    return "{" + ", ".join(f"{name}:{quoted(values)}" for name, values in named.items() if values) + "}"
