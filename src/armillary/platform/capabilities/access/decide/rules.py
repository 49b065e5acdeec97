"""RBAC rules as sets of single permissions: put together, compared, and what one covers of another. Pure.

Which rule allows what: Kubernetes documentation, "Using RBAC Authorization".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from armillary.kube.kinds.rbac import PolicyRule
from armillary.platform.capabilities.access.templates.template import Catalogue

_ORDER = ("*", "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One verb on one thing; `url` is set for what is no resource. `name` "" stands for all of them."""

    group: str
    resource: str
    verb: str
    name: str = ""
    url: str = ""

    def __str__(self) -> str:
        if self.url:
            return f"{self.verb} {self.url}"
        what = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {what}" + (f' "{self.name}"' if self.name else "")


def permissions_of(rules: Iterable[PolicyRule]) -> frozenset[Permission]:
    """Every single permission that is written in these rules."""
    found = set()
    for rule in rules:
        found |= {Permission("", "", verb, url=url) for verb in rule.verbs for url in rule.non_resource_urls}
        found |= {
            Permission(group, resource, verb, name)
            for group in rule.api_groups
            for resource in rule.resources
            for verb in rule.verbs
            for name in rule.resource_names or ("",)
        }
    return frozenset(found)


def covers(held: Permission, wanted: Permission) -> bool:
    """Whether who holds the one may do all that the other says."""
    if held.verb not in ("*", wanted.verb) or bool(held.url) != bool(wanted.url):
        return False
    if held.url:
        return held.url in ("*", wanted.url) or (held.url.endswith("*") and wanted.url.startswith(held.url.rstrip("*")))
    return (
        held.group in ("*", wanted.group)
        and resource_matches(held.resource, wanted.resource)
        and held.name in ("", wanted.name)
    )


def resource_matches(held: str, wanted: str) -> bool:
    """`*` is every resource and subresource, `*/scale` that subresource of all."""
    if held in ("*", wanted):
        return True
    subresource = wanted.partition("/")[2]
    return bool(subresource) and held == f"*/{subresource}"


def missing(held: Iterable[Permission], wanted: Iterable[Permission]) -> frozenset[Permission]:
    """Of what is wanted, that which nothing held covers."""
    have = frozenset(held)
    return frozenset(w for w in wanted if w not in have and not any(covers(h, w) for h in have))


def minimal(rules: Iterable[PolicyRule]) -> tuple[PolicyRule, ...]:
    """The same permissions in as few rules as are plain to read, in one order."""
    everything = permissions_of(rules)
    wide = [p for p in everything if "*" in (p.verb, p.group, p.resource)]
    kept = [p for p in everything if not any(w != p and covers(w, p) and not covers(p, w) for w in wide)]
    verbs: dict[tuple[str, str, str, str], set[str]] = {}
    for p in kept:
        verbs.setdefault((p.url, p.group, p.resource, p.name), set()).add(p.verb)
    things: dict[tuple[bool, str, str, tuple[str, ...]], list[str]] = {}
    for (url, group, resource, name), held in verbs.items():
        things.setdefault((bool(url), group, name, _ordered(held)), []).append(url or resource)
    return tuple(
        PolicyRule(non_resource_urls=tuple(sorted(named)), verbs=order)
        if is_url
        else PolicyRule(
            api_groups=(group,), resources=tuple(sorted(named)), resource_names=(name,) if name else (), verbs=order
        )
        for (is_url, group, name, order), named in sorted(things.items(), key=lambda item: (item[0], item[1]))
    )


def _ordered(verbs: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(verbs, key=lambda v: (_ORDER.index(v) if v in _ORDER else len(_ORDER), v)))


def closed(catalogue: Catalogue, names: Iterable[str]) -> tuple[str, ...]:
    """These templates and all that they need, in the catalogue's order. Raises KeyError for one there is not."""
    known = {template.name: template for template in catalogue.templates}
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += known[name].needs
    return tuple(name for name in known if name in found)


def compose(catalogue: Catalogue, names: Iterable[str]) -> tuple[PolicyRule, ...]:
    """The rules of a role made of these templates."""
    chosen = frozenset(closed(catalogue, names))
    return minimal(r for template in catalogue.templates if template.name in chosen for r in template.rules)


def held_templates(catalogue: Catalogue, held: Iterable[Permission]) -> tuple[str, ...]:
    """The templates all of whose permissions are held."""
    have = tuple(held)
    return tuple(t.name for t in catalogue.templates if not missing(have, permissions_of(t.rules)))


def as_rules(permissions: Iterable[Permission]) -> Sequence[PolicyRule]:
    """Single permissions as rules again."""
    return minimal(
        PolicyRule(non_resource_urls=(p.url,), verbs=(p.verb,))
        if p.url
        else PolicyRule(
            api_groups=(p.group,), resources=(p.resource,), resource_names=(p.name,) if p.name else (), verbs=(p.verb,)
        )
        for p in permissions
    )
