"""An object of a shelf together with its kind, unpacked only when somebody looks into it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from armillary.platform.capabilities.resources.decide.rows import Row, object_of


@dataclass(frozen=True, slots=True)
class Sort:
    """A kind of thing, as clients name it."""

    group: str
    version: str
    kind: str
    plural: str

    @property
    def key(self) -> str:
        """The bare kind of Kubernetes' own; others may have given their kinds the same names: Service of Knative."""
        is_own = "." not in self.group or self.group.endswith(".k8s.io")
        return self.kind if is_own else f"{self.kind}.{self.group}"


@dataclass(frozen=True)
class Thing:
    """`index` says where a column's cell stands in the row."""

    sort: Sort
    row: Row
    index: Mapping[str, int] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """As `Sort.key`."""
        return self.sort.key

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def namespace(self) -> str:
        return self.row.namespace

    @property
    def uid(self) -> str:
        return self.row.uid

    @cached_property
    def object(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = object_of(self.row)
        return found

    @property
    def spec(self) -> Mapping[str, Any]:
        return self.object.get("spec") or {}

    @property
    def status(self) -> Mapping[str, Any]:
        return self.object.get("status") or {}

    def cell(self, column: str) -> str:
        """As lists show it; "" if there is no such column."""
        place = self.index.get(column)
        value = self.row.cells[place] if place is not None else None
        return "" if value is None else str(value)


Things = Mapping[str, Sequence[Thing]]  # by `Sort.key`
