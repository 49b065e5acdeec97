"""Whether a provider's declaration can work at all; each fault is a sentence for its administrator. Pure."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from armillary.platform.capabilities.federation.decide.filters import is_filter
from armillary.platform.capabilities.federation.kinds import IdentityProviderSpec, Ldap, Oidc

_PEM = "-----BEGIN CERTIFICATE-----"


def faults(spec: IdentityProviderSpec) -> tuple[str, ...]:
    """Empty for one that can be tried."""
    match spec.type:
        case "ldap" if spec.ldap is not None:
            return tuple(_of_ldap(spec.ldap, spec.secret))
        case "oidc" if spec.oidc is not None:
            return tuple(_of_oidc(spec.oidc))
    return (f"spec.{spec.type}: required for a provider of type {spec.type}",)


def _of_ldap(spec: Ldap, secret: str) -> Iterator[str]:
    url = _split(spec.url)
    if url is None or url.scheme not in ("ldap", "ldaps") or not url.hostname or url.path.strip("/"):
        yield "spec.ldap.url: write ldap://HOST:PORT or ldaps://HOST:PORT"
    elif url.scheme == "ldap" and not spec.start_tls and not spec.insecure:
        yield "spec.ldap.startTls: passwords would travel in the clear; use StartTLS or ldaps://"
    if not spec.base_dn:
        yield "spec.ldap.baseDn: required"
    if "{login}" not in spec.filter:
        yield "spec.ldap.filter: {login} must occur, else everybody is the same person"
    for field, text in (
        ("filter", spec.filter),
        ("groupFilter", spec.group_filter),
        ("disabledFilter", spec.disabled_filter or "(a=b)"),
    ):
        if not is_filter(text):
            yield f"spec.ldap.{field}: {text} is not a filter (RFC 4515)"
    if spec.bind_dn and not secret:
        yield "spec.secret: required with spec.ldap.bindDn"
    if spec.ca and _PEM not in spec.ca:
        yield "spec.ldap.ca: not a certificate in PEM"


def _of_oidc(spec: Oidc) -> Iterator[str]:
    fault = url_fault(spec.issuer, insecure=spec.insecure)
    if fault:
        yield f"spec.oidc.issuer: {fault}"
    elif "?" in spec.issuer or "#" in spec.issuer:
        yield "spec.oidc.issuer: an issuer has neither query nor fragment"
    if not spec.client_id:
        yield "spec.oidc.clientId: required"
    if "openid" not in spec.scopes:
        yield "spec.oidc.scopes: openid must be among them"
    if spec.ca and _PEM not in spec.ca:
        yield "spec.oidc.ca: not a certificate in PEM"


def url_fault(text: str, *, insecure: bool) -> str:
    """Why nothing may be sent to that URL; "" if it may."""
    url = _split(text)
    if url is None or not url.hostname or url.username is not None:
        return f"{text!r} is not a URL"
    if url.scheme == "https" or (url.scheme == "http" and insecure and _is_loopback(url.hostname)):
        return ""
    return f"{text}: only https is spoken"


def _split(text: str) -> SplitResult | None:
    if any(character.isspace() for character in text):
        return None
    try:
        url = urlsplit(text)
        _ = url.port  # raises for what is no number
    except ValueError:
        return None
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
