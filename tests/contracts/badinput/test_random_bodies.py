"""Whatever is sent: no 5xx, no change without success. For every built-in kind and every way to write.

ARMILLARY_RANDOM_BODIES says how many bodies each kind is sent, ARMILLARY_RANDOM_SEED where the dice start.
"""

import os
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson
import pytest
from tests.contracts.badinput.asking import MEDIA, Asking, collection, valid
from tests.contracts.badinput.mutate import STRINGS, Mutator, encoded
from tests.harness.apiserver import schemas

from armillary.engine.kinds.registry import BUILT_IN
from armillary.engine.kinds.resource import Resource
from armillary.kube.transport.port import Response

COUNT = int(os.environ.get("ARMILLARY_RANDOM_BODIES", "1000"))
SEED = os.environ.get("ARMILLARY_RANDOM_SEED", "armillary")
KINDS = [resource for resource in BUILT_IN if "create" in resource.verbs]
WRITTEN_BY_PUT = ("status", "scale", "finalize", "approval", "ephemeralcontainers", "resize")
WRITTEN_BY_POST = ("binding", "eviction", "token")
RESTORED_EVERY = 25
METHODS = ("POST",) * 6 + ("PUT",) * 6 + ("PATCH",) * 12 + ("DELETE",)
JSON = "application/json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
ACCEPTED = (
    TABLE,
    "application/json",
    "application/yaml",
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
)
QUERY = (
    "labelSelector", "fieldSelector", "limit", "continue", "resourceVersion", "resourceVersionMatch", "timeoutSeconds",
    "includeObject", "pretty", "allowWatchBookmarks", "sendInitialEvents",
)  # fmt: skip
OPTIONS = {
    "gracePeriodSeconds": 0,
    "propagationPolicy": "Background",
    "preconditions": {"uid": "u", "resourceVersion": "1"},
}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Sent:
    """One request, as a failure shows it."""

    method: str
    path: str
    body: bytes
    media: str
    query: dict[str, str]

    @property
    def is_dry_run(self) -> bool:
        return "dryRun" in self.query


@pytest.mark.parametrize("resource", KINDS, ids=lambda r: f"{r.api_version}/{r.plural}")
async def test_a_valid_object_is_accepted(api: Asking, resource: Resource) -> None:
    answer = await api.ask("POST", collection(resource), valid(resource), dryRun="All", fieldValidation="Strict")
    assert answer.status in (200, 201), answer.body.decode()


@pytest.mark.parametrize("resource", KINDS, ids=lambda r: f"{r.api_version}/{r.plural}")
async def test_random_bodies_break_nothing(api: Asking, resource: Resource, caplog: pytest.LogCaptureFixture) -> None:
    random = Random(f"{SEED} {resource.api_version} {resource.plural}")
    writer = Writer(api, resource, Mutator(random, schemas().node(resource.schema)))
    sent = writer.draw()
    for number in range(COUNT):
        if number % RESTORED_EVERY == 0 or sent.method == "DELETE":
            await writer.restore()
        sent = writer.draw()
        before = api.store.revision
        answer = await api.ask(sent.method, sent.path, sent.body, headers={"content-type": sent.media}, **sent.query)
        assert answer.status < 500, f"{number}: {sent}\n{answer.body!r}\n{caplog.text}"
        if answer.status >= 400 or sent.is_dry_run:
            assert api.store.revision == before, f"{number}: {sent} changed the store: {answer.status}"
        if answer.status >= 400:
            assert_is_status(answer)
        elif sent.method != "POST":
            await assert_readable(api, writer.views(), caplog)


@pytest.mark.parametrize(
    "resource", [r for r in KINDS if "list" in r.verbs], ids=lambda r: f"{r.api_version}/{r.plural}"
)
async def test_random_questions_are_answered(api: Asking, resource: Resource, caplog: pytest.LogCaptureFixture) -> None:
    random = Random(f"{SEED} {resource.api_version} {resource.plural}")
    for _ in range(COUNT // 20):
        query = {name: random.choice((*STRINGS, "10", "a=b", "a in (b", "!a", "metadata.name=t-1")) for name in QUERY}
        asked = {name: query[name] for name in random.sample(QUERY, random.randrange(1, 4))}
        answer = await api.ask("GET", collection(resource), headers={"accept": random.choice(ACCEPTED)}, **asked)
        assert answer.status < 500, f"{asked}\n{answer.body!r}\n{caplog.text}"


async def assert_readable(api: Asking, views: list[str], caplog: pytest.LogCaptureFixture) -> None:
    """What was accepted can be shown, as a table too, and in every version."""
    for path in views:
        answer = await api.ask("GET", path, headers={"accept": TABLE})
        assert answer.status in (200, 404), f"{path}: {answer.body!r}\n{caplog.text}"


def assert_is_status(answer: Response) -> None:
    told = orjson.loads(answer.body)
    assert (told["kind"], told["apiVersion"], told["status"]) == ("Status", "v1", "Failure"), told
    assert told["code"] == answer.status, told
    assert told["reason"], told
    assert told["message"], told


class Writer:
    """Draws requests on one kind, and keeps one object of it that is good for them."""

    def __init__(self, api: Asking, resource: Resource, mutator: Mutator) -> None:
        self.api, self.resource, self.mutator = api, resource, mutator
        self.base, self.valid = collection(resource), valid(resource)
        self.name = self.valid["metadata"].get("name", "")
        self.stored = "update" in resource.verbs and "get" in resource.verbs
        self.seen = self.valid

    async def restore(self) -> None:
        """Have the valid object in the store, as new."""
        if not any((resource := self.resource) is kind for kind in BUILT_IN if "delete" in kind.verbs):
            return
        path = f"{self.base}/{self.name}"
        if self.api.stored(resource, self.name) is not None:
            let_go = orjson.dumps({"metadata": {"finalizers": None}})
            await self.api.ask("PATCH", path, let_go, headers={"content-type": MEDIA["merge"]})
            await self.api.ask("DELETE", path, {"gracePeriodSeconds": 0, "propagationPolicy": "Background"})
        await self.api.ask("POST", self.base, self.valid)
        self.look()

    def look(self) -> None:
        entry = self.api.stored(self.resource, self.name)
        if entry is not None:
            self.seen = orjson.loads(entry.body) | {
                "apiVersion": self.resource.api_version,
                "kind": self.resource.kind,
            }

    def draw(self) -> Sent:
        random, mutator = self.mutator.random, self.mutator
        self.look()
        query = {"fieldValidation": random.choice(("Strict", "Warn", "Ignore"))}
        if random.random() < 0.5:
            query["dryRun"] = "All"
        method = random.choice(METHODS) if self.stored else "POST"
        path = self.base if method == "POST" else f"{self.base}/{self._part()}"
        if method == "DELETE":
            query.pop("dryRun", None)  # where there is a body, the query says nothing
            return Sent(method, f"{self.base}/{self.name}", self._bytes(mutator.mutated(OPTIONS)), JSON, query)
        if method == "PATCH":
            form = random.choice(sorted(MEDIA))
            return Sent(method, path, self._patch(form), MEDIA[form], query | _options(form))
        posts = [sub for sub in self.resource.subresources if sub in WRITTEN_BY_POST]
        if method == "POST" and posts and random.random() < 0.2:
            path = f"{self.base}/{self.name}/{random.choice(posts)}"
        body = mutator.mutated(self.valid if method == "POST" else self.seen)
        if method == "POST" and random.random() < 0.7 and isinstance(body.get("metadata"), dict):
            body["metadata"]["name"] = f"{self.name}{random.randrange(10**9)}"
        return Sent(method, path, self._bytes(body), JSON, query)

    def views(self) -> list[str]:
        """Where the object can be seen: in other groups and versions as well."""
        same = [r for r in KINDS if r.plural == self.resource.plural and r.namespaced == self.resource.namespaced]
        return [f"{collection(resource)}/{self.name}" for resource in same]

    def _part(self) -> str:
        """The object, or a subresource of it."""
        parts = [sub for sub in self.resource.subresources if sub in WRITTEN_BY_PUT]
        if parts and self.mutator.random.random() < 0.3:
            return f"{self.name}/{self.mutator.random.choice(parts)}"
        return str(self.name)

    def _patch(self, form: str) -> bytes:
        if form == "json":
            return self._bytes(self.mutator.json_patch(self.seen))
        if form == "apply":
            return self._bytes(self.mutator.mutated(self.valid))
        return self._bytes(self.mutator.merge_patch(self.seen))

    def _bytes(self, value: Any) -> bytes:
        body = encoded(value)
        return self.mutator.broken(body) if self.mutator.random.random() < 0.05 else body


def _options(form: str) -> dict[str, str]:
    return {"fieldManager": "random", "force": "true"} if form == "apply" else {}
