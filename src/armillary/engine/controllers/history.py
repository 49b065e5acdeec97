"""Revisions of a pod template, kept as ControllerRevisions: by stateful sets and daemon sets.

Their data is a patch that brings the template back, as `kubectl rollout undo` applies it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import structs

from armillary.engine.controllers.adoption import Claim, claim
from armillary.engine.controllers.naming import canonical, short_hash
from armillary.kube.kind import Kind
from armillary.kube.kinds.apps import CONTROLLER_REVISION, ControllerRevision
from armillary.kube.kinds.core import PodTemplateSpec
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import controller_of, key_of, owned_by
from armillary.kube.reconcile import Action, Create, Delete, Index, Reads, Update
from armillary.kube.selectors import Selector

LONGEST_PREFIX = 223


def _orphans(item: ControllerRevision) -> Iterable[str]:
    return () if controller_of(item) else (item.metadata.namespace,)


ORPHANS = Index(CONTROLLER_REVISION, "orphan", _orphans)


def observe_history(
    kind: Kind[Any], owner: Any, selector: Selector, reads: Reads
) -> tuple[Claim[ControllerRevision], ControllerRevision | None]:
    """The owner's revisions, oldest first, and whoever holds the name the next one would have."""
    own = reads.by(CONTROLLER_REVISION, "controller", owner.metadata.uid)
    orphans = reads.by(CONTROLLER_REVISION, ORPHANS.name, owner.metadata.namespace)
    held = claim(CONTROLLER_REVISION, (*own, *orphans), kind, owner, selector)
    ordered = sorted(held.held, key=lambda r: (r.revision or 0, r.metadata.creation_timestamp, r.metadata.name))
    name = _name(owner.metadata.name, digest_of(owner.spec.template, owner.status.collision_count))
    return Claim(tuple(ordered), held.actions), reads.get(CONTROLLER_REVISION, name, owner.metadata.namespace)


def data_of(template: PodTemplateSpec) -> dict[str, Any]:
    return {"spec": {"template": {**msgspec.to_builtins(template), "$patch": "replace"}}}


def template_of(revision: ControllerRevision) -> PodTemplateSpec:
    """The template that a revision keeps."""
    kept = {k: v for k, v in revision.data["spec"]["template"].items() if k != "$patch"}
    return msgspec.convert(kept, type=PodTemplateSpec)


def digest_of(template: PodTemplateSpec, collisions: int | None) -> str:
    return short_hash(data_of(template), collisions)


def _name(owner: str, digest: str) -> str:
    return f"{owner[:LONGEST_PREFIX]}-{digest}"


@dataclass(frozen=True, slots=True)
class Present:
    """The revision of the present template; or what must be done so that there is one."""

    revision: ControllerRevision | None
    action: Action | None = None
    collides: bool = False  # the name is taken by another template: count a collision


def present(
    kind: Kind[Any],
    owner: Any,
    revisions: Sequence[ControllerRevision],
    holder: ControllerRevision | None,
    label: str,
) -> Present:
    """`label` is where a revision notes its hash."""
    template: PodTemplateSpec = owner.spec.template
    data = canonical(data_of(template))
    number = max((r.revision or 0 for r in revisions), default=0) + 1
    equal = [r for r in revisions if canonical(r.data) == data]
    if equal:
        if equal[-1] is revisions[-1]:
            return Present(equal[-1])
        # Back at an earlier template: its revision becomes the newest.
        return Present(None, Update(CONTROLLER_REVISION, structs.replace(equal[-1], revision=number)))
    if holder is not None:
        return Present(None, collides=True)
    digest = digest_of(template, owner.status.collision_count)
    made = ControllerRevision(
        metadata=ObjectMeta(
            name=_name(owner.metadata.name, digest),
            namespace=owner.metadata.namespace,
            labels={**template.metadata.labels, label: digest},
            annotations=owner.metadata.annotations,
            owner_references=(owned_by(kind, owner),),
        ),
        data=data_of(template),
        revision=number,
    )
    return Present(None, Create(CONTROLLER_REVISION, made))


def excess(
    revisions: Sequence[ControllerRevision], live: Collection[str], limit: int | None, names: Mapping[str, str]
) -> tuple[Action, ...]:
    """Deletions of the oldest revisions nobody uses, beyond the limit. `names` tells by what each is used."""
    if limit is None:
        return ()
    unused = [r for r in revisions if names[r.metadata.name] not in live]
    doomed = unused[: max(0, len(unused) - limit)]
    return tuple(Delete(CONTROLLER_REVISION, key_of(r), r.metadata.uid) for r in doomed)
