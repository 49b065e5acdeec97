"""Bad requests are answered as Kubernetes answers them, word for word, and change nothing."""

import asyncio
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
import yaml
from tests.contracts.badinput.asking import MEDIA, Asking

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWERS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("answers.yaml").read_text())
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
VARYING = (
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "{uid}"),
    (r"in record \(\d+\)", "in record ({revision})"),
    (r"current: \d+", "current: {revision}"),
    (r'(resourceVersion\\?":\\?")\d+', r"\1{revision}"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "{time}"),
)
WEB = {
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 0,
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
    },
}
# What the requests are about.
THERE = {
    CONFIG_MAPS: [{"metadata": {"name": "m"}, "data": {"k": "v"}},
                  {"metadata": {"name": "fixed"}, "data": {"a": "b"}, "immutable": True}],
    PODS: [{"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}],
    "/apis/apps/v1/namespaces/default/deployments": [WEB],
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings": [
        {"metadata": {"name": "b"},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}}],
    "/api/v1/namespaces/default/secrets": [{"metadata": {"name": "s"}}],
    "/apis/coordination.k8s.io/v1/namespaces/default/leases": [{"metadata": {"name": "l"}}],
    "/api/v1/namespaces/default/events": [{"metadata": {"name": "e"}, "involvedObject": {"namespace": "default"}}],
}  # fmt: skip


@pytest.fixture
async def filled(api: Asking) -> Asking:
    """With the objects there: made once."""
    if (await api.ask("GET", f"{CONFIG_MAPS}/m")).status == 404:
        for path, objects in THERE.items():
            for obj in objects:
                answer = await api.ask("POST", path, obj)
                assert answer.status == 201, answer.body
        owned = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owned"}, "data": {"a": "1"}}
        headers = {"content-type": MEDIA["apply"]}
        answer = await api.ask("PATCH", f"{CONFIG_MAPS}/owned", owned, headers=headers, fieldManager="first")
        assert answer.status == 201, answer.body
    return api


def named(row: dict[str, Any]) -> str:
    sent = str(row.get("json", row.get("text", "")))
    return f"{row['ask']} {sent[:60]}".replace("/api/v1/namespaces/default/", "")


@pytest.mark.parametrize("row", ANSWERS, ids=named)
async def test_a_bad_request_is_answered_as_upstream_answers_it(filled: Asking, row: dict[str, Any]) -> None:
    method, _, url = row["ask"].partition(" ")
    path, _, query = url.partition("?")
    body = row["text"].encode().decode("unicode_escape").encode("latin-1") if "text" in row else row.get("json")
    headers = {"content-type": row["type"]} if "type" in row else {}
    headers |= {"impersonate-user": row["as"]} if "as" in row else {}
    headers |= {"accept": row["accept"]} if "accept" in row else {}
    before = filled.store.revision
    answer = await filled.ask(method, path, body, headers=headers, **dict(parse_qsl(query, keep_blank_values=True)))
    status, _, reason = str(row["is"]).partition(" ")
    assert answer.status == int(status), answer.body
    assert filled.store.revision == before
    if "warns" in row:
        assert answer.headers["warning"] == row["warns"]
    if not reason:
        assert "says" not in row or answer.body.decode() == row["says"]
        return
    told = orjson.loads(answer.body)
    assert (told["reason"], told["code"]) == (reason, int(status))
    if "says" in row:
        assert without_varying(told["message"]) == row["says"]


def without_varying(text: str) -> str:
    for pattern, name in VARYING:
        text = re.sub(pattern, name, text)
    return text


def config_map(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}} | fields


def container(value: str) -> dict[str, Any]:
    return {"name": "c", "image": "i", "env": [{"name": "A", "value": value}]}


def deep(depth: int) -> bytes:
    return b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"x":' + b"[" * depth + b"]" * depth + b"}"


TOO_DEEP = (
    "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: "
)
BOMB = "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        (CONFIG_MAPS, config_map(data={"a": "x" * 1_600_000}), 422,
         'ConfigMap "x" is invalid: []: Too long: may not be more than 1048576 bytes'),
        ("/api/v1/namespaces/default/secrets", {"metadata": {"name": "x"}, "stringData": {"a": "x" * 1_100_000}}, 422,
         'Secret "x" is invalid: data: Too long: may not be more than 1048576 bytes'),
        (CONFIG_MAPS, config_map(metadata={"name": "x", "annotations": {"a": "x" * 300_000}}), 422,
         'ConfigMap "x" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes'),
        (PODS, {"metadata": {"name": "x"}, "spec": {"containers": [container("x" * 1_600_000)]}}, 413,
         "etcdserver: request is too large"),
        (CONFIG_MAPS, config_map(data={"a": "x" * 3_200_000}), 413, "Request entity too large: limit is 3145728"),
        (CONFIG_MAPS, deep(300), 400, TOO_DEEP + 'exceeded max depth ({"apiVersion":"v1","kind":"Con ...)'),
        (CONFIG_MAPS, deep(100_000), 400, TOO_DEEP + 'exceeded max depth ({"apiVersion":"v1","kind":"Con ...)'),
        (CONFIG_MAPS, b"[" * 1_000_000, 400, TOO_DEEP + f"exceeded max depth ({b'[' .hex() * 30} ...)"),
    ],
    ids=["config map", "secret", "annotations", "object", "request", "deep", "deeper", "deepest"],
)  # fmt: skip
async def test_there_are_bounds(filled: Asking, path: str, body: Any, status: int, message: str) -> None:
    before = filled.store.revision
    answer = await filled.ask("POST", path, body)
    assert (answer.status, orjson.loads(answer.body)["message"]) == (status, message)
    assert filled.store.revision == before


@pytest.mark.parametrize(
    "body", [b"[" * 1_000_000, b"- " * 1_000_000, b"a: &a [x]\n" + BOMB.encode()], ids=["flow", "block", "aliases"]
)
async def test_yaml_that_would_blow_up_does_not(filled: Asking, body: bytes) -> None:
    answer = await asyncio.wait_for(
        filled.ask("POST", CONFIG_MAPS, body, headers={"content-type": "application/yaml"}), 30
    )
    assert answer.status == 400, answer.body


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(b"\xff", "\ufffd"), (b"\\ud800", "\ufffd"), (b"\\ud83d\\ude00", "\U0001f600"), (b"\\u0000", "\u0000")],
)
async def test_what_is_no_unicode_is_replaced_as_go_replaces_it(filled: Asking, sent: bytes, kept: str) -> None:
    body = b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"%s"}}' % sent
    answer = await filled.ask("POST", CONFIG_MAPS, body, dryRun="All")
    assert answer.status == 201, answer.body
    assert orjson.loads(answer.body)["data"] == {"a": kept}
