"""The cluster's certificates, keys and tokens: made once, kept in one directory, renewed in time.

`ensure_pki` may be called at every start: it touches only what is missing, near its end, or made for other names
and addresses. A renewed CA keeps its key, so certificates it issued before stay valid.
"""

import base64
import csv
import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from armillary.base.pki_files import Pki

CA_DAYS = 3650
DAYS = 365
RENEW_BEFORE_DAYS = 60
PLATFORM_USER = "armillary-platform"
BACKDATED = timedelta(minutes=5)  # a client's clock may be a little behind ours

_SERVER = (ExtendedKeyUsageOID.SERVER_AUTH,)
_CLIENT = (ExtendedKeyUsageOID.CLIENT_AUTH,)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A certificate that should exist."""

    file: str
    common_name: str
    organizations: tuple[str, ...] = ()
    usages: tuple[x509.ObjectIdentifier, ...] = _CLIENT
    names: tuple[str, ...] = ()
    ips: tuple[str, ...] = ()


def ensure_pki(directory: Path, names: Sequence[str], ips: Sequence[str], now: datetime, *, node: str) -> Pki:
    """Everything a cluster needs. `names` and `ips` are those the API server and the node's agent answer at."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    ca, ca_key = _ensure_ca(directory, now)
    every_name, every_ip = tuple(dict.fromkeys(names)), tuple(dict.fromkeys(ips))
    for leaf in (
        _Leaf("apiserver", "kube-apiserver", (), _SERVER, every_name, every_ip),
        _Leaf("apiserver-kubelet-client", "kube-apiserver"),
        _Leaf(
            "kubelet",
            f"system:node:{node}",
            ("system:nodes",),
            (*_SERVER, *_CLIENT),
            tuple(dict.fromkeys((node, *every_name))),
            every_ip,
        ),
        _Leaf("admin", "kubernetes-admin", ("system:masters",)),
        _Leaf("platform", "armillary-platform", (), _SERVER, every_name, every_ip),
    ):
        _ensure_leaf(directory, leaf, ca, ca_key, now)
    _ensure_signing_key(directory)
    return Pki(directory, node, _ensure_tokens(directory / "tokens.csv", node))


def ensure_server_certificate(directory: Path, names: Sequence[str], ips: Sequence[str], now: datetime) -> None:
    """`server.crt` and `server.key` of an authority of its own, `ca.crt`: for one server that has no certificate."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    ca, ca_key = _ensure_ca(directory, now)
    leaf = _Leaf("server", names[0], (), _SERVER, tuple(dict.fromkeys(names)), tuple(dict.fromkeys(ips)))
    _ensure_leaf(directory, leaf, ca, ca_key, now)


def admin_kubeconfig(pki: Pki, server: str, *, cluster: str = "armillary") -> str:
    """A kubeconfig that carries the administrator's certificate itself, so it can be copied anywhere."""

    def embedded(path: Path) -> str:
        return base64.b64encode(path.read_bytes()).decode()

    user = f"{cluster}-admin"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": cluster, "cluster": {"server": server, "certificate-authority-data": embedded(pki.ca)}},
        ],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate-data": embedded(pki.crt("admin")),
                    "client-key-data": embedded(pki.key("admin")),
                },
            }
        ],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": user}}],
        "current-context": cluster,
    }
    return yaml.safe_dump(config, sort_keys=False)


def _ensure_ca(directory: Path, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = _ensure_key(directory / "ca.key")
    path = directory / "ca.crt"
    if path.exists():
        found = x509.load_pem_x509_certificate(path.read_bytes())
        if not _is_near_end(found, now) and _is_for(found, key):
            return found, key
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "armillary-ca")])
    made = (
        _builder(name, name, key, now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(path, made.public_bytes(serialization.Encoding.PEM))
    return made, key


def _ensure_leaf(
    directory: Path, leaf: _Leaf, ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey, now: datetime
) -> None:
    key = _ensure_key(directory / f"{leaf.file}.key")
    path = directory / f"{leaf.file}.crt"
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in leaf.organizations]
        + [x509.NameAttribute(NameOID.COMMON_NAME, leaf.common_name)]
    )
    if path.exists() and _still_good(x509.load_pem_x509_certificate(path.read_bytes()), leaf, subject, key, ca, now):
        return
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    builder = (
        _builder(subject, ca.subject, key, now, DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(leaf.usages), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
    )
    if leaf.names or leaf.ips:
        builder = builder.add_extension(x509.SubjectAlternativeName(_alternative_names(leaf)), critical=False)
    _write(path, builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def _still_good(
    found: x509.Certificate,
    leaf: _Leaf,
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
    now: datetime,
) -> bool:
    if _is_near_end(found, now) or found.subject != subject or not _is_for(found, key):
        return False
    try:
        found.verify_directly_issued_by(ca)
    except (ValueError, TypeError, InvalidSignature):
        return False
    alternatives: set[x509.GeneralName] = set()
    for extension in found.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            alternatives = set(extension.value)
    return alternatives == set(_alternative_names(leaf))


def _alternative_names(leaf: _Leaf) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in leaf.names]
    return names + [x509.IPAddress(ip_address(ip)) for ip in leaf.ips]


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - BACKDATED,
        not_valid_after=now + timedelta(days=days),
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _is_near_end(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_after_utc - now < timedelta(days=RENEW_BEFORE_DAYS)


def _is_for(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> bool:
    return certificate.public_key() == key.public_key()


def _ensure_key(path: Path) -> ec.EllipticCurvePrivateKey:
    if path.exists():
        found = serialization.load_pem_private_key(path.read_bytes(), None)
        if isinstance(found, ec.EllipticCurvePrivateKey):
            return found
    made = ec.generate_private_key(ec.SECP256R1())
    _write(path, _private_pem(made))
    return made


def _ensure_signing_key(directory: Path) -> None:
    """RSA, because that is what everybody who verifies our tokens can read; verifying is also cheap with it."""
    key_path, public_path = directory / "sa.key", directory / "sa.pub"
    if not key_path.exists():
        _write(key_path, _private_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    # Loading an RSA key checks its primes, slowly; whoever signs will do so, here its own word is enough.
    key = serialization.load_pem_private_key(key_path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    known = public_path.read_bytes() if public_path.exists() else b""
    if not known.startswith(public):
        _write(public_path, public + known.replace(public, b""))


def _ensure_tokens(path: Path, node: str) -> dict[str, str]:
    wanted: dict[str, tuple[str, ...]] = {
        "system:kube-controller-manager": (),
        "system:kube-scheduler": (),
        f"system:node:{node}": ("system:nodes",),
        PLATFORM_USER: ("system:masters",),  # it writes roles and speaks in others' names
    }
    rows: list[list[str]] = []
    if path.exists():
        with path.open(newline="") as file:
            rows = [row for row in csv.reader(file) if len(row) >= 3]
    known = {row[1]: row[0] for row in rows}
    missing = [user for user in wanted if user not in known]
    if missing:
        for user in missing:
            known[user] = secrets.token_urlsafe(32)
            uid = hashlib.sha256(user.encode()).hexdigest()[:32]
            rows.append([known[user], user, uid, ",".join(wanted[user])])
        lines = (",".join([row[0], row[1], row[2], f'"{row[3] if len(row) > 3 else ""}"']) for row in rows)
        _write(path, ("\n".join(lines) + "\n").encode())
    return known


def _private_pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
