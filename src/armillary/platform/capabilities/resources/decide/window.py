"""What changed in the part of a list that somebody is looking at. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from armillary.platform.capabilities.resources.decide.rows import Row
from armillary.platform.capabilities.resources.decide.select import Page, Wanted, holds


@dataclass(frozen=True, slots=True)
class Change:
    """`order`: uids of the whole window, None if they stand as before; `rows` are new or look otherwise."""

    order: tuple[str, ...] | None
    rows: tuple[Row, ...]


def change(before: Page, after: Page, *, whole: bool = False) -> Change | None:
    """None if there is nothing to tell. `whole`: what lists do not show counts too."""
    known = {row.uid: row for row in before.rows}
    rows = tuple(row for row in after.rows if (old := known.get(row.uid)) is None or _differs(old, row, whole=whole))
    order = tuple(row.uid for row in after.rows)
    has_moved = order != tuple(row.uid for row in before.rows)
    if not rows and not has_moved and (before.total, before.counts) == (after.total, after.counts):
        return None
    return Change(order if has_moved else None, rows)


def _differs(old: Row, new: Row, *, whole: bool) -> bool:
    return old is not new and (not old.looks_as(new) or (whole and old.packed != new.packed))


def concerns(
    old: Row | None, new: Row | None, wanted: Wanted, index: Mapping[str, int], *, whole: bool = False
) -> bool:
    """Whether a row's change can change a list: cheap, so that a list is made again only then."""
    was, is_ = (row is not None and holds(row, wanted, index) for row in (old, new))
    if was and is_ and old is not None and new is not None:
        return _differs(old, new, whole=whole)
    return was or is_
