"""People whom providers vouch for come in through identity."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.harness.oidc import CLIENT, CLIENT_SECRET, OidcServer, running_oidc
from tests.harness.platform import Running, running_platform
from tests.harness.slapd import GROUPS, PEOPLE, READER, READER_PASSWORD, Slapd, group, person, running_slapd

from armillary.base.errors import Denied, Unauthorized
from armillary.base.words import Words
from armillary.kube.kinds.core import SECRET, Secret
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.access.kinds import KINDS as ACCESS_KINDS
from armillary.platform.capabilities.federation.capability import connect, federation
from armillary.platform.capabilities.federation.kinds import (
    IDENTITY_PROVIDER,
    SECRET_TYPE,
    GroupMapping,
    IdentityProvider,
    IdentityProviderSpec,
    Ldap,
    Oidc,
)
from armillary.platform.capabilities.federation.routes import Federation
from armillary.platform.capabilities.identity.capability import connect as connect_identity
from armillary.platform.capabilities.identity.capability import identity
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.kinds import USER, Identity, User, UserSpec
from armillary.platform.capabilities.identity.signin import From
from armillary.platform.capabilities.tenancy.kinds import KINDS as TENANCY_KINDS
from armillary.platform.frame.capability import Capability
from armillary.platform.frame.parts import Parts

CAME = From("198.51.100.7", "a browser")
OPS = (GroupMapping(group="ops", as_group="operators"),)
OTHERS: Capability[Parts] = Capability(
    "others", Words("Others", "其他"), connect=lambda parts: parts, kinds=(*ACCESS_KINDS, *TENANCY_KINDS)
)


@dataclass
class Door:
    """A platform with identity and federation."""

    platform: Running
    identity: Deps

    async def provide(self, name: str, secret: str, field: str, **spec: Any) -> None:
        data = {field: base64.b64encode(secret.encode()).decode()}
        kept = Secret(metadata=ObjectMeta(name=name), type=SECRET_TYPE, data=data)
        await self.platform.admin.create(SECRET, kept, "armillary-system")
        item = IdentityProvider(
            metadata=ObjectMeta(name=name), spec=IdentityProviderSpec(secret=name, groups=OPS, **spec)
        )
        made = await self.platform.admin.create(IDENTITY_PROVIDER, item)
        await self.platform.parts.reads.of(IDENTITY_PROVIDER).wait_revision(made.metadata.resource_version)

    async def directory(self, slapd: Slapd, **spec: Any) -> None:
        ldap = Ldap(url=slapd.ldaps, ca=slapd.ca, bind_dn=READER, base_dn=PEOPLE, group_base_dn=GROUPS)
        await self.provide("corp", READER_PASSWORD, "password", type="ldap", ldap=ldap, **spec)

    async def sso(self, server: OidcServer, **spec: Any) -> None:
        scopes = ("openid", "profile", "email", "groups")
        oidc = Oidc(issuer=server.issuer, ca=server.ca, client_id=CLIENT, scopes=scopes)
        await self.provide("sso", CLIENT_SECRET, "clientSecret", type="oidc", oidc=oidc, **spec)

    async def user(self, name: str, **spec: Any) -> None:
        made = await self.platform.admin.create(USER, User(metadata=ObjectMeta(name=name), spec=UserSpec(**spec)))
        await self.platform.parts.reads.of(USER).wait_revision(made.metadata.resource_version)

    async def by_browser(self, server: OidcServer, login: str) -> tuple[int, str]:
        """The status that a browser gets at the end, and its session's cookie."""
        nobody = self.platform.nobody()
        begun = await nobody.get("/oauth/providers/sso?next=/console")
        assert begun.status == 303, begun.body
        kept = begun.header("set-cookie").partition(";")[0]
        back = await server.sign_in(begun.header("location"), login)
        asked = "&".join(f"{name}={value}" for name, value in back.items() if name in ("code", "state"))
        end = await nobody.get(f"/oauth/callback/sso?{asked}", headers={"cookie": kept})
        return end.status, end.header("set-cookie")


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    made: list[Federation] = []
    held: list[Deps] = []

    def connecting(parts: Parts) -> Federation:
        made.append(connect(parts))
        return made[0]

    def connecting_identity(parts: Parts) -> Deps:
        held.append(connect_identity(parts, made[0].providers))
        return held[0]

    who = replace(identity(None), connect=connecting_identity)  # type: ignore[arg-type]  # connected when parts are there
    vouching = replace(federation(), connect=connecting)
    async with running_platform(tmp_path, OTHERS, vouching, who) as platform:
        yield Door(platform, held[0])


async def test_a_directory_makes_an_account_just_in_time(door: Door, tmp_path: Path) -> None:
    entries = [person("ann", "ann's"), group("ops", "ann")]
    async with running_slapd(tmp_path / "slapd", entries) as slapd:
        await door.directory(slapd, accounts="just-in-time")
        signed, provider = await door.identity.sign_in.by_password("ann", "ann's", CAME)
        assert (signed.metadata.name, provider, signed.spec.groups) == ("ann", "corp", ("operators",))
        again, _ = await door.identity.sign_in.by_password("ann", "ann's", CAME)
        assert again.metadata.uid == signed.metadata.uid
        for login, password in (("ann", "wrong"), ("ann", ""), ("*", "ann's"), ("bob", "x")):
            with pytest.raises(Unauthorized, match="wrong name or password"):
                await door.identity.sign_in.by_password(login, password, CAME)
        assert {item.metadata.name for item in (await door.platform.admin.list(USER)).items} <= {"ann", "admin"}


async def test_an_openid_connect_provider_lets_known_people_in(door: Door, tmp_path: Path) -> None:
    async with running_oidc(tmp_path / "oidc") as server:
        await door.sso(server)
        assert (await door.by_browser(server, "ann"))[0] == 403  # nobody has invited them
        await door.user("ann", identities=(Identity(provider="sso", subject="ann"),))
        status, cookie = await door.by_browser(server, "ann")
        assert status == 303
        assert cookie
        assert (await door.platform.admin.get(USER, "ann")).spec.groups == ("operators",)


async def test_only_a_verified_address_links_an_account(door: Door, tmp_path: Path) -> None:
    async with running_oidc(tmp_path / "oidc") as server:
        await door.sso(server, link_by_email=True, accounts="just-in-time")
        await door.user("anna", email="ann@example.org")
        await door.user("robert", email="bob@example.org")
        assert (await door.by_browser(server, "bob"))[0] == 403
        assert (await door.by_browser(server, "ann"))[0] == 303
    users = {item.metadata.name: item.spec for item in (await door.platform.admin.list(USER)).items}
    assert users["anna"].identities == (Identity(provider="sso", subject="ann"),)
    assert users["robert"].identities == ()


async def test_what_comes_back_belongs_to_the_browser_that_went(door: Door, tmp_path: Path) -> None:
    """Login CSRF: somebody else's answer brings nobody in."""
    async with running_oidc(tmp_path / "oidc") as server:
        await door.sso(server, accounts="just-in-time")
        begun = await door.platform.nobody().get("/oauth/providers/sso")
        back = await server.sign_in(begun.header("location"), "ann")
        path = f"/oauth/callback/sso?code={back['code']}&state={back['state']}"
        assert (await door.platform.nobody().get(path)).status == 401
        other = (await door.platform.nobody().get("/oauth/providers/sso")).header("set-cookie").partition(";")[0]
        assert (await door.platform.nobody().get(path, headers={"cookie": other})).status == 401


async def test_a_switched_off_provider_lets_nobody_in(door: Door, tmp_path: Path) -> None:
    async with running_slapd(tmp_path / "slapd", [person("ann", "ann's")]) as slapd:
        await door.directory(slapd, disabled=True, accounts="just-in-time")
        with pytest.raises((Unauthorized, Denied)):
            await door.identity.sign_in.by_password("ann", "ann's", CAME)
