"""Claims in use and volumes that are bound are not deleted under their users: finalizers hold them.

Also the claims of pods' ephemeral volumes. Upstream: pkg/controller/volume/{pvcprotection,pvprotection,ephemeral}.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from armillary.base.errors import ApiError
from armillary.engine.controllers.volume_binding import BY_CLAIM, claims_of, got_a_node
from armillary.kube.events import Record
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import (
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    PersistentVolumeClaim,
    Pod,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import Key, controller_of, is_ending, key_of, owned_by, reference
from armillary.kube.reconcile import Action, Controller, Create, Decision, Patch, Reads, Watch

OF_CLAIMS, OF_VOLUMES = "kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"


@dataclass(frozen=True, slots=True)
class Seen:
    """A claim or a volume, and whether anybody uses it."""

    kind: Kind[Any]
    item: Any
    finalizer: str
    is_used: bool


async def observe_claim(key: Key, reads: Reads) -> Seen | None:
    claim = reads.get(PERSISTENT_VOLUME_CLAIM, key[1], key[0])
    if claim is None:
        return None
    users = reads.by(POD, BY_CLAIM.name, f"{key[0]}/{key[1]}")
    # A pod that has no node yet will get none with a claim that is being deleted.
    return Seen(PERSISTENT_VOLUME_CLAIM, claim, OF_CLAIMS, any(pod.spec.node_name for pod in users))


async def observe_volume(key: Key, reads: Reads) -> Seen | None:
    volume = reads.get(PERSISTENT_VOLUME, key[1])
    if volume is None:
        return None
    return Seen(PERSISTENT_VOLUME, volume, OF_VOLUMES, volume.status.phase == "Bound")


def decide(seen: Seen) -> Decision:
    held = seen.item.metadata.finalizers
    if not is_ending(seen.item):
        if seen.finalizer in held:
            return Decision("is protected")
        return Decision("lacks its protection", (_with_finalizers(seen, (*held, seen.finalizer)),))
    if seen.finalizer not in held:
        return Decision("is let go")
    if seen.is_used:
        return Decision("is being deleted and still used")
    return Decision("is used no more; lets go", (_with_finalizers(seen, [f for f in held if f != seen.finalizer]),))


def _with_finalizers(seen: Seen, finalizers: Iterable[str]) -> Patch:
    meta = seen.item.metadata
    guard = {"uid": meta.uid, "resourceVersion": meta.resource_version}
    return Patch(seen.kind, key_of(seen.item), {"metadata": {**guard, "finalizers": list(finalizers)}})


def _of_pod(pod: Pod, reads: Reads) -> Iterable[Key]:
    return [(pod.metadata.namespace, name) for name in claims_of(pod)]


CLAIM_PROTECTION = Controller(
    name="pvc-protection-controller",
    root=PERSISTENT_VOLUME_CLAIM,
    observe=observe_claim,
    decide=decide,
    watches=(Watch(POD, _of_pod, got_a_node),),
    indexes=(BY_CLAIM,),
)
VOLUME_PROTECTION = Controller(
    name="pv-protection-controller", root=PERSISTENT_VOLUME, observe=observe_volume, decide=decide
)


# Claims of ephemeral volumes


@dataclass(frozen=True, slots=True)
class SeenPod:
    """A pod with ephemeral volumes, and the claims of their names that there are."""

    pod: Pod
    claims: dict[str, PersistentVolumeClaim]


def _has_ephemeral_volumes(pod: Pod) -> bool:
    return any(volume.ephemeral is not None for volume in pod.spec.volumes)


async def observe_pod(key: Key, reads: Reads) -> SeenPod | None:
    pod = reads.get(POD, key[1], key[0])
    names = [f"{key[1]}-{v.name}" for v in pod.spec.volumes if v.ephemeral is not None] if pod else []
    if pod is None or not names:
        return None
    found = {name: reads.get(PERSISTENT_VOLUME_CLAIM, name, key[0]) for name in names}
    return SeenPod(pod, {name: claim for name, claim in found.items() if claim is not None})


def decide_pod(seen: SeenPod) -> Decision:
    pod = seen.pod
    if is_ending(pod):
        return Decision("is being deleted")
    actions: list[Action] = []
    for volume in pod.spec.volumes:
        template = volume.ephemeral.volume_claim_template if volume.ephemeral else None
        if template is None:
            continue
        name = f"{pod.metadata.name}-{volume.name}"
        known = seen.claims.get(name)
        if known is None:
            meta = template.metadata or ObjectMeta()
            made = PersistentVolumeClaim(
                metadata=ObjectMeta(
                    name=name,
                    namespace=pod.metadata.namespace,
                    labels=meta.labels,
                    annotations=meta.annotations,
                    owner_references=(owned_by(POD, pod),),
                ),
                spec=template.spec,
            )
            actions.append(Create(PERSISTENT_VOLUME_CLAIM, made))
        elif (owner := controller_of(known)) is None or owner.uid != pod.metadata.uid:
            words = f"PVC {pod.metadata.namespace}/{name} was not created for pod {_name(pod)} (pod is not owner)"
            actions.append(Record(reference(POD, pod), "Warning", "EphemeralVolumeFailed", words))
    return Decision("has its ephemeral claims" if not actions else "lacks ephemeral claims", tuple(actions))


def _name(pod: Pod) -> str:
    return f"{pod.metadata.namespace}/{pod.metadata.name}"


def failed_pod(seen: SeenPod, action: Action, exc: ApiError) -> tuple[Action, ...]:
    if not isinstance(action, Create):
        return ()
    words = f"ephemeral volume {action.item.metadata.name}: create PVC {action.item.metadata.name}: {exc}"
    return (Record(reference(POD, seen.pod), "Warning", "FailedToCreate", words),)


EPHEMERAL_CLAIMS = Controller(
    name="ephemeral-volume-controller",
    root=POD,
    observe=observe_pod,
    decide=decide_pod,
    reads=(PERSISTENT_VOLUME_CLAIM,),
    failed=failed_pod,
    concerns=_has_ephemeral_volumes,
)
