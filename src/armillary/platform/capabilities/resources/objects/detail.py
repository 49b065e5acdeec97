"""One object with what hangs together with it."""

from typing import Annotated, Any

import orjson
from msgspec import Meta, Struct

from armillary.base.errors import BadRequest, Cause
from armillary.kube.kinds.core import NAMESPACE
from armillary.platform.capabilities.resources.around import observe, sort_of
from armillary.platform.capabilities.resources.asking import Deps, name_of
from armillary.platform.capabilities.resources.decide.happened import in_order, is_about
from armillary.platform.capabilities.resources.decide.related import Related, contents, goes_with, related
from armillary.platform.capabilities.resources.decide.rows import columns_of, row_of
from armillary.platform.capabilities.resources.decide.state import State, state_of
from armillary.platform.capabilities.resources.decide.thing import Sort, Thing
from armillary.platform.capabilities.resources.library import Name
from armillary.platform.capabilities.tenancy.kinds import GROUP as TENANCY
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE_LABEL
from armillary.platform.frame.capability import Call
from armillary.platform.frame.gate import check_scopes

MOST_EVENTS, MOST_RELATED, MOST_GOING = 100, 500, 500
EVENTS: Name = ("", "v1", "events")
IN_NAMESPACE: tuple[Name, ...] = (
    ("apps", "v1", "deployments"),
    ("apps", "v1", "statefulsets"),
    ("apps", "v1", "daemonsets"),
    ("apps", "v1", "replicasets"),
    ("apps", "v1", "controllerrevisions"),
    ("batch", "v1", "cronjobs"),
    ("batch", "v1", "jobs"),
    ("", "v1", "replicationcontrollers"),
    ("", "v1", "pods"),
    ("", "v1", "services"),
    ("discovery.k8s.io", "v1", "endpointslices"),
    ("networking.k8s.io", "v1", "ingresses"),
    ("", "v1", "persistentvolumeclaims"),
    ("", "v1", "secrets"),
    ("", "v1", "configmaps"),
    ("", "v1", "serviceaccounts"),
    ("autoscaling", "v2", "horizontalpodautoscalers"),
    ("policy", "v1", "poddisruptionbudgets"),
)
IN_CLUSTER: tuple[Name, ...] = (("", "v1", "persistentvolumes"), ("storage.k8s.io", "v1", "storageclasses"))


class DetailQuery(Struct, frozen=True, kw_only=True):
    namespace: Annotated[str, Meta(max_length=63, description="Where it is; none for what is in no namespace.")] = ""


class ObjectRef(Struct, frozen=True, kw_only=True):
    """`plural` is empty where the kind is not known here."""

    kind: str
    name: str
    group: str = ""
    version: str = ""
    plural: str = ""
    namespace: str = ""
    uid: str = ""


class ShownRelated(Struct, frozen=True, kw_only=True):
    relation: Annotated[
        str,
        Meta(
            description="owner, owned, service, route, pod, workload, user, claim, secret, configmap, account, "
            "autoscaler, budget, volume, class, content."
        ),
    ]
    ref: ObjectRef
    status: State = ""
    detail: Annotated[str, Meta(description="In the kind's own words: 2/3, CrashLoopBackOff, Bound.")] = ""
    via: Annotated[str, Meta(description="Of what is owned, the uid of its own owner.")] = ""
    known: Annotated[bool, Meta(description="False of what is named and not there, or not theirs to see.")] = True


class Going(Struct, frozen=True, kw_only=True):
    """What else goes when it is deleted."""

    items: Annotated[tuple[ShownRelated, ...], Meta(description=f"At most {MOST_GOING}.")]
    total: int
    counts: Annotated[dict[str, int], Meta(description="By kind.")]


class Detail(Struct, frozen=True, kw_only=True):
    object: Annotated[dict[str, Any], Meta(description="The whole object without managedFields.")]
    related: Annotated[tuple[ShownRelated, ...], Meta(description=f"At most {MOST_RELATED}.")]
    events: Annotated[tuple[dict[str, Any], ...], Meta(description="Whole events, the newest first.")]
    deletes: Going
    withheld: Annotated[tuple[str, ...], Meta(description="Kinds that the caller may not list there.")]


async def detail(call: Call, deps: Deps) -> Detail:
    check_scopes(call.user, "kubernetes", is_read=True)
    query: DetailQuery = call.query
    name = name_of(call.path["group"], call.path["version"], call.path["plural"])
    cluster = call.path["cluster"]
    served = await deps.library.served(cluster, name)
    kind = served.kind
    if kind.namespaced and not query.namespace:
        cause = Cause("FieldValueRequired", "namespace", "required value")
        raise BadRequest(f"namespace: {kind.plural} are in namespaces; say in which", causes=[cause])
    namespace = query.namespace if kind.namespaced else ""
    client = deps.clusters.client_as(call.user, cluster)
    found: dict[str, Any] = orjson.loads((await client.call("GET", kind.path(namespace, call.path["name"]))).body)
    found["metadata"].pop("managedFields", None)
    subject = Thing(sort_of(served), row_of(columns_of(()), {"object": found, "cells": ()}))
    names = (*IN_NAMESPACE, *IN_CLUSTER) if namespace else ()
    around = await observe(deps, call.user, cluster, namespace, tuple(dict.fromkeys((*names, *_kin(name)))))
    inside = [await observe(deps, call.user, cluster, space, IN_NAMESPACE) for space in _spaces(subject, deps)]
    going = (*goes_with(subject, around.things), *(each for space in inside for each in contents(space.things)))
    counts: dict[str, int] = {}
    for each in going:
        counts[each.kind] = counts.get(each.kind, 0) + 1
    return Detail(
        object=found,
        related=tuple(_shown(each, around.sorts) for each in related(subject, around.things)[:MOST_RELATED]),
        events=await _events(call, deps, cluster, subject),
        deletes=Going(
            items=tuple(_shown(each, around.sorts) for each in going[:MOST_GOING]), total=len(going), counts=counts
        ),
        withheld=tuple(sorted({*around.withheld, *(kind for space in inside for kind in space.withheld)})),
    )


def _spaces(subject: Thing, deps: Deps) -> list[str]:
    """The namespaces that go with it."""
    if subject.sort.group == "" and subject.kind == "Namespace":
        return [subject.name]
    if subject.sort.group != TENANCY:
        return []
    if subject.sort.kind == "Workspace":
        spaces = (n.metadata for n in deps.reads.list(NAMESPACE))
        return [meta.name for meta in spaces if meta.labels.get(WORKSPACE_LABEL) == subject.name]
    namespace = subject.status.get("namespace")
    return [str(namespace)] if namespace else []


def _kin(name: Name) -> tuple[Name, ...]:
    """Its own kind: custom resources often own each other."""
    return (name,) if name not in IN_CLUSTER and name != EVENTS else ()


def _shown(each: Related, sorts: dict[str, Sort]) -> ShownRelated:
    group, _, version = each.api_version.rpartition("/")
    sort = each.thing.sort if each.thing is not None else None if each.api_version else sorts.get(each.kind)
    ref = ObjectRef(
        kind=sort.kind if sort is not None else each.kind,
        name=each.name,
        group=sort.group if sort is not None else group,
        version=sort.version if sort is not None else version,
        plural=sort.plural if sort is not None else "",
        namespace=each.thing.namespace if each.thing is not None else "",
        uid=each.thing.uid if each.thing is not None else "",
    )
    status, said = state_of(each.thing) if each.thing is not None else ("", "")
    return ShownRelated(
        relation=each.relation, ref=ref, status=status, detail=said, via=each.via, known=each.thing is not None
    )


async def _events(call: Call, deps: Deps, cluster: str, subject: Thing) -> tuple[dict[str, Any], ...]:
    """None where the caller may not list events. Those of what is in no namespace stand in `default`."""
    around = await observe(deps, call.user, cluster, subject.namespace or "default", (EVENTS,))
    about = (e for e in around.things.get("Event", ()) if is_about(e.row, e.index, subject.uid, "", ""))
    return tuple(dict(event) for event in in_order(e.object for e in about)[:MOST_EVENTS])
