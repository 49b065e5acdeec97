"""What a change of a role or of a membership gives to whom, and takes from whom. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from armillary.platform.capabilities.access.decide.analysis import People, Rbac, held_by
from armillary.platform.capabilities.access.decide.rules import Permission, held_templates, missing
from armillary.platform.capabilities.access.places import Place
from armillary.platform.capabilities.access.templates.template import Catalogue


@dataclass(frozen=True, slots=True)
class Change:
    """For one user. Permissions that they hold by other means are not in it."""

    user: str
    gains: frozenset[Permission]
    loses: frozenset[Permission]
    gains_templates: tuple[str, ...]
    loses_templates: tuple[str, ...]


def changes(
    rbac: Rbac,
    people: People,
    place: Place,
    catalogue: Catalogue,
    bindings: Iterable[Any],
    before: frozenset[Permission],
    after: frozenset[Permission],
) -> list[Change]:
    """For whoever these bindings are about, should their role say `after` where it says `before`."""
    bound: dict[str, set[str]] = {}
    for binding in bindings:
        for subject in binding.subjects:
            for user in people.of(subject):
                bound.setdefault(user, set()).add(binding.metadata.name)
    found = []
    for user in sorted(bound):
        others = _others(rbac, people, place, user, bound[user])
        was, will = others | before, others | after
        gains, loses = missing(was, after), missing(will, before)
        if gains or loses:
            had, has = set(held_templates(catalogue, was)), set(held_templates(catalogue, will))
            found.append(Change(user, gains, loses, _named(catalogue, has - had), _named(catalogue, had - has)))
    return found


def _others(rbac: Rbac, people: People, place: Place, user: str, names: set[str]) -> frozenset[Permission]:
    """What they hold there by other bindings than these."""
    return held_by(rbac, people.known[user], place.namespace, without=frozenset(names))


def _named(catalogue: Catalogue, names: set[str]) -> tuple[str, ...]:
    return tuple(template.name for template in catalogue.templates if template.name in names)
