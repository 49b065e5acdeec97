"""Whatever is sent to whatever kind is answered as a fault of the request, and leaves the store alone."""

import base64
import json
import random
from typing import Any

import pytest
from tests.harness.apiserver import Api, api, schemas

from armillary.engine.apiserver.schema.node import Form, Node
from armillary.engine.kinds.registry import BUILT_IN
from armillary.engine.kinds.resource import Resource

BODIES = 1000  # for each kind
DEEPEST = 6
WORDS = (
    "", "a", "x-y", "Always", "Never", "TCP", "10.0.0.1", "10.0.0.0/8", "v1", "Pod", "é\u2028", "0" * 70, "a/b", "{}",
    "2026-01-01T00:00:00Z", "kubernetes.io/x", "Exists", "In", "metadata.name", "ClusterIP", "None", "$(A)", "\x00",
)  # fmt: skip
NUMBERS = (0, 1, -1, 80, 65536, 1 << 31, 1 << 63, 1 << 64, 1.5, -0.0, 1e308)
QUANTITIES = ("1", "100m", "1Gi", "1e3", "-5", "1.5", "x", "", "9" * 30, "1e999999999")
JUNK: tuple[Any, ...] = (None, True, 3, 2.5, "word", [], {}, [None], [[]], {"": None}, {"a": {"b": []}})


class Bodies:
    """Random values of a type, some of them wrong."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def value(self, node: Node, depth: int = 0) -> Any:
        pick = self.random
        if pick.random() < 0.03:
            return pick.choice(JUNK)
        match node.form:
            case Form.STRUCT:
                return self.struct(node, depth)
            case Form.MAP:
                return {pick.choice(WORDS): self.value(node.item, depth + 1) for _ in range(pick.randint(0, 2))}
            case Form.LIST:
                return [self.value(node.item, depth + 1) for _ in range(pick.randint(0, 2 if depth < DEEPEST else 0))]
            case Form.BOOLEAN:
                return pick.random() < 0.5
            case Form.INTEGER | Form.NUMBER:
                return pick.choice(NUMBERS)
            case Form.QUANTITY:
                return pick.choice(QUANTITIES)
            case Form.INT_OR_STRING:
                return pick.choice((0, 80, -1, "50%", "http", 1 << 40))
            case Form.BYTES:
                return pick.choice(("", "YQ==", "!", base64.b64encode(b"x" * 9).decode()))
            case Form.ANY:
                return pick.choice(JUNK)
        return pick.choice(WORDS)

    def struct(self, node: Node, depth: int) -> Any:
        pick, names = self.random, list(node.fields)
        most = min(len(names), 12 if depth < 2 else 4) if depth < DEEPEST else 0
        chosen = set(pick.sample(names, pick.randint(0, most)))
        chosen |= {"metadata", "spec"} & set(names) if depth == 0 and pick.random() < 0.9 else set()
        found = {name: self.value(node.fields[name], depth + 1) for name in chosen}
        if pick.random() < 0.05:
            found["noSuchField"] = 1
        return found

    def body(self, resource: Resource) -> bytes:
        pick = self.random
        obj = self.value(schemas().node(resource.schema))
        if isinstance(obj, dict) and pick.random() < 0.9:
            obj |= {"apiVersion": resource.api_version, "kind": resource.kind}
            if isinstance(obj.get("metadata"), dict) and pick.random() < 0.8:
                obj["metadata"] |= {"name": "x", "namespace": "default"}
                obj["metadata"].pop("resourceVersion", None)
        body = json.dumps(obj, separators=(",", ":")).encode()
        if pick.random() < 0.05:
            cut = pick.randint(0, len(body))
            body = body[:cut] + pick.choice((b"", b"\xff", b'"', b"}", b"[" * 2000)) + body[cut:]
        return body


def path_of(resource: Resource, name: str = "") -> str:
    root = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
    where = f"{root}/namespaces/default/{resource.plural}" if resource.namespaced else f"{root}/{resource.plural}"
    return f"{where}/{name}" if name else where


PATCHES = ("json-patch+json", "merge-patch+json", "strategic-merge-patch+json", "apply-patch+yaml")


async def send(server: Api, resource: Resource, bodies: Bodies) -> tuple[int, bool]:
    """One request; its status, and whether it was to change the store."""
    body, pick = bodies.body(resource), bodies.random
    query = {"fieldValidation": pick.choice(("Strict", "Warn", "Ignore"))}
    roll = pick.random()
    if roll < 0.5:
        answer = await server.ask("POST", path_of(resource), body, **query)
    elif roll < 0.7:
        part = pick.choice(("", "/status"))
        answer = await server.ask("PUT", path_of(resource, "x") + part, body, **query)
    elif roll < 0.95:
        form = pick.choice(PATCHES)
        query |= {"fieldManager": "m"} if form.startswith("apply") else {}
        named = {"content-type": f"application/{form}"}
        answer = await server.ask("PATCH", path_of(resource, "x"), body, headers=named, **query)
    else:
        answer = await server.ask("DELETE", path_of(resource, "x"), body)
    assert answer.status < 500, (resource.name, answer.body, body)
    return answer.status, answer.status < 300


@pytest.mark.parametrize("resource", BUILT_IN, ids=lambda r: f"{r.name}-{r.version}")
async def test_random_bodies_are_refused_and_change_nothing(resource: Resource) -> None:
    server = api()
    await server.create("/api/v1/namespaces", {"metadata": {"name": "default"}})
    bodies = Bodies(f"{resource.name}/{resource.version}")
    for _ in range(BODIES):
        before = server.store.revision
        _, changes = await send(server, resource, bodies)
        assert changes or server.store.revision == before
    listed = await server.ask("GET", path_of(resource))
    assert listed.status in (200, 404, 405)
    as_table = {"accept": "application/json;as=Table;g=meta.k8s.io;v=v1"}
    assert (await server.ask("GET", path_of(resource), headers=as_table)).status < 500
