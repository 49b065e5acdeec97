"""The way to the guard: a path that only the cluster's API server has been told.

API servers show no credentials to webhooks, so the URL itself is one. It is kept in a Secret, and compared in constant
time.
"""

import asyncio
import base64
import hmac
import secrets
from dataclasses import dataclass, field

from armillary.base.clock import Clock
from armillary.base.errors import AlreadyExists
from armillary.kube.client import Client
from armillary.kube.kinds.core import SECRET, Secret
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.tenancy.guard.configuration import NAME
from armillary.platform.capabilities.tenancy.names import MANAGED

KEY = "path"
BYTES = 32
AGAIN_SECONDS = 5.0  # strangers who try paths must not make us read the Secret each time


async def ensure_secret(client: Client, namespace: str) -> str:
    """The secret part of the path; made at the first start."""
    found = await client.find(SECRET, NAME, namespace)
    if found is None:
        kept = base64.b64encode(secrets.token_urlsafe(BYTES).encode()).decode()
        made = Secret(metadata=ObjectMeta(name=NAME, namespace=namespace, labels=MANAGED), data={KEY: kept})
        try:
            found = await client.create(SECRET, made, namespace)
        except AlreadyExists:
            found = await client.get(SECRET, NAME, namespace)
    return base64.b64decode(found.data[KEY]).decode()


@dataclass(slots=True)
class Door:
    """Tells whether a path is the one."""

    client: Client
    clock: Clock
    namespace: str
    _secret: str = ""
    _read_at: float = float("-inf")
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def opens(self, shown: str) -> bool:
        if self._fits(shown):
            return True
        async with self._reading:  # who comes while it is read waits for what is read
            if not self._fits(shown) and self.clock.monotonic() - self._read_at >= AGAIN_SECONDS:
                found = await self.client.find(SECRET, NAME, self.namespace)
                self._secret = base64.b64decode(found.data[KEY]).decode() if found is not None else ""
                self._read_at = self.clock.monotonic()
            return self._fits(shown)

    def _fits(self, shown: str) -> bool:
        return bool(self._secret) and hmac.compare_digest(self._secret.encode(), shown.encode())
