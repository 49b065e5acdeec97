"""How a resource type is named and typed for the client side."""

from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import quote

T = TypeVar("T")


def segment(name: str) -> str:
    """A name as one segment of a path, whatever is in it: names come from people, and must not lead elsewhere."""
    return "%2E" * len(name) if name in (".", "..") else quote(name, safe=":@$&+,;=!*'()")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A resource type: where it is served and the type its objects decode into.

    `group` is "" for the core group. `plural` is the resource's name in paths and RBAC rules.
    """

    group: str
    version: str
    name: str
    plural: str
    namespaced: bool
    type: type[T]

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of the collection, an object, or a subresource; all namespaces if `namespace` is empty."""
        parts = ["/apis", self.group, self.version] if self.group else ["/api", self.version]
        if self.namespaced and namespace:
            parts += ["namespaces", segment(namespace)]
        parts.append(self.plural)
        parts += [segment(name)] if name else []
        parts += [subresource] if subresource else []
        return "/".join(parts)


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """An object's name. `kind` is the bare kind ("Pod"); `namespace` is "" for cluster-scoped kinds."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {where}"
