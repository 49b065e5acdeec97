"""What every object has, and a few questions asked of all of them."""

from typing import Protocol, TypeVar

from armillary.kube.kind import Kind
from armillary.kube.kinds.core import ObjectReference
from armillary.kube.kinds.meta import ObjectMeta, OwnerReference


class Object(Protocol):
    """Anything with metadata."""

    @property
    def metadata(self) -> ObjectMeta: ...


O = TypeVar("O", bound=Object)  # noqa: E741  # "an object", as T is "a type"
Key = tuple[str, str]  # namespace ("" if cluster-scoped), name


def key_of(item: Object) -> Key:
    return item.metadata.namespace, item.metadata.name


def controller_of(item: Object) -> OwnerReference | None:
    """The owner that manages this object; there is at most one."""
    return next((o for o in item.metadata.owner_references if o.controller), None)


def owned_by(kind: Kind[O], owner: O) -> OwnerReference:
    """A controller's owner reference, as the built-in controllers write it."""
    return OwnerReference(
        api_version=kind.api_version,
        kind=kind.name,
        name=owner.metadata.name,
        uid=owner.metadata.uid,
        controller=True,
        block_owner_deletion=True,
    )


def is_ending(item: Object) -> bool:
    """Whether its deletion was asked for."""
    return bool(item.metadata.deletion_timestamp)


def reference(kind: Kind[O], item: O, field_path: str = "") -> ObjectReference:
    """A reference for an event's `involvedObject`."""
    meta = item.metadata
    return ObjectReference(
        api_version=kind.api_version,
        kind=kind.name,
        namespace=meta.namespace,
        name=meta.name,
        uid=meta.uid,
        resource_version=meta.resource_version,
        field_path=field_path,
    )
