"""What stands for the rest of the API server when one of its parts is tested: objects, verbs, a clock, requests."""

import asyncio
import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from armillary.base.errors import NotFound
from armillary.engine.apiserver.ports import Admission, AdmissionRequest, Attributes, Call, Operation, User, Verdict
from armillary.engine.kinds.resource import Json, Resource

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GROUPS = {
    "clusterroles": "rbac.authorization.k8s.io",
    "clusterrolebindings": "rbac.authorization.k8s.io",
    "roles": "rbac.authorization.k8s.io",
    "rolebindings": "rbac.authorization.k8s.io",
    "poddisruptionbudgets": "policy",
    "deployments": "apps",
    "leases": "coordination.k8s.io",
    "certificatesigningrequests": "certificates.k8s.io",
    "priorityclasses": "scheduling.k8s.io",
    "storageclasses": "storage.k8s.io",
    "ingressclasses": "networking.k8s.io",
    "ingresses": "networking.k8s.io",
    "runtimeclasses": "node.k8s.io",
}
CLUSTER_SCOPED = frozenset(
    ("nodes", "namespaces", "clusterroles", "clusterrolebindings", "priorityclasses", "storageclasses",
     "ingressclasses", "runtimeclasses", "persistentvolumes", "certificatesigningrequests")
)  # fmt: skip


class StillClock:
    """Time that goes on only when it is told to, or slept through."""

    def __init__(self, now: datetime = NOW) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        await asyncio.sleep(0)


def resource(plural: str) -> Resource:
    group = GROUPS.get(plural, "")
    kind = plural.removesuffix("s").title()
    return Resource(group, "v1", kind, plural, "", namespaced=plural not in CLUSTER_SCOPED)


@dataclass
class FakeObjects:
    """`ports.Objects` over a dictionary."""

    kept: dict[tuple[str, str, str], Json] = field(default_factory=dict)

    def put(self, plural: str, obj: Json, name: str = "", namespace: str = "") -> Json:
        meta = obj.setdefault("metadata", {})
        meta.setdefault("name", name)
        if namespace:
            meta["namespace"] = namespace
        meta.setdefault("uid", f"uid-{meta['name']}")
        meta.setdefault("resourceVersion", "1")
        self.kept[resource(plural).name, meta.get("namespace", ""), meta["name"]] = obj
        return obj

    def get(self, resource: str, namespace: str, name: str) -> Json | None:
        return self.kept.get((resource, namespace, name))

    def list(self, resource: str, namespace: str = "") -> Sequence[Json]:
        return [o for (r, n, _), o in sorted(self.kept.items()) if r == resource and namespace in ("", n)]


@dataclass
class FakeVerbs:
    """`ports.Verbs` over FakeObjects. `log` tells what was asked."""

    objects: FakeObjects = field(default_factory=FakeObjects)
    log: list[tuple[Any, ...]] = field(default_factory=list)
    plugins: Sequence[Admission] = ()

    async def admit(self, request: AdmissionRequest) -> None:
        for plugin in self.plugins:
            plugin.admit(request)
            plugin.validate(request)

    def resource(self, name: str) -> Resource:
        return resource(name.partition(".")[0])

    async def create(self, user: User, resource: Resource, namespace: str, obj: Json, *, dry_run: bool = False) -> Json:
        self.log.append(("create", resource.name, namespace, obj["metadata"].get("name")))
        return obj if dry_run else self.objects.put(resource.plural, obj, namespace=namespace)

    async def update(
        self,
        user: User,
        resource: Resource,
        namespace: str,
        name: str,
        change: Callable[[Json], Json],
        *,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Json:
        found = self.objects.get(resource.name, namespace, name)
        if found is None:
            raise NotFound(f'{resource.name} "{name}" not found')
        changed = change(copy.deepcopy(found))
        self.log.append(("update", resource.name, name, subresource, dry_run))
        if not dry_run:
            changed["metadata"]["resourceVersion"] = str(int(found["metadata"]["resourceVersion"]) + 1)
            self.objects.put(resource.plural, changed)
        return changed

    async def delete(
        self, user: User, resource: Resource, namespace: str, name: str, options: Json, *, dry_run: bool = False
    ) -> Json:
        self.log.append(("delete", resource.name, name, options, dry_run))
        found = self.objects.kept[resource.name, namespace, name]
        if not dry_run:
            del self.objects.kept[resource.name, namespace, name]
        return found


@dataclass
class FixedAuthorizer:
    """Allows what is listed, as `verb resource/subresource name`, or everything."""

    allowed: Sequence[str] = ()
    asked: list[Attributes] = field(default_factory=list)

    def authorize(self, attributes: Attributes) -> Verdict:
        self.asked.append(attributes)
        what = f"{attributes.resource}/{attributes.subresource}" if attributes.subresource else attributes.resource
        said = f"{attributes.verb} {what} {attributes.name}".rstrip()
        return Verdict(True, "") if "*" in self.allowed or said in self.allowed else Verdict(False, "not listed")


ADMIN = User("admin", ("system:masters", "system:authenticated"))
ALICE = User("alice", ("system:authenticated",))


def request(
    plural: str,
    obj: Json | None,
    *,
    user: User = ALICE,
    operation: Operation = Operation.CREATE,
    namespace: str = "ns",
    name: str = "",
    subresource: str = "",
    old: Json | None = None,
) -> AdmissionRequest:
    kind = resource(plural)
    where = namespace if kind.namespaced else ""
    return AdmissionRequest(user, operation, kind, subresource, where, name, obj, old)


@dataclass
class Sent:
    """What a handler streamed."""

    messages: list[Mapping[str, Any]] = field(default_factory=list)

    async def send(self, message: Mapping[str, Any]) -> None:
        self.messages.append(dict(message))

    @property
    def status(self) -> int:
        return next(m["status"] for m in self.messages if m["type"] == "http.response.start")

    @property
    def body(self) -> bytes:
        return b"".join(m.get("body", b"") for m in self.messages if m["type"] == "http.response.body")


def call(
    verbs: FakeVerbs,
    plural: str,
    subresource: str = "",
    *,
    user: User = ALICE,
    method: str = "POST",
    namespace: str = "ns",
    name: str = "",
    rest: str = "",
    query: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    send: Callable[..., Any] | None = None,
    receive: Callable[..., Any] | None = None,
    extensions: Mapping[str, Any] | None = None,
    query_string: bytes = b"",
) -> Call:
    async def never() -> Json:
        await asyncio.Event().wait()
        return {}

    names = {k.lower(): v for k, v in (headers or {}).items()}
    scope = {
        "headers": [(k.encode(), v.encode()) for k, v in names.items()],
        "extensions": dict(extensions or {}),
        "query_string": query_string,
    }
    return Call(
        user, method, resource(plural), subresource, namespace, name, rest, query or {}, names, body,
        receive or never, send or Sent().send, scope, verbs,
    )  # fmt: skip
