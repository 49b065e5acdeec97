"""Lists of any kind: searched, filtered, sorted, page by page, and only what the caller may list."""

import asyncio
import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta, Struct

from armillary.base.errors import ApiError, BadRequest, Cause
from armillary.kube.discovery import Served
from armillary.kube.kinds.core import NAMESPACE
from armillary.kube.runner import Caches
from armillary.kube.selectors import EVERYTHING, Selector, parse_selector
from armillary.platform.capabilities.resources.decide.grammar import Order, check_columns, parse_filter, parse_sort
from armillary.platform.capabilities.resources.decide.rows import Columns, Row, known_columns, object_of
from armillary.platform.capabilities.resources.decide.select import Wanted, matching, select
from armillary.platform.capabilities.resources.library import Library, Name
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE_LABEL
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.capability import Call, Open, Route
from armillary.platform.frame.parts import HOST, Asked, Rights
from armillary.platform.frame.rights import refusal

CORE = "core"  # the core group, in paths
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


@dataclass(frozen=True, slots=True)
class Deps:
    library: Library
    rights: Rights
    reads: Caches


class ListQuery(Struct, frozen=True, kw_only=True, rename="camel"):
    namespace: Annotated[str, Meta(description="One namespace; every one the caller may list if empty.")] = ""
    workspace: Annotated[str, Meta(description="All namespaces of a workspace.")] = ""
    q: Annotated[str, Meta(max_length=256, description="Words that must all be found.")] = ""
    label_selector: str = ""
    filter: Annotated[str, Meta(max_length=1024, description="Conditions on columns: `status=Running,restarts>3`.")] = (
        ""
    )
    sort: Annotated[str, Meta(max_length=256, description="Columns, `-` for descending: `-created,name`.")] = ""
    page: Annotated[int, Meta(ge=1)] = 1
    limit: Annotated[int, Meta(ge=1, le=MOST)] = 100
    count_by: Annotated[str, Meta(description="A column whose values are counted over everything found.")] = ""
    full: Annotated[bool, Meta(description="With whole objects.")] = False


class ShownRow(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    name: str
    namespace: str = ""
    uid: str = ""
    created: str = ""
    labels: dict[str, str] = {}
    cells: tuple[Any, ...] = ()
    object: Any = None


class ShownColumn(Struct, frozen=True, kw_only=True):
    name: Annotated[str, Meta(description="As filter and sort name it.")]
    title: str
    type: str


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
    name = _name(call)
    cluster = call.path["cluster"]
    served = await deps.library.served(cluster, name)
    where = await _where(deps, call.user, cluster, served, query.namespace)
    shelf = await deps.library.shelf(cluster, name)
    rows = shelf.rows
    wanted = _wanted(query, rows.columns, _within(deps, where, query.workspace))
    page = select(rows, wanted, _count_by(query, rows.columns))
    return Listed(
        columns=_columns(rows.columns),
        items=tuple(_shown(row, full=query.full) for row in page.rows),
        total=page.total,
        resource_version=shelf.revision,
        counts=page.counts,
    )


def _name(call: Call) -> Name:
    group = call.path["group"]
    return "" if group == CORE else group, call.path["version"], call.path["plural"]


async def _where(deps: Deps, caller: Caller, cluster: str, served: Served, namespace: str) -> frozenset[str] | None:
    """In which namespaces the caller may list; None for everywhere. Raises Denied as the API server would."""
    kind = served.kind
    asked = Asked("list", kind.group, kind.plural, namespace if kind.namespaced else "")
    if namespace and kind.namespaced:
        await deps.rights.demand(caller, asked, cluster=cluster)
        return frozenset({namespace})
    found = await deps.rights.namespaces(caller, asked, cluster=cluster)
    if found is not None and not kind.namespaced:
        raise refusal(caller, asked)
    return found


def _within(deps: Deps, where: frozenset[str] | None, workspace: str) -> frozenset[str] | None:
    if not workspace:
        return where
    labelled = (n for n in deps.reads.list(NAMESPACE) if n.metadata.labels.get(WORKSPACE_LABEL) == workspace)
    inside = frozenset(namespace.metadata.name for namespace in labelled)
    return inside if where is None else inside & where


def _wanted(query: ListQuery, columns: Columns, where: frozenset[str] | None) -> Wanted:
    """Raises BadRequest."""
    known = known_columns(columns)
    conditions, orders = parse_filter(query.filter), parse_sort(query.sort)
    check_columns(conditions, known, "filter")
    check_columns(orders, known, "sort")
    return Wanted(
        namespaces=where,
        words=tuple(query.q.lower().split()),
        labels=_labels(query.label_selector),
        conditions=conditions,
        orders=orders,
        offset=(query.page - 1) * query.limit,
        limit=query.limit,
    )


def _count_by(query: ListQuery, columns: Columns) -> str:
    """Raises BadRequest."""
    column = query.count_by.lower()
    check_columns((Order(column, descending=False),) if column else (), known_columns(columns), "countBy")
    return column


def _labels(text: str) -> Selector:
    if not text:
        return EVERYTHING
    try:
        return parse_selector(text)
    except ValueError as exc:
        cause = Cause("FieldValueInvalid", "labelSelector", str(exc))
        raise BadRequest(f"labelSelector: {exc}", causes=[cause]) from exc


def _columns(columns: Columns) -> tuple[ShownColumn, ...]:
    return tuple(
        ShownColumn(name=name, title=title, type=type_)
        for (name, _), title, type_ in zip(columns.index.items(), columns.titles, columns.types, strict=True)
    )


def _shown(row: Row, *, full: bool = False) -> ShownRow:
    return ShownRow(
        name=row.name,
        namespace=row.namespace,
        uid=row.uid,
        created=row.created,
        labels=dict(row.labels),
        cells=row.cells,
        object=object_of(row) if full else None,
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
        where = await _where(deps, call.user, cluster, served, "")
        if where is not None and not where:
            return None
        shelf = await deps.library.shelf(cluster, name)
    except ApiError:
        return None
    rows = matching(shelf.rows, Wanted(namespaces=where, words=words))
    kind = served.kind
    return Found(
        group=kind.group,
        version=kind.version,
        kind=kind.name,
        plural=kind.plural,
        total=len(rows),
        items=tuple(map(_shown, _nearest(rows, words))),
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
)
