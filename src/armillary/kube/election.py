"""Which of several processes leads: the holder of a Lease that is renewed in time.

Semantics: k8s.io/client-go, tools/leaderelection. Others' clocks are not trusted: a lease has run out when it has not
changed for its duration by one's own clock.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from msgspec import structs

from armillary.base.clock import Clock, format_micro_time
from armillary.base.errors import ApiError
from armillary.kube.client import Client
from armillary.kube.kinds.coordination import LEASE, Lease, LeaseSpec
from armillary.kube.kinds.meta import ObjectMeta

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a lease holds without being renewed, when its holder gives up, and how often it is tried."""

    lease_seconds: int = 15
    renew_seconds: float = 10.0
    retry_seconds: float = 2.0


@dataclass(slots=True)
class Election:
    """One contender. `identity` must differ between contenders."""

    client: Client
    clock: Clock
    namespace: str
    name: str
    identity: str
    terms: Terms = field(default_factory=Terms)
    is_leader: bool = False
    _seen: tuple[str, str] = ("", "")  # the lease's holder and when it was renewed, by its own words
    _seen_at: float = 0.0

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Wait to be elected, then run `work` until it ends or the lease is lost; then let the lease go.

        Call it again to stand again. What `work` raises is raised.
        """
        while not await self._try(self.terms.renew_seconds):
            await self.clock.sleep(self.terms.retry_seconds)
        log.info("leading", extra={"lease": self.name, "identity": self.identity})
        self.is_leader = True
        try:
            await self._while_renewed(work)
        finally:
            self.is_leader = False
            await asyncio.shield(self._release())
            log.info("not leading any more", extra={"lease": self.name, "identity": self.identity})

    async def _while_renewed(self, work: Callable[[], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()  # no task group: it would wrap what `work` raises
        working = loop.create_task(_run(work), name=f"led by {self.name}")
        renewing = loop.create_task(self._renew(), name=f"lease {self.name}")
        try:
            await asyncio.wait((working, renewing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            renewing.cancel()
            working.cancel()
            await asyncio.wait((working, renewing))
        if not working.cancelled():
            working.result()

    async def _renew(self) -> None:
        """Until the lease could not be renewed in time."""
        until = self.clock.monotonic() + self.terms.renew_seconds
        while (left := until - self.clock.monotonic()) > 0:
            await self.clock.sleep(min(self.terms.retry_seconds, left))
            asked = self.clock.monotonic()
            if await self._try(until - asked):
                until = asked + self.terms.renew_seconds
            elif self._seen[0] != self.identity:
                return  # somebody else has it

    async def _try(self, seconds: float) -> bool:
        """Take or renew the lease. False if it is another's, or the server can't be asked in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._take()
        except (ApiError, TimeoutError) as exc:
            log.info("lease not renewed", extra={"lease": self.name, "error": str(exc)})
            return False

    async def _take(self) -> bool:
        now = format_micro_time(self.clock.now())
        old = await self.client.find(LEASE, self.name, self.namespace)
        if old is None:
            spec = self._spec(acquired=now, now=now, transitions=0)
            meta = ObjectMeta(name=self.name, namespace=self.namespace)
            self._see((await self.client.create(LEASE, Lease(metadata=meta, spec=spec), self.namespace)).spec)
            return True
        self._see(old.spec)
        is_ours = old.spec.holder_identity == self.identity
        if not is_ours and old.spec.holder_identity and not self._has_run_out(old.spec):
            return False
        transitions = (old.spec.lease_transitions or 0) + (0 if is_ours else 1)
        acquired = old.spec.acquire_time if is_ours else now
        new = structs.replace(old, spec=self._spec(acquired=acquired, now=now, transitions=transitions))
        self._see((await self.client.update(LEASE, new, self.name, self.namespace)).spec)
        return True

    def _spec(self, *, acquired: str, now: str, transitions: int) -> LeaseSpec:
        return LeaseSpec(
            holder_identity=self.identity,
            lease_duration_seconds=self.terms.lease_seconds,
            acquire_time=acquired,
            renew_time=now,
            lease_transitions=transitions,
        )

    def _see(self, spec: LeaseSpec) -> None:
        seen = (spec.holder_identity, spec.renew_time)
        if seen != self._seen:
            self._seen, self._seen_at = seen, self.clock.monotonic()

    def _has_run_out(self, spec: LeaseSpec) -> bool:
        held = spec.lease_duration_seconds or self.terms.lease_seconds
        return self.clock.monotonic() - self._seen_at >= held

    async def _release(self) -> None:
        """So that others need not wait until it has run out."""
        with suppress(ApiError, TimeoutError):
            async with asyncio.timeout(self.terms.retry_seconds):
                lease = await self.client.get(LEASE, self.name, self.namespace)
                if lease.spec.holder_identity != self.identity:
                    return
                free = structs.replace(lease.spec, holder_identity="", lease_duration_seconds=1)
                new = structs.replace(lease, spec=free)
                await self.client.update(LEASE, new, self.name, self.namespace)


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()
