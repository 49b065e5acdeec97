"""Who can do what, why somebody can or can't, and what the caller may do. The cluster has the last word."""

from dataclasses import replace
from typing import Annotated, Any

from msgspec import Struct, structs

from armillary.base.errors import BadRequest
from armillary.base.tasks import gather_limited
from armillary.kube.client import Client
from armillary.kube.custom import doc
from armillary.kube.kinds.authorization import (
    SUBJECT_ACCESS_REVIEW,
    NonResourceAttributes,
    ResourceAttributes,
    SubjectAccessReview,
    SubjectAccessReviewSpec,
    SubjectAccessReviewStatus,
)
from armillary.kube.kinds.core import NAMESPACE
from armillary.platform.capabilities.access.decide.analysis import Grant, Who, grants, grants_to, who_of
from armillary.platform.capabilities.access.decide.remedy import remedies
from armillary.platform.capabilities.access.decide.rules import Permission, held_templates
from armillary.platform.capabilities.access.entrance import absent, enter
from armillary.platform.capabilities.access.kinds import DEPARTMENT, Level
from armillary.platform.capabilities.access.observed import held, observe_people, observe_rbac
from armillary.platform.capabilities.access.places import RBAC, Place, place_of
from armillary.platform.capabilities.access.roles import Rule, shown
from armillary.platform.capabilities.access.templates.all import CATALOGUES
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.capabilities.tenancy.kinds import CLUSTER, GROUP, WORKSPACE
from armillary.platform.frame.capability import Call
from armillary.platform.frame.parts import HOST, Asked, Parts

MOST_CONFIRMED = 200
AT_ONCE = 16


class What(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """As a SubjectAccessReview has it; `url` instead of a resource for what is none."""

    verb: Annotated[str, doc("get, list, create, ...", min_length=1, max_length=63)]
    resource: Annotated[str, doc("As in paths; may have a subresource: pods/exec.", max_length=253)] = ""
    group: Annotated[str, doc("The API group; none for the core.", max_length=253)] = ""
    namespace: Annotated[str, doc("Where; the whole cluster if empty.", max_length=63)] = ""
    name: Annotated[str, doc("Of one object.", max_length=253)] = ""
    url: Annotated[str, doc("A path such as /metrics.", max_length=253)] = ""
    cluster: Annotated[str, doc("Which cluster.", max_length=63)] = HOST


class WhatOfWhom(What, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    user: Annotated[str, doc("Whom it is about; the caller if empty.", max_length=63)] = ""


class Via(Struct, frozen=True, kw_only=True, rename="camel"):
    """A binding that grants it, and the rule of its role that says so."""

    binding: str
    namespace: str
    role: str
    subjects: Annotated[tuple[str, ...], doc("As the binding names them: User ..., Group ...")]
    rule: Rule


class Able(Struct, frozen=True, kw_only=True, rename="camel"):
    user: str
    bindings: tuple[str, ...]
    confirmed: Annotated[bool | None, doc("The cluster's own answer; not asked for very many.")] = None


class WhoCan(Struct, frozen=True, kw_only=True, rename="camel"):
    users: Annotated[tuple[Able, ...], doc("Accounts of the platform.")]
    grants: Annotated[tuple[Via, ...], doc("All grants, to others than accounts too.")]


class RemedyView(Struct, frozen=True, kw_only=True, rename="camel"):
    level: Level
    place: str
    templates: tuple[str, ...]
    role: Annotated[str, doc("The smallest built-in role that allows it.")]
    granted_by: Annotated[tuple[str, ...], doc("Who could give it.")]


class Explained(Struct, frozen=True, kw_only=True, rename="camel"):
    user: str
    allowed: bool
    reason: Annotated[str, doc("In the cluster's own words.")]
    grants: tuple[Via, ...]
    remedies: Annotated[tuple[RemedyView, ...], doc("What would allow it, if it is not; to who may see roles there.")]


class Where(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The platform unless a workspace, a project in it or a cluster is named."""

    workspace: Annotated[str, doc("A workspace.", max_length=63)] = ""
    project: Annotated[str, doc("One of its projects.", max_length=63)] = ""
    devopsproject: Annotated[str, doc("One of its DevOps projects.", max_length=63)] = ""
    cluster: Annotated[str, doc("A cluster.", max_length=63)] = ""


class Mine(Struct, frozen=True, kw_only=True, rename="camel"):
    level: Level
    templates: tuple[str, ...]


async def who_can(call: Call, parts: Parts) -> WhoCan:
    what: What = call.query
    asked = _permission(what)
    await _may_ask(call, parts, what)
    people, rbac = observe_people(parts), await observe_rbac(parts, what.cluster)
    found = grants(rbac, asked, what.namespace)
    by: dict[str, list[str]] = {}
    for grant in found:
        for user in sorted({user for subject in grant.binding.subjects for user in people.of(subject)}):
            by.setdefault(user, []).append(_named(grant))
    client = parts.clusters.client(what.cluster)
    verdicts: dict[str, bool] = {}

    async def confirm(user: str) -> None:
        verdicts[user] = bool((await review(client, people.known[user], asked, what.namespace)).allowed)

    await gather_limited(AT_ONCE, [confirm(user) for user in sorted(by)[:MOST_CONFIRMED]])
    users = [Able(user=user, bindings=tuple(by[user]), confirmed=verdicts.get(user)) for user in sorted(by)]
    return WhoCan(users=tuple(users), grants=tuple(map(_via, found)))


def _permission(what: What) -> Permission:
    if bool(what.resource) == bool(what.url):
        raise BadRequest("name a resource or a url, and not both")
    if what.url:
        return Permission("", "", what.verb, url=what.url)
    return Permission(what.group, what.resource, what.verb, what.name)


async def _may_ask(call: Call, parts: Parts, what: What) -> None:
    """Whoever may see the bindings there."""
    await sees_cluster(call, parts, what.cluster)
    plural = "rolebindings" if what.namespace else "clusterrolebindings"
    await parts.rights.demand(call.user, Asked("list", RBAC, plural, what.namespace), cluster=what.cluster)


async def sees_cluster(call: Call, parts: Parts, cluster: str) -> None:
    """Another cluster than the host is not there for who may not see it."""
    if cluster == HOST:
        return
    seen = cluster in parts.clusters.names()
    if not seen or not (await parts.rights.may(call.user, Asked("get", GROUP, CLUSTER.plural, name=cluster))).allowed:
        raise absent(CLUSTER, cluster)


def _named(grant: Grant) -> str:
    meta = grant.binding.metadata
    return f"{meta.namespace}/{meta.name}" if meta.namespace else str(meta.name)


def _via(grant: Grant) -> Via:
    meta = grant.binding.metadata
    return Via(
        binding=meta.name,
        namespace=meta.namespace,
        role=f"{grant.binding.role_ref.kind} {grant.binding.role_ref.name}",
        subjects=tuple(f"{s.kind} {s.namespace + '/' if s.namespace else ''}{s.name}" for s in grant.binding.subjects),
        rule=shown(grant.rule),
    )


async def review(client: Client, who: Who, asked: Permission, namespace: str) -> SubjectAccessReviewStatus:
    """The cluster's own answer."""
    resource, _, subresource = asked.resource.partition("/")
    spec = SubjectAccessReviewSpec(user=who.user, groups=tuple(sorted(who.groups)))
    if asked.url:
        spec = structs.replace(spec, non_resource_attributes=NonResourceAttributes(path=asked.url, verb=asked.verb))
    else:
        attributes = ResourceAttributes(
            verb=asked.verb,
            group=asked.group,
            resource=resource,
            subresource=subresource,
            namespace=namespace,
            name=asked.name,
        )
        spec = structs.replace(spec, resource_attributes=attributes)
    return (await client.create(SUBJECT_ACCESS_REVIEW, SubjectAccessReview(spec=spec))).status


async def explain(call: Call, parts: Parts) -> Explained:
    """Of oneself anybody may ask; of others who may see the bindings there."""
    what: WhatOfWhom = call.query
    asked, user = _permission(what), what.user or call.user.user
    if user != call.user.user:
        await _may_ask(call, parts, what)
    else:
        await sees_cluster(call, parts, what.cluster)
    who = _who(call, parts, user)
    rbac = await observe_rbac(parts, what.cluster)
    status = await review(parts.clusters.client(what.cluster), who, asked, what.namespace)
    found = grants_to(rbac, who, asked, what.namespace)
    missing: list[Any] = []
    if not status.allowed and await sees_roles(call, parts, what.namespace, what.cluster):
        missing = remedies(
            rbac, observe_people(parts), places_around(parts, what.namespace, what.cluster), asked, what.namespace
        )
    return Explained(
        user=user,
        allowed=bool(status.allowed),
        reason=status.reason,
        grants=tuple(map(_via, found)),
        remedies=tuple(
            RemedyView(level=r.level, place=r.place, templates=r.templates, role=r.role, granted_by=r.granted_by)
            for r in missing
        ),
    )


def _who(call: Call, parts: Parts, user: str) -> Who:
    """The caller with the groups they came with, others as signing in would have them."""
    if user == call.user.user:
        return Who(call.user.kube_user, frozenset(call.user.kube_groups))
    known = parts.reads.get(USER, user)
    if known is None:
        raise absent(USER, user)
    return who_of(user, known.spec.groups, parts.reads.list(DEPARTMENT))


async def sees_roles(call: Call, parts: Parts, namespace: str, cluster: str) -> bool:
    """Whether the caller may know who could give what there."""
    plural = "rolebindings" if namespace else "clusterrolebindings"
    return (await parts.rights.may(call.user, Asked("list", RBAC, plural, namespace), cluster=cluster)).allowed


def places_around(parts: Parts, namespace: str, cluster: str) -> tuple[Place, ...]:
    """Where a permission could be given: at the place itself, then further out."""
    outer = (Place("cluster", cluster=cluster), *((Place("platform"),) if cluster == HOST else ()))
    space = parts.reads.get(NAMESPACE, namespace) if namespace and cluster == HOST else None
    place = place_of(space) if space is not None else None
    if place is None:
        return outer
    above = parts.reads.get(WORKSPACE, place.workspace)
    home = above.status.namespace if above is not None else ""
    inner = (Place("workspace", namespace=home, workspace=place.workspace, home=home),) if home else ()
    return ((place,) if place.level == "workspace" else (place, *inner)) + outer


async def mine(call: Call, parts: Parts) -> Mine:
    """What the console shows and hides by: the templates all of whose permissions are held."""
    where: Where = call.query
    level = _level(where)
    path = {name: getattr(where, name) for name in ("workspace", "project", "devopsproject", "cluster")}
    place = await enter(replace(call, path=path), parts, level)
    own = await held(parts.clusters.client_as(call.user, place.cluster), place.namespace)
    return Mine(level=level, templates=held_templates(CATALOGUES[level], own))


def _level(where: Where) -> Level:
    inner = [name for name in (where.project, where.devopsproject) if name]
    if len(inner) > 1 or (inner and not where.workspace) or (where.cluster and where.workspace):
        raise BadRequest("name a cluster, a workspace, or one project of a workspace")
    if where.cluster:
        return "cluster"
    if where.workspace and inner:
        return "project" if where.project else "devopsproject"
    return "workspace" if where.workspace else "platform"
