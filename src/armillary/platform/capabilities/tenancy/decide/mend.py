"""What brings an object to the state it should have. Pure.

What others added to its metadata stays; the rest is made as wanted, so that edits by hand are put right.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from armillary.kube.kind import Kind
from armillary.kube.kinds.core import NAMESPACE, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import key_of
from armillary.kube.reconcile import Action, Create, Delete, Patch, Update

Actions = tuple[Action, ...]


def have(kind: Kind[Any], wanted: Any, found: Any | None) -> Actions:
    """That object as it is wanted; a binding to another role is made anew, since it can't be changed."""
    if found is None:
        return (Create(kind, wanted),)
    if getattr(found, "role_ref", None) != getattr(wanted, "role_ref", None):
        return (Delete(kind, key_of(found), found.metadata.uid),)
    metadata = _metadata(wanted.metadata, found.metadata)
    others = {"status": found.status} if hasattr(found, "status") else {}  # which is not ours to write
    item = structs.replace(wanted, metadata=metadata, **others)
    return () if item == found else (Update(kind, item),)


def have_not(kind: Kind[Any], found: Any | None) -> Actions:
    return () if found is None else (Delete(kind, key_of(found), found.metadata.uid),)


def _metadata(wanted: ObjectMeta, found: ObjectMeta) -> ObjectMeta:
    return structs.replace(
        found,
        labels={**found.labels, **wanted.labels},
        annotations={**found.annotations, **wanted.annotations},
        owner_references=wanted.owner_references or found.owner_references,
    )


def have_namespace(
    name: str, found: Namespace | None, labels: Mapping[str, str | None], annotations: Mapping[str, str | None]
) -> Actions:
    """A namespace with these labels and annotations; None says that there must be none of that key."""
    if found is None:
        meta = ObjectMeta(name=name, labels=_given(labels), annotations=_given(annotations))
        return (Create(NAMESPACE, Namespace(metadata=meta)),)
    change = {
        "labels": _changes(labels, found.metadata.labels),
        "annotations": _changes(annotations, found.metadata.annotations),
    }
    change = {what: items for what, items in change.items() if items}
    return (Patch(NAMESPACE, ("", found.metadata.name), {"metadata": change}),) if change else ()


def _given(values: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in values.items() if value is not None}


def _changes(wanted: Mapping[str, str | None], found: Mapping[str, str]) -> dict[str, str | None]:
    return {key: value for key, value in wanted.items() if found.get(key) != value}
