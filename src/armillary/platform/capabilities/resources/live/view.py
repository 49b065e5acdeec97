"""What every view of the live channel has: a shelf that it follows, and rights that are asked again."""

from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from armillary.platform.capabilities.resources.asking import Deps
from armillary.platform.capabilities.resources.decide.rows import Row
from armillary.platform.capabilities.resources.library import Name
from armillary.platform.capabilities.resources.live.messages import Told
from armillary.platform.capabilities.resources.shelf import Shelf
from armillary.platform.frame.caller import Caller

RIGHTS_SECONDS = 5.0  # also where no change of RBAC is told: a cluster may have other authorizers

T = TypeVar("T")
Concerns = Callable[[Row | None, Row | None], bool]


class View(Protocol):
    """One thing that a client looks at. `spent`: seconds that the last look computed, waiting left out."""

    spent: float

    async def look(self, caller: Caller) -> Told | None:
        """What is new since the last time; cheap where nothing is. After a fault everything is told again."""
        ...

    def forget(self) -> None:
        """What was told last: the client was told a fault instead."""
        ...

    def leave(self) -> None:
        """It is looked at no more."""
        ...


class Following:
    """One shelf and whether it has changed in what concerns a view; `wake` is called when it has."""

    def __init__(self, deps: Deps, cluster: str, name: Name, concerns: Concerns, wake: Callable[[], None]) -> None:
        self._deps, self._cluster, self._name = deps, cluster, name
        self._concerns, self._wake = concerns, wake
        self._shelf: Shelf | None = None
        self._changed = True

    async def shelf(self) -> Shelf:
        """Current, or raises what stands in its way."""
        found = await self._deps.library.shelf(self._cluster, self._name)
        if found is not self._shelf:
            self.leave()
            self._shelf = found
            found.listen(self._heard)
        return found

    def take_changed(self) -> bool:
        """Whether anything has changed since it was last asked."""
        changed, self._changed = self._changed, False
        return changed

    def mark_changed(self) -> None:
        self._changed = True

    def leave(self) -> None:
        if self._shelf is not None:
            self._shelf.unlisten(self._heard)
        self._shelf, self._changed = None, True

    def _heard(self, old: Row | None, new: Row | None) -> None:
        is_all = old is None and new is None
        if is_all or (not self._changed and self._concerns(old, new)):
            self._changed = True
            self._wake()


class Permitted(Generic[T]):
    """An answer of rights, kept until RBAC changes or the caller is in other groups."""

    def __init__(self, deps: Deps, cluster: str, ask: Callable[[Caller], Awaitable[T]]) -> None:
        self._deps, self._cluster, self._ask = deps, cluster, ask
        self._of: tuple[str, tuple[str, ...], int] | None = None
        self._until = 0.0
        self._kept: T | None = None

    async def of(self, caller: Caller) -> T:
        """Raises Denied."""
        asked = caller.user, caller.groups, self._deps.rights.generation(self._cluster)
        if self._kept is None or self._of != asked or self._deps.clock.monotonic() >= self._until:
            self._of = None
            self._kept = await self._ask(caller)
            self._of, self._until = asked, self._deps.clock.monotonic() + RIGHTS_SECONDS
        return self._kept
