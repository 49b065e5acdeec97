"""The RBAC of a cluster and the platform's people, read for an analysis; and what a caller holds there."""

from typing import Any

from armillary.base.errors import ApiError
from armillary.kube.client import Client
from armillary.kube.kind import Kind
from armillary.kube.kinds.authorization import (
    SELF_SUBJECT_RULES_REVIEW,
    SelfSubjectRulesReview,
    SelfSubjectRulesReviewSpec,
)
from armillary.kube.kinds.rbac import CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING, PolicyRule
from armillary.platform.capabilities.access.decide.analysis import People, Rbac, people_of, rbac_of
from armillary.platform.capabilities.access.decide.memberships import is_escalation, readable
from armillary.platform.capabilities.access.decide.rules import Permission, missing, permissions_of
from armillary.platform.capabilities.access.kinds import DEPARTMENT
from armillary.platform.capabilities.access.places import Place
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.parts import HOST, Parts

NOWHERE = "armillary-nowhere"  # a namespace that is not there: only what counts everywhere is held in it
_PAGE = 500


async def observe_rbac(parts: Parts, cluster: str = HOST) -> Rbac:
    """From memory for the host cluster, else asked of the cluster."""
    if cluster == HOST:
        reads = parts.reads
        return rbac_of(
            reads.list(ROLE), reads.list(CLUSTER_ROLE), reads.list(ROLE_BINDING), reads.list(CLUSTER_ROLE_BINDING)
        )
    client = parts.clusters.client(cluster)
    return rbac_of(
        await every(client, ROLE),
        await every(client, CLUSTER_ROLE),
        await every(client, ROLE_BINDING),
        await every(client, CLUSTER_ROLE_BINDING),
    )


async def every(client: Client, kind: Kind[Any], namespace: str = "", labels: str = "") -> list[Any]:
    """A whole list, page by page."""
    found: list[Any] = []
    token = ""
    while True:
        page = await client.list(kind, namespace, labels=labels, limit=_PAGE, continue_token=token)
        found += page.items
        token = page.continue_token
        if not token:
            return found


def observe_people(parts: Parts) -> People:
    users = {user.metadata.name: user.spec.groups for user in parts.reads.list(USER) if not user.spec.disabled}
    return people_of(users, parts.reads.list(DEPARTMENT))


async def held(client: Client, namespace: str) -> frozenset[Permission]:
    """All that the client's user may do there, by SelfSubjectRulesReview."""
    spec = SelfSubjectRulesReviewSpec(namespace=namespace or NOWHERE)
    status = (await client.create(SELF_SUBJECT_RULES_REVIEW, SelfSubjectRulesReview(spec=spec))).status
    rules = [
        PolicyRule(
            api_groups=rule.api_groups, resources=rule.resources, resource_names=rule.resource_names, verbs=rule.verbs
        )
        for rule in status.resource_rules
    ]
    urls = [
        PolicyRule(non_resource_urls=rule.non_resource_urls, verbs=rule.verbs) for rule in status.non_resource_rules
    ]
    return permissions_of((*rules, *urls))


async def explained(parts: Parts, caller: Caller, place: Place, role: str, error: ApiError) -> ApiError:
    """A refusal to give that role, in words a person can use."""
    if not is_escalation(error):
        return error
    client = parts.clusters.client(place.cluster)
    found = await client.find(place.role_kind, place.prefix + role, place.namespace)
    rules = found.rules if found is not None else ()
    return await explained_rules(parts, caller, place, f"role {role!r}", rules, error)


async def explained_rules(
    parts: Parts, caller: Caller, place: Place, what: str, rules: tuple[PolicyRule, ...], error: ApiError
) -> ApiError:
    """The same for rules that are about to be written."""
    if not is_escalation(error):
        return error
    own = await held(parts.clusters.client_as(caller, place.cluster), place.namespace)
    return readable(error, what, missing(own, permissions_of(rules)))
