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
from tests.harness.server import Server, running_server

from armillary.base.errors import ApiError, BadRequest, Denied, Internal
from armillary.kube.client import Client
from armillary.kube.kinds.core import CONFIG_MAP, NAMESPACE, ConfigMap, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.transport.impersonating import Impersonating

CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1"
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
        (wait_for_ever, {"timeoutSeconds": 1}, "no answer in 1 s"),
        (lambda request: {}, {}, "no AdmissionReview with a response"),
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
    rules = [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}]
    async with hooks(tmp_path) as found:
        await found.configure(refuse("everything"), rules=rules)
        with pytest.raises(Denied):
            await found.client.create(CONFIG_MAP, settings(), "default")
        await found.client.call("DELETE", f"{CONFIGURATIONS}/validatingwebhookconfigurations/hook")
        await found.client.create(CONFIG_MAP, settings(), "default")


async def test_a_refusal_without_a_code_is_a_bad_request(tmp_path: Path) -> None:
    async with hooks(tmp_path) as found:
        await found.configure(lambda request: {"allowed": False})
        with pytest.raises(BadRequest, match="denied the request without explanation") as refused:
            await found.client.create(CONFIG_MAP, settings(), "default")
        assert isinstance(refused.value, ApiError)
