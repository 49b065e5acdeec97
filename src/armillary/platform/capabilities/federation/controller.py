"""Looks at each provider now and then: can it be reached, and are its people still let in there?"""

from dataclasses import dataclass, field
from typing import Any

from armillary.base.clock import Clock
from armillary.base.errors import Unavailable
from armillary.kube.object import Key
from armillary.kube.reconcile import Controller, Reads
from armillary.platform.capabilities.federation.decide.condition import Seen, decide, is_sync_due
from armillary.platform.capabilities.federation.decide.sync import Looked, subjects_of
from armillary.platform.capabilities.federation.kinds import IDENTITY_PROVIDER, IdentityProvider
from armillary.platform.capabilities.federation.providers import FederatedProviders, is_on
from armillary.platform.capabilities.federation.trial import Trial
from armillary.platform.capabilities.identity.kinds import USER

REMEMBERED_SECONDS = 20.0  # a trial: writing what it found wakes the controller again


@dataclass(slots=True)
class Looker:
    """Observes: asks directories and providers, and remembers for a moment what they said."""

    providers: FederatedProviders
    clock: Clock
    _trials: dict[str, tuple[int | None, float, Trial]] = field(default_factory=dict)

    async def observe(self, key: Key, reads: Reads) -> Seen | None:
        provider = reads.get(IDENTITY_PROVIDER, key[1])
        if provider is None:
            self._trials.pop(key[1], None)
            return None
        now = reads.now()
        if provider.spec.disabled:
            return Seen(provider, now)
        trial = await self._trial(provider)
        if not trial.succeeded or not is_on(provider) or not is_sync_due(provider, now):
            return Seen(provider, now, trial)
        name = provider.metadata.name
        users = [user for user in reads.list(USER) if subjects_of(user, name)]
        subjects = [subject for user in users for subject in subjects_of(user, name)]
        try:
            accounts = await self.providers.accounts(provider, subjects) if subjects else {}
        except Unavailable as exc:
            return Seen(provider, now, trial, look_fault=exc.message)
        return Seen(provider, now, trial, Looked(name, users, accounts))

    async def _trial(self, provider: IdentityProvider) -> Trial:
        name, generation = provider.metadata.name, provider.metadata.generation
        known = self._trials.get(name)
        if known is not None and known[0] == generation and self.clock.monotonic() - known[1] < REMEMBERED_SECONDS:
            return known[2]
        trial = await self.providers.trial(provider)
        self._trials[name] = (generation, self.clock.monotonic(), trial)
        return trial


def controller(looker: Looker) -> Controller[Any]:
    return Controller(
        name="identity-provider-controller",
        root=IDENTITY_PROVIDER,
        observe=looker.observe,
        decide=decide,
        reads=(USER,),
    )
