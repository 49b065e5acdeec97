"""What would let somebody do what they may not: which template and role at which level, and whom to ask. Pure."""

from dataclasses import dataclass
from functools import cache, lru_cache

from armillary.kube.kinds.rbac import PolicyRule
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


@dataclass(frozen=True, slots=True)
class Way:
    """A place that may give it, and by what. `role` as in Remedy."""

    place: Place
    templates: tuple[str, ...]
    role: str
    wanted: tuple[Permission, ...]  # to hold one of these there is enough


def ways(places: tuple[Place, ...], asked: Permission, namespace: str) -> list[Way]:
    """For each of the places that may give it, the nearest first; those where nothing would help are left out."""
    found = []
    for place in places:
        wanted = _at(place, asked, namespace)
        templates, role = _allowing(place.level, wanted)
        if templates:
            found.append(Way(place, templates, role, wanted))
    return found


def remedies(rbac: Rbac, people: People, places: tuple[Place, ...], asked: Permission, namespace: str) -> list[Remedy]:
    """The ways, with who could go them."""
    return [
        Remedy(
            way.place.level, str(way.place), way.templates, way.role, _givers(rbac, people, way.place, way.wanted[0])
        )
        for way in ways(places, asked, namespace)
    ]


@cache
def _composed(level: Level) -> tuple[tuple[str, tuple[PolicyRule, ...]], ...]:
    """The built-in roles of a level with their rules, the smallest first."""
    catalogue = CATALOGUES[level]
    return tuple((role.name, compose(catalogue, role.templates)) for role in reversed(catalogue.roles))


@lru_cache(maxsize=4096)  # the catalogues are constant, and pages ask the same questions
def _allowing(level: Level, wanted: tuple[Permission, ...]) -> tuple[tuple[str, ...], str]:
    """The templates of a level that allow one of these, and its smallest role that does."""
    templates = tuple(
        template.name
        for template in CATALOGUES[level].templates
        if any(allows(rule, each) for rule in template.rules for each in wanted)
    )
    roles = (name for name, rules in _composed(level) if any(allows(rule, each) for rule in rules for each in wanted))
    return templates, next(roles, "")


def _at(place: Place, asked: Permission, namespace: str) -> tuple[Permission, ...]:
    """What to hold at that place: of a project's workspace, a right on all projects that brings it."""
    if place.level != "workspace" or place.namespace == namespace:
        return (asked,)
    return _over_projects(asked) or (asked,)


@lru_cache(maxsize=4096)
def _over_projects(asked: Permission) -> tuple[Permission, ...]:
    roles = dict(_composed("project"))
    return tuple(
        Permission("tenancy.armillary.io", "projects", verb)
        for verb, name in reversed(PROJECT_VERBS.items())
        if any(allows(rule, asked) for rule in roles.get(name, ()))
    )


def _givers(rbac: Rbac, people: People, place: Place, wanted: Permission) -> tuple[str, ...]:
    """Accounts that may write memberships there and hold what is to be given."""
    write = Permission(RBAC, place.binding_kind.plural, "create")
    found = [
        user
        for user, who in people.known.items()
        if grants_to(rbac, who, write, place.namespace) and grants_to(rbac, who, wanted, place.namespace)
    ]
    return tuple(sorted(found)[:MOST_NAMED])
