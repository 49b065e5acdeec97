"""Whom to trust at an address that is signed in to for the first time.

A platform whose certificate nobody knows tells its authority's certificate; the person compares its fingerprint with
what the platform's operator sees, as with SSH's host keys (RFC 4251, 4.1).
"""

import asyncio
import hashlib
import re
import ssl
import sys
from urllib.parse import urlsplit

import msgspec
import typer

from armillary.base.errors import ApiError, SetupError, Unavailable
from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import write_error
from armillary.cli.platforms import Platform
from armillary.kube.client import Client
from armillary.kube.transport.http import Http

PATH = "/platform/v1/certificate-authority"
UNKNOWN = Words(
    "The certificate of {origin} is signed by an authority that this machine does not know.\n"
    "Its SHA-256 fingerprint is {fingerprint}\n"
    "Compare it with what `armillary status` says where the platform runs.",
    "{origin} 的证书由本机未知的 CA 签发。\n"
    "其 SHA-256 指纹为 {fingerprint}\n"
    "请与平台所在机器上 `armillary status` 显示的指纹核对。",
)
TRUST = Words("Trust it?", "是否信任？")
NOT_TRUSTED = Words(
    "{origin}: its certificate is not known here; give --ca-file, or --ca-fingerprint once you have compared it:"
    " {fingerprint}",
    "{origin}：证书不受信任；请使用 --ca-file，或核对指纹后使用 --ca-fingerprint：{fingerprint}",
)
OTHER = Words(
    "{origin}: its authority's fingerprint is {fingerprint}, not what was given with --ca-fingerprint",
    "{origin}：CA 指纹为 {fingerprint}，与 --ca-fingerprint 不符",
)
NO_AUTHORITY = Words(
    "{origin}: its certificate is not valid for this address ({why})", "{origin}：证书对该地址无效（{why}）"
)


def fingerprint_of(pem: str) -> str:
    """SHA-256 of a certificate, as browsers and openssl show it: pairs of hexadecimal digits between colons."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).digest().hex(":").upper()


def is_same(one: str, other: str) -> bool:
    """Whether two fingerprints are the same, however they are written."""
    plain = (re.sub(r"^sha256[:=]", "", text.strip().lower()).replace(":", "") for text in (one, other))
    return len(set(plain)) == 1


async def trusting(cli: Cli, platform: Platform, wanted: str) -> Platform:
    """With the authority that was agreed to, where the machine does not know it already.

    Asks on a terminal; elsewhere `wanted` must be its fingerprint. Raises SetupError if it is not trusted.
    """
    if not wanted and (platform.ca or await _fault(platform) is None):
        return platform
    origin = platform.origin
    pem = await _told(cli, platform)
    fingerprint = fingerprint_of(pem)
    if wanted and not is_same(wanted, fingerprint):
        raise SetupError(cli.say(OTHER, origin=origin, fingerprint=fingerprint))
    if not wanted:
        if not sys.stdin.isatty():
            raise SetupError(cli.say(NOT_TRUSTED, origin=origin, fingerprint=fingerprint))
        write_error(cli.say(UNKNOWN, origin=origin, fingerprint=fingerprint))
        typer.confirm(cli.say(TRUST), abort=True, err=True)
    trusted = msgspec.structs.replace(platform, ca=pem)
    if why := await _fault(trusted):
        raise SetupError(cli.say(NO_AUTHORITY, origin=origin, why=why))
    return trusted


async def _fault(platform: Platform) -> str | None:
    """What is wrong with the certificate that is shown there; None if it holds. Raises Unavailable."""
    address = urlsplit(platform.origin)
    context = ssl.create_default_context(cadata=platform.ca or None)
    try:
        _, writer = await asyncio.open_connection(address.hostname, address.port or 443, ssl=context)
    except ssl.SSLCertVerificationError as exc:
        return exc.verify_message
    except OSError as exc:
        raise Unavailable(f"{platform.origin} does not answer: {exc}") from exc
    writer.close()
    return None


async def _told(cli: Cli, platform: Platform) -> str:
    """What the address itself says its authority is: nothing else is asked or told before it is trusted."""
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    try:
        async with Http(platform.origin, tls=unverified) as http:
            answer = await Client(http).call("GET", PATH)
        pem = answer.body.decode("ascii")
        ssl.PEM_cert_to_DER_cert(pem)
    except (ApiError, ValueError) as exc:
        why = await _fault(platform) or str(exc)
        raise SetupError(cli.say(NO_AUTHORITY, origin=platform.origin, why=why)) from exc
    return pem
