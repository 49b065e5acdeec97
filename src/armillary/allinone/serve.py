"""`armillary serve`: the platform alone, on somebody else's Kubernetes."""

import asyncio
import contextlib
import ipaddress
import logging
import signal
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from urllib.parse import urlsplit

import uvloop

from armillary.allinone.console import console_dir
from armillary.allinone.logs import log_to_stderr
from armillary.allinone.platform import Around, running_platform
from armillary.base.clock import SystemClock
from armillary.base.errors import SetupError
from armillary.base.pki import ensure_server_certificate
from armillary.base.serving.listen import listen, tls_context
from armillary.kube.kubeconfig import access_of
from armillary.platform.frame.clusters import link_of
from armillary.platform.frame.parts import PlatformSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Serving:
    """What the command was told."""

    kubeconfig: Path
    data_dir: Path
    origin: str
    listen: str
    guard_url: str
    certificate: Path | None
    key: Path | None
    database: str
    registries: tuple[str, ...] = ()
    shell_image: str = ""
    shell_server: str = ""

    def checked(self) -> "Serving":
        """Itself; raises SetupError naming the option that can't work."""
        for option, value in (("--origin", self.origin), ("--shell-server", self.shell_server or self.origin)):
            given = urlsplit(value)
            if given.scheme != "https" or not given.hostname or given.path.strip("/"):
                raise SetupError(f"{option} {value!r}: give it as https://HOST or https://HOST:PORT")
        if (self.certificate is None) is not (self.key is None):
            raise SetupError("--tls-cert and --tls-key go together")
        self.address()
        self.places()
        return self

    def places(self) -> dict[str, tuple[str, ...]]:
        """Origins by the registry whose images they have."""
        found: dict[str, tuple[str, ...]] = {}
        for given in self.registries:
            host, equals, url = given.partition("=")
            parts = urlsplit(url)
            if not (host and equals and parts.scheme in ("http", "https") and parts.hostname):
                raise SetupError(
                    f"--registry {given!r}: give it as HOST=URL, such as docker.io=https://registry-1.docker.io"
                )
            found[host] = (*found.get(host, ()), url.rstrip("/"))
        return found

    def address(self) -> tuple[str, int]:
        host, _, port = self.listen.rpartition(":")
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise SetupError(f"--listen {self.listen!r}: give it as ADDRESS:PORT, such as 0.0.0.0:9443")
        return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104  # as asked: no address is every address


def serve(told: Serving) -> None:
    """Until SIGTERM or SIGINT. Raises SetupError."""
    log_to_stderr()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_told(told.checked()))


async def _until_told(told: Serving) -> None:
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel if task is not None else loop.stop)
    with contextlib.suppress(asyncio.CancelledError):
        await _serve(told)


async def _serve(told: Serving) -> None:
    clock = SystemClock()
    tls, ca = _tls(told, clock.now())
    settings = PlatformSettings(
        origin=told.origin.rstrip("/"),
        data_dir=told.data_dir,
        database=told.database,
        console_dir=console_dir(),
        registries=told.places(),
        shell_image=told.shell_image,
        shell_server=told.shell_server.rstrip("/"),
    )
    host = link_of(access_of(told.kubeconfig))
    try:
        async with (
            running_platform(settings, host, Around(ca, told.guard_url), clock, SystemRandom()) as platform,
            listen(platform.door, clock, addresses=[told.address()], tls=tls),
        ):
            log.info("serving", extra={"origin": settings.origin, "listen": told.listen})
            await asyncio.get_running_loop().create_future()
    finally:
        await host.close()


def _tls(told: Serving, now: datetime) -> tuple[ssl.SSLContext, str]:
    """With the PEM that clients need to trust us; "" for a certificate of an authority that they know."""
    if told.certificate is not None and told.key is not None:
        return tls_context(told.certificate, told.key), ""
    directory = told.data_dir / "pki"
    reached = (urlsplit(url).hostname or "" for url in (told.origin, told.guard_url, told.shell_server))
    hosts = {"localhost", "127.0.0.1", *reached}
    ips = sorted(host for host in hosts if _is_ip(host))
    names = sorted(host for host in hosts if host and not _is_ip(host))
    ensure_server_certificate(directory, names, ips, now)
    return tls_context(directory / "server.crt", directory / "server.key"), (directory / "ca.crt").read_text()


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
