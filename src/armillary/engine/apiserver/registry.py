"""The resources that are served, as one immutable table. Replaced whole when custom resources come and go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from armillary.engine.kinds.resource import Resource


@dataclass(frozen=True, slots=True)
class Served:
    """A resource as it is served, and as its objects are stored (mostly the same)."""

    resource: Resource
    stored: Resource

    @property
    def converts(self) -> bool:
        return self.resource is not self.stored


@dataclass(frozen=True)
class Table:
    """Lookups over all resources."""

    resources: tuple[Resource, ...]
    paths: Mapping[tuple[str, str, str], Served]  # group, version, plural
    names: Mapping[str, Served]  # `deployments.apps`, in the preferred version
    stored: Mapping[str, Resource]  # the store's name -> how its objects are written
    kinds: frozenset[tuple[str, str]]  # apiVersion, kind

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
