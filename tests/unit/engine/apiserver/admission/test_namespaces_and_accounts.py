"""Where things may be made, and what every pod is given to speak to the API."""

from datetime import datetime, timedelta

import pytest
from tests.fakes.apiserver import NOW, FakeObjects, StillClock, request

from armillary.base.clock import format_time
from armillary.base.errors import Denied, NotFound
from armillary.engine.apiserver.admission.namespaces import namespace_lifecycle
from armillary.engine.apiserver.admission.service_accounts import MOUNT_PATH, NEW, service_accounts, wait_for_account
from armillary.engine.apiserver.ports import Operation
from armillary.engine.kinds.resource import Json


def world(*, phase: str = "Active", **account: object) -> FakeObjects:
    objects = FakeObjects()
    meta = {"name": "ns", "creationTimestamp": format_time(NOW)}
    objects.put("namespaces", {"metadata": meta, "status": {"phase": phase}})
    objects.put("serviceaccounts", {"metadata": {"name": "default"}, **account}, namespace="ns")
    return objects


def pod(**spec: object) -> Json:
    return {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c"}], **spec}}


def test_nothing_is_made_in_a_missing_namespace() -> None:
    with pytest.raises(NotFound, match='namespaces "gone" not found'):
        namespace_lifecycle(world()).admit(request("pods", pod(), namespace="gone"))


def test_nothing_is_made_in_a_namespace_that_ends() -> None:
    plugin = namespace_lifecycle(world(phase="Terminating"))
    with pytest.raises(Denied) as refused:
        plugin.admit(request("pods", pod()))
    assert refused.value.message == (
        'pods "p" is forbidden: unable to create new content in namespace ns because it is being terminated'
    )
    (cause,) = refused.value.causes
    assert (cause.reason, cause.field) == ("NamespaceTerminating", "metadata.namespace")
    plugin.admit(request("pods", pod(), operation=Operation.UPDATE))
    plugin.admit(request("pods", None, operation=Operation.DELETE))


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
def test_some_namespaces_stay(name: str) -> None:
    with pytest.raises(Denied, match=f'namespaces "{name}" is forbidden: this namespace may not be deleted'):
        namespace_lifecycle(world()).admit(request("namespaces", None, operation=Operation.DELETE, name=name))


def test_a_pod_is_given_an_account_and_its_token() -> None:
    made = pod(initContainers=[{"name": "i"}])
    service_accounts(world()).admit(request("pods", made))
    spec = made["spec"]
    assert spec["serviceAccountName"] == spec["serviceAccount"] == "default"
    (volume,) = spec["volumes"]
    assert volume["name"].startswith("kube-api-access-")
    assert [next(iter(source)) for source in volume["projected"]["sources"]] == [
        "serviceAccountToken", "configMap", "downwardAPI",
    ]  # fmt: skip
    for container in (*spec["containers"], *spec["initContainers"]):
        assert container["volumeMounts"] == [{"name": volume["name"], "readOnly": True, "mountPath": MOUNT_PATH}]


@pytest.mark.parametrize(
    ("account", "spec", "mounted"),
    [
        ({}, {}, True),
        ({"automountServiceAccountToken": False}, {}, False),
        ({"automountServiceAccountToken": False}, {"automountServiceAccountToken": True}, True),
        ({}, {"automountServiceAccountToken": False}, False),
        ({}, {"containers": [{"name": "c", "volumeMounts": [{"name": "x", "mountPath": MOUNT_PATH}]}]}, False),
    ],
)
def test_whoever_wants_no_token_gets_none(account: Json, spec: Json, mounted: bool) -> None:
    made = pod(**spec)
    service_accounts(world(**account)).admit(request("pods", made))
    assert ("volumes" in made["spec"]) is mounted


def test_pull_secrets_come_from_the_account_unless_the_pod_has_its_own() -> None:
    plugin = service_accounts(world(imagePullSecrets=[{"name": "a"}]))
    for given, expected in ((None, [{"name": "a"}]), ([{"name": "b"}], [{"name": "b"}])):
        made = pod(**({"imagePullSecrets": given} if given else {}))
        plugin.admit(request("pods", made))
        assert made["spec"]["imagePullSecrets"] == expected


def test_a_missing_account_is_an_error() -> None:
    with pytest.raises(Denied) as refused:
        service_accounts(world()).admit(request("pods", pod(serviceAccountName="x")))
    assert refused.value.message == (
        'pods "p" is forbidden: error looking up service account ns/x: serviceaccount "x" not found'
    )


def test_an_account_may_be_kept_to_its_secrets() -> None:
    marked = {"name": "default", "annotations": {"kubernetes.io/enforce-mountable-secrets": "true"}}
    plugin = service_accounts(world(metadata=marked, secrets=[{"name": "mine"}]))
    for secret, fine in (("mine", True), ("other", False)):
        made = pod(serviceAccountName="default", volumes=[{"name": "v", "secret": {"secretName": secret}}])
        if fine:
            plugin.validate(request("pods", made))
            continue
        with pytest.raises(Denied, match="is not allowed because service account default does not"):
            plugin.validate(request("pods", made))


async def test_a_new_namespaces_account_is_waited_for() -> None:
    objects = world()
    account = objects.kept.pop(("serviceaccounts", "ns", "default"))

    class Late(StillClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            objects.put("serviceaccounts", account, namespace="ns")

    clock = Late()
    await wait_for_account(objects, "ns", pod(), clock)
    assert objects.get("serviceaccounts", "ns", "default") is not None
    assert clock.now() > NOW


@pytest.mark.parametrize(("made", "wanted"), [(pod(), NOW + NEW), (pod(serviceAccountName="x"), NOW), ({}, NOW)])
async def test_no_account_is_waited_for_in_vain(made: Json, wanted: datetime) -> None:
    objects, clock = world(), StillClock()
    objects.kept.pop(("serviceaccounts", "ns", "default"))
    await wait_for_account(objects, "ns", made, clock)
    assert wanted <= clock.now() < wanted + timedelta(seconds=1)
