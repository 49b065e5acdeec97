"""Lists of any kind: searched, filtered, sorted, page by page, and only what the caller may list."""

import asyncio
import heapq
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from armillary.base.errors import ApiError
from armillary.platform.capabilities.resources.asking import Asking, Deps, counted, name_of, wanted, where, within
from armillary.platform.capabilities.resources.attention import Attention, attention
from armillary.platform.capabilities.resources.decide.rows import Row
from armillary.platform.capabilities.resources.decide.select import Wanted, matching, select
from armillary.platform.capabilities.resources.library import Name
from armillary.platform.capabilities.resources.live.route import PROTOCOL, live
from armillary.platform.capabilities.resources.objects.apply import AllApplied, Applying, apply
from armillary.platform.capabilities.resources.objects.detail import Detail, DetailQuery, detail
from armillary.platform.capabilities.resources.shown import ShownColumn, ShownRow, shown_columns, shown_row
from armillary.platform.capabilities.resources.topology import MapQuery, Topology, topology
from armillary.platform.frame.capability import Call, Open, Route
from armillary.platform.frame.parts import HOST

MOST = 500
SEARCHED: tuple[Name, ...] = (
    ("tenancy.armillary.io", "v1", "workspaces"),
    ("tenancy.armillary.io", "v1", "projects"),
    ("tenancy.armillary.io", "v1", "devopsprojects"),
    ("iam.armillary.io", "v1", "users"),
    ("apps", "v1", "deployments"),
    ("apps", "v1", "statefulsets"),
    ("apps", "v1", "daemonsets"),
    ("batch", "v1", "jobs"),
    ("batch", "v1", "cronjobs"),
    ("", "v1", "pods"),
    ("", "v1", "services"),
    ("networking.k8s.io", "v1", "ingresses"),
    ("", "v1", "configmaps"),
    ("", "v1", "secrets"),
    ("", "v1", "persistentvolumeclaims"),
    ("", "v1", "nodes"),
)
EACH = 5  # of a kind, in a search


class ListQuery(Asking, frozen=True, kw_only=True, rename="camel"):
    page: Annotated[int, Meta(ge=1)] = 1
    limit: Annotated[int, Meta(ge=1, le=MOST)] = 100


class Listed(Struct, frozen=True, kw_only=True, rename="camel"):
    columns: tuple[ShownColumn, ...]
    items: tuple[ShownRow, ...]
    total: Annotated[int, Meta(description="How many were found, on all pages.")]
    resource_version: str
    counts: dict[str, int]


class ShownKind(Struct, frozen=True, kw_only=True):
    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    verbs: tuple[str, ...]


class Kinds(Struct, frozen=True, kw_only=True):
    items: tuple[ShownKind, ...]
    failures: dict[str, str]


class SearchQuery(Struct, frozen=True, kw_only=True):
    q: Annotated[str, Meta(min_length=1, max_length=256, description="Words that must all be found.")]
    cluster: str = HOST


class Found(Struct, frozen=True, kw_only=True):
    """What was found of one kind."""

    group: str
    version: str
    kind: str
    plural: str
    total: int
    items: tuple[ShownRow, ...]


class SearchResult(Struct, frozen=True, kw_only=True):
    items: tuple[Found, ...]


async def list_(call: Call, deps: Deps) -> Listed:
    query: ListQuery = call.query
    name = name_of(call.path["group"], call.path["version"], call.path["plural"])
    cluster = call.path["cluster"]
    served = await deps.library.served(cluster, name)
    allowed = await where(deps, call.user, cluster, served, query.namespace)
    shelf = await deps.library.shelf(cluster, name)
    rows = shelf.rows
    namespaces = within(deps, allowed, query.workspace)
    asked = wanted(query, rows.columns, namespaces, (query.page - 1) * query.limit, query.limit)
    page = select(rows, asked, counted(query, rows.columns))
    return Listed(
        columns=shown_columns(rows.columns),
        items=tuple(shown_row(row, full=query.full) for row in page.rows),
        total=page.total,
        resource_version=shelf.revision,
        counts=page.counts,
    )


async def kinds(call: Call, deps: Deps) -> Kinds:
    found = await deps.library.kinds(call.path["cluster"])
    shown = tuple(
        ShownKind(
            group=served.kind.group,
            version=served.kind.version,
            kind=served.kind.name,
            plural=served.kind.plural,
            namespaced=served.kind.namespaced,
            verbs=tuple(sorted(served.verbs)),
        )
        for served in found.resources
    )
    return Kinds(items=shown, failures=found.failures)


async def search(call: Call, deps: Deps) -> SearchResult:
    query: SearchQuery = call.query
    words = tuple(query.q.lower().split())
    found = await asyncio.gather(*(_search_one(call, deps, query.cluster, name, words) for name in SEARCHED))
    return SearchResult(items=tuple(one for one in found if one is not None and one.total))


async def _search_one(call: Call, deps: Deps, cluster: str, name: Name, words: tuple[str, ...]) -> Found | None:
    """None where the caller may not look, or the cluster serves no such thing."""
    try:
        served = await deps.library.served(cluster, name)
        allowed = await where(deps, call.user, cluster, served, "")
        if allowed is not None and not allowed:
            return None
        shelf = await deps.library.shelf(cluster, name)
    except ApiError:
        return None
    rows = matching(shelf.rows, Wanted(namespaces=allowed, words=words))
    kind = served.kind
    return Found(
        group=kind.group,
        version=kind.version,
        kind=kind.name,
        plural=kind.plural,
        total=len(rows),
        items=tuple(map(shown_row, _nearest(rows, words))),
    )


def _nearest(rows: Sequence[Row], words: tuple[str, ...]) -> list[Row]:
    """Names that are the words, or begin with them, before those that only hold them somewhere."""

    def distance(row: Row) -> tuple[int, int]:
        named = sum(0 if row.name == word else 1 if row.name.startswith(word) else 2 for word in words)
        return named, len(row.name)

    return heapq.nsmallest(EACH, rows, key=distance)


ROUTES: tuple[Route[Deps], ...] = (
    Route(
        "GET",
        "/clusters/{cluster}/resources/{group}/{version}/{plural}",
        list_,
        needs=Open.SIGNED_IN,  # restricted to what the caller may list
        query=ListQuery,
        returns=Listed,
        summary="A page of objects of any kind, searched, filtered and sorted; `core` is the core group.",
    ),
    Route(
        "GET",
        "/clusters/{cluster}/kinds",
        kinds,
        needs=Open.SIGNED_IN,
        returns=Kinds,
        summary="Which kinds a cluster serves.",
    ),
    Route(
        "GET",
        "/search",
        search,
        needs=Open.SIGNED_IN,
        query=SearchQuery,
        returns=SearchResult,
        summary="Objects of several kinds whose name, labels or columns hold the words.",
    ),
    Route(
        "POST",
        "/clusters/{cluster}/apply",
        apply,
        needs=Open.SIGNED_IN,  # written as the caller
        body=Applying,
        returns=AllApplied,
        summary="Apply, create or replace objects as the caller, or only try it; with each as it was and as it is.",
    ),
    Route(
        "GET",
        "/clusters/{cluster}/objects/{group}/{version}/{plural}/{name}",
        detail,
        needs=Open.SIGNED_IN,  # read as the caller; what hangs together with it, of kinds that they may list
        query=DetailQuery,
        returns=Detail,
        summary="An object with what hangs together with it, its events, and what else goes when it is deleted.",
    ),
    Route(
        "GET",
        "/clusters/{cluster}/topology",
        topology,
        needs=Open.SIGNED_IN,  # restricted to kinds that the caller may list
        query=MapQuery,
        returns=Topology,
        summary="What a namespace's routes, services, workloads, pods, claims, secrets and config maps have to do "
        "with each other.",
    ),
    Route(
        "GET",
        "/me/attention",
        attention,
        needs=Open.SIGNED_IN,  # of what the caller may list
        returns=Attention,
        summary="What does not work in all places that I see, each with one line that says why.",
    ),
    Route(
        "GET",
        "/live",
        live,
        needs=Open.SIGNED_IN,  # each thing that is asked for is restricted to what the caller may see
        socket=True,
        summary="A WebSocket that tells lists, objects and events, and again whenever they change.",
        about=PROTOCOL,
    ),
)
