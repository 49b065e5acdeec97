"""Does a controller come to the same rest, wherever it dies on the way?

A `World` is a cluster as far as controllers can tell: objects by kind and key, changed by their actions. It
is a value: every step gives a new one. `assert_settles` plays controllers in it, killing them after each
k-th action.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import structs

from armillary.base.clock import format_time
from armillary.kube.cache import by_controller
from armillary.kube.client import PatchType
from armillary.kube.events import Record
from armillary.kube.kind import Kind
from armillary.kube.object import Key
from armillary.kube.reconcile import Action, Confirm, Controller, Create, Decision, Delete, DeleteAll, Patch, Update

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
Name = tuple[str, str, str]  # plural, namespace, name


@dataclass(frozen=True)
class World:
    """Objects, and what time it is. Serves as the controllers' `Reads`."""

    objects: Mapping[Name, Any] = field(default_factory=dict)
    indexes: Mapping[tuple[str, str], Callable[[Any], Iterable[str]]] = field(default_factory=dict)
    moment: datetime = NOON
    writes: int = 0
    events: tuple[str, ...] = ()  # "Reason: message", as they were told

    def holding(self, kind: Kind[Any], *items: Any) -> "World":
        """With these added or replaced, given a uid and a revision if they lack them."""
        world = self
        for item in items:
            world = world._put(kind, item)
        return world

    def without(self, kind: Kind[Any], key: Key) -> "World":
        name = (kind.plural, *key)
        return replace(self, objects={n: item for n, item in self.objects.items() if n != name})

    def map(self, kind: Kind[Any], change: Callable[[Any], Any]) -> "World":
        """Every object of a kind changed; those for which None comes back are gone."""
        world = self
        for item in self.list(kind):
            new = change(item)
            if new is None:
                world = world.without(kind, (item.metadata.namespace, item.metadata.name))
            elif new != item:
                world = world._put(kind, new)
        return world

    def later(self, seconds: float) -> "World":
        return replace(self, moment=self.moment + timedelta(seconds=seconds))

    def _put(self, kind: Kind[Any], item: Any) -> "World":
        meta, writes = item.metadata, self.writes + 1
        item = structs.replace(
            item,
            metadata=structs.replace(
                meta,
                uid=meta.uid or f"uid-{writes}",
                resource_version=str(writes),
                creation_timestamp=meta.creation_timestamp or format_time(self.moment),
                generation=meta.generation or 1,
            ),
        )
        name = (kind.plural, meta.namespace, meta.name)
        return replace(self, objects={**self.objects, name: item}, writes=writes)

    # Reads

    def get(self, kind: Kind[Any], name: str, namespace: str = "") -> Any:
        return self.objects.get((kind.plural, namespace, name))

    def list(self, kind: Kind[Any], namespace: str = "") -> Sequence[Any]:
        return [
            item for (plural, at, _), item in self.objects.items() if plural == kind.plural and namespace in ("", at)
        ]

    def by(self, kind: Kind[Any], index: str, value: str) -> Sequence[Any]:
        values = by_controller if index == "controller" else self.indexes[kind.plural, index]
        return [item for item in self.list(kind) if value in values(item)]

    def now(self) -> datetime:
        return self.moment

    # What actions do

    def after(self, action: Action) -> "World":
        """The world once this action is done, as an API server would do it."""
        match action:
            case Create(kind, item, event):
                key = item.metadata.name, item.metadata.namespace
                assert self.get(kind, *key) is None, f"{key[0]} exists"
                return self._put(kind, item)._told(event)
            case Update(kind, item, subresource, event):
                return self._update(kind, item, subresource)._told(event)
            case Patch(kind, (namespace, name), patch, how, subresource, event):
                old = self.get(kind, name, namespace)
                assert old is not None, f"{name} is not there to be patched"
                by_type = how is PatchType.STRATEGIC
                merged = msgspec.convert(_merge(msgspec.to_builtins(old), patch, by_type), type=kind.type)
                return self._update(kind, merged, subresource)._told(event)
            case Delete(kind, key, uid, _, _, event):
                old = self.get(kind, key[1], key[0])
                return self if old is None or old.metadata.uid != uid else self._delete(kind, old)._told(event)
            case DeleteAll(kind, namespace):
                world = self
                for item in self.list(kind, namespace):
                    world = world._delete(kind, item)
                return world
            case Confirm(kind, key, uid):
                old = self.get(kind, key[1], key[0])
                assert old is not None
                assert (old.metadata.uid, old.metadata.deletion_timestamp) == (uid, "")
                return self
            case Record():
                return self._told(action)

    def _told(self, event: Record | None) -> "World":
        return self if event is None else replace(self, events=(*self.events, f"{event.reason}: {event.message}"))

    def _update(self, kind: Kind[Any], item: Any, subresource: str) -> "World":
        old = self.get(kind, item.metadata.name, item.metadata.namespace)
        assert old is not None, f"{item.metadata.name} is not there to be updated"
        if subresource == "status":
            item = structs.replace(old, status=item.status)
        elif hasattr(old, "status"):
            item = structs.replace(item, status=old.status)
        if getattr(item, "spec", None) != getattr(old, "spec", None):
            meta = structs.replace(item.metadata, generation=(old.metadata.generation or 0) + 1)
            item = structs.replace(item, metadata=meta)
        if item.metadata.deletion_timestamp and not item.metadata.finalizers:
            return self.without(kind, (item.metadata.namespace, item.metadata.name))
        return self._put(kind, item)

    def _delete(self, kind: Kind[Any], item: Any) -> "World":
        if not item.metadata.finalizers:
            return self.without(kind, (item.metadata.namespace, item.metadata.name))
        meta = structs.replace(item.metadata, deletion_timestamp=format_time(self.moment))
        return self._put(kind, structs.replace(item, metadata=meta))


def _merge(old: Any, patch: Any, by_type: bool) -> Any:
    """RFC 7386; if `by_type`, lists of conditions are merged by their type, as a strategic patch does it."""
    if by_type and isinstance(patch, list) and all(isinstance(item, dict) and "type" in item for item in patch):
        return [*(item for item in old or () if item["type"] not in {new["type"] for new in patch}), *patch]
    if not isinstance(patch, dict):
        return patch
    merged = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge(merged.get(key), value, by_type)
    return merged


def observed(controller: Controller[Any], key: Key, world: World) -> Any:
    """What a controller sees of one object."""
    try:
        controller.observe(key, world).send(None)  # type: ignore[attr-defined]
    except StopIteration as end:
        return end.value
    raise AssertionError("observe waits for something")


def look(controller: Controller[Any], key: Key, world: World) -> Decision:
    """What a controller decides about one object that is there."""
    seen = observed(controller, key, world)
    assert seen is not None, f"{controller.name} sees nothing at {key}"
    return controller.decide(seen)


def world_of(controllers: Sequence[Controller[Any]], *objects: tuple[Kind[Any], Any]) -> World:
    """A world that keeps the indexes these controllers read by."""
    world = World(indexes={(i.kind.plural, i.name): i.values for c in controllers for i in c.indexes})
    for kind, item in objects:
        world = world.holding(kind, item)
    return world


def settle(
    controllers: Sequence[Controller[Any]],
    world: World,
    react: Callable[[World], World] = lambda world: world,
    *,
    survives: int = 1_000_000,
    rounds: int = 60,
) -> World:
    """Let them work until nobody has anything left to do; each look dies after `survives` actions.

    `react` is the rest of the cluster between rounds: a node agent that makes pods ready, for one.
    """
    said: list[str] = []
    for _ in range(rounds):
        before, said = world, []
        for controller in controllers:
            for item in world.list(controller.root):
                world = world.later(1e-6)  # no two looks happen at one moment
                seen = observed(controller, (item.metadata.namespace, item.metadata.name), world)
                if seen is None:
                    continue
                decision = controller.decide(seen)
                said.append(f"{controller.name}: {decision.because}")
                for action in _until_death(decision.actions, survives):
                    world = world.after(action)
        world = react(world)
        if world.objects == before.objects:
            return world
    raise AssertionError(f"never rests: {said}")


def _until_death(actions: Iterable[Action], survives: int) -> Iterable[Action]:
    """So many changes; what changes nothing is not counted."""
    for action in actions:
        if not isinstance(action, Confirm | Record):
            if not survives:
                return
            survives -= 1
        yield action


def assert_settles(
    controllers: Sequence[Controller[Any]],
    start: World,
    shape: Callable[[World], Any],
    react: Callable[[World], World] = lambda world: world,
    *,
    dies_after: Iterable[int] = (1, 2, 3, 5),
) -> World:
    """From `start`, rest is reached, and one of the same shape, even if every look dies after its k-th action.

    `shape` tells what of a world counts. Gives the world at rest.
    """
    rest = settle(controllers, start, react)
    assert rest.objects != start.objects, "start is at rest already; nothing would be tried"
    for survives in dies_after:
        other = settle(controllers, start, react, survives=survives, rounds=200)
        assert shape(other) == shape(rest), f"where it rests depends on where it dies ({survives})"
    return rest
