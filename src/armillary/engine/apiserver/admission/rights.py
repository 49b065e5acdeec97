"""Plugins that ask whether the user may pass rights on: in roles and bindings, owner references, certificates.

Semantics and wording: k8s.io/kubernetes, pkg/registry/rbac and plugin/pkg/admission/{gc,certificates}.
"""

from collections.abc import Callable

from armillary.engine.apiserver.admission.plugin import CREATE, UPDATE, Plugin
from armillary.engine.apiserver.auth.rbac import BINDINGS, CLUSTER_BINDINGS, CLUSTER_ROLES, GROUP, ROLES, Rbac
from armillary.engine.apiserver.auth.refusal import not_admitted
from armillary.engine.apiserver.auth.rules import Rule, describe_rules, missing_rules, parse_rules, quoted
from armillary.engine.apiserver.auth.users import MASTERS
from armillary.engine.apiserver.ports import AdmissionRequest, Attributes, Authorizer
from armillary.engine.kinds.certificates import name_requester
from armillary.engine.kinds.faults import shown
from armillary.engine.kinds.resource import Json, Resource

FindKind = Callable[[str, str], Resource | None]  # apiVersion, kind

SIGNING_REQUESTS = "certificatesigningrequests.certificates.k8s.io"
_EVERYTHING = (Rule(("*",), ("*",), ("*",)), Rule(("*",), paths=("*",)))


def escalation(rbac: Rbac, authorizer: Authorizer) -> Plugin:
    """Who writes a role or binding must hold what it gives, or have the verb `escalate` or `bind`."""

    def check(request: AdmissionRequest) -> None:
        new, old, user = request.object, request.old, request.user
        if new is None or request.subresource or request.operation not in (CREATE, UPDATE) or MASTERS in user.groups:
            return
        name = request.resource.name
        if name not in (ROLES, CLUSTER_ROLES, BINDINGS, CLUSTER_BINDINGS) or _only_collected(new, old):
            return
        if name in (ROLES, CLUSTER_ROLES):
            asked = Attributes(
                user, "escalate", GROUP, "*", request.resource.plural, "", request.namespace, request.path_name
            )
            if authorizer.authorize(asked).allowed:
                return
            _confirm(request, rbac, parse_rules(new.get("rules")))
            if (_aggregates(new) or (old is not None and _aggregates(old))) and missing_rules(
                rbac.rules_for(user, ""), _EVERYTHING
            ):
                raise not_admitted(request, "must have cluster-admin privileges to use the aggregationRule")
            return
        reference = new.get("roleRef") or {}
        plural = {"ClusterRole": "clusterroles", "Role": "roles"}.get(reference.get("kind", ""), "")
        asked = Attributes(user, "bind", GROUP, "*", plural, "", request.namespace, reference.get("name", ""))
        if plural and not authorizer.authorize(asked).allowed:
            _confirm(request, rbac, rbac.rules_of_reference(reference, request.namespace))

    return Plugin("RBAC", check=check)


def _confirm(request: AdmissionRequest, rbac: Rbac, rules: tuple[Rule, ...]) -> None:
    missing = missing_rules(rbac.rules_for(request.user, request.namespace), rules)
    if missing:
        who = f"user {shown(request.user.name)} (groups={quoted(request.user.groups)})"
        lines = "\n".join(describe_rules(missing))
        raise not_admitted(request, f"{who} is attempting to grant RBAC permissions not currently held:\n{lines}")


def _aggregates(role: Json) -> bool:
    return bool((role.get("aggregationRule") or {}).get("clusterRoleSelectors"))


def _only_collected(new: Json, old: Json | None) -> bool:
    """Whether only what the garbage collector writes has changed."""
    return old is not None and _without_collector(new) == _without_collector(old)


def _without_collector(obj: Json) -> Json:
    ignored = ("ownerReferences", "finalizers", "resourceVersion", "generation", "managedFields")
    return {**obj, "metadata": {name: v for name, v in obj["metadata"].items() if name not in ignored}}


def certificates(authorizer: Authorizer) -> Plugin:
    """CertificateApproval and CertificateSigning: who may approve and sign is told apart by signer.

    A new request is also told who made it: that is the strategy's upstream, which here learns no user.
    """

    def change(request: AdmissionRequest) -> None:
        new, user = request.object, request.user
        if request.resource.name == SIGNING_REQUESTS and request.operation is CREATE and new is not None:
            name_requester(new, user.name, user.uid, user.groups, user.extra)

    def check(request: AdmissionRequest) -> None:
        new, old = request.object, request.old
        if request.resource.name != SIGNING_REQUESTS or new is None or old is None:
            return
        if request.subresource == "approval":
            verb = "approve"
        elif request.subresource == "status" and _issued(new) != _issued(old):
            verb = "sign"
        else:
            return
        # The old one's signer: else somebody could name one that is his.
        signer = old["spec"]["signerName"]
        domain = signer.rpartition("/")[0]
        for name in (signer, f"{domain}/*"):
            asked = Attributes(request.user, verb, "certificates.k8s.io", "*", "signers", name=name)
            if authorizer.authorize(asked).allowed:
                return
        raise not_admitted(request, f"user not permitted to {verb} requests with signerName {shown(signer)}")

    return Plugin("CertificateApproval", change, check)


def _issued(request: Json) -> tuple[object, object]:
    status = request.get("status") or {}
    return status.get("certificate") or "", status.get("conditions") or []


def owner_references(authorizer: Authorizer, find: FindKind) -> Plugin:
    """Who keeps an owner from going away must be allowed to set finalizers on it."""

    def check(request: AdmissionRequest) -> None:
        new, old, user = request.object, request.old, request.user
        if new is None or (request.resource.name == "pods" and request.subresource == "status"):
            return
        owners, before = _owners(new), _owners(old) if old is not None else []
        if owners == before:
            return
        if request.operation is UPDATE:
            resource = request.resource
            verdict = authorizer.authorize(
                Attributes(
                    user,
                    "delete",
                    resource.group,
                    resource.version,
                    resource.plural,
                    request.subresource,
                    request.namespace,
                    request.name,
                )
            )
            if not verdict.allowed:
                said = f"cannot set an ownerRef on a resource you can't delete: {verdict.reason}, <nil>"
                raise not_admitted(request, said)
        blocked = {owner.get("uid") for owner in before if owner.get("blockOwnerDeletion")}
        added = [o for o in owners if o.get("blockOwnerDeletion") and o.get("uid") not in blocked]
        if added and not authorizer.authorize(Attributes(user, "update", "*", "*", "*", "finalizers", "", "*")).allowed:
            for owner in added:
                _check_owner(request, owner, authorizer, find)

    return Plugin("OwnerReferencesPermissionEnforcement", check=check)


def _owners(obj: Json) -> list[Json]:
    found: list[Json] = obj["metadata"].get("ownerReferences") or []
    return found


def _check_owner(request: AdmissionRequest, owner: Json, authorizer: Authorizer, find: FindKind) -> None:
    version, kind = owner.get("apiVersion", ""), owner.get("kind", "")
    resource = find(version, kind)
    if resource is None:
        why = f"no matches for kind {shown(kind)} in version {shown(version)}"
        raise not_admitted(
            request,
            "cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion "
            f"{version} Kind {kind}: {why}",
        )
    verdict = authorizer.authorize(
        Attributes(
            request.user,
            "update",
            resource.group,
            resource.version,
            resource.plural,
            "finalizers",
            request.namespace if resource.namespaced else "",
            owner.get("name", ""),
        )
    )
    if not verdict.allowed:
        raise not_admitted(
            request,
            "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: "
            f"{verdict.reason}, <nil>",
        )
