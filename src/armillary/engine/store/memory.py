"""A store that forgets: for tests, and for clusters that may vanish."""

from collections.abc import Sequence

from armillary.base.clock import Clock
from armillary.engine.store.group import GroupStore
from armillary.engine.store.history import History
from armillary.engine.store.port import Change


async def _at_once(group: Sequence[Change]) -> None:
    return


def memory_store(clock: Clock) -> GroupStore:
    """An empty store in memory; its first write has revision 1."""
    return GroupStore(History(0), _at_once, clock)
