"""The platform's process, on the embedded cluster."""

import asyncio
from random import SystemRandom

from armillary.allinone.console import console_dir
from armillary.allinone.layout import Layout
from armillary.allinone.notify import notify
from armillary.allinone.platform import Around, running_platform
from armillary.allinone.process import run_part, wait_for_api
from armillary.allinone.settings import Settings
from armillary.base.clock import SystemClock
from armillary.base.pki import PLATFORM_USER
from armillary.base.pki_files import load_pki
from armillary.base.serving.listen import listen, tls_context
from armillary.platform.capabilities.images.registries import ANY
from armillary.platform.frame.clusters import unix_link
from armillary.platform.frame.parts import PlatformSettings

SHELL_IMAGE = "kubectl:1.36"
EVERYWHERE = "0.0.0.0"  # noqa: S104  # compared, not listened on


async def serve(settings: Settings, layout: Layout) -> None:
    """Until cancelled."""
    clock, pki = SystemClock(), load_pki(layout.pki, settings.node_name)
    registries = {ANY: (f"http://127.0.0.1:{settings.registry_port}",), **settings.mirrors_by_registry}
    told = PlatformSettings(
        origin=settings.origin,
        data_dir=layout.platform,
        console_dir=console_dir(),
        registries=registries,
        # Pods reach the platform by their bridge; where it does not listen there, they don't.
        shell_image=SHELL_IMAGE if settings.platform_address in (EVERYWHERE, settings.gateway) else "",
        shell_server=f"https://{settings.gateway}:{settings.platform_port}",
    )
    around = Around(ca=pki.ca.read_text(), guard_url=settings.origin)
    tls = tls_context(pki.crt("platform"), pki.key("platform"))
    host = unix_link(str(layout.api_socket), {"authorization": f"Bearer {pki.tokens[PLATFORM_USER]}"})
    addresses = [(settings.platform_address, settings.platform_port)]
    try:
        await wait_for_api(host.client)
        async with (
            running_platform(told, host, around, clock, SystemRandom()) as platform,
            listen(platform.door, clock, addresses=addresses, tls=tls),
        ):
            notify("READY=1")
            await asyncio.get_running_loop().create_future()
    finally:
        await host.close()


if __name__ == "__main__":
    run_part(serve)
