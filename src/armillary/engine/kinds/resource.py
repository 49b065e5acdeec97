"""How the API server is told of a resource type: one value per type, everything else follows from it.

Objects here are JSON as decoded (`dict[str, Any]`): the server keeps what it is sent, and most of what it
stores it never looks into. Functions of a resource are pure; those that change an object do so in place, on
a copy that the caller owns.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from armillary.base.errors import Cause

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `kubectl get`. `priority` 0 is shown always, 1 with `-o wide`.

    `value` reads the object and is told the time, for columns that say how long ago something was. Columns of type
    `date` give the moment (RFC 3339), which the table turns into words.
    """

    name: str
    type: str  # string, integer, number, boolean, date
    value: Callable[[Json, datetime], Any]
    description: str = ""
    format: str = ""  # "name" for the Name column
    priority: int = 0


def _leave(obj: Json) -> None:
    """Nothing to default."""


def _accept(new: Json, old: Json | None) -> Sequence[Cause]:
    return ()


def _no_fields(obj: Json) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource type in one version.

    Order of a write: decode and check against the schema, `default`, the strategy (metadata, generation,
    status kept apart), admission, `validate`, store.
    """

    group: str
    version: str
    kind: str
    plural: str
    schema: str  # name in the schema package: io.k8s.api.apps.v1.Deployment
    namespaced: bool = True
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = (
        "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
    )  # fmt: skip
    subresources: tuple[str, ...] = ()  # "status", "scale", "log", "exec", ...
    columns: tuple[Column, ...] = ()  # after Name, unless one of them is; Name and Age when there are none
    default: Callable[[Json], None] = _leave
    # Causes name fields; `old` is None for a creation. Immutable fields are judged here as well.
    validate: Callable[[Json, Json | None], Sequence[Cause]] = _accept
    # For the status subresource; ordinary `validate` when it is None.
    validate_status: Callable[[Json, Json], Sequence[Cause]] | None = None
    # Strategy beyond the generic one (metadata, status, generation): changes the new object in place.
    prepare_create: Callable[[Json], None] = _leave
    prepare_update: Callable[[Json, Json], None] | None = None
    # Before a deletion begins: may add what has to be done first, as a finalizer.
    prepare_delete: Callable[[Json], None] = _leave
    # Fields that field selectors may name, beside metadata.name and metadata.namespace.
    fields: Callable[[Json], Mapping[str, str]] = _no_fields
    selectable: tuple[str, ...] = ()  # the names that `fields` may give
    # Whether spec changes are counted in metadata.generation.
    counts_generation: bool = True
    # Another version under which the objects are stored, with how to come from and go to it.
    stored_as: str = ""  # version (same group) or group/version
    to_stored: Callable[[Json], Json] | None = None
    from_stored: Callable[[Json], Json] | None = None
    # Where replicas, their status and the selector stand, for the scale subresource.
    scale: tuple[str, str, str] | None = None  # ("spec.replicas", "status.replicas", "spec.selector")
    # Given for graceful deletion (pods): seconds that an object gets, by what the deletion asks for (None: nothing).
    grace_seconds: Callable[[Json, int | None], int] | None = None
    has_status: bool = True  # whether a creation begins with an empty status, whatever it brings
    deprecation: str = ""  # what whoever uses it is warned of
    custom: bool = False  # described by a CustomResourceDefinition

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def name(self) -> str:
        """`deployments.apps`, `pods`: the store's and RBAC's name, version left out."""
        return f"{self.plural}.{self.group}" if self.group else self.plural
