"""The API server's process, with the store."""

import asyncio
import ipaddress
from random import SystemRandom

from armillary.allinone.layout import Layout
from armillary.allinone.notify import notify
from armillary.allinone.process import run_part
from armillary.allinone.settings import Settings
from armillary.base.clock import SystemClock
from armillary.base.pki_files import load_pki
from armillary.base.serving.listen import listen, tls_context
from armillary.engine.apiserver.allocate import ServiceRanges
from armillary.engine.apiserver.assembly import ServerSettings, assemble
from armillary.engine.apiserver.bootstrap import ClusterFacts
from armillary.engine.store.sqlite import open_store


async def serve(settings: Settings, layout: Layout) -> None:
    """Until cancelled."""
    clock = SystemClock()
    pki = load_pki(layout.pki, settings.node_name)
    facts = ClusterFacts(
        api_service_ip=settings.api_service_ip,
        api_address=settings.gateway,
        api_port=settings.api_port,
        dns_service_ip=settings.dns_service_ip,
        dns_address=settings.gateway,
    )
    told = ServerSettings(
        pki=pki,
        facts=facts,
        ranges=ServiceRanges(ipaddress.IPv4Network(settings.service_cidr)),
        issuer=f"https://kubernetes.default.svc.{settings.cluster_domain}",
    )
    addresses = [("127.0.0.1", settings.api_port), (settings.gateway, settings.api_port)]
    tls = tls_context(pki.crt("apiserver"), pki.key("apiserver"), pki.ca)
    async with open_store(layout.store / "store.db", clock) as store:
        assembled = assemble(store, told, clock, SystemRandom())
        await assembled.prepare()
        try:
            async with listen(assembled.app, clock, addresses=addresses, tls=tls, socket_path=layout.api_socket):
                notify("READY=1")
                await assembled.run()
        finally:
            await asyncio.shield(assembled.close())


if __name__ == "__main__":
    run_part(serve)
