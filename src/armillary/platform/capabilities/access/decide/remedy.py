"""What would let somebody do what they may not: which template and role at which level, and whom to ask. Pure."""

from dataclasses import dataclass

from armillary.platform.capabilities.access.decide.analysis import People, Rbac, allows, grants_to
from armillary.platform.capabilities.access.decide.rules import Permission, compose
from armillary.platform.capabilities.access.kinds import PROJECT_VERBS, Level
from armillary.platform.capabilities.access.places import RBAC, Place
from armillary.platform.capabilities.access.templates.all import CATALOGUES

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Remedy:
    """`role` is the smallest built-in one that allows it, "" if none does."""

    level: Level
    place: str
    templates: tuple[str, ...]
    role: str
    granted_by: tuple[str, ...]  # accounts that could give it


def remedies(rbac: Rbac, people: People, places: tuple[Place, ...], asked: Permission, namespace: str) -> list[Remedy]:
    """For each of the places that may give it, the nearest first; those where nothing would help are left out."""
    found = []
    for place in places:
        catalogue = CATALOGUES[place.level]
        wanted = _at(place, asked, namespace)
        templates = tuple(t.name for t in catalogue.templates if any(allows(r, w) for r in t.rules for w in wanted))
        roles = [
            role.name
            for role in reversed(catalogue.roles)
            if any(allows(rule, w) for rule in compose(catalogue, role.templates) for w in wanted)
        ]
        if templates:
            givers = _givers(rbac, people, place, wanted[0])
            found.append(Remedy(place.level, str(place), templates, roles[0] if roles else "", givers))
    return found


def _at(place: Place, asked: Permission, namespace: str) -> tuple[Permission, ...]:
    """What to hold at that place: of a project's workspace, a right on all projects that brings it."""
    if place.level != "workspace" or place.namespace == namespace:
        return (asked,)
    project = CATALOGUES["project"]
    return tuple(
        Permission("tenancy.armillary.io", "projects", verb)
        for verb, name in reversed(PROJECT_VERBS.items())
        for role in project.roles
        if role.name == name and any(allows(rule, asked) for rule in compose(project, role.templates))
    ) or (asked,)


def _givers(rbac: Rbac, people: People, place: Place, wanted: Permission) -> tuple[str, ...]:
    """Accounts that may write memberships there and hold what is to be given."""
    write = Permission(RBAC, place.binding_kind.plural, "create")
    found = [
        user
        for user, who in people.known.items()
        if grants_to(rbac, who, write, place.namespace) and grants_to(rbac, who, wanted, place.namespace)
    ]
    return tuple(sorted(found)[:MOST_NAMED])
