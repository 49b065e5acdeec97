"""Who is on the pods' network now: as the node agent says, and for what was before this process, the pods' statuses.

A pod whose object is gone may still run: it stays until the agent has stopped its sandbox. No input or output.
"""

from dataclasses import dataclass

from armillary.engine.network.policies.members import Member, member
from armillary.kube.kinds.core import Pod


@dataclass(frozen=True, slots=True)
class _Present:
    pod: Pod
    address: str

    def member(self) -> Member | None:
        return member(self.pod, self.address)


class Roll:
    """One entry for each pod, and one pod for each address."""

    def __init__(self) -> None:
        self._present: dict[str, _Present] = {}  # by uid
        self._known: set[str] = set()  # uids of pods whose objects exist
        self._left: set[str] = set()  # those of them that have no sandbox any more

    def members(self) -> tuple[Member, ...]:
        found = (entry.member() for entry in self._present.values())
        return tuple(one for one in found if one is not None)

    def join(self, pod: Pod, address: str) -> None:
        """It was given that address just now, so whoever had it before has gone."""
        self._left.discard(pod.metadata.uid)
        self._forget_address(address)
        self._present[pod.metadata.uid] = _Present(pod, address)

    def leave(self, pod: Pod) -> None:
        """Its sandbox has ended."""
        uid = pod.metadata.uid
        self._present.pop(uid, None)
        if uid in self._known:
            self._left.add(uid)  # its status still tells the address for a while

    def see(self, old: Pod | None, new: Pod | None) -> bool:
        """A change of the pod's object; tells whether policies see it, who do not see readiness, say."""
        if old is not None and (new is None or new.metadata.uid != old.metadata.uid):
            self._known.discard(old.metadata.uid)
            self._left.discard(old.metadata.uid)
        if new is None:
            return False  # it is here until it leaves
        uid = new.metadata.uid
        self._known.add(uid)
        if uid in self._left:
            return False
        before = self._present.get(uid)
        if before is not None:
            self._present[uid] = _Present(new, before.address)
            return before.member() != self._present[uid].member()
        if member(new) is None or self._is_taken(new):
            return False
        self._forget_address(new.status.pod_ip)
        self._present[uid] = _Present(new, new.status.pod_ip)
        return True

    def _forget_address(self, address: str) -> None:
        for uid in [uid for uid, entry in self._present.items() if entry.address == address]:
            del self._present[uid]

    def _is_taken(self, pod: Pod) -> bool:
        """Whether another has this pod's address by a better right: an old status may tell what has passed on."""
        others = (entry.pod for entry in self._present.values() if entry.address == pod.status.pod_ip)
        return any(_right(other) > _right(pod) for other in others)


def _right(pod: Pod) -> tuple[bool, str]:
    return not pod.metadata.deletion_timestamp, pod.metadata.creation_timestamp
