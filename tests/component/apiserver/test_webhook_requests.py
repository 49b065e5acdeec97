"""What admission webhooks are told of a request: its version, its subresource, its options, who makes it."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.component.apiserver.test_webhooks import Hooks, allow, hooks, patch, refuse

from armillary.base.errors import ApiError, Denied
from armillary.engine.apiserver.ports import User
from armillary.kube.kinds.core import CONFIG_MAP, ConfigMap
from armillary.kube.kinds.meta import ObjectMeta

PODS, ACCOUNTS = "/api/v1/namespaces/default/pods", "/api/v1/namespaces/default/serviceaccounts"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
POD_SPEC: dict[str, Any] = {"containers": [{"name": "c", "image": "i"}]}
SUBRESOURCES = [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"]}]


def rule(resource: str, group: str = "", version: str = "*") -> list[dict[str, Any]]:
    return [{"apiGroups": [group], "apiVersions": [version], "operations": ["*"], "resources": [resource]}]


def obj(kind: str, version: str = "v1", name: str = "a", **more: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **more}


async def send(found: Hooks, method: str, path: str, body: Any = None, **query: str) -> list[dict[str, Any]]:
    """What hooks were asked because of this request."""
    found.asked.clear()
    await found.client.call(method, path, query=query, body=None if body is None else orjson.dumps(body))
    return list(found.asked)


async def with_pod(found: Hooks) -> None:
    await send(found, "POST", ACCOUNTS, obj("ServiceAccount", name="default"))
    await send(found, "POST", PODS, obj("Pod", spec=POD_SPEC))


async def with_two_versions(found: Hooks) -> None:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    versions = [
        {"name": name, "served": True, "storage": name == "v1", "schema": {"openAPIV3Schema": schema}}
        for name in ("v1", "v1beta1")
    ]
    spec = {"group": "example.com", "scope": "Namespaced", "versions": versions}
    spec["names"] = {"plural": "toys", "kind": "Toy"}
    definition = obj("CustomResourceDefinition", "apiextensions.k8s.io/v1", "toys.example.com", spec=spec)
    await send(found, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
    async with asyncio.timeout(10):
        while True:
            try:
                await found.client.call("GET", "/apis/example.com/v1/toys")
            except ApiError:
                await asyncio.sleep(0.01)
            else:
                return


@pytest.mark.parametrize(
    ("version", "policy", "asked_as", "is_asked"),
    [
        ("v1", "Equivalent", "v1", True),
        ("v1", "Equivalent", "v1beta1", True),
        ("v1beta1", "Equivalent", "v1", True),
        ("v1beta1", "Equivalent", "v1beta1", True),
        ("v1beta1", "Exact", "v1beta1", True),
        ("v1beta1", "Exact", "v1", False),
        ("v1", "Exact", "v1beta1", False),
    ],
)
async def test_a_hook_sees_the_version_that_its_rules_name(
    tmp_path: Path, version: str, policy: str, asked_as: str, is_asked: bool
) -> None:
    async with hooks(tmp_path) as found:
        await with_two_versions(found)
        await found.configure(
            patch({"op": "add", "path": "/color", "value": "red"}),
            mutating=True,
            rules=rule("toys", "example.com", version),
            matchPolicy=policy,
        )
        path = f"/apis/example.com/{asked_as}/namespaces/default/toys"
        asked = await send(found, "POST", path, obj("Toy", f"example.com/{asked_as}"))
        stored = orjson.loads((await found.client.call("GET", f"{path}/a")).body)
        assert stored["apiVersion"] == f"example.com/{asked_as}"
        assert ("color" in stored, len(asked)) == (is_asked, int(is_asked))
        for review in asked:
            assert review["object"]["apiVersion"] == f"example.com/{version}"
            assert (review["resource"]["version"], review["kind"]["version"]) == (version, version)
            assert (review["requestResource"]["version"], review["requestKind"]["version"]) == (asked_as, asked_as)


async def test_a_scale_is_shown_as_one_and_may_be_changed(tmp_path: Path) -> None:
    labels = {"app": "web"}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}}
    spec["template"] = {"metadata": {"labels": labels}, "spec": POD_SPEC}
    async with hooks(tmp_path) as found:
        await send(found, "POST", DEPLOYMENTS, obj("Deployment", "apps/v1", spec=spec))
        at_most = patch({"op": "replace", "path": "/spec/replicas", "value": 3})
        await found.configure(at_most, mutating=True, rules=rule("deployments/scale", "apps"))
        scale = obj("Scale", "autoscaling/v1", spec={"replicas": 9})
        (asked,) = await send(found, "PUT", f"{DEPLOYMENTS}/a/scale", scale)
        assert asked["kind"] == {"group": "autoscaling", "version": "v1", "kind": "Scale"}
        assert (asked["resource"]["resource"], asked["subResource"]) == ("deployments", "scale")
        assert (asked["oldObject"]["spec"], asked["object"]["spec"]) == ({"replicas": 1}, {"replicas": 9})
        stored = orjson.loads((await found.client.call("GET", f"{DEPLOYMENTS}/a")).body)
        assert stored["spec"]["replicas"] == 3
        assert stored["spec"]["selector"] == spec["selector"]


BINDING = obj("Binding", target={"kind": "Node", "name": "n"})
EVICTION = obj("Eviction", "policy/v1")
TOKEN = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        (f"{PODS}/a/binding", BINDING, "a"),
        (f"{PODS}/a/eviction", EVICTION, "a"),
        (f"{ACCOUNTS}/default/token", TOKEN, "default"),
    ],
)
async def test_what_is_posted_to_a_subresource_is_shown_once_and_may_be_refused(
    tmp_path: Path, path: str, body: dict[str, Any], name: str
) -> None:
    async with hooks(tmp_path) as found:
        await with_pod(found)
        await found.configure(refuse("not so"), rules=[*SUBRESOURCES, *rule("pods")])
        with pytest.raises(Denied, match="not so"):
            await send(found, "POST", path, body)
        found.answers["/hook"] = allow
        (asked,) = await send(found, "POST", path, body)
        assert (asked["operation"], asked["name"], asked["namespace"]) == ("CREATE", name, "default")
        assert asked["subResource"] == path.rpartition("/")[2]
        assert asked["kind"]["kind"] == asked["object"]["kind"] == body["kind"]


@pytest.mark.parametrize(
    ("path", "query", "shown"),
    [
        (
            f"{PODS}/a/exec",
            {"command": "ls", "container": "c", "stdout": "true"},
            {"kind": "PodExecOptions", "command": ["ls"], "container": "c", "stdout": True},
        ),
        (f"{PODS}/a/attach", {"stdin": "1"}, {"kind": "PodAttachOptions", "stdin": True}),
        (f"{PODS}/a/portforward", {"ports": "80,81"}, {"kind": "PodPortForwardOptions", "ports": [80, 81]}),
        (f"{PODS}/a/proxy/x/y", {}, {"kind": "PodProxyOptions", "path": "x/y"}),
        ("/api/v1/namespaces/default/services/kubernetes/proxy/z", {}, {"kind": "ServiceProxyOptions", "path": "z"}),
    ],
)
async def test_a_connection_is_shown_by_its_options_and_may_be_refused(
    tmp_path: Path, path: str, query: dict[str, str], shown: dict[str, Any]
) -> None:
    async with hooks(tmp_path) as found:
        await with_pod(found)
        await found.configure(refuse("stay outside"), rules=SUBRESOURCES)
        with pytest.raises(Denied, match="stay outside"):
            await send(found, "GET", path, **query)
        (asked,) = found.asked
        assert (asked["operation"], asked["kind"]["kind"]) == ("CONNECT", shown["kind"])
        assert asked["object"] == {"apiVersion": "v1", **shown}
        assert (asked["oldObject"], asked["options"]) == (None, None)


async def test_options_are_those_of_the_request(tmp_path: Path) -> None:
    async with hooks(tmp_path) as found:
        await found.configure(allow)
        path, head = CONFIG_MAP.path("default"), {"apiVersion": "meta.k8s.io/v1"}
        (asked,) = await send(found, "POST", path, obj("ConfigMap"), fieldManager="me", fieldValidation="Strict")
        assert asked["options"] == head | {"kind": "CreateOptions", "fieldManager": "me", "fieldValidation": "Strict"}
        (asked,) = await send(found, "PUT", f"{path}/a", obj("ConfigMap"), dryRun="All")
        assert asked["options"] == head | {"kind": "UpdateOptions", "dryRun": ["All"]}
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"}
        (asked,) = await send(found, "DELETE", path, body)
        assert asked["options"] == head | {"kind": "DeleteOptions", "propagationPolicy": "Foreground"}


async def test_a_namespace_is_in_itself(tmp_path: Path) -> None:
    async with hooks(tmp_path) as found:
        await found.configure(allow, rules=rule("namespaces"))
        (asked,) = await send(found, "POST", "/api/v1/namespaces", obj("Namespace", name="team"))
        assert (asked["namespace"], asked["name"]) == ("team", "team")


async def test_whoever_is_impersonated_is_told_with_uid_and_extra(tmp_path: Path) -> None:
    headers = {
        "Impersonate-User": "armillary:ann",
        "Impersonate-Group": "system:masters",
        "Impersonate-Uid": "u-1",
        "Impersonate-Extra-Example.com%2fscope": "dev",
    }
    async with hooks(tmp_path) as found:
        await found.configure(allow)
        body = orjson.dumps(obj("ConfigMap"))
        sent = {"content-type": "application/json", **headers}
        answer = await found.client.transport.request(
            "POST", CONFIG_MAP.path("default"), query={}, body=body, headers=sent
        )
        assert answer.status == 201
        (asked,) = found.asked
        assert asked["userInfo"] == {
            "username": "armillary:ann",
            "uid": "u-1",
            "groups": ["system:masters", "system:authenticated"],
            "extra": {"example.com/scope": ["dev"]},
        }


async def test_a_hook_of_old_is_asked_as_it_understands(tmp_path: Path) -> None:
    async with hooks(tmp_path) as found:
        added = patch({"op": "add", "path": "/data", "value": {"a": "b"}})
        await found.configure(added, mutating=True, admissionReviewVersions=["v1beta1", "v1"])
        made = await found.client.create(
            CONFIG_MAP, ConfigMap(metadata=ObjectMeta(name="a", namespace="default")), "default"
        )
        assert made.data == {"a": "b"}


async def test_what_the_server_does_by_itself_is_no_hooks_business(tmp_path: Path) -> None:
    """Else one that is down would keep it from what must be done."""
    async with hooks(tmp_path) as found:
        await send(found, "POST", CONFIG_MAP.path("default"), obj("ConfigMap"))
        await found.configure(refuse("nothing"))
        verbs = found.server.app.verbs
        await verbs.delete(User("system:apiserver"), verbs.resource("configmaps"), "default", "a", {})
        assert not found.asked
