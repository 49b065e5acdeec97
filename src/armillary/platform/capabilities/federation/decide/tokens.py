"""What an ID token and its issuer must say to be believed (OpenID Connect Core 3.1.3.7, Discovery 4.3). Pure."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from armillary.platform.capabilities.federation.decide.validate import url_fault

# Signed with a private key that only the issuer has: neither `none`, nor a secret that clients share.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
LEEWAY_SECONDS = 60
OLDEST_SECONDS = 600  # an answer to a sign-in has just been made


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Of an issuer; `userinfo` is "" where there is none."""

    issuer: str
    authorization: str
    token: str
    jwks: str
    userinfo: str = ""
    secret_in_body: bool = False  # client_secret_post, where client_secret_basic is not taken


def endpoints_of(document: Mapping[str, Any], issuer: str, *, insecure: bool) -> Endpoints | str:
    """Of a discovery document; or why it is not believed."""
    if document.get("issuer") != issuer:
        return f"the provider calls itself {document.get('issuer')!r}, not {issuer!r}"
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
    urls = {name: document.get(name, "") for name in names}
    for name, url in urls.items():
        if not url and name == "userinfo_endpoint":
            continue
        fault = url_fault(url, insecure=insecure) if isinstance(url, str) else "not a text"
        if fault:
            return f"the provider's {name}: {fault}"
    ways = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    in_body = "client_secret_basic" not in ways and "client_secret_post" in ways
    return Endpoints(issuer, urls[names[0]], urls[names[1]], urls[names[2]], urls[names[3]], in_body)


def fault_of(claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: float) -> str:
    """Why a token whose signature holds is not believed all the same; "" if it is."""
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    subject = claims.get("sub")
    said = claims.get("nonce")
    if claims.get("iss") != issuer:
        return "it comes from another issuer"
    if client_id not in audiences:
        return "it is meant for another application"
    if claims.get("azp", client_id) != client_id or (len(audiences) > 1 and "azp" not in claims):
        return "it was given to another application"
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        return "it names nobody"
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        return "it does not belong to this sign-in"
    return _time_fault(claims, now)


def _time_fault(claims: Mapping[str, Any], now: float) -> str:
    moments = [claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)]
    numbers = [float(m) for m in moments if isinstance(m, int | float) and not isinstance(m, bool)]
    if len(numbers) != len(moments):
        return "it does not say when it is valid"
    expires, issued, begins = numbers
    if expires <= now - LEEWAY_SECONDS:
        return "it has run out"
    if max(issued, begins) > now + LEEWAY_SECONDS:
        return "it is from the future; compare the clocks"
    return "it is too old" if issued < now - OLDEST_SECONDS else ""
