"""What was decided for each object, and why; the last few per object, in memory."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime

from armillary.kube.kind import Ref

KEPT_PER_OBJECT = 10
KEPT_OBJECTS = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    controller: str
    because: str
    actions: int
    error: str = ""


class Journal:
    """Bounded: the objects looked at longest ago are forgotten first."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Ref, deque[Entry]] = OrderedDict()

    def note(self, ref: Ref, entry: Entry) -> None:
        known = self._entries.setdefault(ref, deque(maxlen=KEPT_PER_OBJECT))
        self._entries.move_to_end(ref)
        if known and known[-1].because == entry.because and not entry.actions and not entry.error:
            return  # nothing new to say
        known.append(entry)
        while len(self._entries) > KEPT_OBJECTS:
            self._entries.popitem(last=False)

    def story(self, ref: Ref) -> tuple[Entry, ...]:
        return tuple(self._entries.get(ref, ()))
