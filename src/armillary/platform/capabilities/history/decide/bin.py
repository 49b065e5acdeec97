"""The recycle bin: what was deleted, each with what went with it. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from armillary.platform.capabilities.history.decide.sight import Recorded


@dataclass(frozen=True, slots=True)
class Discarded:
    """Something deleted; `dependants` went with it."""

    root: Recorded
    dependants: tuple[Recorded, ...]


def collapse(
    deleted: Sequence[Recorded], owners: Mapping[int, Sequence[str]], alive: Collection[str]
) -> tuple[Discarded, ...]:
    """Newest first. Each object counts with the outermost owner that was deleted too.

    `owners` gives the uids of an object's owners by its id. What an owner that is `alive` let go of is no loss (the
    pods of a deployment that was made smaller), and is left out.
    """
    by_uid = {item.uid: item for item in deleted}
    groups: dict[str, list[Recorded]] = {}
    for item in deleted:
        root = _root(item, by_uid, owners)
        if any(uid in alive for uid in owners.get(root.id, ())):
            continue
        below = groups.setdefault(root.uid, [])
        if root is not item:
            below.append(item)
    found = [Discarded(by_uid[uid], tuple(sorted(below, key=_place))) for uid, below in groups.items()]
    return tuple(sorted(found, key=lambda one: (one.root.deleted, one.root.id), reverse=True))


def _root(item: Recorded, by_uid: Mapping[str, Recorded], owners: Mapping[int, Sequence[str]]) -> Recorded:
    seen = {item.uid}
    while True:
        above = next((by_uid[uid] for uid in owners.get(item.id, ()) if uid in by_uid), None)
        if above is None or above.uid in seen:  # a circle is nobody's doing but somebody's mistake
            return item
        seen.add(above.uid)
        item = above


def _place(item: Recorded) -> tuple[str, str]:
    return item.kind, item.name
