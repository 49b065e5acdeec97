"""Keeps the kernel at what network policies ask."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from armillary.base.tasks import supervise
from armillary.engine.network.nft import Nft, NftError
from armillary.engine.network.policies.compile import Namespaces, Ruleset, ruleset
from armillary.engine.network.policies.members import Member, cluster_dns
from armillary.engine.network.policies.roll import Roll
from armillary.engine.network.policies.table import Place, change, install
from armillary.kube.cache import Cache
from armillary.kube.client import Client
from armillary.kube.kinds.core import NAMESPACE, Namespace, Pod
from armillary.kube.kinds.networking import NETWORK_POLICY, NetworkPolicy

log = logging.getLogger(__name__)

SETTLE_SECONDS = 0.002  # changes come in bursts: one transaction for all
REINSTALL_SECONDS = 60.0  # in case someone else flushed the rules


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """`dns_address` is where the cluster's DNS answers."""

    place: Place
    dns_address: str


class PolicyKeeper:
    """`pods` is the cache of this node's pods, all that share its bridge; whoever made it runs it."""

    def __init__(self, settings: PolicySettings, client: Client, pods: Cache[Pod]) -> None:
        self._settings, self._pods = settings, pods
        self._namespaces, self._policies = Cache(client, NAMESPACE), Cache(client, NETWORK_POLICY)
        self._roll = Roll()
        self._changed, self._first = asyncio.Event(), asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []
        pods.follow(self._pod_changed)
        self._namespaces.listen(self._namespace_changed)
        self._policies.listen(self._policy_changed)

    async def joined(self, pod: Pod, addresses: Sequence[str]) -> None:
        """To be awaited between a pod's sandbox and its first container: policies hold from its first instant."""
        address = next((ip for ip in addresses if ":" not in ip), "")
        if pod.spec.host_network or not address:
            return
        self._roll.join(pod, address)
        self._changed.set()
        await self._first.wait()
        if len(self._policies):
            done = asyncio.get_running_loop().create_future()
            self._waiting.append(done)
            self._changed.set()
            await done

    def left(self, pod: Pod) -> None:
        """Its sandbox has ended; until then policies hold, though its object may be gone."""
        self._roll.leave(pod)
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled; the rules stay."""
        table = _Table(self._settings.place)
        try:
            async with asyncio.TaskGroup() as group:
                for name, run in (
                    ("namespaces", self._namespaces.run),
                    ("network policies", self._policies.run),
                    ("policy rules", lambda: self._follow(table)),
                ):
                    group.create_task(supervise(name, run), name=name)
        finally:
            table.close()

    async def _follow(self, table: "_Table") -> None:
        for synced in (self._pods.wait_synced, self._namespaces.wait_synced, self._policies.wait_synced):
            await synced()
        while True:
            self._changed.clear()
            answered = list(self._waiting)
            # In a thread: all of hundreds of policies take a quarter of a second.
            await asyncio.to_thread(_bring, table, *self._known())
            self._first.set()
            del self._waiting[: len(answered)]
            for waiter in answered:
                if not waiter.done():
                    waiter.set_result(None)
            try:
                async with asyncio.timeout(REINSTALL_SECONDS):
                    await self._changed.wait()
                await asyncio.sleep(SETTLE_SECONDS)
            except TimeoutError:
                table.forget()

    def _known(self) -> tuple[Sequence[NetworkPolicy], Sequence[Member], Namespaces]:
        """What the rules follow from, as it is now."""
        everyone = (*self._roll.members(), cluster_dns(self._settings.dns_address))
        namespaces = {one.metadata.name: one.metadata.labels for one in self._namespaces.list()}
        return self._policies.list(), everyone, namespaces

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if self._roll.see(old, new):
            self._changed.set()

    def _namespace_changed(self, old: Namespace | None, new: Namespace | None) -> None:
        if old is None or new is None or old.metadata.labels != new.metadata.labels:
            self._changed.set()

    def _policy_changed(self, old: NetworkPolicy | None, new: NetworkPolicy | None) -> None:
        if old is None or new is None or old.spec != new.spec:
            self._changed.set()


def _bring(
    table: "_Table", policies: Sequence[NetworkPolicy], members: Sequence[Member], namespaces: Namespaces
) -> None:
    table.apply(ruleset(policies, members, namespaces))


class _Table:
    """What is in the kernel, and how it gets to what is wanted."""

    def __init__(self, place: Place) -> None:
        self._place, self._nft = place, Nft()
        self._installed: Ruleset | None = None

    def apply(self, wanted: Ruleset) -> None:
        """Raises NftError when the kernel refuses all of it; then what was there before still holds."""
        before, self._installed = self._installed, None
        try:
            self._nft.run(change(self._place, before, wanted) if before else install(self._place, wanted))
        except NftError as exc:
            if before is None:
                raise
            # Someone changed our table: begin anew.
            log.warning("policies' rules refused; installing all of them", extra={"error": str(exc)})
            self._nft.run(install(self._place, wanted))
        self._installed = wanted

    def forget(self) -> None:
        """Install everything at the next `apply`."""
        self._installed = None

    def close(self) -> None:
        self._nft.close()
