"""kubectl in the browser: whose it is, who may enter it, what it may do, and when it ends."""

import base64
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.component.platform.identity.conftest import World, opened
from tests.harness.platform import Asking, Running, running_platform

from armillary.kube.kinds.core import NAMESPACE, POD, SECRET, PodStatus
from armillary.kube.kinds.networking import NETWORK_POLICY
from armillary.kube.kinds.rbac import ROLE, ROLE_BINDING, PolicyRule
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.lending import SessionCredentials
from armillary.platform.capabilities.shell.capability import shell
from armillary.platform.capabilities.shell.objects import SHELLS
from armillary.platform.capabilities.shell.ports import Credential
from armillary.platform.capabilities.shell.shells import MOST, Shells, ShellSettings
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.capability import Capability

pytestmark = pytest.mark.machine
SHELL = "/platform/v1/me/shell"
SETTINGS = ShellSettings("kubectl:1.36", "https://10.244.0.1:9443", "PEM")


class Lent:
    """Identity's credentials; identity is there once the platform is put together."""

    deps: Deps

    async def credential(self, caller: Caller) -> Credential:
        return await SessionCredentials(self.deps).credential(caller)

    async def is_signed_in(self, session: str) -> bool:
        return await SessionCredentials(self.deps).is_signed_in(session)


class ShellWorld:
    def __init__(self, world: World, lent: Lent, settings: ShellSettings) -> None:
        self.world, self.admin = world, world.running.admin
        parts = world.running.parts
        self.shells = Shells(self.admin, parts.clusters, parts.rights, world.clock, lent, settings)

    async def names(self) -> dict[str, set[str]]:
        """What there is of shells, by kind."""
        kinds: tuple[Any, ...] = (SECRET, POD, ROLE, ROLE_BINDING)
        return {
            kind.name: {item.metadata.name for item in (await self.admin.list(kind, SHELLS)).items} for kind in kinds
        }

    async def has_run(self, pod: str, phase: str) -> None:
        status = PodStatus(phase=phase)
        await self.admin.patch(POD, pod, SHELLS, {"status": {"phase": status.phase}}, subresource="status")


@asynccontextmanager
async def shells(directory: Path, settings: ShellSettings = SETTINGS) -> AsyncIterator[ShellWorld]:
    lent = Lent()

    def start(directory: Path, capability: Capability[Any], **how: Any) -> AbstractAsyncContextManager[Running]:
        def connected(parts: Any) -> Deps:
            lent.deps = capability.connect(parts)
            return lent.deps

        identity = replace(capability, connect=connected)
        return running_platform(directory, identity, shell(lent, settings), **how)

    async with opened(directory, start) as world:
        yield ShellWorld(world, lent, settings)


async def test_a_session_has_one_shell_with_its_users_own_credential(tmp_path: Path) -> None:
    async with shells(tmp_path) as found:
        await found.world.user("ann")
        ann, _ = await found.world.signed_in("ann")
        assert (await ann.get(SHELL)).json == {"state": "Absent"}
        begun = (await ann.put(SHELL)).json
        assert begun["state"] == "Starting"
        assert (begun["cluster"], begun["namespace"], begun["container"]) == ("host", SHELLS, "kubectl")
        assert begun["contexts"] == {"host": "ann@armillary-host"}
        assert (await ann.put(SHELL)).json == (await ann.get(SHELL)).json == begun
        assert await found.names() == {kind: {begun["pod"]} for kind in ("Secret", "Pod", "Role", "RoleBinding")}
        kept = await found.admin.get(SECRET, begun["pod"], SHELLS)
        config = yaml.safe_load(base64.b64decode(kept.data["config"]))
        assert config["clusters"][0]["cluster"]["server"] == "https://10.244.0.1:9443/clusters/host"
        token = base64.b64decode(kept.data["token"]).decode()
        inside = Asking(found.world.running.platform.door, {"authorization": f"Bearer {token}"})
        assert (await inside.get("/platform/v1/me")).status == 403  # for clusters alone
        assert (await inside.put(SHELL)).status == 403
        assert [d.action for d in found.world.running.audit.noted if d.resource == "shells"] == ["create"]
        # Signing out ends the token at once, the rest at the next sweep.
        assert (await ann.post("/platform/v1/logout")).status == 204
        assert (await inside.get("/platform/v1/me")).status == 401
        await found.shells.sweep()
        assert await found.names() == {kind: set() for kind in ("Secret", "Pod", "Role", "RoleBinding")}


async def test_its_pod_is_confined(tmp_path: Path) -> None:
    async with shells(tmp_path) as found:
        await found.world.user("ann")
        ann, _ = await found.world.signed_in("ann")
        name = (await ann.put(SHELL)).json["pod"]
        namespace = await found.admin.get(NAMESPACE, SHELLS)
        assert namespace.metadata.labels["pod-security.kubernetes.io/enforce"] == "restricted"
        policy = await found.admin.get(NETWORK_POLICY, "shells", SHELLS)
        assert policy.spec.policy_types == ("Ingress", "Egress")
        spec = (await found.admin.get(POD, name, SHELLS)).spec
        assert spec.automount_service_account_token is False
        assert 0 < (spec.active_deadline_seconds or 0) <= 12 * 3600


async def test_nobody_else_can_see_enter_or_end_it(tmp_path: Path) -> None:
    async with shells(tmp_path) as found:
        for user in ("ann", "eve"):
            await found.world.user(user)
        everything = PolicyRule(verbs=("*",), api_groups=("*",), resources=("*",))
        ann, _ = await found.world.signed_in("ann")
        eve, _ = await found.world.signed_in("eve")
        pod = (await ann.put(SHELL)).json["pod"]
        here = f"/clusters/host/api/v1/namespaces/{SHELLS}"
        enter = f"{here}/pods/{pod}/exec?command=sh&stdin=true&stdout=true"
        for path in (f"{here}/pods/{pod}", f"{here}/pods", f"{here}/secrets/{pod}", f"{here}/secrets"):
            assert (await eve.get(path)).status == 403, path
        assert (await eve.post(enter)).status == 403
        assert (await eve.delete(SHELL)).status == 204
        assert (await eve.get(SHELL)).json == {"state": "Absent"}
        # Its own user sees this pod, and no more than that.
        assert (await ann.get(f"{here}/pods/{pod}")).status == 200
        assert (await ann.post(enter)).status not in (401, 403)
        for path in (f"{here}/pods", f"{here}/secrets/{pod}", f"{here}/pods/{pod}/log"):
            assert (await ann.get(path)).status == 403, path
        assert (await ann.delete(f"{here}/pods/{pod}")).status == 403
        for asking in (found.world.nobody(),):
            assert {(await asking(method, SHELL)).status for method in ("GET", "PUT", "DELETE")} == {401}
        await found.world.let("eve", everything)
        assert (await eve.get(SHELL)).json == {"state": "Absent"}  # an administrator's own is none either


@pytest.mark.parametrize(
    ("scopes", "reason"), [(("read",), "scopes"), (("platform",), "scopes"), (("all",), "sign in")]
)
async def test_an_access_token_is_lent_nothing(scopes: tuple[str, ...], reason: str, tmp_path: Path) -> None:
    async with shells(tmp_path) as found:
        await found.world.user("ann")
        ann, _ = await found.world.signed_in("ann")
        made = (await ann.post("/platform/v1/me/tokens", {"scopes": scopes})).json["token"]
        refused = await found.world.bearer(made).put(SHELL)
        assert refused.status == 403
        assert reason in refused.json["message"]
        assert not (await found.names())["Secret"]


async def test_it_ends_when_nobody_looks_and_when_asked_and_begins_anew(tmp_path: Path) -> None:
    async with shells(tmp_path) as found:
        await found.world.user("ann")
        ann, _ = await found.world.signed_in("ann")
        pod = (await ann.put(SHELL)).json["pod"]
        await found.shells.sweep()
        assert (await found.names())["Pod"] == {pod}
        found.world.clock.ahead = timedelta(minutes=9)
        await ann.put(SHELL)
        found.world.clock.ahead = timedelta(minutes=20)
        await found.shells.sweep()
        assert (await found.names())["Pod"] == {pod}
        found.world.clock.ahead = timedelta(minutes=25)
        await found.shells.sweep()
        assert not (await found.names())["Secret"]
        found.world.clock.ahead = timedelta()
        assert (await ann.put(SHELL)).json["state"] == "Starting"
        assert (await found.names())["Pod"] == {pod}
        await found.has_run(pod, "Failed")
        assert (await ann.put(SHELL)).json["state"] == "Starting"  # what has ended is cleared away
        assert (await ann.put(SHELL)).json["state"] == "Starting"
        assert (await found.names())["Secret"] == {pod}
        assert (await ann.delete(SHELL)).status == 204
        assert (await ann.get(SHELL)).json == {"state": "Absent"}
        assert not (await found.names())["RoleBinding"]


async def test_one_user_has_few(tmp_path: Path) -> None:
    async with shells(tmp_path) as found:
        await found.world.user("ann")
        sessions = [(await found.world.signed_in("ann"))[0] for _ in range(MOST + 1)]
        assert [(await one.put(SHELL)).status for one in sessions] == [*[200] * MOST, 403]
        assert (await sessions[0].delete(SHELL)).status == 204
        assert (await sessions[-1].put(SHELL)).status == 200
        assert (await sessions[0].put(SHELL)).status == 403
        found.world.clock.ahead = timedelta(minutes=5)  # one that nobody has open makes way
        assert (await sessions[0].put(SHELL)).status == 200
        assert len((await found.names())["Pod"]) == MOST


async def test_where_there_is_no_image_it_is_off_and_says_so(tmp_path: Path) -> None:
    async with shells(tmp_path, ShellSettings("", "https://10.244.0.1:9443")) as found:
        await found.world.user("ann")
        ann, _ = await found.world.signed_in("ann")
        english = (await ann.put(SHELL)).json
        chinese = (await ann.put(SHELL, headers={"accept-language": "zh-CN"})).json
        assert english["state"] == chinese["state"] == "Off"
        assert "--shell-image" in english["message"]
        assert "网页 kubectl" in chinese["message"]
        assert await found.admin.find(NAMESPACE, SHELLS) is None
