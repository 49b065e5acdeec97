"""A whole API server in this process, on a store in memory: what component tests talk to."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from armillary.base.clock import Clock, SystemClock
from armillary.base.pki import ensure_pki
from armillary.base.pki_files import Pki
from armillary.engine.apiserver.allocate import ServiceRanges
from armillary.engine.apiserver.app import ApiServer
from armillary.engine.apiserver.assembly import ServerSettings, assemble
from armillary.engine.apiserver.bootstrap import ClusterFacts
from armillary.engine.store.memory import memory_store
from armillary.engine.store.port import Store
from armillary.kube.client import Client
from armillary.kube.transport.inprocess import InProcess

FACTS = ClusterFacts("10.96.0.1", "10.244.0.1", 6443, "10.96.0.10", "10.244.0.1")
RANGES = ServiceRanges(ipaddress.IPv4Network("10.96.0.0/16"))
ISSUER = "https://kubernetes.default.svc.cluster.local"


@dataclass
class Server:
    """`client()` speaks as a member of system:masters, or as any user a token is known for."""

    app: ApiServer
    pki: Pki
    store: Store

    def client(self, user: str = "system:kube-controller-manager") -> Client:
        return Client(InProcess(self.app, {"authorization": f"Bearer {self.pki.tokens[user]}"}))

    def admin(self) -> Client:
        """As the administrator, by certificate."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        certificate = x509.load_pem_x509_certificate(self.pki.crt("admin").read_bytes()).public_bytes(Encoding.DER)
        return Client(InProcess(self.app, state={"certificate": certificate}))


@asynccontextmanager
async def running_server(
    directory: Path, clock: Clock | None = None, *, alone: bool = False, store: Store | None = None
) -> AsyncIterator[Server]:
    """Prepared as a fresh cluster is. If `alone`, only requests write: nothing runs beside them."""
    clock = clock or SystemClock()
    pki = ensure_pki(directory / "pki", ["localhost"], ["127.0.0.1"], clock.now(), node="node-1")
    store = store or memory_store(clock)
    assembled = assemble(store, ServerSettings(pki, FACTS, RANGES, ISSUER), clock, Random(1))
    await assembled.prepare()
    async with asyncio.TaskGroup() as group:
        beside = group.create_task(asyncio.sleep(0) if alone else assembled.run())
        try:
            yield Server(assembled.app, pki, store)
        finally:
            await assembled.app.leave()
            beside.cancel()
            await assembled.close()
