"""The resources that are served, as one immutable table. Replaced whole when custom resources come and go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from armillary.engine.kinds.resource import Json, Resource


@dataclass(frozen=True, slots=True)
class Served:
    """A resource as it is served, and as its objects are stored (mostly the same)."""

    resource: Resource
    stored: Resource

    @property
    def converts(self) -> bool:
        return self.resource is not self.stored


def to_stored(served: Served, obj: Json) -> Json:
    """An object of the served version, with defaults, as it is stored."""
    served.resource.default(obj)
    if not served.converts:
        return obj
    converted = served.resource.to_stored(obj) if served.resource.to_stored else obj
    converted["kind"], converted["apiVersion"] = served.stored.kind, served.stored.api_version
    served.stored.default(converted)
    return converted


def from_stored(served: Served, obj: Json) -> Json:
    """A stored object in the served version; `obj` may be changed."""
    if not served.converts:
        return obj
    converted = served.resource.from_stored(obj) if served.resource.from_stored else obj
    converted["kind"], converted["apiVersion"] = served.resource.kind, served.resource.api_version
    return converted


@dataclass(frozen=True)
class Table:
    """Lookups over all resources."""

    resources: tuple[Resource, ...]
    paths: Mapping[tuple[str, str, str], Served]  # group, version, plural
    names: Mapping[str, Served]  # `deployments.apps`, in the preferred version
    stored: Mapping[str, Resource]  # the store's name -> how its objects are written
    kinds: frozenset[tuple[str, str]]  # apiVersion, kind

    @cached_property
    def versions(self) -> dict[str, tuple[Resource, ...]]:
        """By the name under which objects are stored: every resource by which they are served."""
        found: dict[str, tuple[Resource, ...]] = {}
        for served in self.paths.values():
            found[served.stored.name] = (*found.get(served.stored.name, ()), served.resource)
        return found

    @cached_property
    def groups(self) -> dict[str, list[str]]:
        """Versions of each group, the preferred one first; groups in the order of discovery."""
        found: dict[str, list[str]] = {}
        for resource in self.resources:
            versions = found.setdefault(resource.group, [])
            if resource.version not in versions:
                versions.append(resource.version)
        for versions in found.values():
            versions.sort(key=version_rank)
        return found

    def of(self, group: str, version: str) -> list[Resource]:
        return [r for r in self.resources if (r.group, r.version) == (group, version)]


def version_rank(version: str) -> tuple[int, int, int, str]:
    """Sorts v2 before v1 before v1beta1. Rules: k8s.io/apimachinery, version "CompareKubeAwareVersionStrings"."""
    head, _, tail = version.removeprefix("v").partition("beta")
    stability = 0
    if tail:
        stability = 1
    else:
        head, _, tail = version.removeprefix("v").partition("alpha")
        stability = 2 if tail else 0
    if not version.startswith("v") or not head.isdigit():
        return (3, 0, 0, version)
    return (stability, -int(head), -int(tail) if tail.isdigit() else 0, version)


def table_of(resources: Iterable[Resource]) -> Table:
    every = tuple(resources)
    by_version = {(r.group, r.version, r.plural): r for r in every}
    paths = {place: Served(r, _stored(r, by_version)) for place, r in by_version.items()}
    names: dict[str, Served] = {}
    for served in sorted(paths.values(), key=lambda s: version_rank(s.resource.version)):
        names.setdefault(served.resource.name, served)
    return Table(
        resources=every,
        paths=paths,
        names=names,
        stored={s.stored.name: s.stored for s in paths.values()},
        kinds=frozenset((r.api_version, r.kind) for r in every),
    )


def _stored(resource: Resource, by_version: Mapping[tuple[str, str, str], Resource]) -> Resource:
    if not resource.stored_as:
        return resource
    group, slash, version = resource.stored_as.rpartition("/")
    found = by_version.get((group if slash else resource.group, version, resource.plural), resource)
    # "v1" alone names the core group's version when the resource's own group has no other.
    if found is resource and not slash:
        found = by_version.get(("", version, resource.plural), resource)
    return found
