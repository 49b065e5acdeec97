"""Admission webhooks over real HTTPS: who is asked, what their answers do, what happens without one."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from tests.component.controllers.cluster import controlling
from tests.harness.server import Server, running_server

from armillary.base.errors import ApiError, BadRequest, Cause, Conflict, Denied, Internal
from armillary.kube.client import Client
from armillary.kube.kinds.apps import REPLICA_SET, ReplicaSet, ReplicaSetSpec
from armillary.kube.kinds.core import (
    CONFIG_MAP,
    EVENT,
    NAMESPACE,
    POD,
    SERVICE,
    SERVICE_ACCOUNT,
    ConfigMap,
    Container,
    Namespace,
    Pod,
    PodSpec,
    PodTemplateSpec,
    Service,
    ServiceAccount,
    ServicePort,
    ServiceSpec,
)
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.transport.impersonating import Impersonating

CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1"
EVERYTHING = [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}]
ABSENT = {"key": "no", "operator": "DoesNotExist"}
Answer = Callable[[dict[str, Any]], dict[str, Any]]


def allow(request: dict[str, Any]) -> dict[str, Any]:
    return {"allowed": True}


def refuse(message: str, code: int = 403) -> Answer:
    return lambda request: {"allowed": False, "status": {"message": message, "code": code, "reason": "Forbidden"}}


def patch(*operations: dict[str, Any]) -> Answer:
    sent = base64.b64encode(orjson.dumps(operations)).decode()
    return lambda request: {"allowed": True, "patchType": "JSONPatch", "patch": sent}


@dataclass
class Hooks:
    """A webhook server; `answers` is by path, `asked` what has come."""

    server: Server
    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[], Awaitable[object]] | None = None  # what happens before an answer

    async def answer(self, request: web.Request) -> web.Response:
        asked = (await request.json())["request"]
        self.asked.append(asked)
        answer = self.answers[request.path]
        if self.before is not None:
            await self.before()
        if answer is wait_for_ever:
            await asyncio.Event().wait()
        response = {"uid": asked["uid"]} | answer(asked)
        body = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
        return web.json_response(body)

    async def configure(self, answer: Answer, *, mutating: bool = False, name: str = "hook", **more: Any) -> None:
        path = f"/{name}"
        self.answers[path] = answer
        ca = base64.b64encode(self.server.pki.ca.read_bytes()).decode()
        rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}
        hook = {
            "name": f"{name}.example.com",
            "clientConfig": {"url": f"https://localhost:{self.port}{path}", "caBundle": ca},
            "rules": [rule],
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
            **more,
        }
        kind = "MutatingWebhookConfiguration" if mutating else "ValidatingWebhookConfiguration"
        body = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": name}}
        sent = orjson.dumps(body | {"webhooks": [hook]})
        await self.client.call("POST", f"{CONFIGURATIONS}/{kind.lower()}s", body=sent)

    @property
    def client(self) -> Client:
        return self.server.admin()


def wait_for_ever(request: dict[str, Any]) -> dict[str, Any]:
    raise AssertionError("never called: it stands for a hook that hangs")


@asynccontextmanager
async def hooks(tmp_path: Path) -> AsyncIterator[Hooks]:
    async with running_server(tmp_path) as server:
        found = Hooks(server)
        application = web.Application()
        application.router.add_post("/{name}", found.answer)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(server.pki.crt("apiserver"), server.pki.key("apiserver"))
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        found.port = runner.addresses[0][1]
        try:
            yield found
        finally:
            await runner.cleanup()


def settings(name: str = "a", **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default"), data=data)


async def test_a_refusal_is_the_answer_and_nothing_is_written(tmp_path: Path) -> None:
    async with hooks(tmp_path) as found:
        await found.configure(refuse("no more of these"))
        with pytest.raises(Denied, match=r'webhook "hook\.example\.com" denied the request: no more of these'):
            await found.client.create(CONFIG_MAP, settings(), "default")
        assert await found.client.find(CONFIG_MAP, "a", "default") is None


async def test_the_hook_is_told_who_does_what(tmp_path: Path) -> None:
    async with hooks(tmp_path) as found:
        await found.configure(allow)
        ann = Client(Impersonating(found.client.transport, "armillary:ann", ["system:masters", "armillary:ops"]))
        await ann.create(CONFIG_MAP, settings(color="blue"), "default")
        await ann.patch(CONFIG_MAP, "a", "default", {"data": {"color": "red"}})
        await ann.delete(CONFIG_MAP, "a", "default")
        created, patched, deleted = found.asked
        assert created["userInfo"]["username"] == "armillary:ann"
        assert created["userInfo"]["groups"] == ["system:masters", "armillary:ops", "system:authenticated"]
        assert (created["operation"], created["namespace"], created["name"]) == ("CREATE", "default", "a")
        assert (created["object"]["data"], created["oldObject"]) == ({"color": "blue"}, None)
        assert (patched["oldObject"]["data"], patched["object"]["data"]) == ({"color": "blue"}, {"color": "red"})
        assert (deleted["operation"], deleted["object"]) == ("DELETE", None)
        assert deleted["oldObject"]["data"] == {"color": "red"}


async def test_mutating_hooks_change_the_object_in_turn_and_judges_see_the_outcome(tmp_path: Path) -> None:
    async with hooks(tmp_path) as found:
        await found.configure(patch({"op": "add", "path": "/data", "value": {"a": "1"}}), mutating=True, name="one")
        await found.configure(patch({"op": "add", "path": "/data/b", "value": "2"}), mutating=True, name="two")
        await found.configure(allow, name="judge")
        made = await found.client.create(CONFIG_MAP, settings(), "default")
        assert made.data == {"a": "1", "b": "2"}
        assert found.asked[-1]["object"]["data"] == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("answer", "more", "wrong"),
    [
        (wait_for_ever, {"timeoutSeconds": 1}, r"timeout=1s.: context deadline exceeded"),
        (lambda request: {"uid": "another"}, {}, r"invalid webhook response: expected response\.uid="),
        (lambda request: {"allowed": "yes"}, {}, "its answer can't be read: Expected `bool"),
        (lambda request: {"allowed": True, "warnings": [1]}, {}, "its answer can't be read: Expected `str`"),
        (lambda request: {"allowed": False, "status": "no"}, {}, "its answer can't be read: Expected `object"),
        (patch({"op": "add", "path": "/data", "value": {}}), {}, r"may not return response\.patch"),
        (allow, {"clientConfig": {"url": "https://localhost:1/", "caBundle": "//4="}}, "Empty certificate data"),
        (
            allow,
            {"clientConfig": {"url": "https://localhost:1/", "caBundle": "bm8="}},
            "does not contain a certificate",
        ),
        (allow, {"clientConfig": {"url": "https://localhost:1/none"}}, "Cannot connect"),
        (allow, {"clientConfig": {"service": {"namespace": "default", "name": "none"}}}, 'service "none" not found'),
        (allow, {"matchConditions": [{"name": "c", "expression": "true"}]}, "matchConditions are not supported"),
    ],
)
async def test_a_hook_that_does_not_answer(tmp_path: Path, answer: Answer, more: dict[str, Any], wrong: str) -> None:
    async with hooks(tmp_path) as found:
        await found.configure(answer, name="must", **more)
        with pytest.raises(Internal, match=f'failed calling webhook "must.example.com": .*{wrong}'):
            await found.client.create(CONFIG_MAP, settings(), "default")
        await found.client.call("DELETE", f"{CONFIGURATIONS}/validatingwebhookconfigurations/must")
        await found.configure(answer, name="may", failurePolicy="Ignore", **more)
        await found.client.create(CONFIG_MAP, settings(), "default")


@pytest.mark.parametrize(
    ("more", "is_asked"),
    [
        ({"namespaceSelector": {"matchLabels": {"team": "a"}}}, {"one": True, "two": False}),
        ({"objectSelector": {"matchLabels": {"kind": "x"}}}, {"one": False, "two": False}),
        ({"objectSelector": {"matchExpressions": [ABSENT]}}, {"one": True, "two": True}),
    ],
)
async def test_selectors_say_who_is_asked(tmp_path: Path, more: dict[str, Any], is_asked: dict[str, bool]) -> None:
    async with hooks(tmp_path) as found:
        await found.client.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="one", labels={"team": "a"})))
        await found.client.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="two")))
        await found.configure(refuse("asked"), **more)
        for name, asked in is_asked.items():
            made = ConfigMap(metadata=ObjectMeta(name="c", namespace=name))
            if asked:
                with pytest.raises(Denied, match="asked"):
                    await found.client.create(CONFIG_MAP, made, name)
            else:
                await found.client.create(CONFIG_MAP, made, name)


async def test_a_namespaces_own_labels_count_for_itself(tmp_path: Path) -> None:
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["namespaces"]}]
    async with hooks(tmp_path) as found:
        await found.configure(refuse("guarded"), rules=rules, namespaceSelector={"matchLabels": {"team": "a"}})
        await found.client.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="two")))
        with pytest.raises(Denied, match="guarded"):
            await found.client.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="one", labels={"team": "a"})))
        with pytest.raises(Denied, match="guarded"):
            await found.client.patch(NAMESPACE, "two", "", {"metadata": {"labels": {"team": "a"}}})


async def test_a_dry_run_asks_only_hooks_without_side_effects(tmp_path: Path) -> None:
    async with hooks(tmp_path) as found:
        await found.configure(allow)
        body = orjson.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
        await found.client.call("POST", CONFIG_MAP.path("default"), query={"dryRun": "All"}, body=body)
        assert found.asked[0]["dryRun"] is True
        assert await found.client.find(CONFIG_MAP, "a", "default") is None


async def test_what_was_judged_is_what_is_stored(tmp_path: Path) -> None:
    """1. A hook is asked about an update. 2. Meanwhile somebody else writes. 3. The hook is asked anew, about both."""
    async with hooks(tmp_path) as found:
        await found.client.create(CONFIG_MAP, settings(), "default")
        arrived, go_on = asyncio.Event(), asyncio.Event()

        async def slowly() -> None:
            arrived.set()
            await go_on.wait()

        found.before = slowly
        await found.configure(allow, namespaceSelector={}, objectSelector={"matchLabels": {"slow": "yes"}})
        async with asyncio.TaskGroup() as group:
            change = {"metadata": {"labels": {"slow": "yes"}}}
            slow = group.create_task(found.client.patch(CONFIG_MAP, "a", "default", change))
            await arrived.wait()
            await found.client.patch(CONFIG_MAP, "a", "default", {"data": {"by": "another"}})
            go_on.set()
        assert slow.result().data == {"by": "another"}
        assert [asked["object"].get("data") for asked in found.asked] == [None, {"by": "another"}]


async def test_configurations_of_hooks_are_none_of_their_business(tmp_path: Path) -> None:
    async with hooks(tmp_path) as found:
        await found.configure(refuse("everything"), rules=EVERYTHING)
        with pytest.raises(Denied):
            await found.client.create(CONFIG_MAP, settings(), "default")
        await found.client.call("DELETE", f"{CONFIGURATIONS}/validatingwebhookconfigurations/hook")
        await found.client.create(CONFIG_MAP, settings(), "default")


async def test_policies_of_admission_are_none_of_their_business_either(tmp_path: Path) -> None:
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "a"},
        "spec": {"policyName": "p", "validationActions": ["Deny"]},
    }
    async with hooks(tmp_path) as found:
        await found.configure(refuse("everything"), rules=EVERYTHING)
        await found.client.call(
            "POST", f"{CONFIGURATIONS}/validatingadmissionpolicybindings", body=orjson.dumps(policy)
        )


async def test_a_long_answer_is_read_to_its_end(tmp_path: Path) -> None:
    async with hooks(tmp_path) as found:
        await found.configure(patch({"op": "add", "path": "/data", "value": {"long": "x" * 400_000}}), mutating=True)
        made = await found.client.create(CONFIG_MAP, settings(), "default")
        assert len(made.data["long"]) == 400_000


@pytest.mark.parametrize(
    ("operations", "wrong"),
    [
        ([{"op": "replace", "path": "/data", "value": ["a"]}], "cannot unmarshal array"),
        ([{"op": "replace", "path": "/metadata", "value": "a"}], "cannot unmarshal string"),
        ([{"op": "replace", "path": "/kind", "value": "Secret"}], "makes an object of another kind"),
        ([{"op": "replace", "path": "", "value": 5}], "makes an object of another kind"),
        ([{"op": "remove", "path": "/data/none"}], "can't be applied"),
        ([{"op": "add", "path": "/metadata/namespace", "value": "kube-system"}], "namespace of the provided object"),
        ([{"op": "remove", "path": "/metadata/name"}], "name or generateName is required"),
    ],
)
@pytest.mark.parametrize("policy", ["Fail", "Ignore"])
async def test_a_patch_that_makes_no_such_object_is_refused(
    tmp_path: Path, operations: list[dict[str, Any]], wrong: str, policy: str
) -> None:
    async with hooks(tmp_path) as found:
        await found.configure(patch(*operations), mutating=True, failurePolicy=policy)
        with pytest.raises(ApiError, match=wrong):
            await found.client.create(CONFIG_MAP, settings(color="blue"), "default")
        for namespace in ("default", "kube-system"):
            assert await found.client.find(CONFIG_MAP, "a", namespace) is None


async def test_what_only_the_server_says_no_hook_says(tmp_path: Path) -> None:
    ours = {"uid": "mine", "creationTimestamp": "2000-01-01T00:00:00Z", "deletionTimestamp": "2000-01-01T00:00:00Z"}
    operations = [{"op": "add", "path": f"/metadata/{name}", "value": value} for name, value in ours.items()]
    async with hooks(tmp_path) as found:
        await found.configure(patch(*operations, {"op": "add", "path": "/nonsense", "value": 1}), mutating=True)
        await found.client.create(CONFIG_MAP, settings(), "default")
        stored = orjson.loads((await found.client.call("GET", CONFIG_MAP.path("default", "a"))).body)
        assert "nonsense" not in stored
        assert not ours.items() & stored["metadata"].items()


async def test_built_in_admission_and_earlier_hooks_look_again_at_what_a_later_one_changed(tmp_path: Path) -> None:
    """1. A hook counts containers. 2. A later one adds one. 3. It gets a token's mount; the first counts again."""

    def count(request: dict[str, Any]) -> dict[str, Any]:
        told = {"containers": str(len(request["object"]["spec"]["containers"]))}
        return patch({"op": "add", "path": "/metadata/annotations", "value": told})(request)

    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]
    sidecar = {"op": "add", "path": "/spec/containers/-", "value": {"name": "side", "image": "i"}}
    async with hooks(tmp_path) as found:
        await found.client.create(SERVICE_ACCOUNT, ServiceAccount(metadata=ObjectMeta(name="default")), "default")
        await found.configure(count, mutating=True, name="a", rules=rules, reinvocationPolicy="IfNeeded")
        await found.configure(patch(sidecar), mutating=True, name="b", rules=rules)
        spec = PodSpec(containers=[Container(name="c", image="i")])
        made = await found.client.create(POD, Pod(metadata=ObjectMeta(name="p"), spec=spec), "default")
        assert [container.name for container in made.spec.containers] == ["c", "side"]
        assert made.metadata.annotations == {"containers": "2"}
        assert made.spec.containers[0].volume_mounts == made.spec.containers[1].volume_mounts != []
        assert len(found.asked) == 3


async def test_pods_that_a_hook_refuses_their_owner_are_told_as_events(tmp_path: Path) -> None:
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]
    labels = {"app": "web"}
    template = PodTemplateSpec(
        metadata=ObjectMeta(labels=labels), spec=PodSpec(containers=[Container(name="c", image="i")])
    )
    spec = ReplicaSetSpec(replicas=1, selector=LabelSelector(match_labels=labels), template=template)
    async with hooks(tmp_path) as found:
        await found.configure(refuse("not in my yard"), rules=rules)
        async with controlling(found.server) as cluster:
            await found.client.create(REPLICA_SET, ReplicaSet(metadata=ObjectMeta(name="web"), spec=spec), "default")

            async def told() -> bool:
                events = (await found.client.list(EVENT, "default")).items
                wanted = 'admission webhook "hook.example.com" denied the request: not in my yard'
                return any(event.reason == "FailedCreate" and wanted in event.message for event in events)

            await cluster.until("a FailedCreate event with the hook's words", told)


async def test_an_address_asked_for_twice_while_hooks_are_asked_is_given_once(tmp_path: Path) -> None:
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["services"]}]
    spec = ServiceSpec(cluster_ip="10.96.7.7", ports=[ServicePort(port=80)])
    async with hooks(tmp_path) as found:
        both = asyncio.Barrier(2)
        found.before = both.wait
        await found.configure(allow, rules=rules)
        made = (Service(metadata=ObjectMeta(name=name), spec=spec) for name in ("a", "b"))
        answers = await asyncio.gather(
            *(found.client.create(SERVICE, service, "default") for service in made), return_exceptions=True
        )
        (refused,) = (answer for answer in answers if isinstance(answer, BaseException))
        assert "provided IP is already allocated" in str(refused)


async def test_a_refusal_says_what_the_hook_says(tmp_path: Path) -> None:
    causes = [{"reason": "Odd", "field": "data", "message": "odd"}]
    status = {"code": 409, "reason": "Conflict", "message": "no", "details": {"name": "n", "causes": causes}}
    async with hooks(tmp_path) as found:
        await found.configure(lambda request: {"allowed": False, "status": status})
        with pytest.raises(Conflict) as refused:
            await found.client.create(CONFIG_MAP, settings(), "default")
        assert refused.value.name == "n"
        assert refused.value.causes == (Cause("Odd", "data", "odd"),)


async def test_a_refusal_without_a_code_is_a_bad_request(tmp_path: Path) -> None:
    async with hooks(tmp_path) as found:
        await found.configure(lambda request: {"allowed": False})
        with pytest.raises(BadRequest, match="denied the request without explanation") as refused:
            await found.client.create(CONFIG_MAP, settings(), "default")
        assert isinstance(refused.value, ApiError)
