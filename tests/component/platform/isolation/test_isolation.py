"""Everybody can do what their role says, and nothing else: every kind and verb, every endpoint, every built-in role."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.harness.tenants import MARK, PEOPLE, Person, Tenants, tenants

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
