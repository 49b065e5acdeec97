"""Makes things as they were, as the caller: a version of what is there, or what was deleted with its dependants.

A preview asks the cluster (dry run) what each write would come to, and writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from armillary.base.errors import ApiError, Conflict, NotFound
from armillary.kube.client import Client
from armillary.kube.kind import Kind
from armillary.platform.capabilities.history.decide.restorable import REMAKING, onto, restorable, same
from armillary.platform.capabilities.history.decide.sight import Recorded
from armillary.platform.capabilities.history.look import Deps, Looker
from armillary.platform.capabilities.history.read import Version, alive, bodies, last, owned
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.fields import Change, changes, redact
from armillary.platform.frame.parts import Deed

MOST_DEPENDANTS = 500
LOST_DATA = "what the volume held does not come back with it"
REMADE = "its controller makes it again"
MANAGER = "armillary-restore"


@dataclass(frozen=True, slots=True)
class Step:
    """One object of a restore. `action`: create, update, unchanged, left or refused."""

    version: Version
    action: str
    message: str = ""
    warnings: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    revision: str = ""  # of the object that is there


@dataclass(frozen=True, slots=True)
class Piece:
    version: Version
    body: Mapping[str, Any]
    remade: bool = False

    @property
    def recorded(self) -> Recorded:
        return self.version.of


@dataclass(slots=True)
class Restore:
    """One run. `expected` is the resourceVersion that a preview told of the object itself; None to go without."""

    deps: Deps
    caller: Caller
    cluster: str
    address: str
    request_id: str
    dry_run: bool
    expected: str | None = None
    _uids: dict[str, str] = field(default_factory=dict)
    _alive: set[str] = field(default_factory=set)

    async def run(self, pieces: Sequence[Piece]) -> list[Step]:
        """The first is the object itself: when it can't be written, nothing is. Raises its ApiError then, unless this
        is a preview."""
        named = {owner["uid"] for piece in pieces for owner in _owners(piece.body)}
        self._alive = await alive(self.deps.database, self.cluster, named)
        client = self.deps.clusters.client_as(self.caller, self.cluster)
        steps: list[Step] = []
        for number, piece in enumerate(pieces):
            try:
                steps.append(await self._one(client, piece, is_root=number == 0))
            except ApiError as exc:
                if number == 0 and not self.dry_run:
                    raise
                steps.append(Step(piece.version, "refused", exc.message))
        return steps

    async def _one(self, client: Client, piece: Piece, *, is_root: bool) -> Step:
        if piece.remade:
            return Step(piece.version, "left", REMADE)
        kind = _kind(piece)
        current = await _find(client, kind, piece.recorded)
        if is_root and self.expected is not None and self.expected != _meta(current).get("resourceVersion", ""):
            raise Conflict(f"{kind.name} {piece.recorded.name!r} has changed since the preview: look again")
        if current is None:
            return await self._create(client, kind, piece)
        self._uids[piece.recorded.uid] = _meta(current)["uid"]
        revision = str(_meta(current).get("resourceVersion") or "")
        if same(piece.body, current):
            return Step(piece.version, "unchanged", revision=revision)
        if not is_root:
            return Step(piece.version, "left", "there is another one of that name", revision=revision)
        wanted = onto(piece.body, current)
        await self._write(client, "PUT", kind.path(piece.recorded.namespace, piece.recorded.name), piece, wanted)
        secret = (kind.group, kind.plural) == ("", "secrets")
        differing = tuple(redact(change, secret=secret) for change in changes(current, wanted))
        return Step(piece.version, "update", changes=differing, revision=revision)

    async def _create(self, client: Client, kind: Kind[Any], piece: Piece) -> Step:
        wanted = restorable(piece.body, self._uids, self._alive)
        made = await self._write(client, "POST", kind.path(piece.recorded.namespace), piece, wanted)
        self._uids[piece.recorded.uid] = made["metadata"]["uid"]
        warnings = (LOST_DATA,) if kind.plural == "persistentvolumeclaims" else ()
        return Step(piece.version, "create", warnings=warnings)

    async def _write(
        self, client: Client, method: str, path: str, piece: Piece, wanted: Mapping[str, Any]
    ) -> dict[str, Any]:
        query = {"fieldManager": MANAGER} | ({"dryRun": "All"} if self.dry_run else {})
        try:
            answer = await client.call(method, path, query=query, body=orjson.dumps(wanted))
        except ApiError as exc:
            self._note(method, piece, "denied" if exc.code == 403 else "failed", exc.code, exc.message)
            raise
        self._note(method, piece, "success", answer.status, f"restored version {piece.version.number}", answer.body)
        made: dict[str, Any] = orjson.loads(answer.body)
        return made

    def _note(self, method: str, piece: Piece, outcome: str, code: int, reason: str, after: bytes = b"") -> None:
        if self.dry_run:
            return
        recorded = piece.recorded
        self.deps.audit.note(
            Deed(
                action="create" if method == "POST" else "update",
                user=self.caller.user,
                outcome=outcome,
                address=self.address,
                session=self.caller.session,
                cluster=self.cluster,
                namespace=recorded.namespace,
                group=recorded.group,
                resource=recorded.resource,
                name=recorded.name,
                code=code,
                reason=reason,
                request_id=self.request_id,
                after=after,
            )
        )


async def pieces(looker: Looker, version: Version, *, dependants: bool) -> list[Piece]:
    """The object itself and, if it was deleted, what went with it; nothing that the caller may not get."""
    deps = looker.deps
    (body,) = await bodies(deps.database, [version])
    found = [Piece(version, body)]
    if not dependants or not version.of.deleted:
        return found
    below = await owned(deps.database, looker.cluster, version.of, MOST_DEPENDANTS)
    kept = {(v.of.id): v for v in await last(deps.database, below)}
    versions = [kept[item.id] for item in below if item.id in kept]
    seen = [one for one in versions if await _may_get(looker, one)]
    remaking = {version.of.uid} if (version.of.group, version.of.resource) in REMAKING else set()
    for one, its in zip(seen, await bodies(deps.database, seen), strict=True):
        remade = any(owner["uid"] in remaking and owner.get("controller") for owner in _owners(its))
        if remade or (one.of.group, one.of.resource) in REMAKING:
            remaking.add(one.of.uid)
        found.append(Piece(one, its, remade))
    return found


async def _may_get(looker: Looker, version: Version) -> bool:
    of = version.of
    there = Looker(looker.deps, looker.caller, looker.cluster, of.namespace)
    sight = await there.sight("get", of.group, of.resource, of.name, {version.workspace})
    return sight.shows(of, version.workspace)


async def _find(client: Client, kind: Kind[Any], recorded: Recorded) -> dict[str, Any] | None:
    try:
        answer = await client.call("GET", kind.path(recorded.namespace, recorded.name))
    except NotFound:
        return None
    found: dict[str, Any] = orjson.loads(answer.body)
    return found


def _kind(piece: Piece) -> Kind[Any]:
    group, _, version = str(piece.body["apiVersion"]).rpartition("/")
    recorded = piece.recorded
    return Kind(group, version, recorded.kind, recorded.resource, bool(recorded.namespace), dict)


def _owners(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return (body.get("metadata") or {}).get("ownerReferences") or []


def _meta(item: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return (item or {}).get("metadata") or {}
