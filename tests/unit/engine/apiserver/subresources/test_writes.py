"""Subresources that write: tokens, bindings, evictions, approvals."""

import base64
from typing import Any

import orjson
import pytest
from tests.fakes.apiserver import ALICE, NOW, FakeVerbs, StillClock, call
from tests.unit.engine.apiserver.auth.test_authenticate import AUDIENCES, Server

from armillary.base.errors import ApiError, BadRequest, Conflict, Denied, Invalid, NotFound, TooManyRequests
from armillary.base.pki_files import Pki
from armillary.engine.apiserver.admission.nodes import node_restriction
from armillary.engine.apiserver.ports import Answer, User
from armillary.engine.apiserver.subresources.binding import Bindings
from armillary.engine.apiserver.subresources.eviction import Evictions
from armillary.engine.apiserver.subresources.parts import PARTS
from armillary.engine.apiserver.subresources.token_request import TokenRequests
from armillary.engine.kinds.resource import Json

NODE = User("system:node:one", ("system:nodes",))
STAMP = "2026-03-01T12:00:00Z"


def pod(name: str = "p", *, phase: str = "Running", ready: bool = True, **spec: object) -> Json:
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    return {
        "metadata": {"name": name, "labels": {"app": "web"}},
        "spec": {"containers": [{"name": "c"}], **spec},
        "status": {"phase": phase, "conditions": conditions},
    }


async def requested(server: Server, spec: Json, *, user: User = ALICE, metadata: Json | None = None) -> dict[str, Any]:
    verbs = FakeVerbs(server.objects, plugins=[node_restriction(server.objects)])
    handler = TokenRequests(server.issuer, AUDIENCES, server.clock)
    body = orjson.dumps({"spec": spec, "metadata": metadata or {}})
    answer = await handler.create(call(verbs, "serviceaccounts", "token", user=user, name="bot", body=body))
    assert isinstance(answer.body, dict)
    return answer.body


@pytest.fixture
def server(pki: Pki) -> Server:
    server = Server(pki)
    server.objects.put("pods", pod(nodeName="one", serviceAccountName="bot"), namespace="ns")
    server.objects.put("pods", pod("q", nodeName="two", serviceAccountName="bot"), namespace="ns")
    server.objects.put("pods", pod("other", serviceAccountName="else"), namespace="ns")
    server.objects.put("nodes", {"metadata": {"name": "one"}})
    return server


async def test_a_token_is_made_and_believed(server: Server) -> None:
    found = await requested(server, {"audiences": [], "expirationSeconds": 600})
    assert found["status"]["expirationTimestamp"] == "2026-03-01T12:10:00Z"
    assert found["spec"]["audiences"] == AUDIENCES
    assert found["metadata"] == {"name": "bot", "namespace": "ns", "uid": "uid-bot", "creationTimestamp": STAMP}
    assert server.by_token(found["status"]["token"]).name == "system:serviceaccount:ns:bot"


async def test_a_pods_token_names_its_node_and_outlives_what_is_said(server: Server) -> None:
    ref = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "uid-p"}
    found = await requested(server, {"boundObjectRef": ref, "expirationSeconds": 3607}, user=NODE)
    assert found["status"]["expirationTimestamp"] == "2026-03-01T13:00:07Z"
    user = server.by_token(found["status"]["token"])
    assert user.extra["authentication.kubernetes.io/node-uid"] == ("uid-one",)
    claims = base64.urlsafe_b64decode(found["status"]["token"].split(".")[1] + "==")
    assert orjson.loads(claims)["kubernetes.io"]["warnafter"] == int(NOW.timestamp()) + 3607


@pytest.mark.parametrize(
    ("spec", "user", "error", "why"),
    [
        ({"expirationSeconds": 599}, ALICE, Invalid, "may not specify a duration less than 10 minutes"),
        ({"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "gone"}}, ALICE, NotFound, 'pods "gone"'),
        ({"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "other"}}, ALICE, BadRequest,
         'cannot bind token for serviceaccount "bot" to pod running with different serviceaccount name.'),
        ({"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "x"}}, ALICE, Conflict,
         "the UID in the bound object reference (x) does not match the UID in record."),
        ({"boundObjectRef": {"apiVersion": "v1", "kind": "Service", "name": "s"}}, ALICE, BadRequest,
         "cannot bind token to object of type /v1, Kind=Service"),
        ({}, NODE, Denied, "node requested token not bound to a pod"),
        ({"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "q", "uid": "uid-q"}}, NODE, Denied,
         "node requested token bound to a pod scheduled on a different node"),
        ({"audiences": "x"}, ALICE, BadRequest, "cannot unmarshal"),
    ],
)  # fmt: skip
async def test_tokens_refused(server: Server, spec: Json, user: User, error: type[ApiError], why: str) -> None:
    with pytest.raises(error) as refused:
        await requested(server, spec, user=user)
    assert why in refused.value.message


async def test_a_token_for_another_account_is_refused(server: Server) -> None:
    for metadata, error in (({"name": "x"}, Invalid), ({"namespace": "x"}, Invalid), ({"uid": "x"}, Conflict)):
        with pytest.raises(error):
            await requested(server, {}, metadata=metadata)


async def bind(verbs: FakeVerbs, name: str = "p", dry_run: bool = False, **binding: Any) -> Answer:
    body = {
        "metadata": {"name": name, **binding.pop("metadata", {})},
        "target": {"kind": "Node", "name": "one"},
    } | binding
    query = {"dryRun": ["All"]} if dry_run else {}
    asked = call(verbs, "pods", "binding", name="p", body=orjson.dumps(body), query=query)
    return await Bindings(StillClock()).create(asked)


def with_pod(**spec: object) -> FakeVerbs:
    verbs = FakeVerbs()
    verbs.objects.put("pods", pod(**spec), namespace="ns")
    return verbs


async def test_a_pod_is_bound() -> None:
    verbs = with_pod()
    answer = await bind(verbs, metadata={"annotations": {"a": "b"}, "uid": "uid-p"})
    assert (answer.status, answer.body) == (
        201, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201},
    )  # fmt: skip
    found = verbs.objects.get("pods", "ns", "p")
    assert found is not None
    assert found["spec"]["nodeName"] == "one"
    assert found["metadata"]["annotations"] == {"a": "b"}
    assert {"type": "PodScheduled", "status": "True", "lastTransitionTime": STAMP} in found["status"]["conditions"]


async def test_a_trial_binds_nothing() -> None:
    verbs = with_pod()
    await bind(verbs, dry_run=True)
    assert verbs.log == [("update", "pods", "p", "binding", True)]


@pytest.mark.parametrize(
    ("spec", "binding", "error", "why"),
    [
        ({"nodeName": "two"}, {}, Conflict, 'pod p is already assigned to node "two"'),
        ({"schedulingGates": [{"name": "g"}]}, {}, Conflict, "pod p has non-empty .spec.schedulingGates"),
        ({}, {"metadata": {"uid": "x"}}, Conflict, "Precondition failed: UID in precondition: x"),
        ({}, {"name": "x"}, BadRequest, "name in URL does not match name in Binding object"),
        ({}, {"target": {"kind": "Node"}}, Invalid, "target.name: Required value"),
        ({}, {"target": {"kind": "Pod", "name": "x"}}, Invalid, 'target.kind: Unsupported value: "Pod"'),
    ],
)
async def test_bindings_refused(spec: Json, binding: Json, error: type[ApiError], why: str) -> None:
    with pytest.raises(error) as refused:
        await bind(with_pod(**spec), **binding)
    assert why in refused.value.message


async def test_a_pod_that_goes_or_is_gone_is_not_bound() -> None:
    verbs = with_pod()
    found = verbs.objects.get("pods", "ns", "p")
    assert found is not None
    found["metadata"]["deletionTimestamp"] = STAMP
    with pytest.raises(Conflict, match="is being deleted, cannot be assigned to a host"):
        await bind(verbs)
    with pytest.raises(NotFound):
        await bind(FakeVerbs())


def budget(name: str = "b", allowed: int = 1, **more: Any) -> Json:
    return {
        "metadata": {"name": name, "generation": 1},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, **more.pop("spec", {})},
        "status": {
            "observedGeneration": 1, "disruptionsAllowed": allowed, "currentHealthy": 1, "desiredHealthy": 1, **more,
        },
    }  # fmt: skip


def guarded(known: Json, *budgets: Json) -> FakeVerbs:
    verbs = FakeVerbs()
    verbs.objects.put("pods", known, namespace="ns")
    for found in budgets:
        verbs.objects.put("poddisruptionbudgets", found, namespace="ns")
    return verbs


async def evict(verbs: FakeVerbs, query: dict[str, list[str]] | None = None, **options: Any) -> Answer:
    body = orjson.dumps({"metadata": {"name": "p"}, "deleteOptions": options})
    return await Evictions(StillClock()).create(call(verbs, "pods", "eviction", name="p", body=body, query=query))


@pytest.mark.parametrize(
    ("known", "budgets"),
    [
        (pod(), []),
        (pod(phase="Pending"), [budget(allowed=0)]),
        (pod(phase="Succeeded"), [budget(allowed=0)]),
        (pod(ready=False), [budget(allowed=0)]),
        (pod(ready=False), [budget(allowed=0, currentHealthy=0, spec={"unhealthyPodEvictionPolicy": "AlwaysAllow"})]),
        (pod(), [{**budget(allowed=0), "spec": {"selector": {"matchLabels": {"app": "other"}}}}]),
    ],
)
async def test_evicted_without_asking_a_budget(known: Json, budgets: list[Json]) -> None:
    verbs = guarded(known, *budgets)
    assert (await evict(verbs, gracePeriodSeconds=5)).status == 201
    assert verbs.log == [
        ("update", "pods", "p", "status", False),
        ("delete", "pods", "p", {"gracePeriodSeconds": 5}, False),
    ]


async def test_an_eviction_takes_one_of_the_budgets_disruptions() -> None:
    verbs = guarded(pod(), budget(allowed=1))
    await evict(verbs)
    found = verbs.objects.get("poddisruptionbudgets.policy", "ns", "b")
    assert found is not None
    assert found["status"]["disruptionsAllowed"] == 0
    assert found["status"]["disruptedPods"] == {"p": STAMP}
    (condition,) = found["status"]["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == (
        "DisruptionAllowed", "False", "InsufficientPods",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("known", "found", "cause", "retry"),
    [
        (budget(allowed=0), pod(), "The disruption budget b needs 1 healthy pods and has 1 currently", 0),
        (budget(allowed=0, currentHealthy=0), pod(ready=False),
         "The disruption budget b needs 1 healthy pods and has 0 currently", 0),
        (budget(allowed=0, currentHealthy=3), pod(),
         "The disruption budget b does not allow evicting pods currently", 0),
        (budget(observedGeneration=0), pod(), "The disruption budget b is still being processed by the server.", 10),
        (budget(allowed=0, conditions=[{"type": "DisruptionAllowed", "status": "False", "reason": "SyncFailed",
                                        "message": "no controller"}]), pod(),
         "The disruption budget b does not allow evicting pods currently because it failed sync: no controller", 0),
    ],
)  # fmt: skip
async def test_a_budget_refuses(known: Json, found: Json, cause: str, retry: int) -> None:
    verbs = guarded(found, known)
    with pytest.raises(TooManyRequests) as refused:
        await evict(verbs)
    assert refused.value.message == "Cannot evict pod as it would violate the pod's disruption budget."
    assert [(c.reason, c.message) for c in refused.value.causes] == [("DisruptionBudget", cause)]
    assert refused.value.retry_after_seconds == retry
    assert verbs.log == []


async def test_two_budgets_are_too_many() -> None:
    with pytest.raises(ApiError, match="more than one PodDisruptionBudget") as refused:
        await evict(guarded(pod(), budget("a"), budget("b")))
    assert refused.value.code == 500


async def test_a_trial_eviction_changes_nothing() -> None:
    verbs = guarded(pod(), budget(allowed=1))
    await evict(verbs, dryRun=["All"])
    assert [entry[-1] for entry in verbs.log] == [True, True]
    assert verbs.objects.get("pods", "ns", "p") is not None
    with pytest.raises(TooManyRequests):
        await evict(guarded(pod(), budget(allowed=0)), query={"dryRun": ["All"]})


async def test_an_eviction_may_be_for_one_version_only() -> None:
    with pytest.raises(Conflict, match="the UID in the precondition"):
        await evict(guarded(pod()), preconditions={"uid": "x"})
    verbs = guarded(pod())
    await evict(verbs, preconditions={"resourceVersion": "1"})
    assert verbs.log[-1][3] == {"preconditions": {"resourceVersion": "2"}}


async def test_only_what_is_there_can_be_evicted() -> None:
    with pytest.raises(NotFound, match='pods "p" not found'):
        await evict(FakeVerbs())


def test_an_approval_changes_conditions_only() -> None:
    old: Json = {"metadata": {"name": "c", "uid": "u"}, "spec": {"signerName": "a/b"}, "status": {"certificate": "x"}}
    new: Json = {
        "metadata": {"name": "c", "labels": {"a": "b"}},
        "spec": {"signerName": "other"},
        "status": {"conditions": [{"type": "Approved", "status": "True"}]},
    }
    PARTS["certificatesigningrequests.certificates.k8s.io", "approval"](new, old, STAMP)
    condition = {"type": "Approved", "status": "True", "lastUpdateTime": STAMP, "lastTransitionTime": STAMP}
    assert new == {**old, "status": {"certificate": "x", "conditions": [condition]}}


def test_ephemeral_containers_are_a_part_of_their_own() -> None:
    old = {**pod(), "metadata": {"name": "p", "uid": "u", "generation": 1}}
    new: Json = {
        "metadata": {"name": "p", "labels": {"a": "b"}, "resourceVersion": "7"},
        "spec": {"containers": [], "ephemeralContainers": [{"name": "d"}]},
        "status": {},
    }
    PARTS["pods", "ephemeralcontainers"](new, old, NOW.isoformat())
    assert new["metadata"] == {"name": "p", "uid": "u", "generation": 2, "resourceVersion": "7"}
    assert new["spec"] == {**old["spec"], "ephemeralContainers": [{"name": "d"}]}
    assert new["status"] == old["status"]
