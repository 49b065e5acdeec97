"""Identity with a clock that tests turn, in front of a whole API server."""

import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from tests.harness.platform import Answer, Asking, Running, running_platform

from armillary.base.clock import SystemClock
from armillary.kube.kinds.core import SECRET
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    RoleRef,
    Subject,
)
from armillary.platform.capabilities.access.kinds import KINDS as ACCESS_KINDS
from armillary.platform.capabilities.identity.capability import connect, identity
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.kinds import (
    KINDS,
    OAUTH_CLIENT,
    USER,
    OAuthClient,
    OAuthClientSpec,
    User,
    UserSpec,
)
from armillary.platform.capabilities.identity.ports import Offer, Redirect, Vouched
from armillary.platform.capabilities.identity.secrets import token_hash
from armillary.platform.capabilities.tenancy.kinds import KINDS as TENANCY_KINDS
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.parts import Parts

PASSWORD = "correct horse battery"
FORM = {"content-type": "application/x-www-form-urlencoded"}
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Turned(SystemClock):
    """The machine's time, and how far a test has turned it."""

    ahead = timedelta()

    def now(self) -> Any:
        return super().now() + self.ahead

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead.total_seconds()


@dataclass
class Elsewhere:
    """Providers whose people a test names: by password in a directory, by code at an OpenID Connect provider."""

    offered: list[Offer] = field(default_factory=list)
    people: dict[str, Vouched] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def offers(self) -> Sequence[Offer]:
        return self.offered

    async def check_password(self, provider: str, login: str, password: str) -> Vouched | None:
        self.asked.append((login, password))
        found = self.people.get(login)
        return found if found is not None and found.provider == provider and password == PASSWORD else None

    async def begin(self, provider: str, callback: str) -> Redirect:
        return Redirect(f"https://sso.example/authorize?{urlencode({'redirect_uri': callback})}", "st", "no", VERIFIER)

    async def finish(self, provider: str, callback: str, code: str, begun: Redirect) -> Vouched:
        return self.people[code]


class Late:
    """The authenticator, which is there once the platform is put together."""

    def __init__(self) -> None:
        self.deps: Deps | None = None

    async def authenticate(self, headers: Any, cookies: Any) -> Caller | None:
        assert self.deps is not None
        return await self.deps.authenticator.authenticate(headers, cookies)


@dataclass
class World:
    running: Running
    deps: Deps
    clock: Turned
    elsewhere: Elsewhere

    def nobody(self, address: str = "198.51.100.7") -> Asking:
        return Asking(self.running.platform.door, address=address)

    async def user(self, name: str, *, must_change: bool = False, **spec: Any) -> User:
        user = User(metadata=ObjectMeta(name=name), spec=UserSpec(**spec))
        return await self.deps.accounts.make(user, PASSWORD, must_change=must_change)

    async def signed_in(self, name: str, password: str = PASSWORD) -> tuple[Asking, dict[str, Any]]:
        """By bearer token, and what signing in answered."""
        answer = await self.login(name, password, tokens=True)
        assert answer.status == 200, answer.body
        return self.bearer(answer.json["accessToken"]), answer.json

    def bearer(self, token: str) -> Asking:
        return Asking(self.running.platform.door, {"authorization": f"Bearer {token}"})

    async def login(self, name: str, password: str, *, tokens: bool = False, address: str = "198.51.100.7") -> Answer:
        body = {"username": name, "password": password, "tokens": tokens}
        return await self.nobody(address).post("/platform/v1/login", body)

    async def browser(self, name: str) -> Asking:
        """Signed in with the cookie, as a page of ours asks."""
        cookie = (await self.login(name, PASSWORD)).header("set-cookie").partition(";")[0]
        return Asking(self.running.platform.door, {"cookie": cookie, "sec-fetch-site": "same-origin"})

    async def admin_token(self) -> Asking:
        """Somebody whom the cluster lets do everything."""
        await self.user("root")
        await self.let("root", PolicyRule(verbs=("*",), api_groups=("*",), resources=("*",)))
        return (await self.signed_in("root"))[0]

    async def let(self, user: str, *rules: PolicyRule) -> None:
        role = ClusterRole(metadata=ObjectMeta(name=user), rules=rules)
        await self.running.admin.create(CLUSTER_ROLE, role)
        binding = ClusterRoleBinding(
            metadata=ObjectMeta(name=user),
            role_ref=RoleRef(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=user),
            subjects=(Subject(api_group="rbac.authorization.k8s.io", kind="User", name=f"armillary:{user}"),),
        )
        await self.running.admin.create(CLUSTER_ROLE_BINDING, binding)

    async def admin(self) -> Asking:
        """The first administrator, past the change of the first password."""
        await self.settled(lambda: "admin" in self.flagged())
        kept = await self.running.admin.get(SECRET, "initial-admin-password", "armillary-system")
        first = base64.b64decode(kept.data["password"]).decode()
        asking, _ = await self.signed_in("admin", first)
        changed = await asking.put("/platform/v1/me/password", {"old": first, "new": PASSWORD})
        assert changed.status == 204, changed.body
        return asking

    def flagged(self) -> set[str]:
        """Who has to change their password first."""
        return {u.metadata.name for u in self.deps.reads.list(USER) if u.status.must_change_password}

    async def settled(self, holds: Callable[[], bool]) -> None:
        assert await self.deps.reads.of(USER).wait_until(holds, 10)

    async def form(self, asking: Asking, path: str, **fields: str) -> Answer:
        return await asking.post(path, urlencode(fields).encode(), headers=FORM)

    async def token(self, **fields: str) -> Answer:
        return await self.form(self.nobody(), "/oauth/token", **{"client_id": "app", **fields})

    async def application(self, name: str = "app", secret: str = "", **spec: Any) -> None:
        made = {"redirect_uris": ("https://app.example/back",), **spec}
        spec_ = OAuthClientSpec(secret_hash=token_hash(secret) if secret else "", **made)
        written = await self.running.admin.create(OAUTH_CLIENT, OAuthClient(metadata=ObjectMeta(name=name), spec=spec_))
        await self.deps.reads.of(OAUTH_CLIENT).wait_revision(written.metadata.resource_version)

    async def code(self, browser: Asking, **more: str) -> str:
        """An authorization code of a trusted application."""
        answer = await browser.get(authorize_path(**more))
        assert answer.status == 303, answer.body
        return answered(answer)["code"]

    async def redeem(self, code: str, **more: str) -> Answer:
        return await self.token(
            **{
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": "https://app.example/back",
                "code_verifier": VERIFIER,
                **more,
            }
        )

    async def fresh(self, name: str) -> User:
        """As the cluster has it by now."""
        return await self.running.admin.get(USER, name)


def authorize_path(**more: str) -> str:
    query = {
        "client_id": "app",
        "response_type": "code",
        "redirect_uri": "https://app.example/back",
        "scope": "openid profile",
        "state": "s1",
        "nonce": "n1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return f"/oauth/authorize?{urlencode({k: v for k, v in query.items() if v})}"


def answered(answer: Answer) -> dict[str, str]:
    """What a redirect tells the application."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.header("location")).query).items()}


@asynccontextmanager
async def opened(directory: Path, start: Any) -> AsyncIterator[World]:
    """`start` is one of the harness's ways to run a platform."""
    clock, elsewhere, late = Turned(), Elsewhere(), Late()

    def connected(parts: Parts) -> Deps:
        front = directory / "front/ca.crt"  # of a platform that listens
        authority = front.read_text() if front.exists() else "PEM"
        late.deps = connect(parts, elsewhere, certificate_authority=authority)
        return late.deps

    kinds = (*KINDS, *ACCESS_KINDS, *TENANCY_KINDS)
    capability = replace(identity(None), connect=connected, kinds=kinds)  # type: ignore[arg-type]  # given by connect
    async with start(directory, capability, clock=clock, authenticator=late) as running:
        assert late.deps is not None
        yield World(running, late.deps, clock, elsewhere)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path, running_platform) as found:
        yield found
