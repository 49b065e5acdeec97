"""What the parts find ready when they start: directories, certificates, the bridge, kernel settings, configuration."""

import contextlib
import socket
from pathlib import Path

import orjson

from armillary.allinone.layout import Layout
from armillary.allinone.runtime import prepare_runtime
from armillary.allinone.settings import Settings
from armillary.base.clock import Clock
from armillary.base.pki import admin_kubeconfig, ensure_pki
from armillary.base.pki_files import Pki
from armillary.engine.network.machine import make_bridge, set_sysctls

REGISTRY_HOST = "127.0.0.1"


def prepare(settings: Settings, layout: Layout, clock: Clock) -> None:
    """Idempotent; before every start of the parts. Raises SetupError."""
    layout.make()
    pki = certificates(settings, layout, clock)
    kubeconfig = layout.pki / "admin.kubeconfig"
    _write_secret(kubeconfig, admin_kubeconfig(pki, f"https://127.0.0.1:{settings.api_port}"))
    _write_secret(layout.registry / "config.yml", registry_config(settings, layout))
    prepare_runtime(settings, layout, f"{REGISTRY_HOST}:{settings.registry_port}")
    prefix = int(settings.pod_cidr.rpartition("/")[2])
    make_bridge(settings.bridge, settings.gateway, prefix, settings.service_cidr)
    before = set_sysctls()
    if not layout.sysctls.exists():  # a second `up` must not take our own values for the machine's
        layout.sysctls.write_bytes(orjson.dumps(before))


def certificates(settings: Settings, layout: Layout, clock: Clock) -> Pki:
    """Of everything that the API server and the node agent are called by."""
    domain = settings.cluster_domain
    names = [
        "localhost",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        f"kubernetes.default.svc.{domain}",
        settings.node_name,
    ]
    addresses = ["127.0.0.1", settings.gateway, settings.api_service_ip]
    with contextlib.suppress(OSError):  # a machine whose own name has no address
        addresses.append(socket.gethostbyname(socket.gethostname()))
    return ensure_pki(layout.pki, names, addresses, clock.now(), node=settings.node_name)


def registry_config(settings: Settings, layout: Layout) -> str:
    """docker-registry's configuration: on loopback only, deletable, quiet."""
    config = {
        "version": "0.1",
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(layout.registry)},
            "delete": {"enabled": True},
            "cache": {"blobdescriptor": "inmemory"},
        },
        "http": {"addr": f"{REGISTRY_HOST}:{settings.registry_port}"},
    }
    return orjson.dumps(config).decode()  # JSON is YAML


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
