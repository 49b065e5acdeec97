"""A transport from a kubeconfig: certificates, tokens and CA, in files or in the kubeconfig itself."""

import base64
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from armillary.base.errors import SetupError
from armillary.kube.transport.http import Http


@dataclass(frozen=True, slots=True)
class Access:
    """Where a cluster is, and what to show there."""

    server: str
    tls: ssl.SSLContext
    headers: Mapping[str, str]


def access_of(path: Path, context: str = "") -> Access:
    """What a kubeconfig says of its current context, or of `context`. Raises SetupError naming what is missing."""
    try:
        config: dict[str, Any] = yaml.safe_load(path.read_text()) or {}
    except (OSError, yaml.YAMLError) as exc:
        raise SetupError(f"kubeconfig {path}: {exc}") from exc
    chosen = _named(path, config, "context", context or str(config.get("current-context") or ""))
    cluster = _named(path, config, "cluster", str(chosen.get("cluster") or ""))
    user = _named(path, config, "user", str(chosen.get("user") or ""))
    token = user.get("token") or _read(user.get("tokenFile"))
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return Access(str(cluster["server"]), _tls(cluster, user), headers)


def http_transport(path: Path, *, context: str = "", connections: int = 64) -> Http:
    """To the cluster of the current context, or of `context`. Raises SetupError naming what is missing."""
    access = access_of(path, context)
    return Http(access.server, tls=access.tls, headers=access.headers, connections=connections)


def _named(path: Path, config: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    for entry in config.get(f"{kind}s") or ():
        if entry.get("name") == name:
            found: dict[str, Any] = entry[kind]
            return found
    raise SetupError(f"kubeconfig {path}: there is no {kind} named {name!r}")


def _read(path: str | None) -> str:
    return Path(path).read_text().strip() if path else ""


def _pem(entry: dict[str, Any], key: str) -> bytes:
    """A certificate or key: in the entry as base64, or in the file it names."""
    data = entry.get(f"{key}-data")
    if data:
        return base64.b64decode(data)
    return Path(entry[key]).read_bytes() if entry.get(key) else b""


def _tls(cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    else:
        authority = _pem(cluster, "certificate-authority")
        if authority:
            context.load_verify_locations(cadata=authority.decode())
    certificate, key = _pem(user, "client-certificate"), _pem(user, "client-key")
    if certificate and key:
        # The ssl module reads certificates from files only.
        with tempfile.NamedTemporaryFile() as file:
            file.write(certificate + b"\n" + key)
            file.flush()
            context.load_cert_chain(file.name)
    return context
