"""The log's calls: lists, one event, an export. Everybody sees their own deeds; others' where they may list events."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import orjson
from msgspec import Meta, Struct

from armillary.base.clock import format_micro_time
from armillary.base.errors import BadRequest, NotFound
from armillary.platform.capabilities.audit.decide import Row, Scope, micros, moment
from armillary.platform.capabilities.audit.query import Filters, event, events
from armillary.platform.capabilities.audit.scope import LIST, Deps, observe_scope
from armillary.platform.capabilities.tenancy.kinds import GROUP as TENANCY
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE
from armillary.platform.frame.capability import Call, Open, Route
from armillary.platform.frame.parts import Asked

MOST = 1000
_FILTERED = ("user", "action", "outcome", "cluster", "workspace", "namespace", "group", "resource", "name")


class AuditQuery(Struct, frozen=True, kw_only=True):
    user: Annotated[str, Meta(description="Who did it.")] = ""
    action: Annotated[
        str, Meta(description="A verb (create, update, patch, delete, exec, ...) or login, logout, ...")
    ] = ""
    outcome: Annotated[str, Meta(description="`success`, `denied` or `failed`.")] = ""
    cluster: str = ""
    workspace: str = ""
    namespace: str = ""
    group: Annotated[str, Meta(description="API group of the resource.")] = ""
    resource: Annotated[str, Meta(description="In the plural, as in RBAC rules: `deployments`.")] = ""
    name: str = ""
    since: Annotated[str, Meta(description="RFC 3339, or how long ago: `2h`.")] = ""
    until: Annotated[str, Meta(description="RFC 3339, or how long ago: `30m`.")] = ""
    text: Annotated[str, Meta(description="Stands somewhere in an event.", max_length=256)] = ""
    limit: Annotated[int, Meta(description="Events in a page.", ge=1, le=MOST)] = 100
    continue_: Annotated[str, Meta(description="From the page before.", pattern="^[0-9]{0,18}$")] = msgspec.field(
        default="", name="continue"
    )


class FieldChange(Struct, frozen=True, kw_only=True):
    """A field that a write changed; credentials are redacted."""

    path: str
    old: Any = None
    new: Any = None


class AuditEvent(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who did what, when, from where, to which object."""

    id: str
    time: str
    user: str
    action: str
    outcome: str
    address: str
    agent: str
    cluster: str
    workspace: str
    namespace: str
    group: str
    resource: str
    subresource: str
    name: str
    code: int
    reason: str
    request_id: str
    changes: tuple[FieldChange, ...]


class AuditPage(Struct, frozen=True, kw_only=True):
    items: tuple[AuditEvent, ...]
    continue_: Annotated[str, Meta(description="Give it for the next page; none after the last.")] = msgspec.field(
        default="", name="continue"
    )


async def list_events(call: Call, deps: Deps) -> AuditPage:
    return await _page(call, deps, await observe_scope(deps, call.user), {})


async def list_workspace_events(call: Call, deps: Deps) -> AuditPage:
    """Exactly as if it were not there for whoever may not see the workspace at all."""
    name = call.path["workspace"]
    workspace = deps.reads.get(WORKSPACE, name)
    scope = await observe_scope(deps, call.user)
    is_seen = workspace is not None and (
        scope.everything
        or name in scope.workspaces
        or (await deps.rights.may(call.user, Asked("get", TENANCY, WORKSPACE.plural, name=name))).allowed
    )
    if not is_seen:
        raise NotFound(
            f'{WORKSPACE.plural}.{TENANCY} "{name}" not found', group=TENANCY, kind=WORKSPACE.plural, name=name
        )
    return await _page(call, deps, scope, {"workspace": name})


async def get_event(call: Call, deps: Deps) -> AuditEvent:
    number = call.path["event"]
    found = None
    if number.isascii() and number.isdigit() and len(number) <= 18:
        found = await event(deps.database, await observe_scope(deps, call.user), int(number))
    if found is None:
        raise NotFound(
            f'{LIST.resource}.{LIST.group} "{number}" not found', group=LIST.group, kind=LIST.resource, name=number
        )
    return _told(found)


async def export(call: Call, deps: Deps) -> AsyncIterator[AuditEvent]:
    """What is wrong with the question is said before the first line."""
    scope = await observe_scope(deps, call.user)
    return _lines(deps, scope, _filters(call.query, {}, deps))


async def _lines(deps: Deps, scope: Scope, filters: Filters) -> AsyncIterator[AuditEvent]:
    async with aclosing(events(deps.database, scope, filters)) as found:
        async for row in found:
            yield _told(row)


async def _page(call: Call, deps: Deps, scope: Scope, fixed: dict[str, str]) -> AuditPage:
    query: AuditQuery = call.query
    rows: list[Row] = []
    async with aclosing(events(deps.database, scope, _filters(query, fixed, deps))) as found:
        async for row in found:
            if len(rows) == query.limit:
                return AuditPage(items=tuple(map(_told, rows)), continue_=str(rows[-1]["id"]))
            rows.append(row)
    return AuditPage(items=tuple(map(_told, rows)))


def _filters(query: AuditQuery, fixed: dict[str, str], deps: Deps) -> Filters:
    same = {name: value for name in _FILTERED if (value := getattr(query, name))} | fixed
    if any("\x00" in value for value in (*same.values(), query.text)):
        raise BadRequest("a filter holds a character that no event does")
    now = deps.clock.now()
    return Filters(
        same=same,
        since=micros(moment(query.since, now)) if query.since else 0,
        until=micros(moment(query.until, now)) if query.until else 0,
        text=query.text,
        before=int(query.continue_ or 0),
    )


def _told(row: Row) -> AuditEvent:
    shown = {name: row[name] for name in AuditEvent.__struct_fields__ if name in row}
    at = datetime.fromtimestamp(row["time"] / 1_000_000, UTC)
    changes = tuple(FieldChange(**change) for change in orjson.loads(row["changes"]))
    return AuditEvent(**{**shown, "id": str(row["id"]), "time": format_micro_time(at), "changes": changes})


ROUTES: tuple[Route[Deps], ...] = (
    Route(
        "GET",
        "/audit",
        list_events,
        needs=Open.SIGNED_IN,  # restricted to what the caller may see, as all of these
        query=AuditQuery,
        returns=AuditPage,
        summary="Who did what, newest first: one's own deeds, and others' where one may list events.",
    ),
    Route(
        "GET",
        "/audit/export",
        export,
        needs=Open.SIGNED_IN,
        query=AuditQuery,
        returns=AuditEvent,
        summary="The same as JSON lines, all of it.",
    ),
    Route(
        "GET",
        "/audit/{event}",
        get_event,
        needs=Open.SIGNED_IN,
        returns=AuditEvent,
        summary="One event.",
    ),
    Route(
        "GET",
        "/workspaces/{workspace}/audit",
        list_workspace_events,
        needs=Open.SIGNED_IN,
        query=AuditQuery,
        returns=AuditPage,
        summary="Who did what in a workspace, newest first.",
    ),
)
