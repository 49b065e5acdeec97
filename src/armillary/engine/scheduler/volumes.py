"""What a pod's claims say about where it may go, and what to write so that they get bound there. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from armillary.base.quantity import whole
from armillary.engine.scheduler.filters import Reason
from armillary.engine.scheduler.nodes import NodeState
from armillary.kube.kinds.core import PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec
from armillary.kube.kinds.storage import StorageClass
from armillary.kube.placement import term_matches
from armillary.kube.selectors import selector_of

NOT_REACHABLE = Reason("node(s) didn't match PersistentVolume's node affinity", final=True)
NOTHING_TO_BIND = Reason("node(s) didn't find available persistent volumes to bind", final=True)
WAIT = "WaitForFirstConsumer"
NO_PROVISIONER = "kubernetes.io/no-provisioner"
SELECTED_NODE = "volume.kubernetes.io/selected-node"


@dataclass(frozen=True, slots=True)
class Delayed:
    """A claim that waits to be bound until its first pod has a node. `volumes` are those that it could have."""

    claim: PersistentVolumeClaim
    provisions: bool
    volumes: tuple[PersistentVolume, ...]


@dataclass(frozen=True, slots=True)
class Claims:
    """A pod's claims, sorted out. `problem` holds wherever it might go."""

    problem: str = ""
    bound: tuple[PersistentVolume, ...] = ()
    delayed: tuple[Delayed, ...] = ()
    exclusive: tuple[PersistentVolumeClaim, ...] = ()  # ReadWriteOncePod

    def reasons(self, node: NodeState) -> tuple[Reason, ...]:
        """What speaks against a node."""
        if not all(is_reachable(volume, node) for volume in self.bound):
            return (NOT_REACHABLE,)
        return () if choose(self.delayed, node) is not None else (NOTHING_TO_BIND,)


@dataclass(frozen=True, slots=True)
class Choice:
    """How to get a delayed claim bound: to that volume, or by having one provisioned (None)."""

    claim: PersistentVolumeClaim
    volume: PersistentVolume | None


def sort_claims(
    claims: Iterable[tuple[str, PersistentVolumeClaim | None]],
    volumes: Sequence[PersistentVolume],
    classes: Sequence[StorageClass],
) -> Claims:
    """`claims` are the pod's, by name, None for one that is not there. Words of problems as upstream."""
    by_name = {volume.metadata.name: volume for volume in volumes}
    modes = {c.metadata.name: c for c in classes}
    bound: list[PersistentVolume] = []
    delayed: list[Delayed] = []
    exclusive: list[PersistentVolumeClaim] = []
    for name, claim in claims:
        if claim is None:
            return Claims(f'persistentvolumeclaim "{name}" not found')
        if claim.metadata.deletion_timestamp:
            return Claims(f'persistentvolumeclaim "{name}" is being deleted')
        if claim.status.phase == "Lost":
            gone = claim.spec.volume_name
            return Claims(f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume "{gone}"')
        if "ReadWriteOncePod" in claim.spec.access_modes:
            exclusive.append(claim)
        if claim.spec.volume_name:
            volume = by_name.get(claim.spec.volume_name)
            if volume is None:
                return Claims("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)")
            bound.append(volume)
            continue
        kind = modes.get(claim.spec.storage_class_name or "")
        if kind is None or kind.volume_binding_mode != WAIT:
            return Claims("pod has unbound immediate PersistentVolumeClaims")
        fitting = tuple(v for v in volumes if fits(v, claim))
        delayed.append(Delayed(claim, kind.provisioner != NO_PROVISIONER, fitting))
    return Claims("", tuple(bound), tuple(delayed), tuple(exclusive))


def is_reachable(volume: PersistentVolume, node: NodeState) -> bool:
    """Whether a volume's node affinity admits a node."""
    affinity = volume.spec.node_affinity
    required = affinity.required if affinity is not None else None
    return required is None or any(term_matches(t, node.labels, node.name) for t in required.node_selector_terms)


def fits(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether a claim could have a volume: free or promised to it, same class and mode, large enough."""
    spec, wanted = volume.spec, claim.spec
    promised = spec.claim_ref
    if promised is not None and (promised.namespace, promised.name) != (
        claim.metadata.namespace,
        claim.metadata.name,
    ):
        return False
    if volume.metadata.deletion_timestamp or (promised is None and volume.status.phase not in ("", "Available")):
        return False
    if (spec.storage_class_name or "") != (wanted.storage_class_name or ""):
        return False
    if (spec.volume_mode or "Filesystem") != (wanted.volume_mode or "Filesystem"):
        return False
    if not set(wanted.access_modes) <= set(spec.access_modes):
        return False
    chosen = selector_of(wanted.selector)
    if chosen is not None and not chosen.matches(volume.metadata.labels):
        return False
    return whole(spec.capacity.get("storage", "0")) >= size_of(wanted)


def size_of(claim: PersistentVolumeClaimSpec) -> int:
    """Bytes that a claim asks for."""
    requests = claim.resources.requests if claim.resources is not None else {}
    return whole(requests.get("storage", "0"))


def choose(delayed: Sequence[Delayed], node: NodeState) -> tuple[Choice, ...] | None:
    """For each claim the smallest volume that will do on that node, else provisioning; None where neither can be."""
    taken: set[str] = set()
    found = []
    for wanted in delayed:
        reachable = [v for v in wanted.volumes if v.metadata.name not in taken and is_reachable(v, node)]
        if reachable:
            best = min(reachable, key=lambda v: (whole(v.spec.capacity.get("storage", "0")), v.metadata.name))
            taken.add(best.metadata.name)
            found.append(Choice(wanted.claim, best))
        elif wanted.provisions:
            found.append(Choice(wanted.claim, None))
        else:
            return None
    return tuple(found)
