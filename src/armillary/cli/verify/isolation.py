"""Makes two workspaces and a person for each role, tries everything as each of them, and takes all of it away again."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson

from armillary.base.errors import ApiError, NotFound, SetupError
from armillary.base.tasks import gather_limited
from armillary.cli.session import API, Session, open_http
from armillary.cli.verify.matrix import ABOUT_ONESELF, VERBS, covers, request_of, was_refused
from armillary.kube.client import Client, PatchType
from armillary.kube.discovery import Served, discover
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import ROLE, ROLE_BINDING, PolicyRule, RoleBinding, RoleRef, Subject
from armillary.kube.transport.http import Http
from armillary.kube.transport.port import Response
from armillary.platform.capabilities.access.kinds import LEVEL_LABEL, MEMBER_LABEL
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.capabilities.tenancy.kinds import (
    CASCADE_ANNOTATION,
    PROJECT,
    WORKSPACE,
    Project,
    ProjectSpec,
    Workspace,
    WorkspaceSpec,
)

ROLES = (
    *(("workspace", role) for role in ("admin", "regular", "viewer")),
    *(("project", role) for role in ("admin", "operator", "viewer")),
)
SETTLE_SECONDS, LOOK_SECONDS = 60.0, 0.2
AT_ONCE = 4
_RBAC = "rbac.authorization.k8s.io"


@dataclass(slots=True)
class Report:
    """How much was tried, and what was answered otherwise than it should."""

    tried: int = 0
    surprises: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Person:
    level: str
    role: str
    name: str
    http: Http
    headers: Mapping[str, str]

    async def send(self, method: str, path: str, query: Mapping[str, str], body: Any, media: str) -> Response:
        sent = None if body is None else orjson.dumps(body)
        headers = {**self.headers, **({"content-type": media} if sent is not None else {})}
        return await self.http.request(method, path, query=query, body=sent, headers=headers)


async def verify(session: Session, say: Callable[[str], None], sleep: Callable[[float], Any]) -> Report:
    """As a platform administrator. `say` is told what goes on."""
    mark = f"verify-{secrets.token_hex(3)}"
    report = Report()
    async with _world(session, mark, say, sleep) as people:
        cluster = session.cluster()
        kinds = [s for s in (await discover(cluster)).resources if s.kind.plural not in ABOUT_ONESELF]
        rules = await _rules(cluster, people, mark)
        for person in people:
            say(f"{person.level} {person.role}")
            await gather_limited(
                AT_ONCE, [_try_kind(person, served, rules[person.name], mark, report) for served in kinds]
            )
            await _try_endpoints(session, person, mark, report)
    return report


async def _rules(
    cluster: Client, people: Sequence[_Person], mark: str
) -> dict[str, Mapping[str, Sequence[PolicyRule]]]:
    """What each holds in each namespace of the first workspace, by the roles written there."""
    own = await _bound(cluster, f"{mark}-a-shop"), await _bound(cluster, f"workspace-{mark}-a")
    return {
        person.name: {
            f"{mark}-a-shop": own[0].get(person.name, ()),
            f"workspace-{mark}-a": own[1].get(person.name, ()),
        }
        for person in people
    }


async def _bound(cluster: Client, namespace: str) -> dict[str, list[PolicyRule]]:
    roles = {role.metadata.name: role.rules for role in (await cluster.list(ROLE, namespace)).items}
    found: dict[str, list[PolicyRule]] = {}
    for binding in (await cluster.list(ROLE_BINDING, namespace)).items:
        for subject in binding.subjects:
            name = subject.name.removeprefix("armillary:")
            found.setdefault(name, []).extend(roles.get(binding.role_ref.name, ()) if binding.role_ref else ())
    return found


async def _try_kind(
    person: _Person, served: Served, rules: Mapping[str, Sequence[PolicyRule]], mark: str, report: Report
) -> None:
    kind = served.kind
    places = (*rules, f"{mark}-b-shop", f"workspace-{mark}-b", "kube-system") if kind.namespaced else ("",)
    for place in places:
        for verb in VERBS:
            allowed = covers(rules.get(place, ()), verb, kind.group, kind.plural)
            if verb not in served.verbs or (verb == "watch" and allowed):
                continue
            asked = request_of(verb, f"/clusters/host{kind.path(place)}")
            answer = await person.send(asked.method, asked.path, asked.query, asked.body, asked.content_type)
            report.tried += 1
            if was_refused(answer.status, answer.body) is allowed or answer.status >= 500:
                told = f"{answer.status}, should be {'allowed' if allowed else 'refused'}"
                report.surprises.append(f"{person.name}: {verb} {kind.plural} in {place or 'the cluster'}: {told}")


async def _try_endpoints(session: Session, person: _Person, mark: str, report: Report) -> None:
    """Every GET of the platform's API: nothing of the other workspace may be told."""
    foreign = f"{mark}-b"
    document = orjson.loads((await Client(session.transport).call("GET", "/openapi.json")).body)
    for path, methods in document["paths"].items():
        if "get" not in methods or not path.startswith(API):
            continue
        asked = _filled(path, foreign)
        answer = await person.send("GET", asked, {"q": mark}, None, "")
        report.tried += 1
        is_about_it = foreign in asked
        if (is_about_it and answer.status == 200) or (not is_about_it and foreign.encode() in answer.body):
            report.surprises.append(f"{person.name}: GET {asked}: {answer.status}, tells of {foreign}")


def _filled(path: str, workspace: str) -> str:
    values = {"workspace": workspace, "project": "shop", "namespace": f"{workspace}-shop", "cluster": "host"}
    values |= {"group": "core", "version": "v1", "plural": "secrets", "kind": "deployment"}
    for part in path.split("/"):
        if part.startswith("{"):
            path = path.replace(part, values.get(part[1:-1], "nothing-of-that-name"))
    return path


# What is tried on


@asynccontextmanager
async def _world(
    session: Session, mark: str, say: Callable[[str], None], sleep: Callable[[float], Any]
) -> AsyncIterator[list[_Person]]:
    cluster, people = session.cluster(), list[_Person]()
    say(f"{mark}-a, {mark}-b")
    try:
        for letter in "ab":
            await _workspace(cluster, f"{mark}-{letter}", session.platform.user, sleep)
        for level, role in ROLES:
            people.append(await _person(session, level, role, f"{mark}-{level}-{role}", sleep))
            await _join(cluster, people[-1], mark)
        await _settled(people, mark, sleep)
        yield people
    finally:
        for person in people:
            await person.http.close()
        await _tidy(cluster, mark)


async def _workspace(cluster: Client, name: str, manager: str, sleep: Callable[[float], Any]) -> None:
    meta = ObjectMeta(name=name, annotations={CASCADE_ANNOTATION: "true"})
    await cluster.create(WORKSPACE, Workspace(metadata=meta, spec=WorkspaceSpec(manager=manager)))
    project = Project(metadata=ObjectMeta(name="shop"), spec=ProjectSpec(creator=manager))
    await _soon(lambda: cluster.create(PROJECT, project, f"workspace-{name}"), sleep)
    await _soon(lambda: cluster.get(ROLE, "viewer", f"{name}-shop"), sleep)
    await _soon(lambda: cluster.get(ROLE, "viewer", f"workspace-{name}"), sleep)


async def _person(session: Session, level: str, role: str, name: str, sleep: Callable[[float], Any]) -> _Person:
    """Signed in as a browser is, with a password of their own."""
    first = (await session.call("POST", "/users", {"name": name}))["password"]
    http = open_http(session.platform)
    own = secrets.token_urlsafe(18)
    origin = {"origin": session.platform.origin}
    signed_in = await _form(http, "/oauth/login", {"name": name, "password": first, "next": "/"}, origin)
    cookie = signed_in.headers.get("set-cookie", "").partition(";")[0]
    headers = {**origin, "cookie": cookie}
    if not cookie or (await _form(http, "/oauth/password", {"password": own, "again": own}, headers)).status != 303:
        await http.close()
        raise SetupError(f"{name} can't sign in: the server answered {signed_in.status}")
    return _Person(level, role, name, http, headers)


async def _form(http: Http, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Response:
    media = {"content-type": "application/x-www-form-urlencoded"}
    return await http.request("POST", path, query={}, body=urlencode(form).encode(), headers={**headers, **media})


async def _join(cluster: Client, person: _Person, mark: str) -> None:
    namespace = f"workspace-{mark}-a" if person.level == "workspace" else f"{mark}-a-shop"
    meta = ObjectMeta(name=f"member:{person.name}", labels={LEVEL_LABEL: person.level, MEMBER_LABEL: person.name})
    binding = RoleBinding(
        metadata=meta,
        role_ref=RoleRef(api_group=_RBAC, kind="Role", name=person.role),
        subjects=(Subject(api_group=_RBAC, kind="User", name=f"armillary:{person.name}"),),
    )
    await cluster.create(ROLE_BINDING, binding, namespace)


async def _settled(people: Iterable[_Person], mark: str, sleep: Callable[[float], Any]) -> None:
    """Until everybody has what their role brings."""
    for person in people:
        if person.role == "regular":
            continue
        path = f"/clusters/host/api/v1/namespaces/{mark}-a-shop/pods"

        async def may_list(person: _Person = person, path: str = path) -> None:
            answer = await person.send("GET", path, {}, None, "")
            if answer.status != 200:
                raise NotFound(f"{person.name} may not list pods yet")

        await _soon(may_list, sleep)


async def _soon(action: Callable[[], Any], sleep: Callable[[float], Any]) -> None:
    left = SETTLE_SECONDS
    while True:
        try:
            await action()
            return
        except ApiError as exc:
            if left <= 0:
                raise SetupError(f"not within {SETTLE_SECONDS:.0f} s: {exc}") from exc
        left -= LOOK_SECONDS
        await sleep(LOOK_SECONDS)


async def _tidy(cluster: Client, mark: str) -> None:
    """All that begins with the mark, also what an earlier step left half done."""
    for letter in "ab":
        name = f"{mark}-{letter}"
        if await cluster.find(WORKSPACE, name) is not None:
            annotation = {"metadata": {"annotations": {CASCADE_ANNOTATION: "true"}}}
            await cluster.patch(WORKSPACE, name, "", annotation, type=PatchType.MERGE)
            await cluster.delete(WORKSPACE, name)
    for user in (await cluster.list(USER)).items:
        if user.metadata.name.startswith(f"{mark}-"):
            await cluster.delete(USER, user.metadata.name)
