"""The pods of a stateful set and their claims: names, identities, storage, and who owns the storage. Pure.

Upstream: pkg/controller/statefulset/stateful_set_utils.go.
"""

import re
from collections.abc import Iterable

from msgspec import structs

from armillary.engine.controllers.pods import from_template, prefix
from armillary.kube.kinds.apps import STATEFUL_SET, StatefulSet
from armillary.kube.kinds.core import (
    POD,
    PersistentVolumeClaim,
    PersistentVolumeClaimVolumeSource,
    Pod,
    PodTemplateSpec,
    Volume,
)
from armillary.kube.kinds.meta import OwnerReference
from armillary.kube.object import owned_by

POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"
REVISION = "controller-revision-hash"
_NAME = re.compile(r"(.*)-(\d+)")


def first_ordinal(owner: StatefulSet) -> int:
    return (owner.spec.ordinals.start or 0) if owner.spec.ordinals else 0


def wanted(owner: StatefulSet) -> int:
    return 1 if owner.spec.replicas is None else owner.spec.replicas


def ordinals(owner: StatefulSet) -> range:
    start = first_ordinal(owner)
    return range(start, start + wanted(owner))


def ordinal_of(owner: StatefulSet, pod: Pod) -> int | None:
    """Its number, if it bears the set's name."""
    found = _NAME.fullmatch(pod.metadata.name)
    return int(found[2]) if found and found[1] == owner.metadata.name else None


def revision_of(pod: Pod) -> str:
    return pod.metadata.labels.get(REVISION, "")


def pod_name(owner: StatefulSet, ordinal: int) -> str:
    return f"{owner.metadata.name}-{ordinal}"


def new_pod(owner: StatefulSet, template: PodTemplateSpec, revision: str, ordinal: int) -> Pod:
    name = pod_name(owner, ordinal)
    reference = owned_by(STATEFUL_SET, owner)
    pod = from_template(template, owner.metadata.namespace, name, reference, generate_name=prefix(owner.metadata.name))
    labels = {**pod.metadata.labels, POD_NAME: name, POD_INDEX: str(ordinal), REVISION: revision}
    claims = {t.metadata.name: claim_name(owner, t, ordinal) for t in owner.spec.volume_claim_templates}
    mounted = tuple(
        Volume(name=volume, persistent_volume_claim=PersistentVolumeClaimVolumeSource(claim_name=claim))
        for volume, claim in claims.items()
    )
    kept = tuple(v for v in pod.spec.volumes if v.name not in claims)
    spec = structs.replace(pod.spec, hostname=name, subdomain=owner.spec.service_name, volumes=(*mounted, *kept))
    return structs.replace(pod, metadata=structs.replace(pod.metadata, labels=labels), spec=spec)


def has_identity(pod: Pod) -> bool:
    return pod.metadata.labels.get(POD_NAME) == pod.metadata.name


# Claims


def claim_name(owner: StatefulSet, template: PersistentVolumeClaim, ordinal: int) -> str:
    return f"{template.metadata.name}-{owner.metadata.name}-{ordinal}"


def claims_for(owner: StatefulSet, ordinal: int) -> list[PersistentVolumeClaim]:
    """The claims that a pod of that number needs."""
    chosen = owner.spec.selector.match_labels if owner.spec.selector else {}
    return [
        structs.replace(
            template,
            metadata=structs.replace(
                template.metadata,
                name=claim_name(owner, template, ordinal),
                namespace=owner.metadata.namespace,
                labels={**template.metadata.labels, **chosen},
            ),
        )
        for template in owner.spec.volume_claim_templates
    ]


def policies(owner: StatefulSet) -> tuple[bool, bool]:
    """Whether claims are deleted with the set, and with a pod that is scaled away."""
    policy = owner.spec.persistent_volume_claim_retention_policy
    if policy is None:
        return False, False
    return policy.when_deleted == "Delete", policy.when_scaled == "Delete"


def owners_of_claim(
    owner: StatefulSet, pod: Pod, claim: PersistentVolumeClaim, *, scaled_away: bool
) -> tuple[OwnerReference, ...]:
    """Who should own a claim by the retention policy; as it is, if a stranger or a predecessor has a hand in it."""
    references = claim.metadata.owner_references
    with_set, with_scale = policies(owner)
    if any(_is_predecessor(r, owner, pod) for r in references):
        return references
    others = tuple(r for r in references if r.uid not in (owner.metadata.uid, pod.metadata.uid))
    if any(r.controller for r in others) and (with_set or with_scale):
        return others
    if with_scale and scaled_away:
        return (*others, owned_by(POD, pod))
    if with_set:
        return (*others, owned_by(STATEFUL_SET, owner))
    return others


def _is_predecessor(reference: OwnerReference, owner: StatefulSet, pod: Pod) -> bool:
    """Whether it refers to an earlier set or pod of the same name."""
    named = (reference.kind, reference.name)
    return (named == ("StatefulSet", owner.metadata.name) and reference.uid != owner.metadata.uid) or (
        named == ("Pod", pod.metadata.name) and reference.uid != pod.metadata.uid
    )


def is_stale(owner: StatefulSet, claim: PersistentVolumeClaim, name: str) -> bool:
    """Whether a claim still belongs to a pod that was scaled away, and so is about to go."""
    return policies(owner)[1] and any(r.kind == "Pod" and r.name == name for r in claim.metadata.owner_references)


def misowned(
    owner: StatefulSet, pods: Iterable[Pod], claims: dict[str, PersistentVolumeClaim]
) -> Iterable[PersistentVolumeClaim]:
    """Claims of these pods whose owners are not what the retention policy asks for, put right."""
    for pod in pods:
        ordinal = ordinal_of(owner, pod)
        if ordinal is None:
            continue
        for template in owner.spec.volume_claim_templates:
            claim = claims.get(claim_name(owner, template, ordinal))
            if claim is None:
                continue
            right = owners_of_claim(owner, pod, claim, scaled_away=ordinal not in ordinals(owner))
            if {(r.uid, r.controller) for r in right} != {
                (r.uid, r.controller) for r in claim.metadata.owner_references
            }:
                yield structs.replace(claim, metadata=structs.replace(claim.metadata, owner_references=right))
