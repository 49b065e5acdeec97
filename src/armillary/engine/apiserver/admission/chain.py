"""All built-in admission plugins in upstream's order (k8s.io/kubernetes, pkg/kubeapiserver/options/plugins.go)."""

from armillary.base.clock import Clock
from armillary.engine.apiserver.admission.limit_ranger import limit_ranger
from armillary.engine.apiserver.admission.namespaces import namespace_lifecycle
from armillary.engine.apiserver.admission.nodes import node_restriction, taint_nodes
from armillary.engine.apiserver.admission.plugin import Plugin
from armillary.engine.apiserver.admission.pod_security import pod_security
from armillary.engine.apiserver.admission.pods import default_toleration_seconds, priority, runtime_class
from armillary.engine.apiserver.admission.resource_quota import resource_quota
from armillary.engine.apiserver.admission.rights import FindKind, certificates, escalation, owner_references
from armillary.engine.apiserver.admission.service_accounts import service_accounts
from armillary.engine.apiserver.admission.storage import (
    claim_resize,
    default_ingress_class,
    default_storage_class,
    storage_object_in_use_protection,
)
from armillary.engine.apiserver.auth.rbac import Rbac
from armillary.engine.apiserver.ports import Authorizer, Objects


def built_in_admission(
    objects: Objects, authorizer: Authorizer, rbac: Rbac, clock: Clock, find: FindKind
) -> tuple[Plugin, ...]:
    """To be asked one after the other: first all `admit`, then all `validate`.

    `find` gives the resource of an apiVersion and kind, None if there is none.
    """
    return (
        escalation(rbac, authorizer),
        namespace_lifecycle(objects),
        limit_ranger(objects),
        service_accounts(objects),
        node_restriction(objects),
        taint_nodes(),
        pod_security(objects),
        priority(objects),
        default_toleration_seconds(),
        default_storage_class(objects),
        storage_object_in_use_protection(),
        owner_references(authorizer, find),
        claim_resize(objects),
        runtime_class(objects),
        certificates(authorizer),
        default_ingress_class(objects),
        resource_quota(objects, clock),
    )
