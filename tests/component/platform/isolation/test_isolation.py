"""Everybody can do what their role says, and nothing else: every kind and verb, every endpoint, every built-in role."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.harness.live import talking_at
from tests.harness.tenants import MARK, PEOPLE, Person, Tenants, tenants, token_of

from armillary.cli.verify.matrix import ABOUT_ONESELF, VERBS, covers, request_of, was_refused
from armillary.kube.discovery import Served, discover
from armillary.kube.kinds.rbac import PolicyRule
from armillary.platform.capabilities.access.decide.keep import built_in_roles
from armillary.platform.capabilities.access.kinds import PROJECT_VERBS

PLACES = ("alpha-shop", "alpha-ci", "workspace-alpha", f"{MARK}-shop", f"workspace-{MARK}", "kube-system", "")


def rules_of(level: str, role: str) -> tuple[PolicyRule, ...]:
    """As the role is declared."""
    for found in built_in_roles(level, "somewhere"):  # type: ignore[arg-type]  # a level
        if found.metadata.name.rpartition(":")[2] == role:
            rules: tuple[PolicyRule, ...] = found.rules
            return rules
    raise LookupError(f"{level} has no role {role}")


def held(person: Person, place: str) -> list[PolicyRule]:
    """What somebody should hold at a place ("" is the whole cluster), by what their role says."""
    rules = rules_of(person.level, person.role)
    if person.level in ("platform", "cluster"):
        return list(rules)
    home = {"workspace": "workspace-alpha", "project": "alpha-shop", "devopsproject": "alpha-ci"}[person.level]
    found = list(rules) if place == home else []
    if person.level == "workspace":
        for resource, namespace, level in (
            ("projects", "alpha-shop", "project"),
            ("devopsprojects", "alpha-ci", "devopsproject"),
        ):
            verbs = [v for v in PROJECT_VERBS if covers(rules, v, "tenancy.armillary.io", resource)]
            if place == namespace and verbs:
                found += rules_of(level, PROJECT_VERBS[verbs[0]])
    return found


async def surprises(found: Tenants, person: Person, kinds: Iterable[Served]) -> list[str]:
    """Requests that were answered otherwise than the role says."""
    asking, wrong = found.of(person.name), list[str]()
    for served in kinds:
        kind = served.kind
        for place in PLACES:
            if bool(place) is not kind.namespaced:
                continue
            rules = held(person, place)
            for verb in VERBS:
                if verb not in served.verbs:
                    continue
                allowed = covers(rules, verb, kind.group, kind.plural)
                if verb == "watch" and allowed:
                    continue  # it would go on; whoever may not is refused at once
                wanted = request_of(verb, f"/clusters/host{kind.path(place)}")
                path = f"{wanted.path}?{urlencode(wanted.query)}"
                media = {"content-type": wanted.content_type}
                answer = await asking(wanted.method, path, wanted.body, headers=media)
                if was_refused(answer.status, answer.body) is allowed or answer.status in (401, 500, 503):
                    wrong.append(f"{verb} {kind.plural} in {place or 'the cluster'}: {answer.status}")
    return wrong


@pytest.mark.timeout(600)
async def test_every_role_does_what_it_says_to_every_kind_and_nothing_else(tmp_path: Path) -> None:
    async with tenants(tmp_path) as found:
        everything = (await discover(found.admin)).resources
        kinds = [s for s in everything if s.kind.plural not in ABOUT_ONESELF]
        assert len(kinds) > 50
        async with asyncio.TaskGroup() as group:
            asked = {p.name: group.create_task(surprises(found, p, kinds)) for p in PEOPLE}
        wrong = {name: task.result() for name, task in asked.items() if task.result()}
        assert not wrong


def filled(path: str, workspace: str) -> str:
    """A path of the API's document, with somebody's things in its parameters."""
    values = {
        "workspace": workspace,
        "project": "shop",
        "devopsproject": "ci",
        "namespace": f"{workspace}-shop",
        "name": f"{workspace}-key",
        "group": "core",
        "version": "v1",
        "plural": "secrets",
        "cluster": "host",
        "kind": "deployment",
        "user": "beta-manager",
    }
    for parameter in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        path = path.replace(f"{{{parameter}}}", values.get(parameter, "nothing-of-that-name"))
    return path


@pytest.mark.timeout(300)
async def test_no_endpoint_tells_a_tenant_of_another_workspace(tmp_path: Path) -> None:
    async with tenants(tmp_path) as found:
        document = (await found.of("nobody").get("/openapi.json")).json
        reads = [path for path, methods in document["paths"].items() if "get" in methods]
        assert len(reads) > 40
        leaks = []
        for person in [p for p in PEOPLE if p.is_tenant] + [Person("platform", "platform-regular")]:
            asking = found.of(person.name)
            for path in reads:
                if "/admission/" in path:
                    continue
                own = await asking.get(f"{filled(path, 'alpha')}?q=zq7")
                if MARK.encode() in own.body:
                    leaks.append(f"{person.name} GET {path}: {own.body[:200]!r}")
                if "{workspace}" in path or "{namespace}" in path:
                    foreign = await asking.get(filled(path, MARK))
                    if foreign.status not in (400, 403, 404):
                        leaks.append(f"{person.name} GET {filled(path, MARK)}: {foreign.status}")
        assert not leaks


@pytest.mark.timeout(300)
async def test_maps_and_objects_of_another_workspace_are_closed(tmp_path: Path) -> None:
    cluster, foreign = "/platform/v1/clusters/host", f"namespace={MARK}-shop"
    async with tenants(tmp_path) as found:
        for person in [p for p in PEOPLE if p.is_tenant] + [Person("platform", "platform-regular")]:
            asking = found.of(person.name)
            drawn = (await asking.get(f"{cluster}/topology?{foreign}")).json
            assert (drawn["nodes"], drawn["edges"], len(drawn["withheld"])) == ([], [], 12)
            for plural, name in (("secrets", f"{MARK}-key"), ("configmaps", f"{MARK}-map"), ("secrets", "none")):
                answer = await asking.get(f"{cluster}/objects/core/v1/{plural}/{name}?{foreign}")
                assert answer.status == 403
        whose = await found.of("beta-manager").get(f"{cluster}/objects/core/v1/secrets/{MARK}-key?{foreign}")
        assert whose.json["object"]["data"] == {"key": "c2VjcmV0"}


@pytest.mark.timeout(300)
async def test_no_endpoint_answers_anybody_who_has_not_signed_in(tmp_path: Path) -> None:
    async with tenants(tmp_path) as found:
        document = (await found.of("nobody").get("/openapi.json")).json
        stranger = found.of("nobody").__class__(found.door)
        for path, methods in document["paths"].items():
            for method in methods:
                if method not in ("get", "post", "put", "patch", "delete") or not path.startswith("/platform/"):
                    continue
                is_open = methods[method].get("security") == []
                answer = await stranger(method.upper(), filled(path, "alpha"), None if method == "get" else {})
                assert is_open or answer.status == 401, f"{method} {path}: {answer.status}"
        for path in ("/clusters/host/api/v1/namespaces", "/clusters/host/version", "/clusters/host/openapi/v3"):
            assert (await stranger.get(path)).status == 401


@pytest.mark.parametrize(
    "marked", [f"/clusters/host/api/v1/namespaces/{MARK}-shop/pods/x/{sub}" for sub in ("log", "exec")]
)
async def test_terminals_and_logs_of_others_are_closed(tmp_path: Path, marked: str) -> None:
    async with tenants(tmp_path) as found:
        for person in [p for p in PEOPLE if p.is_tenant]:
            answer = await found.of(person.name).get(f"{marked}?command=id&stdout=true")
            assert answer.status == 403


KINDS: Sequence[tuple[str, str]] = (
    ("", "secrets"), ("", "configmaps"), ("", "pods"), ("", "serviceaccounts"), ("", "namespaces"), ("", "events"),
    ("apps", "deployments"), ("rbac.authorization.k8s.io", "rolebindings"), ("tenancy.armillary.io", "workspaces"),
    ("tenancy.armillary.io", "projects"), ("iam.armillary.io", "users"),
)  # fmt: skip


async def overheard(found: Tenants, person: Person) -> list[str]:
    """What the live channel tells somebody of the workspace that is not theirs."""
    foreign = {"cluster": "host", "version": "v1", "namespace": f"{MARK}-shop"}
    wrong = []
    async with talking_at(found.url, found.ca, token_of(person.name)) as talk:
        for group, plural in KINDS:
            which = {"cluster": "host", "group": group, "version": "v1", "plural": plural}
            for query in ({"limit": 300}, {"q": MARK}, {"namespace": f"{MARK}-shop"}, {"workspace": MARK}):
                await talk.ask(id=1, op="list", **which, query=query)
                told = await talk.hear()
                rows = [row for row in told.get("items", ()) if MARK in f"{row.get('namespace', '')}/{row['name']}"]
                if rows or (told["type"] == "error" and told["status"]["code"] not in (403, 404)):
                    wrong.append(f"{person.name} {plural} {query}: {told}")
        for plural, name in (("secrets", f"{MARK}-key"), ("configmaps", f"{MARK}-map"), ("pods", "none")):
            await talk.ask(id=2, op="object", **foreign, plural=plural, name=name)
            if (told := await talk.hear())["type"] != "error" or told["status"]["code"] != 403:
                wrong.append(f"{person.name} {plural} {name}: {told}")
        await talk.ask(id=3, op="events", cluster="host", namespace=f"{MARK}-shop", involved={"uid": "any"})
        if (told := await talk.hear())["type"] != "error":
            wrong.append(f"{person.name} events: {told}")
    return wrong


@pytest.mark.timeout(300)
async def test_the_live_channel_tells_a_tenant_nothing_of_another_workspace(tmp_path: Path) -> None:
    async with tenants(tmp_path) as found:
        people = [*(p for p in PEOPLE if p.is_tenant), Person("platform", "platform-regular")]
        async with asyncio.TaskGroup() as group:
            heard = [group.create_task(overheard(found, person)) for person in people]
        assert [wrong for task in heard for wrong in task.result()] == []
        async with talking_at(found.url, found.ca, token_of("beta-manager")) as talk:
            await talk.ask(id=1, op="list", cluster="host", version="v1", plural="secrets", query={"q": f"{MARK}-key"})
            assert (await talk.hear())["total"] == 1, "whose it is sees it"


def written(place: str, plural: str) -> dict[str, Any]:
    """A ConfigMap or Secret."""
    kind = {"configmaps": "ConfigMap", "secrets": "Secret"}[plural]
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "written", "namespace": place}}


@pytest.mark.timeout(300)
async def test_what_is_applied_is_what_the_role_says_and_nothing_else(tmp_path: Path) -> None:
    async with tenants(tmp_path) as found:
        wrong = []
        places = [place for place in PLACES if place]
        for person in PEOPLE:
            asking = found.of(person.name)
            objects = [written(place, plural) for place in places for plural in ("configmaps", "secrets")]
            answer = await asking.post("/platform/v1/clusters/host/apply", {"objects": objects, "dryRun": True})
            for item in answer.json["items"]:
                ref = item["ref"]
                rules = held(person, ref["namespace"])
                allowed = all(covers(rules, verb, "", ref["plural"]) for verb in ("create", "patch"))
                if (item["outcome"] != "refused") is not allowed:
                    wrong.append(f"{person.name} {ref['plural']} in {ref['namespace']}: {item}")
        assert not wrong


@pytest.mark.timeout(300)
async def test_many_questions_are_answered_as_the_role_says(tmp_path: Path) -> None:
    asks = [{"verb": verb, "group": g, "resource": r} for verb in ("list", "create", "delete") for g, r in KINDS]
    async with tenants(tmp_path) as found:
        wrong = []
        for person in PEOPLE:
            for place in PLACES:
                body = {"namespace": place, "asks": asks}
                answer = await found.of(person.name).post("/platform/v1/access/can", body)
                rules = held(person, place)
                for ask, item in zip(asks, answer.json["items"], strict=True):
                    if item["allowed"] is not covers(rules, ask["verb"], ask["group"], ask["resource"]):
                        wrong.append(f"{person.name} in {place or 'the cluster'}: {ask} {item}")
                    if person.is_tenant and MARK in place and item.get("roles"):
                        wrong.append(f"{person.name} is told who could in {place}: {item}")
        assert not wrong
