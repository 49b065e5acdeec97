"""Roles and bindings that every cluster begins with, as objects ready to be created.

Facts: k8s.io/kubernetes, plugin/pkg/auth/authorizer/rbac/bootstrappolicy. Ours are named `armillary:...`: here all
controllers run as one user, and a node's agent also answers DNS and routes services.
"""

from collections.abc import Iterable, Mapping

from armillary.engine.apiserver.auth.rbac_controllers import CONTROLLER_ROLES
from armillary.engine.apiserver.auth.rbac_roles import CLUSTER_ROLES, NAMESPACE_ROLES
from armillary.engine.kinds.resource import Json

_GROUP = "rbac.authorization.k8s.io"
_LABELS = {"kubernetes.io/bootstrapping": "rbac-defaults"}
_ANNOTATIONS = {"rbac.authorization.kubernetes.io/autoupdate": "true"}
_PREFIX = "system:controller:"

# Into which roles these are taken: role -> the roles that aggregate it.
_TAKEN_INTO = {
    "edit": ("admin",),
    "view": ("edit",),
    "system:aggregate-to-admin": ("admin",),
    "system:aggregate-to-edit": ("edit",),
    "system:aggregate-to-view": ("view",),
    "system:aggregated-metrics-reader": ("admin", "edit", "view"),
}
_AGGREGATING = ("admin", "edit", "view")

_OURS = {
    "system:aggregated-metrics-reader": "get,list,watch metrics.k8s.io pods,nodes",
    "armillary:node": """
        list,watch core endpoints,namespaces,services
        list,watch discovery.k8s.io endpointslices
        list,watch networking.k8s.io networkpolicies,servicecidrs
    """,
}

_CLUSTER_BINDINGS: dict[str, tuple[str, ...]] = {
    "cluster-admin": ("Group system:masters",),
    "system:basic-user": ("Group system:authenticated",),
    "system:discovery": ("Group system:authenticated",),
    "system:kube-controller-manager": ("User system:kube-controller-manager",),
    "system:kube-dns": ("ServiceAccount kube-system/kube-dns",),
    "system:kube-scheduler": ("User system:kube-scheduler",),
    "system:monitoring": ("Group system:monitoring",),
    "system:node": (),
    "system:node-proxier": ("User system:kube-proxy",),
    "system:public-info-viewer": ("Group system:authenticated", "Group system:unauthenticated"),
    "system:service-account-issuer-discovery": ("Group system:serviceaccounts",),
    "system:volume-scheduler": ("User system:kube-scheduler",),
    "armillary:controllers": ("User system:kube-controller-manager",),
    "armillary:node": ("Group system:nodes",),
}

# Namespace and name -> role, subjects.
_NAMESPACE_BINDINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "kube-public/system:controller:bootstrap-signer": (
        "system:controller:bootstrap-signer",
        ("ServiceAccount kube-system/bootstrap-signer",),
    ),
    "kube-system/system::extension-apiserver-authentication-reader": (
        "extension-apiserver-authentication-reader",
        ("User system:kube-controller-manager", "User system:kube-scheduler"),
    ),
    "kube-system/system::leader-locking-kube-controller-manager": (
        "system::leader-locking-kube-controller-manager",
        ("User system:kube-controller-manager", "ServiceAccount kube-system/kube-controller-manager"),
    ),
    "kube-system/system::leader-locking-kube-scheduler": (
        "system::leader-locking-kube-scheduler",
        ("User system:kube-scheduler", "ServiceAccount kube-system/kube-scheduler"),
    ),
    "kube-system/system:controller:bootstrap-signer": (
        "system:controller:bootstrap-signer",
        ("ServiceAccount kube-system/bootstrap-signer",),
    ),
    "kube-system/system:controller:cloud-provider": (
        "system:controller:cloud-provider",
        ("ServiceAccount kube-system/cloud-provider",),
    ),
    "kube-system/system:controller:token-cleaner": (
        "system:controller:token-cleaner",
        ("ServiceAccount kube-system/token-cleaner",),
    ),
}


def default_rbac() -> list[Json]:
    """Every object, roles before the bindings that name them."""
    roles = {**CLUSTER_ROLES, **_OURS} | {_PREFIX + name: text for name, text in CONTROLLER_ROLES.items()}
    bindings = dict(_CLUSTER_BINDINGS)
    for name in CONTROLLER_ROLES:
        bindings[_PREFIX + name] = (f"ServiceAccount kube-system/{name}",)
    return [
        *(_cluster_role(name, rules_of_text(text)) for name, text in sorted(roles.items())),
        _cluster_role("armillary:controllers", _controllers_rules()),
        *(_role(place, rules_of_text(text)) for place, text in NAMESPACE_ROLES.items()),
        *(
            _object("ClusterRoleBinding", name)
            | {"roleRef": _reference("ClusterRole", name), "subjects": [_subject(s) for s in subjects]}
            for name, subjects in sorted(bindings.items())
        ),
        *(
            _object("RoleBinding", place)
            | {"roleRef": _reference("Role", role), "subjects": [_subject(s) for s in subjects]}
            for place, (role, subjects) in _NAMESPACE_BINDINGS.items()
        ),
    ]


def rules_of_text(text: str) -> list[Json]:
    """Rules as they are written in `rbac_roles`."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() and lines and lines[-1].endswith(","):
            lines[-1] += line.strip()
        elif line.strip():
            lines.append(line.strip())
    return [_rule(line.split()) for line in lines]


def _rule(words: list[str]) -> Json:
    verbs, *rest = (word.split(",") for word in words)
    if len(rest) == 1:
        return {"verbs": verbs, "nonResourceURLs": rest[0]}
    groups = ["" if group == "core" else group for group in rest[0]]
    rule: Json = {"verbs": verbs, "apiGroups": groups, "resources": rest[1]}
    return rule | ({"resourceNames": rest[2]} if len(rest) == 3 else {})


def _controllers_rules() -> list[Json]:
    """All that any built-in controller may do, each rule once."""
    texts = [*CONTROLLER_ROLES.values(), CLUSTER_ROLES["system:persistent-volume-provisioner"]]
    rules: list[Json] = []
    for rule in (rule for text in texts for rule in rules_of_text(text)):
        if rule not in rules:
            rules.append(rule)
    return rules


def _object(kind: str, place: str, labels: Mapping[str, str] = _LABELS) -> Json:
    namespace, _, name = place.rpartition("/")
    metadata: Json = {"name": name, "labels": dict(labels), "annotations": dict(_ANNOTATIONS)}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": f"{_GROUP}/v1", "kind": kind, "metadata": metadata}


def _cluster_role(name: str, rules: Iterable[Json]) -> Json:
    labels = _LABELS | {f"{_GROUP}/aggregate-to-{into}": "true" for into in _TAKEN_INTO.get(name, ())}
    role = _object("ClusterRole", name, labels)
    if name in _AGGREGATING:
        selector = {"matchLabels": {f"{_GROUP}/aggregate-to-{name}": "true"}}
        role["aggregationRule"] = {"clusterRoleSelectors": [selector]}
    return role | {"rules": list(rules)}


def _role(place: str, rules: list[Json]) -> Json:
    return _object("Role", place) | {"rules": rules}


def _reference(kind: str, name: str) -> Json:
    return {"apiGroup": _GROUP, "kind": kind, "name": name}


def _subject(text: str) -> Json:
    kind, name = text.split(" ", 1)
    if kind == "ServiceAccount":
        namespace, _, name = name.partition("/")
        return {"kind": kind, "name": name, "namespace": namespace}
    return {"apiGroup": _GROUP, "kind": kind, "name": name}


NODE_RULES = rules_of_text(CLUSTER_ROLES["system:node"])
