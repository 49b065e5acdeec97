"""Who is being let go as an administrator: told to every replica, so that no two of them let the last two go at once.

It is a ConfigMap that may be written only as it was read before the administrators were counted. Whoever counted before
another let somebody go is refused by the cluster, and counts again.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import timedelta

from armillary.base.clock import Clock, format_time
from armillary.base.errors import AlreadyExists, Conflict
from armillary.kube.client import Client
from armillary.kube.kinds.core import CONFIG_MAP, ConfigMap
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.tenancy.names import MANAGED

NAME = "armillary-leaving-admins"
# How long a deletion that was allowed may take: what an API server gives us, and how far replicas' clocks are apart.
LIFE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Known:
    """`until` is when each counts again (RFC 3339), by the uid of the membership."""

    revision: str = ""  # none: it is not there yet
    until: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Leaving:
    client: Client
    clock: Clock
    namespace: str

    async def observe(self) -> Known:
        """Those who are being let go now."""
        found = await self.client.find(CONFIG_MAP, NAME, self.namespace)
        if found is None:
            return Known()
        now = format_time(self.clock.now())
        return Known(found.metadata.resource_version, {uid: until for uid, until in found.data.items() if until > now})

    async def add(self, known: Known, uids: Set[str]) -> bool:
        """Whether nobody else let somebody go since `known`."""
        until = format_time(self.clock.now() + LIFE)
        meta = ObjectMeta(name=NAME, namespace=self.namespace, labels=MANAGED, resource_version=known.revision)
        kept = ConfigMap(metadata=meta, data={**known.until, **dict.fromkeys(uids, until)})
        try:
            if known.revision:
                await self.client.update(CONFIG_MAP, kept, NAME, self.namespace)
            else:
                await self.client.create(CONFIG_MAP, kept, self.namespace)
        except (AlreadyExists, Conflict):
            return False
        return True
