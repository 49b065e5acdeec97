"""Namespaces: what every one has, and how one ends."""

import base64
from typing import Any

import pytest
from msgspec import structs
from tests.harness.settles import NOON, World, assert_settles, settle, world_of
from tests.unit.engine.controllers.builders import HERE, meta

from armillary.engine.controllers import namespace as ends
from armillary.engine.controllers.service_account import SERVICE_ACCOUNTS, root_ca_publisher
from armillary.engine.controllers.token_secret import TYPE, token_secrets
from armillary.kube.discovery import Partial, Served
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import (
    CONFIG_MAP,
    NAMESPACE,
    SECRET,
    SERVICE_ACCOUNT,
    ConfigMap,
    Namespace,
    NamespaceSpec,
    NamespaceStatus,
    Secret,
    ServiceAccount,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.reconcile import Action, Delete, DeleteAll, Update

BOTH = [SERVICE_ACCOUNTS, root_ca_publisher("the CA")]
TOKENS = token_secrets("the CA", lambda account, secret: f"token of {account.metadata.name} in {secret.metadata.name}")


def namespace(*, ending: bool = False, finalizers: tuple[str, ...] = ("kubernetes",)) -> Namespace:
    stamp = "2026-06-01T12:00:00Z" if ending else ""
    return Namespace(
        metadata=ObjectMeta(name=HERE, uid="uid-ns", deletion_timestamp=stamp),
        spec=NamespaceSpec(finalizers=finalizers),
        status=NamespaceStatus(phase="Terminating" if ending else "Active"),
    )


def shape(world: World) -> Any:
    return sorted(world.objects), [c.data for c in world.list(CONFIG_MAP)]


def test_every_namespace_gets_an_account_and_the_certificate() -> None:
    rest = assert_settles(BOTH, world_of(BOTH, (NAMESPACE, namespace())), shape)
    assert rest.get(SERVICE_ACCOUNT, "default", HERE) is not None
    assert rest.get(CONFIG_MAP, "kube-root-ca.crt", HERE).data == {"ca.crt": "the CA"}


def test_a_changed_certificate_is_put_right_and_an_ending_namespace_left_alone() -> None:
    wrong = ConfigMap(metadata=meta("kube-root-ca.crt"), data={"ca.crt": "another"})
    rest = settle(BOTH, world_of(BOTH, (NAMESPACE, namespace()), (CONFIG_MAP, wrong)))
    assert rest.get(CONFIG_MAP, "kube-root-ca.crt", HERE).data == {"ca.crt": "the CA"}
    ending = world_of(BOTH, (NAMESPACE, namespace(ending=True)))
    assert settle(BOTH, ending).objects == ending.objects


def test_token_secrets_are_filled_and_go_with_their_account() -> None:
    secret = Secret(
        metadata=structs.replace(meta("t"), annotations={"kubernetes.io/service-account.name": "bot"}), type=TYPE
    )
    start = world_of([TOKENS], (SERVICE_ACCOUNT, ServiceAccount(metadata=meta("bot"))), (SECRET, secret))
    rest = assert_settles([TOKENS], start, lambda world: [s.data for s in world.list(SECRET)])
    data = {key: base64.b64decode(value).decode() for key, value in rest.get(SECRET, "t", HERE).data.items()}
    assert data == {"ca.crt": "the CA", "namespace": HERE, "token": "token of bot in t"}
    assert settle([TOKENS], rest.without(SERVICE_ACCOUNT, (HERE, "bot"))).list(SECRET) == []


def contents(plural: str, *items: str, group: str = "", deletes: bool = True) -> ends.Contents:
    """Items that end in `!` are ending; what follows `@` is a finalizer."""
    verbs = {"list", "delete"} | ({"deletecollection"} if deletes else set())
    made = []
    for item in items:
        name, _, finalizer = item.rstrip("!").partition("@")
        stamp = "2026-06-01T12:00:00Z" if item.endswith("!") else ""
        finalizers = (finalizer,) if finalizer else ()
        made.append(Partial(metadata=ObjectMeta(name=name, uid=name, deletion_timestamp=stamp, finalizers=finalizers)))
    kind = Kind(group, "v1", plural.title(), plural, True, Partial)
    return ends.Contents(Served(kind, frozenset(verbs)), tuple(made))


def brief(action: Action) -> str:
    match action:
        case DeleteAll(kind, _):
            return f"delete all {kind.plural}"
        case Delete(kind, (_, name)):
            return f"delete {kind.plural} {name}"
        case Update(_, item, subresource):
            return f"{subresource} {item.spec.finalizers if subresource == 'finalize' else item.status.phase}"
    raise AssertionError(action)


@pytest.mark.parametrize(
    ("there", "does"),
    [
        ([contents("pods", "a"), contents("secrets", "b")], ["status Terminating", "delete all pods"]),
        ([contents("pods", "a!"), contents("secrets", "b")], ["status Terminating"]),
        (
            [contents("secrets", "b"), contents("roles", "r")],
            ["status Terminating", "delete all secrets", "delete all roles"],
        ),
        ([contents("secrets", "b", "c!", deletes=False)], ["status Terminating", "delete secrets b"]),
        ([], ["status Terminating"]),
    ],
)
def test_ends_pods_first(there: list[ends.Contents], does: list[str]) -> None:
    decision = ends.decide(ends.Seen(namespace(ending=True), NOON, tuple(there)))
    assert [brief(action) for action in decision.actions] == does


def test_an_empty_one_is_let_go() -> None:
    seen = ends.Seen(namespace(ending=True, finalizers=("kubernetes", "mine")), NOON)
    status = structs.replace(seen.namespace.status, conditions=ends.conditions_of(seen))
    seen = ends.Seen(structs.replace(seen.namespace, status=status), NOON)
    assert [brief(a) for a in ends.decide(seen).actions] == ["finalize ('mine',)"]
    doubtful = ends.Seen(namespace(ending=True), NOON, undiscovered={"x.example/v1": "no answer"})
    assert [brief(a) for a in ends.decide(doubtful).actions] == ["status Terminating"]


def test_conditions_name_what_remains() -> None:
    stuck = (contents("widgets", "a@x.example/keep!", "b!", group="x.example"),)
    found = {c.type: (c.status, c.reason, c.message) for c in ends.conditions_of(ends.Seen(namespace(), NOON, stuck))}
    assert found["NamespaceContentRemaining"] == (
        "True",
        "SomeResourcesRemain",
        "Some resources are remaining: widgets.x.example has 2 resource instances",
    )
    assert found["NamespaceFinalizersRemaining"] == (
        "True",
        "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: x.example/keep in 1 resource instances",
    )
    assert found["NamespaceDeletionDiscoveryFailure"][:2] == ("False", "ResourcesDiscovered")
