"""How a few resources differ from the rest in the verbs' course.

From k8s.io/kubernetes, pkg/registry: AllowCreateOnUpdate, AllowUnconditionalUpdate, ReturnDeletedObject and
DefaultGarbageCollectionPolicy of each strategy and storage.
"""

CREATED_BY_UPDATE = frozenset({
    "leases.coordination.k8s.io", "leasecandidates.coordination.k8s.io", "endpoints", "events", "limitranges",
    "services", "runtimeclasses.node.k8s.io", "clusterroles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
})  # fmt: skip
NEEDS_RESOURCE_VERSION = frozenset({
    "leases.coordination.k8s.io", "leasecandidates.coordination.k8s.io", "runtimeclasses.node.k8s.io",
    "poddisruptionbudgets.policy", "csidrivers.storage.k8s.io", "csinodes.storage.k8s.io",
    "csistoragecapacities.storage.k8s.io", "volumeattachments.storage.k8s.io",
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "validatingadmissionpolicies.admissionregistration.k8s.io",
    "validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "mutatingadmissionpolicies.admissionregistration.k8s.io",
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
    "customresourcedefinitions.apiextensions.k8s.io",
})  # fmt: skip
RETURNED_WHEN_DELETED = frozenset({
    "namespaces", "persistentvolumes", "persistentvolumeclaims", "pods", "podtemplates", "resourcequotas",
    "services", "serviceaccounts", "csidrivers.storage.k8s.io", "csinodes.storage.k8s.io",
    "storageclasses.storage.k8s.io", "volumeattachments.storage.k8s.io", "volumeattributesclasses.storage.k8s.io",
})  # fmt: skip
ORPHANS_BY_DEFAULT = frozenset({"jobs.batch", "replicationcontrollers"})
NOT_COLLECTED = frozenset({"events", "events.events.k8s.io"})  # their dependents are nobody's business
