"""A transport from a kubeconfig: certificates, tokens and CA, in files or in the kubeconfig itself."""

import base64
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from armillary.base.errors import SetupError
from armillary.kube.transport.http import Http

_INLINE_CLUSTER = frozenset({"server", "certificate-authority-data"})
_INLINE_USER = frozenset({"token", "client-certificate-data", "client-key-data"})


@dataclass(frozen=True, slots=True)
class Access:
    """Where a cluster is, and what to show there."""

    server: str
    tls: ssl.SSLContext
    headers: Mapping[str, str]


def access_of(path: Path, context: str = "") -> Access:
    """What a kubeconfig says of its current context, or of `context`. Raises SetupError naming what is missing."""
    where = f"kubeconfig {path}"
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise SetupError(f"{where}: {exc}") from exc
    cluster, user = _chosen(where, content, context)
    token = user.get("token") or _read(user.get("tokenFile"))
    return _access(cluster, user, token)


def inline_access_of(content: bytes, where: str) -> Access:
    """As `access_of`, from a kubeconfig that somebody else wrote: it may name no file and no program of this machine.

    Only https with a verified certificate is taken, since credentials are sent there.
    """
    cluster, user = _chosen(where, content, "")
    for entry, allowed in ((cluster, _INLINE_CLUSTER), (user, _INLINE_USER)):
        refused = sorted(key for key, value in entry.items() if value and key not in allowed)
        if refused:
            raise SetupError(f"{where}: {', '.join(refused)} can't be used here; give certificates and tokens inline")
    server = urlsplit(str(cluster.get("server") or ""))
    if server.scheme != "https" or not server.hostname or server.username or server.query or server.fragment:
        raise SetupError(f"{where}: server must be https://host:port")
    if _is_link_local(server.hostname):
        raise SetupError(f"{where}: server must not be a link-local address")
    token = str(user.get("token") or "")
    if not (token.isascii() and token.isprintable()):
        raise SetupError(f"{where}: its token can't be sent in a header")
    try:
        return _access(cluster, user, token)
    except (ValueError, ssl.SSLError) as exc:
        raise SetupError(f"{where}: its certificates can't be read: {exc}") from exc


def _is_link_local(host: str) -> bool:
    try:
        return ip_address(host).is_link_local
    except ValueError:  # a name
        return False


def _chosen(where: str, content: bytes, context: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The cluster and the user of a context."""
    try:
        config = yaml.safe_load(content) or {}
    except yaml.YAMLError as exc:
        raise SetupError(f"{where}: {exc}") from exc
    if not isinstance(config, dict):
        raise SetupError(f"{where}: this is no kubeconfig")
    chosen = _named(where, config, "context", context or str(config.get("current-context") or ""))
    cluster = _named(where, config, "cluster", str(chosen.get("cluster") or ""))
    return cluster, _named(where, config, "user", str(chosen.get("user") or ""))


def _access(cluster: dict[str, Any], user: dict[str, Any], token: object) -> Access:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return Access(str(cluster["server"]), _tls(cluster, user), headers)


def http_transport(path: Path, *, context: str = "", connections: int = 64) -> Http:
    """To the cluster of the current context, or of `context`. Raises SetupError naming what is missing."""
    access = access_of(path, context)
    return Http(access.server, tls=access.tls, headers=access.headers, connections=connections)


def _named(where: str, config: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    entries = config.get(f"{kind}s")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("name") == name and isinstance(entry.get(kind), dict):
            found: dict[str, Any] = entry[kind]
            return found
    raise SetupError(f"{where}: there is no {kind} named {name!r}")


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
