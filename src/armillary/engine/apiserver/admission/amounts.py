"""Amounts of resources, added up as the API does it: exact, and written in the form of what they were made from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from armillary.base.quantity import canonical, parse_quantity
from armillary.engine.kinds.resource import Json


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity that remembers whether it is written with binary suffixes."""

    value: Decimal
    binary: bool = False

    @classmethod
    def parse(cls, text: str | int | float) -> Self:
        return cls(parse_quantity(text), str(text).endswith("i"))

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.value + other.value, self.binary if self.value else other.binary)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.value - other.value, self.binary if self.value else other.binary)

    def __str__(self) -> str:
        return canonical(f"{self.value / 1024:f}Ki" if self.binary else f"{self.value:f}")


Amounts = dict[str, Amount]


def parse_amounts(found: Mapping[str, str | int | float] | None) -> Amounts:
    return {name: Amount.parse(text) for name, text in (found or {}).items()}


def add(one: Mapping[str, Amount], other: Mapping[str, Amount]) -> Amounts:
    return {
        name: one[name] + other[name] if name in one and name in other else one[name] if name in one else other[name]
        for name in (*one, *(name for name in other if name not in one))
    }


def greatest(one: Mapping[str, Amount], other: Mapping[str, Amount]) -> Amounts:
    found = dict(one)
    for name, amount in other.items():
        if name not in found or amount.value > found[name].value:
            found[name] = amount
    return found


def pod_amounts(spec: Json, sort: str, *, overhead: bool) -> Amounts:
    """What a pod as a whole requests (`requests`) or may use at most (`limits`).

    As k8s.io/component-helpers, resource, counts: sidecars run beside all that follow them, other init containers
    only one at a time, and what is said for the whole pod wins.
    """

    def of(container: Json) -> Amounts:
        return parse_amounts((container.get("resources") or {}).get(sort))

    total = _sum(of, spec["containers"])
    sidecars: Amounts = {}
    most: Amounts = {}
    for container in spec.get("initContainers") or ():
        if container.get("restartPolicy") == "Always":
            total = add(total, of(container))
            sidecars = add(sidecars, of(container))
            most = greatest(most, sidecars)
        else:
            most = greatest(most, add(of(container), sidecars))
    total = greatest(total, most) | {
        name: Amount.parse(text)
        for name, text in ((spec.get("resources") or {}).get(sort) or {}).items()
        if name in ("cpu", "memory") or name.startswith("hugepages-")
    }
    if overhead:
        extra = parse_amounts(spec.get("overhead"))
        total = add(total, extra if sort == "requests" else {n: a for n, a in extra.items() if n in total})
    return total


def _sum(of: Callable[[Json], Amounts], containers: Iterable[Json]) -> Amounts:
    total: Amounts = {}
    for container in containers:
        total = add(total, of(container))
    return total
