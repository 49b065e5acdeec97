"""Who asks: client certificates, tokens from a file, service accounts' tokens, or nobody.

Answers are remembered for a short while (upstream's 10 s for tokens), so that a caller's second request costs a
look-up.
"""

import base64
import binascii
import csv
import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from armillary.base.clock import Clock
from armillary.base.errors import Unauthorized
from armillary.engine.apiserver.auth.tokens import Verifier
from armillary.engine.apiserver.auth.users import CREDENTIAL_ID, NOBODY, as_authenticated
from armillary.engine.apiserver.ports import User

REMEMBER_SECONDS = 10.0
MOST_REMEMBERED = 4096
BEARER_PROTOCOL = "base64url.bearer.authorization.k8s.io."


def read_token_file(path: Path) -> dict[str, User]:
    """Users by token, from lines of `token,user,uid,"group,group"`."""
    with path.open(newline="") as file:
        return {
            row[0]: User(row[1], tuple(filter(None, row[3].split(","))) if len(row) > 3 else (), row[2])
            for row in csv.reader(file)
            if len(row) >= 3 and row[0]
        }


class RequestAuthenticator:
    """An Authenticator (`ports.Authenticator`)."""

    def __init__(self, tokens: Mapping[str, User], accounts: Verifier, clock: Clock) -> None:
        self._tokens = {token: as_authenticated(user) for token, user in tokens.items()}
        self._accounts = accounts
        self._clock = clock
        self._certificates: dict[bytes, tuple[float, User | None]] = {}
        self._remembered: dict[str, tuple[float, User]] = {}

    def authenticate(self, headers: Mapping[str, str], certificate: bytes | None) -> User:
        if certificate is not None:
            user = self._certified(certificate)
            if user is not None:
                return user
        token = _bearer_token(headers)
        return NOBODY if token is None else self._bearer(token)

    def review(self, token: str, audiences: Collection[str] = ()) -> tuple[User, list[str]]:
        """Whose token it is, and for which of these audiences. Raises Unauthorized."""
        known = self._tokens.get(token)
        if known is not None:
            return known, list(audiences or self._accounts.audiences)
        found = self._accounts.verify(token, self._clock.now(), audiences)
        if found is None:
            raise Unauthorized("invalid bearer token")
        return as_authenticated(found[0]), found[1]

    def _bearer(self, token: str) -> User:
        known = self._tokens.get(token)
        if known is not None:
            return known
        remembered = self._remembered.get(token)
        moment = self._clock.monotonic()
        if remembered is not None and remembered[0] > moment:
            return remembered[1]
        try:
            user, _ = self.review(token)
        except Unauthorized:
            self._remembered.pop(token, None)
            # Why is nobody's business who does not hold a good token.
            raise Unauthorized("Unauthorized") from None
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[token] = (moment + REMEMBER_SECONDS, user)
        return user

    def _certified(self, der: bytes) -> User | None:
        known = self._certificates.get(der)
        if known is None:
            if len(self._certificates) >= MOST_REMEMBERED:
                self._certificates.clear()
            known = self._certificates[der] = _user_of(der)
        ends, user = known
        # TLS judged the certificate when the connection began; it may have run out since.
        if self._clock.now().timestamp() > ends:
            raise Unauthorized("Unauthorized")
        return user


def _user_of(der: bytes) -> tuple[float, User | None]:
    certificate = x509.load_der_x509_certificate(der)
    ends = certificate.not_valid_after_utc.timestamp()
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if not names or not names[-1].value:
        return ends, None
    groups = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    user = User(
        str(names[-1].value),
        tuple(str(group.value) for group in groups),
        extra={CREDENTIAL_ID: (f"X509SHA256={hashlib.sha256(der).hexdigest()}",)},
    )
    return ends, as_authenticated(user)


def _bearer_token(headers: Mapping[str, str]) -> str | None:
    authorization = headers.get("authorization")
    if authorization is not None:
        words = authorization.strip().split(" ", 2)
        if len(words) >= 2 and words[0].lower() == "bearer" and words[1]:
            return words[1]
    protocols = headers.get("sec-websocket-protocol")
    if protocols is None or BEARER_PROTOCOL not in protocols:
        return None
    found = [p.strip() for p in protocols.split(",") if p.strip().startswith(BEARER_PROTOCOL)]
    if len(found) != 1 or len(protocols.split(",")) == 1:
        raise Unauthorized("Unauthorized")
    encoded = found[0].removeprefix(BEARER_PROTOCOL)
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode() or None
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise Unauthorized("Unauthorized") from exc
