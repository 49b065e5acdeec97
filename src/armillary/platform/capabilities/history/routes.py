"""History's calls. Each shows exactly what the caller may get, or list, now; all else is not there."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from armillary.base.clock import format_micro_time, parse_time
from armillary.base.errors import BadRequest, NotFound
from armillary.platform.capabilities.history import read
from armillary.platform.capabilities.history.decide.bin import collapse
from armillary.platform.capabilities.history.decide.sight import Recorded
from armillary.platform.capabilities.history.difference import unified
from armillary.platform.capabilities.history.look import Deps, Looker
from armillary.platform.capabilities.history.read import Named, Version
from armillary.platform.capabilities.history.restore import Restore, Step, pieces
from armillary.platform.frame.capability import Call, Open, Route
from armillary.platform.frame.fields import changes

MOST_PATHS = 10  # that a list tells of each version
MOST_COMPARED = 100  # versions of a list that are compared with the one before


class VersionItem(Struct, frozen=True, kw_only=True, rename="camel"):
    """What an object was from `time` on."""

    number: int
    time: str
    change: Annotated[str, Meta(description="`created`, `updated` or, of the first that was seen, `found`.")]
    by: Annotated[str, Meta(description="The user, where the change came through the platform.")]
    manager: Annotated[str, Meta(description="The program, as the cluster was told.")]
    late: Annotated[bool, Meta(description="Seen after a gap: there may have been others before it.")]
    uid: str
    size: int
    fields: Annotated[tuple[str, ...], Meta(description="The first fields that changed.")] = ()
    deleted: Annotated[str, Meta(description="When the object went, if this was its last version.")] = ""
    deleted_late: Annotated[bool, Meta(description="It went at some time before that.")] = False


class VersionList(Struct, frozen=True, kw_only=True):
    items: Annotated[tuple[VersionItem, ...], Meta(description="Newest first.")]


class VersionBody(Struct, frozen=True, kw_only=True):
    """A version with the object as it was; its status is that of the last version."""

    version: VersionItem
    object: dict[str, Any]


class DiffQuery(Struct, frozen=True, kw_only=True):
    from_: Annotated[int, Meta(description="A version's number; the one before `to` if 0.", ge=0, le=2**31 - 1)] = (
        field(default=0, name="from")
    )
    to: Annotated[int, Meta(description="A version's number; the newest if 0.", ge=0, le=2**31 - 1)] = 0


class FieldDiff(Struct, frozen=True, kw_only=True):
    path: str
    old: Any = None
    new: Any = None


class Diff(Struct, frozen=True, kw_only=True):
    from_: int = field(name="from")
    to: int
    fields: tuple[FieldDiff, ...]
    text: Annotated[str, Meta(description="Unified, of YAML.")]


class AsOfQuery(Struct, frozen=True, kw_only=True):
    time: Annotated[str, Meta(description="RFC 3339.")]
    namespace: Annotated[str, Meta(description="What is in no namespace, if empty.")] = ""
    resource: Annotated[str, Meta(description="In the plural; every kind if empty.")] = ""


class BinQuery(Struct, frozen=True, kw_only=True):
    namespace: Annotated[str, Meta(description="What was in no namespace, if empty.")] = ""


class RecordedItem(Struct, frozen=True, kw_only=True, rename="camel"):
    """An object that was recorded."""

    group: str
    version: str
    kind: str
    resource: str
    namespace: str
    name: str
    uid: str
    number: Annotated[int, Meta(description="Of the version that counts here.")]
    created: str
    deleted: str = ""
    late: Annotated[bool, Meta(description="It went at some time before `deleted`.")] = False


class RecordedList(Struct, frozen=True, kw_only=True):
    items: tuple[RecordedItem, ...]


class DiscardedItem(Struct, frozen=True, kw_only=True):
    root: RecordedItem
    dependants: Annotated[tuple[RecordedItem, ...], Meta(description="What went with it.")]


class DiscardedList(Struct, frozen=True, kw_only=True):
    items: Annotated[tuple[DiscardedItem, ...], Meta(description="Newest first.")]


class RestoreBody(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    number: Annotated[int, Meta(description="The version; the newest if 0.", ge=0, le=2**31 - 1)] = 0
    dependants: Annotated[bool, Meta(description="With what went with it, if it was deleted.")] = True
    dry_run: Annotated[bool, Meta(description="Only say what would be done.")] = False
    resource_version: Annotated[
        str | None, Meta(description="As the preview told it: refuse if it has changed. Not compared if null.")
    ] = None


class StepItem(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is done to one object."""

    group: str
    kind: str
    resource: str
    namespace: str
    name: str
    number: int
    action: Annotated[str, Meta(description="`create`, `update`, `unchanged`, `left` or `refused`.")]
    message: str
    warnings: tuple[str, ...]
    fields: tuple[FieldDiff, ...]
    resource_version: str


class Restored(Struct, frozen=True, kw_only=True, rename="camel"):
    dry_run: bool
    items: Annotated[tuple[StepItem, ...], Meta(description="The object itself first.")]


def _named(call: Call) -> Named:
    path = {name: "" if value == "-" else value for name, value in call.path.items()}
    return Named(path["cluster"], path["group"], path["resource"], path["namespace"], path["name"])


def _looker(call: Call, deps: Deps, named: Named) -> Looker:
    return Looker(deps, call.user, named.cluster, named.namespace)


async def list_versions(call: Call, deps: Deps) -> VersionList:
    named = _named(call)
    found = await _looker(call, deps, named).versions(named)
    compared = found[: MOST_COMPARED + 1]
    whole = await read.bodies(deps.database, compared)
    paths = [tuple(c.path for c in changes(old, new)[:MOST_PATHS]) for new, old in pairwise(whole)]
    told = [*paths, *[()] * (len(found) - len(paths))]
    by = await _authors(deps, named, found)
    same = [a.of.uid == b.of.uid for a, b in pairwise(found)]
    items = [
        _item(version, by, fields if follows else (), follows=follows)
        for version, fields, follows in zip(found, told, [*same, False], strict=True)
    ]
    return VersionList(items=tuple(items))


async def get_version(call: Call, deps: Deps) -> VersionBody:
    named = _named(call)
    number = call.path["number"]
    if not (number.isascii() and number.isdigit() and 0 < len(number) < 10 and int(number)):
        raise BadRequest(f"{number!r} is not a version's number")
    found = await _looker(call, deps, named).versions(named)
    version = _chosen(named, found, int(number))
    (body,) = await read.bodies(deps.database, [version])
    if version.number == version.of.latest:
        status = await read.status(deps.database, version.of)
        body |= {"status": status} if status is not None else {}
    follows = any(v.of.uid == version.of.uid and v.number < version.number for v in found)
    item = _item(version, await _authors(deps, named, [version]), follows=follows)
    return VersionBody(version=item, object=body)


async def diff(call: Call, deps: Deps) -> Diff:
    named, query = _named(call), call.query
    found = await _looker(call, deps, named).versions(named)
    to = _chosen(named, found, query.to or found[0].number)
    before = [version.number for version in found if version.number < to.number]
    origin = _chosen(named, found, query.from_ or (before[0] if before else to.number))
    old, new = await read.bodies(deps.database, [origin, to])
    names = [f"version {v.number} of {_time(v.time)}" for v in (origin, to)]
    text = await asyncio.to_thread(unified, old, new, *names)
    fields = tuple(FieldDiff(path=c.path, old=c.old, new=c.new) for c in changes(old, new))
    return Diff(from_=origin.number, to=to.number, fields=fields, text=text)


async def as_of(call: Call, deps: Deps) -> RecordedList:
    cluster, query = call.path["cluster"], call.query
    try:
        at = round(parse_time(query.time).timestamp() * 1_000_000)
    except ValueError as exc:
        raise BadRequest(f"{query.time!r} is no time: give 2026-01-31T08:00:00Z") from exc
    found = await read.existed(deps.database, cluster, query.namespace, at, query.resource)
    looker = Looker(deps, call.user, cluster, query.namespace)
    seen = {item.id for item in await _listed(looker, [version.of for version in found])}
    return RecordedList(items=tuple(_recorded(v.of, v.number) for v in found if v.of.id in seen))


async def recycle_bin(call: Call, deps: Deps) -> DiscardedList:
    cluster, namespace = call.path["cluster"], call.query.namespace
    looker = Looker(deps, call.user, cluster, namespace)
    found = await _listed(looker, await read.deleted(deps.database, cluster, namespace))
    owners = await read.owners(deps.database, found)
    alive = await read.alive(deps.database, cluster, {uid for uids in owners.values() for uid in uids})
    return DiscardedList(
        items=tuple(
            DiscardedItem(
                root=_recorded(one.root, one.root.latest),
                dependants=tuple(_recorded(item, item.latest) for item in one.dependants),
            )
            for one in collapse(found, owners, alive)
        )
    )


async def restore(call: Call, deps: Deps) -> Restored:
    named, body = _named(call), call.body
    looker = _looker(call, deps, named)
    found = await looker.versions(named)
    version = _chosen(named, found, body.number or found[0].number)
    run = Restore(
        deps=deps,
        caller=call.user,
        cluster=named.cluster,
        address=call.address,
        request_id=call.request_id,
        dry_run=body.dry_run,
        expected=body.resource_version,
    )
    steps = await run.run(await pieces(looker, version, dependants=body.dependants))
    return Restored(dry_run=body.dry_run, items=tuple(map(_step, steps)))


async def _listed(looker: Looker, objects: Sequence[Recorded]) -> list[Recorded]:
    """Nothing, of a cluster that there is not: as of one where they may see nothing."""
    try:
        return await looker.listed(objects)
    except NotFound:
        return []


def _chosen(named: Named, found: Sequence[Version], number: int) -> Version:
    chosen = next((version for version in found if version.number == number), None)
    if chosen is None:
        raise NotFound(f"{named.resource} {named.name!r} has no version {number} that is kept", name=named.name)
    return chosen


async def _authors(deps: Deps, named: Named, found: Sequence[Version]) -> dict[str, str]:
    revisions = [version.revision for version in found]
    where = named.cluster, named.group, named.resource, named.namespace, named.name
    return dict(await deps.authors.authors(*where, revisions))


def _item(version: Version, by: dict[str, str], fields: tuple[str, ...] = (), *, follows: bool) -> VersionItem:
    """`follows`: there is one before it of the same object."""
    of = version.of
    began = "created" if version.time <= of.created + 2_000_000 else "found"  # creation times have whole seconds
    ended = of.deleted and version.number == of.latest
    return VersionItem(
        number=version.number,
        time=_time(version.time),
        change="updated" if follows else began,
        by=by.get(version.revision, ""),
        manager=version.manager,
        late=version.late,
        uid=of.uid,
        size=version.size,
        fields=fields,
        deleted=_time(of.deleted) if ended else "",
        deleted_late=bool(ended and of.late),
    )


def _recorded(of: Recorded, number: int) -> RecordedItem:
    return RecordedItem(
        group=of.group,
        version=of.version,
        kind=of.kind,
        resource=of.resource,
        namespace=of.namespace,
        name=of.name,
        uid=of.uid,
        number=number,
        created=_time(of.created),
        deleted=_time(of.deleted) if of.deleted else "",
        late=of.late,
    )


def _step(step: Step) -> StepItem:
    of = step.version.of
    return StepItem(
        group=of.group,
        kind=of.kind,
        resource=of.resource,
        namespace=of.namespace,
        name=of.name,
        number=step.version.number,
        action=step.action,
        message=step.message,
        warnings=step.warnings,
        fields=tuple(FieldDiff(path=c.path, old=c.old, new=c.new) for c in step.changes),
        resource_version=step.revision,
    )


def _time(micros: int) -> str:
    return format_micro_time(datetime.fromtimestamp(micros / 1_000_000, UTC))


_OBJECT = "/clusters/{cluster}/history/{group}/{version}/{resource}/{namespace}/{name}"

# Each is restricted by its handler to what the caller may see in that cluster.
ROUTES: tuple[Route[Deps], ...] = (
    Route(
        "GET",
        _OBJECT,
        list_versions,
        needs=Open.SIGNED_IN,
        returns=VersionList,
        summary='The versions of an object. "-" stands for the core group, and for no namespace.',
    ),
    Route(
        "GET",
        _OBJECT + "/versions/{number}",
        get_version,
        needs=Open.SIGNED_IN,
        returns=VersionBody,
        summary="An object as it was.",
    ),
    Route(
        "GET",
        _OBJECT + "/diff",
        diff,
        needs=Open.SIGNED_IN,
        query=DiffQuery,
        returns=Diff,
        summary="How two versions of an object differ.",
    ),
    Route(
        "POST",
        _OBJECT + "/restore",
        restore,
        needs=Open.SIGNED_IN,
        body=RestoreBody,
        returns=Restored,
        summary="Make an object as it was, or make it again with its dependants, under the caller's own rights.",
    ),
    Route(
        "GET",
        "/clusters/{cluster}/asof",
        as_of,
        needs=Open.SIGNED_IN,
        query=AsOfQuery,
        returns=RecordedList,
        summary="What existed in a namespace at a moment.",
    ),
    Route(
        "GET",
        "/clusters/{cluster}/recyclebin",
        recycle_bin,
        needs=Open.SIGNED_IN,
        query=BinQuery,
        returns=DiscardedList,
        summary="What was deleted in a namespace and can be restored.",
    ),
)
