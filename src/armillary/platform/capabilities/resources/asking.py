"""What may be asked of a list, and of which namespaces the caller is told."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from armillary.base.clock import Clock
from armillary.base.errors import BadRequest, Cause
from armillary.kube.discovery import Served
from armillary.kube.kinds.core import NAMESPACE
from armillary.kube.runner import Caches
from armillary.kube.selectors import EVERYTHING, Selector, parse_selector
from armillary.platform.capabilities.resources.decide.grammar import Order, check_columns, parse_filter, parse_sort
from armillary.platform.capabilities.resources.decide.rows import Columns, known_columns
from armillary.platform.capabilities.resources.decide.select import Wanted
from armillary.platform.capabilities.resources.library import Library, Name
from armillary.platform.capabilities.resources.live.budget import Budget
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE_LABEL
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.parts import Asked, Clusters, Rights
from armillary.platform.frame.rights import refusal

CORE = "core"  # the core group, in paths


@dataclass(frozen=True, slots=True)
class Deps:
    library: Library
    rights: Rights
    reads: Caches
    clusters: Clusters
    clock: Clock
    budget: Budget


class Asking(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a list holds and in which order, whatever the page."""

    namespace: Annotated[str, Meta(description="One namespace; every one the caller may list if empty.")] = ""
    workspace: Annotated[str, Meta(description="All namespaces of a workspace.")] = ""
    q: Annotated[str, Meta(max_length=256, description="Words that must all be found.")] = ""
    label_selector: str = ""
    filter: Annotated[str, Meta(max_length=1024, description="Conditions on columns: `status=Running,restarts>3`.")] = (
        ""
    )
    sort: Annotated[str, Meta(max_length=256, description="Columns, `-` for descending: `-created,name`.")] = ""
    count_by: Annotated[str, Meta(description="A column whose values are counted over everything found.")] = ""
    full: Annotated[bool, Meta(description="With whole objects.")] = False


def name_of(group: str, version: str, plural: str) -> Name:
    return "" if group == CORE else group, version, plural


async def where(deps: Deps, caller: Caller, cluster: str, served: Served, namespace: str) -> frozenset[str] | None:
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


def within(deps: Deps, allowed: frozenset[str] | None, workspace: str) -> frozenset[str] | None:
    """Of the namespaces that are allowed, those of a workspace."""
    if not workspace:
        return allowed
    labelled = (n for n in deps.reads.list(NAMESPACE) if n.metadata.labels.get(WORKSPACE_LABEL) == workspace)
    inside = frozenset(namespace.metadata.name for namespace in labelled)
    return inside if allowed is None else inside & allowed


def wanted(asking: Asking, columns: Columns, namespaces: frozenset[str] | None, offset: int, limit: int) -> Wanted:
    """Raises BadRequest."""
    known = known_columns(columns)
    conditions, orders = parse_filter(asking.filter), parse_sort(asking.sort)
    check_columns(conditions, known, "filter")
    check_columns(orders, known, "sort")
    return Wanted(
        namespaces=namespaces,
        words=tuple(asking.q.lower().split()),
        labels=_labels(asking.label_selector),
        conditions=conditions,
        orders=orders,
        offset=offset,
        limit=limit,
    )


def counted(asking: Asking, columns: Columns) -> str:
    """The column whose values are counted; "" for none. Raises BadRequest."""
    column = asking.count_by.lower()
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
