"""Whose object is whose: owners adopt what their selector matches and let go of what it no longer does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic

import msgspec

from armillary.kube.kind import Kind
from armillary.kube.object import O, controller_of, is_ending, key_of, owned_by
from armillary.kube.reconcile import Action, Confirm, Patch
from armillary.kube.selectors import Selector


@dataclass(frozen=True, slots=True)
class Claim(Generic[O]):
    """What an owner holds now, and what must be written for owner references to say so."""

    held: tuple[O, ...]
    actions: tuple[Action, ...] = ()


def claim(
    kind: Kind[O],
    candidates: Iterable[O],
    owner_kind: Kind[Any],
    owner: Any,
    selector: Selector,
    *,
    accepts: Callable[[O], bool] = lambda item: True,
    finalizer: str = "",
) -> Claim[O]:
    """Candidates may contain the same object twice, and others' objects. `accepts` limits adoption.

    With a `finalizer`, what is adopted gets that too.

    What is adopted counts as held only when the reference has been written.
    """
    held: list[O] = []
    adopted: list[Action] = []
    released: list[Action] = []
    seen: set[str] = set()
    for item in candidates:
        meta = item.metadata
        if meta.uid in seen:
            continue
        seen.add(meta.uid)
        manager = controller_of(item)
        fits = selector.matches(meta.labels) and accepts(item)
        if manager is not None:
            if manager.uid == owner.metadata.uid:
                if fits:
                    held.append(item)
                elif not is_ending(owner):
                    released.append(_release(kind, item, owner))
        elif fits and not is_ending(owner) and not is_ending(item):
            adopted.append(_adopt(kind, item, owner_kind, owner, finalizer))
    if adopted:
        # Memory may show an orphan and not yet that its owner was deleted: adopting it then would kill it.
        adopted.insert(0, Confirm(owner_kind, key_of(owner), owner.metadata.uid))
    return Claim(tuple(held), (*released, *adopted))


def _adopt(kind: Kind[O], item: O, owner_kind: Kind[Any], owner: Any, finalizer: str) -> Patch:
    owners = (*item.metadata.owner_references, owned_by(owner_kind, owner))
    if not finalizer or finalizer in item.metadata.finalizers:
        return _refer(kind, item, owners)
    return _refer(kind, item, owners, finalizers=[*item.metadata.finalizers, finalizer])


def _release(kind: Kind[O], item: O, owner: Any) -> Patch:
    rest = tuple(o for o in item.metadata.owner_references if o.uid != owner.metadata.uid)
    return _refer(kind, item, rest)


def _refer(kind: Kind[O], item: O, owners: tuple[Any, ...], **changes: Any) -> Patch:
    meta = item.metadata
    guard = {"uid": meta.uid, "resourceVersion": meta.resource_version}
    changes = {"ownerReferences": msgspec.to_builtins(owners), **changes}
    return Patch(kind, key_of(item), {"metadata": {**guard, **changes}})
