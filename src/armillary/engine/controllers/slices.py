"""How endpoints are laid out in slices: as few writes as possible, at most so many in one. Pure.

Upstream: staging/src/k8s.io/endpointslice, "reconcileByPortMapping".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import structs

from armillary.engine.controllers.naming import generated
from armillary.kube.kinds.discovery import ENDPOINT_SLICE, Endpoint, EndpointPort, EndpointSlice
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import is_ending, key_of
from armillary.kube.reconcile import Action, Create, Delete, Update

MOST = 100  # endpoints in a slice, as upstream's default
SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"

Shape = tuple[str, tuple[EndpointPort, ...]]  # address family and ports: one slice has one of these


@dataclass(frozen=True, slots=True)
class Wanted:
    """What slices should contain, and the metadata all of them share; `name` tells slices made apart."""

    meta: ObjectMeta
    endpoints: Mapping[Shape, Sequence[Endpoint]]
    names: Sequence[str]  # for those to be made


def names(prefix: str, *seed: object, endpoints: Mapping[Shape, Sequence[Endpoint]]) -> list[str]:
    """As many names as could be needed."""
    number = sum(len(some) // MOST + 1 for some in endpoints.values())
    return [generated(prefix, *seed, ordinal) for ordinal in range(number)]


def arrange(wanted: Wanted, existing: Iterable[EndpointSlice], most: int = MOST) -> tuple[Action, ...]:
    """The writes that bring slices from how they are to what is wanted."""
    free = iter(wanted.names)
    mine = [s for s in existing if not is_ending(s)]
    actions: list[Action] = []
    kept: set[str] = set()
    for shape, endpoints in wanted.endpoints.items():
        fitting = [s for s in mine if shape == (s.address_type, s.ports)]
        kept |= {s.metadata.name for s in fitting}
        actions += _arrange_shape(wanted, shape, endpoints, fitting, free, most)
    return _reused(actions, [s for s in mine if s.metadata.name not in kept])


def _reused(actions: list[Action], unfit: list[EndpointSlice]) -> tuple[Action, ...]:
    """A slice no longer needed becomes one that is, if their addresses are of one family; the rest goes."""
    result: list[Action] = []
    for action in actions:
        if isinstance(action, Create):
            made: EndpointSlice = action.item
            old = next((s for s in unfit if s.address_type == made.address_type), None)
            if old is not None:
                unfit.remove(old)
                changed = structs.replace(made, metadata=_with_meta(old, made.metadata))
                result.append(Update(ENDPOINT_SLICE, changed))
                continue
        result.append(action)
    return (*result, *map(_delete, unfit))


def _arrange_shape(
    wanted: Wanted,
    shape: Shape,
    endpoints: Sequence[Endpoint],
    fitting: Sequence[EndpointSlice],
    free: Iterable[str],
    most: int,
) -> list[Action]:
    left = {_identity(e): e for e in endpoints}
    contents: dict[str, list[Endpoint]] = {}
    for old in fitting:
        here = [left.pop(_identity(e)) for e in old.endpoints if _identity(e) in left]
        contents[old.metadata.name] = here
    rest = list(left.values())
    # Slices that must be written anyway are filled first; then others; what is still left gets new ones.
    for old in sorted(fitting, key=lambda s: tuple(contents[s.metadata.name]) == s.endpoints):
        here = contents[old.metadata.name]
        room = max(0, most - len(here))
        here += rest[:room]
        rest = rest[room:]
    actions: list[Action] = []
    remaining = len(fitting)
    for old in fitting:
        new = tuple(contents[old.metadata.name])
        if not new and (remaining > 1 or rest):
            actions.append(_delete(old))
            remaining -= 1
        elif new != old.endpoints or not _has_meta(old, wanted.meta):
            actions.append(
                Update(ENDPOINT_SLICE, structs.replace(old, endpoints=new, metadata=_with_meta(old, wanted.meta)))
            )
    chunks = [rest[at : at + most] for at in range(0, len(rest), most)] or ([[]] if not fitting else [])
    for name, chunk in zip(free, chunks, strict=False):
        meta = structs.replace(wanted.meta, name=name)
        made = EndpointSlice(metadata=meta, address_type=shape[0], ports=shape[1], endpoints=tuple(chunk))
        actions.append(Create(ENDPOINT_SLICE, made))
    return actions


def _identity(endpoint: Endpoint) -> tuple[str, tuple[str, ...]]:
    return (endpoint.target_ref.uid if endpoint.target_ref else "", endpoint.addresses)


def _has_meta(old: EndpointSlice, meta: ObjectMeta) -> bool:
    return old.metadata.labels == meta.labels and meta.annotations.items() <= old.metadata.annotations.items()


def _with_meta(old: EndpointSlice, meta: ObjectMeta) -> ObjectMeta:
    annotations = {**old.metadata.annotations, **meta.annotations}
    return structs.replace(old.metadata, labels=meta.labels, annotations=annotations)


def _delete(old: EndpointSlice) -> Delete:
    return Delete(ENDPOINT_SLICE, key_of(old), old.metadata.uid)


def by_service(old: EndpointSlice) -> Iterable[str]:
    """The values under which the cache files slices: who manages them for which service."""
    labels = old.metadata.labels
    return [f"{labels.get(MANAGED_BY, '')}/{old.metadata.namespace}/{labels.get(SERVICE_NAME, '')}"]
