"""A workspace's quota is held at admission over all its projects, whoever writes and however many at once."""

import asyncio
from typing import Any

import orjson
import pytest
from tests.component.platform.tenancy.running import Tenancy

from armillary.base.errors import Denied
from armillary.kube.client import Client, encode
from armillary.kube.kinds.core import (
    CONFIG_MAP,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    ConfigMap,
    Container,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    Pod,
    PodSpec,
    ResourceRequirements,
    VolumeResourceRequirements,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.tenancy.guard.configuration import PATH
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE, Quota
from armillary.platform.capabilities.tenancy.quota.usage import number

A, B = "team-a-web", "team-a-api"


async def put_up(tenancy: Tenancy, **hard: str) -> Client:
    """ann's workspace with that quota and two projects; her client."""
    await tenancy.account("ann")
    await tenancy.platform_admin("pat")
    await tenancy.workspace("team-a", "ann", quota=Quota(hard={k.replace("_", "."): v for k, v in hard.items()}))
    await tenancy.project("web", "team-a", "ann")
    await tenancy.project("api", "team-a", "ann")

    async def held() -> bool:
        hooks = orjson.loads((await tenancy.own.call("GET", PATH)).body)["webhooks"]
        return any(hook["name"].startswith("quota.") for hook in hooks) and set(await used(tenancy)) == {
            k.replace("_", ".") for k in hard
        }

    await tenancy.until("the quota is held", held)
    return tenancy.user("ann")


async def used(tenancy: Tenancy) -> dict[str, str]:
    return dict((await tenancy.own.get(WORKSPACE, "team-a")).status.quota.used)


async def comes_to(tenancy: Tenancy, **wanted: str) -> None:
    expected = {k.replace("_", "."): v for k, v in wanted.items()}

    async def holds() -> bool:
        found = await tenancy.own.get(WORKSPACE, "team-a")
        return dict(found.status.quota.used) == expected and not found.status.quota.pending

    await tenancy.until(f"used comes to {expected}", holds)


def pod(name: str, cpu: str = "") -> Pod:
    resources = ResourceRequirements(requests={"cpu": cpu}) if cpu else None
    container = Container(name="app", image="app:1", resources=resources)
    return Pod(metadata=ObjectMeta(name=name), spec=PodSpec(containers=(container,)))


async def test_a_quota_counts_over_all_projects_and_says_what_is_left(tenancy: Tenancy) -> None:
    ann = await put_up(tenancy, requests_cpu="4", pods="10")
    await ann.create(POD, pod("one", "2"), A)
    await ann.create(POD, pod("two", "1500m"), B)
    with pytest.raises(Denied) as caught:
        await ann.create(POD, pod("three", "2"), A)
    said = caught.value.message
    assert "workspace quota team-a: requests.cpu: asked 2, left 500m of 4 (used 3500m)" in said
    assert "pat or a platform administrator can raise it" in said
    await comes_to(tenancy, requests_cpu="3500m", pods="2")
    await ann.create(POD, pod("three", "500m"), A)
    await ann.delete(POD, "one", A, grace_seconds=0)
    await comes_to(tenancy, requests_cpu="2", pods="2")
    await ann.create(POD, pod("four", "2"), B)


async def test_trying_costs_nothing(tenancy: Tenancy) -> None:
    ann = await put_up(tenancy, pods="1")
    for name in ("one", "two"):
        await ann.call("POST", POD.path(A), query={"dryRun": "All"}, body=encode(POD, pod(name)))
    assert await used(tenancy) == {"pods": "0"}


async def test_containers_must_say_what_they_need_of_what_is_counted(tenancy: Tenancy) -> None:
    ann = await put_up(tenancy, requests_cpu="4")
    with pytest.raises(Denied, match=r"must specify requests.cpu for: app"):
        await ann.create(POD, pod("one"), A)


async def test_claims_are_charged_for_their_growth(tenancy: Tenancy) -> None:
    ann = await put_up(tenancy, requests_storage="10Gi", persistentvolumeclaims="2")

    def claim(size: str) -> PersistentVolumeClaim:
        spec = PersistentVolumeClaimSpec(
            access_modes=("ReadWriteOnce",), resources=VolumeResourceRequirements(requests={"storage": size})
        )
        return PersistentVolumeClaim(metadata=ObjectMeta(name="data"), spec=spec)

    await ann.create(PERSISTENT_VOLUME_CLAIM, claim("4Gi"), A)
    await comes_to(tenancy, requests_storage="4Gi", persistentvolumeclaims="1")
    with pytest.raises(Denied, match=r"requests.storage: asked 11Gi, left 6Gi of 10Gi"):
        await ann.create(PERSISTENT_VOLUME_CLAIM, claim("11Gi"), B)


async def test_objects_of_any_kind_are_counted(tenancy: Tenancy) -> None:
    hard = {"count/roles.rbac.authorization.k8s.io": "5", "count/configmaps": "4"}
    await tenancy.account("ann")
    await tenancy.workspace("team-a", "ann", quota=Quota(hard=hard))
    await tenancy.project("web", "team-a", "ann")

    async def counted() -> bool:
        found = await used(tenancy)
        return set(found) == set(hard) and int(found["count/configmaps"]) > 0

    await tenancy.until("both are counted", counted)
    ann = tenancy.user("ann")

    async def fills_up() -> None:
        for number_ in range(6):
            await ann.create(CONFIG_MAP, ConfigMap(metadata=ObjectMeta(name=f"c{number_}")), A)

    with pytest.raises(Denied, match="count/configmaps"):
        await fills_up()


async def test_cve_quota_race(tenancy: Tenancy) -> None:
    """50 at once, by two projects, with objects coming and going: never more than the quota."""
    ann = await put_up(tenancy, pods="10", requests_cpu="1")

    async def one(number_: int) -> bool:
        try:
            await ann.create(POD, pod(f"p{number_}", "100m"), (A, B)[number_ % 2])
        except Denied:
            return False
        return True

    async def most() -> int:
        found = [*(await tenancy.own.list(POD, A)).items, *(await tenancy.own.list(POD, B)).items]
        ledger = (await tenancy.own.get(WORKSPACE, "team-a")).status.quota
        assert number("pods", ledger.used["pods"]) <= 10
        return len(found)

    made = await asyncio.gather(*map(one, range(50)))
    assert sum(made) == 10
    assert await most() == 10
    await comes_to(tenancy, pods="10", requests_cpu="1")
    for where in (A, B):
        for each in (await tenancy.own.list(POD, where)).items[:2]:
            await ann.delete(POD, each.metadata.name, where, grace_seconds=0)
    await comes_to(tenancy, pods="6", requests_cpu="600m")
    again = await asyncio.gather(*map(one, range(50, 100)))
    assert sum(again) == 4
    assert await most() == 10


async def test_cve_quota_race_of_replicas(tenancy: Tenancy) -> None:
    """Several processes charge one ledger: what one admits, the others see."""
    from armillary.base.clock import SystemClock
    from armillary.platform.capabilities.tenancy.quota.charges import Charges
    from armillary.platform.capabilities.tenancy.quota.ledger import Ask

    await put_up(tenancy, pods="10")
    replicas = [Charges(tenancy.own, SystemClock()) for _ in range(3)]
    asks: list[Any] = [
        replicas[n % 3].charge("team-a", Ask(f"uid-{n}", {"pods": 1, "count/pods": 1}, {})) for n in range(50)
    ]
    answers = await asyncio.gather(*asks)
    assert sum(answer is None for answer in answers) == 10
    assert await used(tenancy) == {"pods": "10"}


async def test_a_quota_that_is_taken_away_holds_nobody(tenancy: Tenancy) -> None:
    ann = await put_up(tenancy, pods="1")
    await ann.create(POD, pod("one"), A)
    await tenancy.root.patch(WORKSPACE, "team-a", "", {"spec": {"quota": None}})

    async def cleared() -> bool:
        return not (await used(tenancy))

    await tenancy.until("the ledger is closed", cleared)

    async def nobody_asks() -> bool:
        hooks = orjson.loads((await tenancy.own.call("GET", PATH)).body)["webhooks"]
        return not [hook for hook in hooks if hook["name"].startswith("quota.")]

    await tenancy.until("nobody is asked any more", nobody_asks)
    await ann.create(POD, pod("two"), A)


async def test_what_never_came_to_be_is_given_back(tenancy: Tenancy) -> None:
    """Another plugin may refuse what was charged already: nothing appears that would cause a recount."""
    await put_up(tenancy, pods="10")
    lost = {"at": "2026-01-01T00:00:00Z", "used": {"pods": "3"}}
    ledger = {"status": {"quota": {"used": {"pods": "3"}, "pending": {"gone": lost}}}}
    await tenancy.own.patch(WORKSPACE, "team-a", "", ledger, subresource="status")
    await comes_to(tenancy, pods="0")
