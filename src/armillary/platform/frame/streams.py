"""Open watches, terminals and sockets, so that they end with the session or the account they were opened with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from armillary.platform.frame.caller import Caller

End = Callable[[], None]


@dataclass(slots=True)
class OpenStreams:
    """Those of this replica; every replica hears of an ended session by its own watch."""

    _open: dict[int, tuple[Caller, End]] = field(default_factory=dict)
    _next: int = 0

    @contextmanager
    def opened(self, caller: Caller, end: End) -> Iterator[None]:
        """While the context lasts, `end` is called once when the caller's session or account ends."""
        number = self._next
        self._next += 1
        self._open[number] = (caller, end)
        try:
            yield
        finally:
            self._open.pop(number, None)

    def end_session(self, session: str) -> None:
        self._end(lambda caller: caller.session == session)

    def end_user(self, user: str) -> None:
        self._end(lambda caller: caller.user == user)

    def end_all(self) -> None:
        """When the server leaves."""
        self._end(lambda _: True)

    def __len__(self) -> int:
        return len(self._open)

    def _end(self, is_meant: Callable[[Caller], bool]) -> None:
        for number, (caller, end) in list(self._open.items()):
            if is_meant(caller):
                del self._open[number]
                end()
