"""Objects written as the caller: applied, created or replaced, or only tried, with what that changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
import orjson
from msgspec import UNSET, Meta, Struct, UnsetType

from armillary.base.errors import ApiError, Cause, Denied, Invalid, NotFound
from armillary.kube.client import Client, PatchType
from armillary.kube.discovery import Partial, kinds_of
from armillary.kube.kind import Kind
from armillary.kube.transport.port import Response
from armillary.platform.capabilities.resources.asking import Deps
from armillary.platform.capabilities.resources.decide.outcome import Outcome, outcome_of, plain, warnings_of
from armillary.platform.capabilities.resources.objects.detail import ObjectRef
from armillary.platform.frame.capability import Call
from armillary.platform.frame.gate import check_scopes

MANAGER = "armillary-console"
MOST = 100
Method = Literal["apply", "create", "replace"]


class Applying(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    objects: Annotated[tuple[dict[str, Any], ...], Meta(min_length=1, max_length=MOST)]
    dry_run: Annotated[bool, Meta(description="Only try it: the API server says what would come of it.")] = False
    force: Annotated[bool, Meta(description="Take over fields that others have applied.")] = False
    method: Annotated[
        Method,
        Meta(description="Server-side apply, create, or replace; a resourceVersion in an object must still be right."),
    ] = "apply"
    namespace: Annotated[str, Meta(max_length=63, description="For objects that do not say theirs.")] = ""


class Applied(Struct, frozen=True, kw_only=True):
    ref: ObjectRef
    outcome: Outcome
    warnings: tuple[str, ...] = ()
    before: Annotated[
        dict[str, Any] | None, Meta(description="As it was; null if it was not, or is not theirs to read.")
    ] = None
    after: Annotated[dict[str, Any] | None, Meta(description="As it is, or would be; null if it was refused.")] = None
    status: Annotated[dict[str, Any] | UnsetType, Meta(description="If it was refused: why.")] = UNSET


class AllApplied(Struct, frozen=True, kw_only=True):
    items: tuple[Applied, ...]


async def apply(call: Call, deps: Deps) -> AllApplied:
    """One after the other, in their order: one that is refused holds up none of the others."""
    check_scopes(call.user, "kubernetes", is_read=False)
    body: Applying = call.body
    client = deps.clusters.client_as(call.user, call.path["cluster"])
    known: dict[str, Mapping[str, Kind[Partial]]] = {}
    return AllApplied(items=tuple([await _one(client, item, body, known) for item in body.objects]))


@dataclass(frozen=True, slots=True)
class _Write:
    """One object on its way."""

    kind: Kind[Partial]
    namespace: str
    name: str
    item: dict[str, Any]


async def _one(
    client: Client, item: dict[str, Any], body: Applying, known: dict[str, Mapping[str, Kind[Partial]]]
) -> Applied:
    before: dict[str, Any] | None = None
    ref = _told(item)
    try:
        write = _checked(await _kind(client, item, known), item, body)
        ref = _ref(write)
        before = await _before(client, write)
        answer = await _written(client, write, body)
    except ApiError as exc:
        return Applied(ref=ref, outcome="refused", before=before, status=exc.status())
    after = plain(orjson.loads(answer.body))
    meta = after["metadata"]
    return Applied(
        ref=_ref(_Write(write.kind, write.namespace, meta.get("name") or write.name, item), meta.get("uid") or ""),
        outcome=outcome_of(answer.status, before, after),
        warnings=warnings_of(answer.headers.get("warning", "")),
        before=before,
        after=after,
    )


def _told(item: Mapping[str, Any]) -> ObjectRef:
    """As it says itself, for what is not understood any further."""
    meta = item.get("metadata")
    named = meta if isinstance(meta, dict) else {}
    group, _, version = str(item.get("apiVersion") or "").rpartition("/")
    return ObjectRef(
        kind=str(item.get("kind") or ""),
        name=str(named.get("name") or ""),
        namespace=str(named.get("namespace") or ""),
        group=group,
        version=version,
    )


def _ref(write: _Write, uid: str = "") -> ObjectRef:
    kind = write.kind
    return ObjectRef(
        kind=kind.name,
        name=write.name,
        group=kind.group,
        version=kind.version,
        plural=kind.plural,
        namespace=write.namespace,
        uid=uid,
    )


async def _kind(
    client: Client, item: Mapping[str, Any], known: dict[str, Mapping[str, Kind[Partial]]]
) -> Kind[Partial]:
    """In the version that the object is written in. Raises Invalid, NotFound."""
    version, name = item.get("apiVersion"), item.get("kind")
    for field, value in (("apiVersion", version), ("kind", name)):
        if not isinstance(value, str) or not value:
            raise _fault(field, "FieldValueRequired", "required value")
    version, name = str(version), str(name)
    if version not in known:
        try:
            known[version] = {kind.name: kind for kind in await kinds_of(client, version)}
        except NotFound:
            known[version] = {}
    if name not in known[version]:
        known_again = known.pop(version)  # one of the objects may be what defines it
        raise NotFound(f'no matches for kind "{name}" in version "{version}"; there are {_some(known_again)}')
    return known[version][name]


def _some(known: Mapping[str, object]) -> str:
    return ", ".join(sorted(known)) or "none"


def _checked(kind: Kind[Partial], item: dict[str, Any], body: Applying) -> _Write:
    """With its namespace, and without what only the API server writes. Raises Invalid."""
    meta = item.get("metadata")
    if not isinstance(meta, dict):
        raise _fault("metadata", "FieldValueRequired", "required value")
    kept = {
        key: value for key, value in meta.items() if key not in ("managedFields", "creationTimestamp", "generation")
    }
    name, namespace = kept.get("name") or "", ""
    if not isinstance(name, str) or (not name and not (body.method == "create" and kept.get("generateName"))):
        raise _fault("metadata.name", "FieldValueRequired", "required value")
    if kind.namespaced:
        namespace = kept["namespace"] = kept.get("namespace") or body.namespace
        if not isinstance(namespace, str) or not namespace:
            raise _fault("metadata.namespace", "FieldValueRequired", "required value")
    return _Write(kind, namespace, name, {**item, "metadata": kept})


def _fault(field: str, reason: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", causes=[Cause(reason, field, message)])


async def _before(client: Client, write: _Write) -> dict[str, Any] | None:
    if not write.name:
        return None
    try:
        return plain(orjson.loads((await client.call("GET", write.kind.path(write.namespace, write.name))).body))
    except (NotFound, Denied):
        return None


async def _written(client: Client, write: _Write, body: Applying) -> Response:
    query = {"fieldManager": MANAGER, "fieldValidation": "Strict"} | ({"dryRun": "All"} if body.dry_run else {})
    sent = msgspec.json.encode(write.item)
    match body.method:
        case "create":
            return await client.call("POST", write.kind.path(write.namespace), query=query, body=sent)
        case "replace":
            return await client.call("PUT", write.kind.path(write.namespace, write.name), query=query, body=sent)
    query |= {"force": "true"} if body.force else {}
    path = write.kind.path(write.namespace, write.name)
    return await client.call("PATCH", path, query=query, body=sent, content_type=PatchType.APPLY.value)
