"""What the recorder writes: a batch of signals becomes versions, in one transaction with how far they lead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from armillary.kube.kind import Kind
from armillary.platform.capabilities.history.decide.fold import Observed, happened, observe
from armillary.platform.capabilities.history.follow import Signal
from armillary.platform.capabilities.history.pack import Packed, Packer, number_of, pack
from armillary.platform.capabilities.history.tables import CURSORS, OBJECTS, SCHEMA, VERSIONS
from armillary.platform.capabilities.tenancy.kinds import PLATFORM_NAMESPACE, WORKSPACE_LABEL
from armillary.platform.frame.parts import Database

Resource = tuple[str, str]  # group and plural
Name = tuple[str, str, str, str]  # group, plural, namespace, name

# That it is used now keeps whoever clears up from taking it away at the same time.
_USE_BASIS = text(
    "INSERT INTO history_bases (id, body, used) VALUES (:id, :body, :used)"
    " ON CONFLICT (id) DO UPDATE SET used = excluded.used"
)
_OWN = text("INSERT INTO history_owners (owner, object) VALUES (:owner, :object) ON CONFLICT DO NOTHING")


@dataclass(frozen=True, slots=True)
class Known:
    """What memory holds of an object that is there."""

    id: int
    digest: bytes
    latest: int  # number of its last version
    time: int


@dataclass(slots=True)
class State:
    """One cluster, as it was recorded. `listing` holds what a list under way has shown so far."""

    cluster: str
    known: dict[Resource, dict[str, Known]] = field(default_factory=dict)  # by uid
    cursors: dict[Resource, str] = field(default_factory=dict)
    listing: dict[Resource, set[str]] = field(default_factory=dict)
    workspaces: dict[str, str] = field(default_factory=dict)  # by namespace
    packer: Packer = field(default_factory=Packer)


@dataclass(slots=True)
class _Batch:
    """What one transaction is to write; nothing of it is remembered before it is written."""

    now: datetime
    objects: list[dict[str, Any]] = field(default_factory=list)
    owners: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    bases: dict[int, bytes] = field(default_factory=dict)
    moved: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[dict[str, Any]] = field(default_factory=list)
    known: dict[tuple[Resource, str], Known | None] = field(default_factory=dict)
    cursors: dict[Resource, str] = field(default_factory=dict)
    numbers: dict[Name, int] = field(default_factory=dict)
    returned: set[int] = field(default_factory=set)

    @property
    def micros(self) -> int:
        return round(self.now.timestamp() * 1_000_000)


@dataclass(frozen=True, slots=True)
class Heard:
    """A signal with what it is about; `item` is None where it is about no object."""

    kind: Kind[Any]
    signal: Signal
    item: Observed | None

    @property
    def resource(self) -> Resource:
        return self.kind.group, self.kind.plural


def heard(kind: Kind[Any], signal: Signal) -> Heard | None:
    """None for what is never recorded: the platform's own Secrets, and what has no identity."""
    if not signal.raw:
        return Heard(kind, signal, None)
    item = observe(signal.raw, kind.api_version, kind.name)
    if not item.uid or (kind.plural == "secrets" and not kind.group and item.namespace == PLATFORM_NAMESPACE):
        return Heard(kind, Signal("reached", revision=signal.revision), None) if signal.revision else None
    return Heard(kind, Signal(signal.type, revision=signal.revision), item)


async def load(database: Database, cluster: str) -> State:
    """What is known of a cluster from earlier."""
    state = State(cluster)
    columns = OBJECTS.c
    query = (
        select(
            columns.group, columns.resource, columns.uid, columns.id, columns.digest, columns.latest, VERSIONS.c.time
        )
        .join(VERSIONS, (VERSIONS.c.object == columns.id) & (VERSIONS.c.number == columns.latest))
        .where(columns.cluster == cluster, columns.deleted == 0)
    )
    async with database.read(SCHEMA) as connection:
        for group, resource, uid, *rest in await connection.execute(query):
            state.known.setdefault((group, resource), {})[uid] = Known(*rest)
        for cursor in await connection.execute(select(CURSORS).where(CURSORS.c.cluster == cluster)):
            state.cursors[cursor.group, cursor.resource] = cursor.revision
    return state


async def keep(database: Database, state: State, signals: Sequence[Heard], now: datetime) -> None:
    """All of it or, if this raises, nothing."""
    batch = _Batch(now)
    listing = {resource: set(uids) for resource, uids in state.listing.items()}
    async with database.begin(SCHEMA) as connection:
        batch.numbers = await _numbers(connection, state, signals)
        batch.returned = await _returned(connection, state, signals) if batch.numbers else set()
        for one in signals:
            _take(state, batch, listing, one)
        await _write(connection, state.cluster, batch)
    for (resource, uid), known in batch.known.items():
        if known is None:
            state.known.get(resource, {}).pop(uid, None)
        else:
            state.known.setdefault(resource, {})[uid] = known
    state.cursors |= batch.cursors
    state.listing = listing


async def _numbers(connection: AsyncConnection, state: State, signals: Iterable[Heard]) -> dict[Name, int]:
    """The last number of each name that a new object has."""
    columns = OBJECTS.c
    names = {(*one.resource, one.item.namespace, one.item.name) for one in _news(state, signals) if one.item}
    if not names:
        return {}
    named = columns.group, columns.resource, columns.namespace, columns.name
    query = (
        select(*named, func.max(columns.latest))
        .where(columns.cluster == state.cluster, tuple_(*named).in_(sorted(names)))
        .group_by(*named)
    )
    return {(row[0], row[1], row[2], row[3]): row[4] for row in await connection.execute(query)}


async def _returned(connection: AsyncConnection, state: State, signals: Iterable[Heard]) -> set[int]:
    """Of those that seem new, which were taken for gone before: a cluster was set back, or a list left them out."""
    ids = {_id(state, one.resource, one.item) for one in _news(state, signals) if one.item}
    found = await connection.execute(select(OBJECTS.c.id).where(OBJECTS.c.id.in_(sorted(ids))))
    return set(found.scalars())


def _news(state: State, signals: Iterable[Heard]) -> list[Heard]:
    return [one for one in signals if one.item is not None and one.item.uid not in state.known.get(one.resource, {})]


def _id(state: State, resource: Resource, item: Observed) -> int:
    return number_of(*(part.encode() for part in (state.cluster, *resource, item.uid)))


def _take(state: State, batch: _Batch, listing: dict[Resource, set[str]], one: Heard) -> None:
    resource, item = one.resource, one.item
    if one.signal.revision:
        batch.cursors[resource] = one.signal.revision
    if one.signal.type == "listing":
        listing[resource] = set()
    if one.signal.type == "complete":
        present = listing.pop(resource, set())
        for uid, known in _all_known(state, batch, resource).items():
            if uid not in present:
                batch.known[resource, uid] = None
                batch.deleted.append({"of": known.id, "deleted": max(batch.micros, known.time), "late": 1})
    if item is None:
        return
    if one.signal.type == "listed" and resource in listing:
        listing[resource].add(item.uid)
    if resource == ("", "namespaces"):
        state.workspaces[item.name] = item.labels.get(WORKSPACE_LABEL, "")
    known = _record(state, batch, one, item)
    if one.signal.type == "gone":
        batch.known[resource, item.uid] = None
        batch.deleted.append({"of": known.id, "deleted": max(batch.micros, known.time), "late": 0})
        batch.moved.append({"of": known.id} | _moved(known, one, item, state))


def _all_known(state: State, batch: _Batch, resource: Resource) -> dict[str, Known]:
    found = dict(state.known.get(resource, {}))
    for (of, uid), known in batch.known.items():
        if of == resource:
            if known is None:
                found.pop(uid, None)
            else:
                found[uid] = known
    return found


def _record(state: State, batch: _Batch, one: Heard, item: Observed) -> Known:
    """A new version, unless it is as it was."""
    resource = one.resource
    key = resource, item.uid
    known = batch.known[key] if key in batch.known else state.known.get(resource, {}).get(item.uid)
    if known is not None and known.digest == item.digest:
        return known
    if known is None:
        name = (*resource, item.namespace, item.name)
        number = batch.numbers[name] = batch.numbers.get(name, 0) + 1
        of = _id(state, resource, item)
        time = happened(item, batch.now)
    else:
        number, of = known.latest + 1, known.id
        time = happened(item, batch.now, previous=known.time)
    is_new, known = known is None, Known(of, item.digest, number, time)
    batch.known[key] = known
    batch.owners += [{"owner": uid, "object": of} for uid in item.owners]
    packed = _packed(state, item, one, is_new=is_new)
    if packed.basis is not None:
        batch.bases.setdefault(packed.basis.id, packed.basis.body)
    moved = _moved(known, one, item, state)
    if is_new and of in batch.returned:
        batch.moved.append({"of": of, **moved})
        batch.deleted.append({"of": of, "deleted": 0, "late": 0})
    elif is_new:
        batch.returned.add(of)
        place = {"cluster": state.cluster, "group": resource[0], "resource": resource[1], "kind": one.kind.name}
        named = {"namespace": item.namespace, "name": item.name, "uid": item.uid, "created": item.created or time}
        batch.objects.append({"id": of, "deleted": 0, "late": 0, **place, **named, **moved})
    else:
        batch.moved.append({"of": of, **moved})
    batch.versions.append(
        {
            "object": of,
            "number": number,
            "time": time,
            "seen": batch.micros,
            "late": int(one.signal.type == "listed"),
            "manager": item.manager,
            "revision": item.revision,
            "workspace": moved["workspace"],
            "size": len(item.body),
            "basis": packed.basis.id if packed.basis is not None else 0,
            "body": packed.body,
        }
    )
    return known


def _moved(known: Known, one: Heard, item: Observed, state: State) -> dict[str, Any]:
    """What a new version, or its end, changes about the object's own row."""
    workspace = state.workspaces.get(item.namespace, "") if item.namespace else item.labels.get(WORKSPACE_LABEL, "")
    status = pack(item.status) if item.status else b""
    version = one.kind.version
    return {
        "version": version,
        "workspace": workspace,
        "latest": known.latest,
        "digest": known.digest,
        "status": status,
    }


def _packed(state: State, item: Observed, one: Heard, *, is_new: bool) -> Packed:
    if not is_new:
        return state.packer.pack(item.body, item.uid)
    if one.resource == ("", "secrets"):  # no Secret becomes a part of how another's data is kept
        return state.packer.pack(item.body, "")
    return state.packer.pack(item.body, item.controller or f"{one.kind.group}/{one.kind.plural}")


async def _write(connection: AsyncConnection, cluster: str, batch: _Batch) -> None:
    if batch.bases:
        rows = [{"id": number, "body": pack(body), "used": batch.micros} for number, body in batch.bases.items()]
        await connection.execute(_USE_BASIS, rows)
    if batch.objects:
        await connection.execute(insert(OBJECTS), batch.objects)
    if batch.owners:
        await connection.execute(_OWN, batch.owners)
    if batch.versions:
        await connection.execute(insert(VERSIONS), batch.versions)
    if batch.moved:
        await connection.execute(update(OBJECTS).where(OBJECTS.c.id == bindparam("of")), batch.moved)
    if batch.deleted:
        await connection.execute(update(OBJECTS).where(OBJECTS.c.id == bindparam("of")), batch.deleted)
    for (group, resource), revision in batch.cursors.items():
        where = (CURSORS.c.cluster == cluster) & (CURSORS.c.group == group) & (CURSORS.c.resource == resource)
        await connection.execute(delete(CURSORS).where(where))
        row = {"cluster": cluster, "group": group, "resource": resource, "revision": revision}
        await connection.execute(insert(CURSORS), row)
