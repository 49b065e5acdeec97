"""Federation at work in front of a real API server in this process, beside a real directory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.harness.platform import Running, listening_platform
from tests.harness.slapd import GROUPS, PEOPLE, READER, READER_PASSWORD, Slapd, group, person, running_slapd

from armillary.base.words import Words
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
from armillary.platform.capabilities.federation.capability import connect, federation
from armillary.platform.capabilities.federation.kinds import (
    IDENTITY_PROVIDER,
    GroupMapping,
    IdentityProvider,
    IdentityProviderSpec,
    Ldap,
)
from armillary.platform.capabilities.federation.providers import FederatedProviders
from armillary.platform.capabilities.federation.routes import Federation
from armillary.platform.capabilities.identity.kinds import KINDS as IDENTITY_KINDS
from armillary.platform.frame.caller import kube_user
from armillary.platform.frame.capability import Capability
from armillary.platform.frame.parts import Parts

SECONDS = 20.0  # a deadline, not a duration
RBAC = "rbac.authorization.k8s.io"
# What federation reads of others.
OTHERS: Capability[Parts] = Capability(
    "others", Words("Others", "其他"), connect=lambda parts: parts, kinds=IDENTITY_KINDS
)
ENTRIES = [person("ann", "ann's", "userAccountControl: 512"), person("bob", "bob's"), group("ops", "ann")]


@dataclass
class Federated:
    """`platform` is what runs, `providers` what identity is given, `slapd` the directory."""

    platform: Running
    providers: FederatedProviders
    slapd: Slapd

    def ldap(self, **changes: Any) -> Ldap:
        given: dict[str, Any] = {
            "url": self.slapd.ldaps,
            "ca": self.slapd.ca,
            "bind_dn": READER,
            "base_dn": PEOPLE,
            "group_base_dn": GROUPS,
            "disabled_filter": "(userAccountControl:1.2.840.113556.1.4.803:=2)",
            "timeout_seconds": 2,
        }
        return Ldap(**(given | changes))

    async def create(self, name: str, ldap: Ldap | None = None, **changes: Any) -> IdentityProvider:
        spec = IdentityProviderSpec(
            type="ldap",
            ldap=ldap or self.ldap(),
            groups=(GroupMapping(group="ops", as_group="operators"),),
            **changes,
        )
        made = await self.platform.admin.create(
            IDENTITY_PROVIDER, IdentityProvider(metadata=ObjectMeta(name=name), spec=spec)
        )
        await self.platform.parts.reads.of(IDENTITY_PROVIDER).wait_revision(made.metadata.resource_version)
        return made

    async def may(self, user: str, *verbs: str) -> None:
        """Let somebody do that with identity providers, and nothing else."""
        name = f"test:{user}"
        rules = (PolicyRule(api_groups=("iam.armillary.io",), resources=("identityproviders",), verbs=verbs),)
        await self.platform.admin.create(CLUSTER_ROLE, ClusterRole(metadata=ObjectMeta(name=name), rules=rules))
        binding = ClusterRoleBinding(
            metadata=ObjectMeta(name=name),
            role_ref=RoleRef(api_group=RBAC, kind="ClusterRole", name=name),
            subjects=(Subject(api_group=RBAC, kind="User", name=kube_user(user)),),
        )
        await self.platform.admin.create(CLUSTER_ROLE_BINDING, binding)

    async def administrator(self, name: str) -> None:
        await self.may(name, "get", "list", "create", "update", "patch", "delete")

    async def set_secret(self, provider: str, value: str = READER_PASSWORD) -> None:
        asking = self.platform.as_user("pat")
        answer = await asking.put(f"/platform/v1/identityproviders/{provider}/secret", {"value": value})
        assert answer.status == 204, answer.body

    async def until(self, what: str, holds: Callable[[], Awaitable[Any]]) -> Any:
        try:
            async with asyncio.timeout(SECONDS):
                while True:
                    found = await holds()
                    if found:
                        return found
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"in vain: {what}") from None

    async def says(self, name: str, type_: str, status: str, reason: str) -> str:
        """The message of a provider's condition, once it is so."""

        async def holds() -> str:
            found = await self.platform.admin.get(IDENTITY_PROVIDER, name)
            told = [c for c in found.status.conditions if (c.type, c.status, c.reason) == (type_, status, reason)]
            return told[0].message if told else ""

        return str(await self.until(f"{name} is {type_}={status} ({reason})", holds))


@asynccontextmanager
async def running_federation(directory: Path) -> AsyncIterator[Federated]:
    made: list[Federation] = []

    def connecting(parts: Parts) -> Federation:
        made.append(connect(parts))
        return made[0]

    capability = replace(federation(), connect=connecting)
    async with (
        running_slapd(directory / "slapd", ENTRIES) as slapd,
        listening_platform(directory, OTHERS, capability) as platform,
    ):
        yield Federated(platform, made[0].providers, slapd)
