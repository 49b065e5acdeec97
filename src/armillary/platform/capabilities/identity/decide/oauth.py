"""What OAuth requests are answered: checks of RFC 6749, 7636 (PKCE), 8252 (native apps), 8628, OAuth 2.1. Pure."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from armillary.platform.capabilities.identity.kinds import OAuthClient, Session

SCOPES: Mapping[str, str] = {
    "openid": "who you are",
    "profile": "your name and language",
    "email": "your e-mail address",
    "groups": "the groups you are in",
    "offline_access": "to stay signed in",
}
ALL = "all"  # everything the user may: for the platform's own clients
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
POLL_SECONDS = 2.0  # how long a device waits between two questions
SLOWER_SECONDS = 5.0  # and how much longer once it came too soon (RFC 8628, 3.5)
EARLY_SECONDS = 0.5  # two questions a whole interval apart may arrive so much closer
_ORIGIN = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?")
_LOOPBACK = ("127.0.0.1", "[::1]", "localhost")


class Refused(Exception):
    """An error of RFC 6749, 5.2. `redirect` says whether it may be told to the client by way of the browser."""

    def __init__(self, error: str, description: str, *, redirect: bool = True, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.redirect, self.status = error, description, redirect, status


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request that is in order."""

    client: OAuthClient
    redirect_uri: str
    state: str
    challenge: str
    nonce: str
    scopes: tuple[str, ...]
    prompts: frozenset[str]
    max_age_seconds: int | None


def checked(query: Mapping[str, str], client: OAuthClient | None) -> Asked:
    """Raises Refused; as long as client and redirect URI are not known to be right, not to be told by redirect."""
    if client is None:
        raise Refused("invalid_client", "there is no such client", redirect=False)
    redirect_uri = query.get("redirect_uri", "")
    if not is_registered(redirect_uri, client):
        raise Refused("invalid_request", "redirect_uri is not registered for this client", redirect=False)
    if "authorization_code" not in client.spec.grant_types:
        raise Refused("unauthorized_client", "this client may not use authorization codes")
    if query.get("response_type") != "code":
        raise Refused("unsupported_response_type", "response_type must be code")
    challenge = query.get("code_challenge", "")
    if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise Refused(
            "invalid_request", "PKCE is required: code_challenge_method=S256 and a code_challenge of 43 letters"
        )
    max_age = query.get("max_age", "")
    if max_age and not max_age.isdigit():
        raise Refused("invalid_request", "max_age must be a number of seconds")
    return Asked(
        client=client,
        redirect_uri=redirect_uri,
        state=query.get("state", ""),
        challenge=challenge,
        nonce=query.get("nonce", ""),
        scopes=granted_scopes(query.get("scope", ""), client),
        prompts=frozenset(query.get("prompt", "").split()),
        max_age_seconds=int(max_age) if max_age else None,
    )


def is_registered(redirect_uri: str, client: OAuthClient) -> bool:
    """Compared as strings; a public client on loopback may use any port (RFC 8252, 7.3)."""
    if redirect_uri in client.spec.redirect_uris:
        return True
    try:
        given = urlsplit(redirect_uri)
        port = given.port
    except ValueError:
        return False
    host = "[::1]" if given.hostname == "::1" else given.hostname
    if given.username is not None or given.password is not None or given.fragment:
        return False
    if client.spec.secret_hash or host not in _LOOPBACK or given.scheme != "http" or port is None:
        return False
    without_port = given._replace(netloc=str(host)).geturl()
    return without_port in client.spec.redirect_uris


def is_assured(asked: Asked) -> bool:
    """Whether an answer can only reach the client itself, so that it need not be let through by the user each time.

    Any program on the user's machine may listen on the loopback, or take a scheme, and say it were a public client
    (RFC 8252, 8.6; RFC 6749, 10.2).
    """
    return bool(asked.client.spec.secret_hash) or urlsplit(asked.redirect_uri).scheme == "https"


def form_target(redirect_uri: str) -> str:
    """A redirect URI as Content-Security-Policy's form-action names it ("" if it can't).

    Browsers hold the policy against the redirects, too, that the answer to a form leads to.
    """
    parts = urlsplit(redirect_uri)
    if parts.scheme not in ("http", "https") or "[" in parts.netloc:  # it has no words for IPv6
        return f"{parts.scheme}:" if parts.scheme else ""
    return f"{parts.scheme}://{parts.netloc}" if _ORIGIN.fullmatch(parts.netloc) else ""


def granted_scopes(asked: str, client: OAuthClient) -> tuple[str, ...]:
    """What of the scopes asked for this client may have, in its own order; the platform's own may do everything."""
    wanted = set(asked.split())
    if client.spec.trusted:
        return (*(scope for scope in SCOPES if scope in wanted), ALL)
    return tuple(scope for scope in client.spec.scopes if scope in wanted)


def is_proven(verifier: str, challenge: str) -> bool:
    """RFC 7636, 4.6, method S256."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    found = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(found, challenge)


def check_code(session: Session, client: str, form: Mapping[str, str], now: str) -> None:
    """Whether a code may be redeemed. Raises Refused."""
    pending = session.spec.pending
    if pending is None or session.spec.client != client or pending.expires <= now or pending.user_code:
        raise Refused("invalid_grant", "this code is not valid any more, or not for this client")
    if form.get("redirect_uri", "") != pending.redirect_uri:
        raise Refused("invalid_grant", "redirect_uri is not the one the code was given for")
    if not is_proven(form.get("code_verifier", ""), pending.challenge):
        raise Refused("invalid_grant", "code_verifier does not fit the code_challenge")


def check_device(session: Session | None, client: str, now: str) -> Session:
    """Whether a device may come in. Raises Refused, mostly to say that it must wait (RFC 8628, 3.5)."""
    pending = session.spec.pending if session is not None else None
    if session is None or pending is None or session.spec.client != client or not pending.user_code:
        raise Refused("invalid_grant", "there is no such device code")
    if pending.expires <= now:
        raise Refused("expired_token", "the device code has run out; begin again")
    if not session.spec.user:
        raise Refused("authorization_pending", "nobody has let this device in yet")
    return session


@dataclass(frozen=True, slots=True)
class Poll:
    """A device's last question, by the monotonic clock, and how long it has to wait from then on."""

    at: float
    interval_seconds: float = POLL_SECONDS


def polled(last: Poll | None, now: float) -> tuple[Poll, bool]:
    """This question as the last one, and whether it came in time (RFC 8628, 3.5)."""
    if last is None:
        return Poll(now), True
    is_in_time = now - last.at >= last.interval_seconds - EARLY_SECONDS
    return Poll(now, last.interval_seconds + (0.0 if is_in_time else SLOWER_SECONDS)), is_in_time


def answer_uri(redirect_uri: str, **parameters: str) -> str:
    """Where the browser is sent, with what the client is told."""
    joint = "&" if "?" in redirect_uri else "?"
    return redirect_uri + joint + urlencode({key: value for key, value in parameters.items() if value})
