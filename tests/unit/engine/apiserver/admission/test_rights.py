"""Nobody gives others what he does not hold, and nodes' agents keep to their own."""

from collections.abc import Sequence

import pytest
from tests.fakes.apiserver import ADMIN, ALICE, FakeObjects, FixedAuthorizer, StillClock, request, resource

from armillary.base.errors import Denied
from armillary.engine.apiserver.admission.chain import built_in_admission
from armillary.engine.apiserver.admission.nodes import node_restriction
from armillary.engine.apiserver.admission.rights import certificates, escalation, owner_references
from armillary.engine.apiserver.auth.authorizers import Union
from armillary.engine.apiserver.auth.rbac import Rbac
from armillary.engine.apiserver.auth.rbac_defaults import rules_of_text
from armillary.engine.apiserver.ports import Operation, User
from armillary.engine.kinds.resource import Json

UPDATE, DELETE = Operation.UPDATE, Operation.DELETE


def world(rules: str) -> FakeObjects:
    """Where alice holds these rules, everywhere."""
    objects = FakeObjects()
    objects.put("clusterroles", {"metadata": {"name": "mine"}, "rules": rules_of_text(rules)})
    objects.put("clusterroles", {"metadata": {"name": "strong"}, "rules": rules_of_text("get,list core secrets")})
    subject = {"kind": "User", "name": "alice"}
    reference = {"kind": "ClusterRole", "name": "mine"}
    objects.put("clusterrolebindings", {"metadata": {"name": "b"}, "roleRef": reference, "subjects": [subject]})
    return objects


def role(rules: str, **more: object) -> Json:
    return {"metadata": {"name": "r"}, "rules": rules_of_text(rules), **more}


def bind(name: str) -> Json:
    return {"metadata": {"name": "b"}, "roleRef": {"kind": "ClusterRole", "name": name}, "subjects": []}


AGGREGATE = {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}
NOT_HELD = (
    'user "alice" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n'
)


@pytest.mark.parametrize(
    ("held", "plural", "made", "why"),
    [
        ("get core pods", "roles", role("get core pods"), None),
        (
            "get core pods",
            "clusterroles",
            role("get,delete core pods\nget /x"),
            NOT_HELD + '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}\n'
            '{NonResourceURLs:["/x"], Verbs:["get"]}',
        ),
        ("escalate rbac.authorization.k8s.io roles", "roles", role("* * *"), None),
        (
            "get core pods",
            "clusterroles",
            role("", aggregationRule=AGGREGATE),
            "must have cluster-admin privileges to use the aggregationRule",
        ),
        ("escalate rbac.authorization.k8s.io *", "clusterroles", role("", aggregationRule=AGGREGATE), None),
        ("get,list core secrets", "rolebindings", bind("strong"), None),
        ("bind rbac.authorization.k8s.io clusterroles strong", "rolebindings", bind("strong"), None),
        (
            "get core secrets",
            "clusterrolebindings",
            bind("strong"),
            NOT_HELD + '{APIGroups:[""], Resources:["secrets"], Verbs:["list"]}',
        ),
    ],
)
def test_escalation(held: str, plural: str, made: Json, why: str | None) -> None:
    rbac = Rbac(world(held))
    plugin = escalation(rbac, Union([rbac]))
    plugin.validate(request(plural, made, user=ADMIN))
    if why is None:
        plugin.validate(request(plural, made))
        return
    with pytest.raises(Denied) as refused:
        plugin.validate(request(plural, made))
    assert refused.value.message.partition(" is forbidden: ")[2] == why


def test_the_garbage_collector_may_touch_roles() -> None:
    rbac = Rbac(world("get core pods"))
    old = role("delete core nodes")
    new = {**old, "metadata": {"name": "r", "finalizers": ["x"]}}
    escalation(rbac, Union([rbac])).validate(request("clusterroles", new, operation=UPDATE, old=old))


def owner(**more: object) -> Json:
    return {"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u", **more}


@pytest.mark.parametrize(
    ("allowed", "operation", "owners", "before", "why"),
    [
        ([], "CREATE", [owner()], [], None),
        ([], "CREATE", [owner(blockOwnerDeletion=True)], [], "cannot set blockOwnerDeletion if an ownerReference"),
        (["update nodes/finalizers n"], "CREATE", [owner(blockOwnerDeletion=True)], [], None),
        (["update */finalizers *"], "CREATE", [owner(blockOwnerDeletion=True, kind="Odd")], [], None),
        ([], "CREATE", [owner(blockOwnerDeletion=True, kind="Odd")], [], "cannot find RESTMapping for APIVersion v1"),
        ([], "UPDATE", [owner()], [], "cannot set an ownerRef on a resource you can't delete: not listed, <nil>"),
        (["delete pods p"], "UPDATE", [owner()], [], None),
        ([], "UPDATE", [owner()], [owner()], None),
        (["delete pods p"], "UPDATE", [owner(blockOwnerDeletion=True)],
         [owner(blockOwnerDeletion=True), owner(uid="w")], None),
    ],
)  # fmt: skip
def test_owner_references(
    allowed: Sequence[str], operation: str, owners: list[Json], before: list[Json], why: str | None
) -> None:
    def find(version: str, kind: str) -> object:
        return resource("nodes") if kind == "Node" else None

    plugin = owner_references(FixedAuthorizer(allowed), find)  # type: ignore[arg-type]
    new: Json = {"metadata": {"name": "p", "ownerReferences": owners}}
    old: Json | None = {"metadata": {"name": "p", "ownerReferences": before}} if operation == "UPDATE" else None
    asked = request("pods", new, name="p", operation=Operation(operation), old=old)
    if why is None:
        plugin.validate(asked)
        return
    with pytest.raises(Denied) as refused:
        plugin.validate(asked)
    assert why in refused.value.message


@pytest.mark.parametrize(
    ("subresource", "allowed", "why"),
    [
        ("approval", [], 'user not permitted to approve requests with signerName "example.com/x"'),
        ("approval", ["approve signers example.com/x"], None),
        ("approval", ["approve signers example.com/*"], None),
        (
            "status",
            ["approve signers example.com/x"],
            'user not permitted to sign requests with signerName "example.com/x"',
        ),
        ("status", ["sign signers example.com/x"], None),
        ("", [], None),
    ],
)
def test_certificates(subresource: str, allowed: list[str], why: str | None) -> None:
    old: Json = {"metadata": {"name": "c"}, "spec": {"signerName": "example.com/x"}}
    new = {**old, "status": {"certificate": "abc"}}
    asked = request("certificatesigningrequests", new, name="c", operation=UPDATE, old=old, subresource=subresource)
    if why is None:
        certificates(FixedAuthorizer(allowed)).validate(asked)
        return
    with pytest.raises(Denied) as refused:
        certificates(FixedAuthorizer(allowed)).validate(asked)
    assert refused.value.message.endswith(f"is forbidden: {why}")


NODE = User("system:node:one", ("system:nodes",))


def nodes() -> FakeObjects:
    objects = FakeObjects()
    objects.put("nodes", {"metadata": {"name": "one"}})
    for name, node in (("mine", "one"), ("theirs", "two")):
        objects.put("pods", {"metadata": {"name": name}, "spec": {"nodeName": node, "containers": []}}, namespace="ns")
    return objects


def mirror(**spec: object) -> Json:
    owners = [{"apiVersion": "v1", "kind": "Node", "name": "one", "uid": "uid-one", "controller": True}]
    meta = {"name": "m", "annotations": {"kubernetes.io/config.mirror": "x"}, "ownerReferences": owners}
    return {"metadata": meta, "spec": {"nodeName": "one", "containers": [], **spec}}


def node(**meta: object) -> Json:
    return {"metadata": {"name": "one", **meta}, "spec": {}}


def token(**ref: str) -> Json:
    return {"spec": {"boundObjectRef": ref}}


MINE: Json = {"metadata": {"name": "mine"}, "spec": {"nodeName": "one"}}
THEIRS: Json = {"metadata": {"name": "theirs"}, "spec": {"nodeName": "two"}}


@pytest.mark.parametrize(
    ("plural", "subresource", "operation", "name", "new", "old", "why"),
    [
        ("pods", "", "DELETE", "mine", None, MINE, None),
        ("pods", "", "DELETE", "theirs", None, THEIRS, "can only delete pods with spec.nodeName set to itself"),
        ("pods", "", "CREATE", "m", mirror(), None, None),
        ("pods", "", "CREATE", "m", mirror(nodeName="two"), None, "can only create pods with spec.nodeName"),
        ("pods", "", "CREATE", "m", mirror(volumes=[{"secret": {"secretName": "s"}}]), None, "that reference secrets"),
        ("pods", "", "CREATE", "m", THEIRS, None, "can only create mirror pods"),
        ("pods", "", "UPDATE", "mine", MINE, MINE, "can only create and delete mirror pods"),
        ("pods", "status", "UPDATE", "mine", MINE, MINE, None),
        ("pods", "status", "UPDATE", "theirs", THEIRS, THEIRS, "can only update pod status"),
        ("pods", "eviction", "CREATE", "mine", {}, None, None),
        ("pods", "eviction", "CREATE", "theirs", {}, None, "can only evict pods"),
        ("pods", "binding", "CREATE", "mine", {}, None, 'unexpected pod subresource "binding"'),
        ("nodes", "", "CREATE", "one", node(labels={"kubernetes.io/hostname": "one"}), None, None),
        ("nodes", "", "CREATE", "one", node(labels={"node-restriction.kubernetes.io/x": "y"}), None,
         "is not allowed to set the following labels: node-restriction.kubernetes.io/x"),
        ("nodes", "", "UPDATE", "one", node(labels={"kubernetes.io/x": "y"}), node(), "not allowed to modify labels"),
        ("nodes", "status", "UPDATE", "one", node(labels={"example.com/x": "y"}), node(), None),
        ("nodes", "", "UPDATE", "one", {**node(), "spec": {"taints": [{}]}}, node(), "not allowed to modify taints"),
        ("nodes", "", "DELETE", "two", None, node(), 'node "one" is not allowed to modify node "two"'),
        ("serviceaccounts", "token", "CREATE", "bot", token(), None, "not bound to a pod"),
        ("serviceaccounts", "token", "CREATE", "bot",
         token(apiVersion="v1", kind="Pod", name="mine", uid="uid-mine"), None, None),
        ("serviceaccounts", "token", "CREATE", "bot",
         token(apiVersion="v1", kind="Pod", name="theirs", uid="uid-theirs"), None, "scheduled on a different node"),
        ("leases", "", "CREATE", "", {"metadata": {"name": "two"}}, None, "can only access lease with the same name"),
        ("persistentvolumeclaims", "", "UPDATE", "c", {"metadata": {}}, {"metadata": {}}, "may only update PVC status"),
    ],
)  # fmt: skip
def test_node_restriction(
    plural: str, subresource: str, operation: str, name: str, new: Json | None, old: Json | None, why: str | None
) -> None:
    plugin = node_restriction(nodes())
    asked = request(plural, new, user=NODE, operation=Operation(operation), name=name, subresource=subresource, old=old)
    if why is None:
        plugin.validate(asked)
        return
    with pytest.raises(Denied) as refused:
        plugin.validate(asked)
    assert why in refused.value.message
    asked.user = ALICE
    plugin.validate(asked)


def test_the_chain_is_in_upstreams_order() -> None:
    objects = FakeObjects()
    chain = built_in_admission(objects, FixedAuthorizer(), Rbac(objects), StillClock(), lambda version, kind: None)
    assert [plugin.name for plugin in chain] == [
        "RBAC", "NamespaceLifecycle", "LimitRanger", "ServiceAccount", "NodeRestriction", "TaintNodesByCondition",
        "PodSecurity", "Priority", "DefaultTolerationSeconds", "DefaultStorageClass", "StorageObjectInUseProtection",
        "OwnerReferencesPermissionEnforcement", "PersistentVolumeClaimResize", "RuntimeClass", "CertificateApproval",
        "DefaultIngressClass", "ResourceQuota",
    ]  # fmt: skip
