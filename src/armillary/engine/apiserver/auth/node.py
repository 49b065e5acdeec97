"""What a node's agent may do: the same rules for every node, and of private things only those its own pods name.

Semantics and reasons: k8s.io/kubernetes, plugin/pkg/auth/authorizer/node. Lists of pods and nodes are not narrowed
by field selector.
"""

from collections.abc import Iterator

from armillary.engine.apiserver.auth.rbac_defaults import NODE_RULES
from armillary.engine.apiserver.auth.rules import parse_rules
from armillary.engine.apiserver.auth.users import node_of
from armillary.engine.apiserver.ports import Attributes, Objects, Verdict
from armillary.engine.kinds.resource import Json

NO_OPINION = Verdict(False)
_ALLOWED = Verdict(True)
_LEASES = "kube-node-lease"


class NodeAuthorizer:
    """An Authorizer for users of the group system:nodes; of others it has no opinion."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._rules = parse_rules(NODE_RULES)

    def authorize(self, attributes: Attributes) -> Verdict:
        node = node_of(attributes.user)
        if node is None:
            return NO_OPINION
        match f"{attributes.resource}.{attributes.group}":
            case "secrets." | "configmaps.":
                return self._read(node, attributes)
            case "persistentvolumeclaims.":
                return self._claim(node, attributes)
            case "persistentvolumes.":
                return self._get(node, attributes)
            case "serviceaccounts.":
                return self._service_account(node, attributes)
            case "leases.coordination.k8s.io":
                return _own_lease(node, attributes)
            case "csinodes.storage.k8s.io" if attributes.verb != "create" and attributes.name != node:
                return Verdict(False, "can only access CSINode with the same name as the requesting node")
        asked = attributes
        if asked.path:
            return NO_OPINION
        for rule in self._rules:
            if rule.allows(asked.verb, asked.group, asked.resource, asked.subresource):
                return _ALLOWED
        return NO_OPINION

    def _read(self, node: str, asked: Attributes) -> Verdict:
        if asked.verb not in ("get", "list", "watch"):
            return Verdict(False, "can only read resources of this type")
        if asked.subresource:
            return Verdict(False, "cannot read subresource")
        if not asked.namespace:
            return Verdict(False, "can only read namespaced object of this type")
        return self._related(node, asked)

    def _get(self, node: str, asked: Attributes) -> Verdict:
        if asked.verb != "get":
            return Verdict(False, "can only get individual resources of this type")
        if asked.subresource:
            return Verdict(False, "cannot get subresource")
        return self._related(node, asked)

    def _claim(self, node: str, asked: Attributes) -> Verdict:
        if asked.subresource != "status":
            return self._get(node, asked)
        if asked.verb not in ("update", "patch"):
            return Verdict(False, "can only get/update/patch this type")
        return self._related(node, asked)

    def _service_account(self, node: str, asked: Attributes) -> Verdict:
        if asked.verb == "get" and not asked.subresource:
            return self._read(node, asked)
        if asked.verb != "create" or not asked.name:
            return Verdict(False, "can only create tokens for individual service accounts")
        if asked.subresource != "token":
            return Verdict(False, "can only create token subresource of serviceaccount")
        return self._related(node, asked)

    def _related(self, node: str, asked: Attributes) -> Verdict:
        if not asked.name:
            return Verdict(False, "No Object name found")
        if any(asked.name in self._named(pod, asked.resource) for pod in self._pods(node, asked.namespace)):
            return _ALLOWED
        return Verdict(False, f"no relationship found between node '{node}' and this object")

    def _pods(self, node: str, namespace: str) -> Iterator[Json]:
        for pod in self._objects.list("pods", namespace):
            if pod["spec"].get("nodeName") == node:
                yield pod

    def _named(self, pod: Json, resource: str) -> Iterator[str]:
        match resource:
            case "secrets":
                return secrets_of(pod["spec"])
            case "configmaps":
                return config_maps_of(pod["spec"])
            case "serviceaccounts":
                return iter([pod["spec"].get("serviceAccountName", "")])
            case "persistentvolumes":
                return self._volumes_of(pod)
        return claims_of(pod)

    def _volumes_of(self, pod: Json) -> Iterator[str]:
        for name in claims_of(pod):
            claim = self._objects.get("persistentvolumeclaims", pod["metadata"]["namespace"], name)
            if claim is not None:
                yield claim["spec"].get("volumeName", "")


def _own_lease(node: str, asked: Attributes) -> Verdict:
    if asked.verb not in ("get", "create", "update", "patch", "delete"):
        return Verdict(False, "can only get, create, update, patch, or delete a node lease")
    if asked.namespace != _LEASES:
        return Verdict(False, f'can only access leases in the "{_LEASES}" system namespace')
    if asked.verb != "create" and asked.name != node:
        return Verdict(False, "can only access node lease with the same name as the requesting node")
    return _ALLOWED


def containers_of(spec: Json) -> Iterator[Json]:
    """Of all sorts: init, main, ephemeral."""
    for sort in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(sort) or ()


def claims_of(pod: Json) -> Iterator[str]:
    for volume in pod["spec"].get("volumes") or ():
        if "persistentVolumeClaim" in volume:
            yield volume["persistentVolumeClaim"].get("claimName", "")
        elif "ephemeral" in volume:
            yield f"{pod['metadata']['name']}-{volume['name']}"


def secrets_of(spec: Json) -> Iterator[str]:
    for reference in spec.get("imagePullSecrets") or ():
        yield reference.get("name", "")
    yield from _environment(spec, "secretKeyRef", "secretRef")
    for volume in spec.get("volumes") or ():
        if "secret" in volume:
            yield volume["secret"].get("secretName", "")
        for source in (volume.get("projected") or {}).get("sources") or ():
            if "secret" in source:
                yield source["secret"].get("name", "")
        for driver in ("csi", "cephfs", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos"):
            for key in ("secretRef", "nodePublishSecretRef"):
                found = (volume.get(driver) or {}).get(key)
                if found:
                    yield found.get("name", "")


def config_maps_of(spec: Json) -> Iterator[str]:
    yield from _environment(spec, "configMapKeyRef", "configMapRef")
    for volume in spec.get("volumes") or ():
        if "configMap" in volume:
            yield volume["configMap"].get("name", "")
        for source in (volume.get("projected") or {}).get("sources") or ():
            if "configMap" in source:
                yield source["configMap"].get("name", "")


def _environment(spec: Json, key: str, whole: str) -> Iterator[str]:
    for container in containers_of(spec):
        for variable in container.get("env") or ():
            found = (variable.get("valueFrom") or {}).get(key)
            if found:
                yield found.get("name", "")
        for source in container.get("envFrom") or ():
            if source.get(whole):
                yield source[whole].get("name", "")
