"""Service accounts' tokens: JWTs that we sign, and later believe as long as what they are bound to exists.

Claims and texts: k8s.io/kubernetes, pkg/serviceaccount. A token's signature is checked once; what it is bound to is
looked at again whenever the caller asks.
"""

import base64
import hashlib
import hmac
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from armillary.base.clock import parse_time
from armillary.base.errors import SetupError, Unauthorized
from armillary.engine.apiserver.auth.users import (
    CREDENTIAL_ID,
    NODE_NAME,
    NODE_UID,
    POD_NAME,
    POD_UID,
    service_account_groups,
    service_account_of,
    service_account_user,
)
from armillary.engine.apiserver.ports import Objects, User
from armillary.engine.kinds.faults import shown
from armillary.engine.kinds.resource import Json

ALGORITHMS = ["RS256"]
LEGACY_ISSUER = "kubernetes/serviceaccount"
LEEWAY = timedelta(minutes=1)  # go-jose's, which upstream's checks use
MOST_CLAIMS = 4096

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bound:
    """What a token holds for: an object's name and uid."""

    name: str
    uid: str


def key_id(public_der: bytes) -> str:
    """Names a key without giving it away."""
    return base64.urlsafe_b64encode(hashlib.sha256(public_der).digest()).rstrip(b"=").decode()


class Issuer:
    """Signs tokens."""

    def __init__(self, private_pem: bytes, issuer: str) -> None:
        loaded = serialization.load_pem_private_key(private_pem, None)
        if not isinstance(loaded, RSAPrivateKey):
            raise SetupError("the service accounts' signing key is no RSA key")
        public = loaded.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._key = RSAKey.import_key(loaded)  # loading takes long: every prime is checked
        self._header = {"alg": ALGORITHMS[0], "kid": key_id(public)}
        self._issuer = issuer

    def sign(self, claims: Claims) -> str:
        return jws.serialize_compact(dict(self._header), orjson.dumps(claims), self._key, ALGORITHMS)

    def bound(
        self,
        account: Json,
        audiences: Sequence[str],
        now: datetime,
        seconds: int,
        *,
        warn_after_seconds: int = 0,
        **to: Bound,
    ) -> str:
        """A token for a service account, bound to its objects `to` (`pod`, `node`, `secret`)."""
        meta, issued = account["metadata"], int(now.timestamp())
        private: Json = {
            "namespace": meta["namespace"],
            "serviceaccount": {"name": meta["name"], "uid": meta["uid"]},
        }
        for kind, bound in to.items():
            private[kind] = {"name": bound.name} | ({"uid": bound.uid} if bound.uid else {})
        if warn_after_seconds:
            private["warnafter"] = issued + warn_after_seconds
        return self.sign(
            {
                "aud": list(audiences),
                "exp": issued + seconds,
                "iat": issued,
                "iss": self._issuer,
                "jti": str(uuid.uuid4()),
                "kubernetes.io": private,
                "nbf": issued,
                "sub": service_account_user(meta["namespace"], meta["name"]),
            }
        )


class Verifier:
    """Believes tokens of `issuer` that one of our keys signed."""

    def __init__(self, public_pems: bytes, issuer: str, audiences: Sequence[str], objects: Objects) -> None:
        self._keys = _public_keys(public_pems)
        self._issuer, self._audiences = issuer, tuple(audiences)
        self._objects = objects
        self._signed: dict[str, Json] = {}  # token -> claims, their signature checked

    def verify(self, token: str, now: datetime, audiences: Collection[str] = ()) -> tuple[User, list[str]] | None:
        """The user and the audiences that fit. None if this is no token of ours; Unauthorized if it does not hold."""
        claims = self._signed.get(token)
        if claims is None:
            claims = self._check_signature(token)
            if claims is None:
                return None
            if len(self._signed) >= MOST_CLAIMS:
                self._signed.clear()
            self._signed[token] = claims
        meant = claims.get("aud") or list(self._audiences)
        meant = [meant] if isinstance(meant, str) else meant
        wanted = audiences or self._audiences
        fit = [audience for audience in meant if audience in wanted]
        if not fit:
            raise Unauthorized(
                f"token audiences {shown(meant)} is invalid for the target audiences {shown(list(wanted))}"
            )
        _check_times(claims, now)
        if claims["iss"] == LEGACY_ISSUER:
            return self._legacy_user(claims, token), fit
        return self._user(claims, now), fit

    @property
    def audiences(self) -> tuple[str, ...]:
        return self._audiences

    def key_set(self) -> Json:
        """The body of /openid/v1/jwks."""
        return {
            "keys": [
                key.as_dict(private=False, use="sig", alg=ALGORITHMS[0], kid=kid) for kid, key in self._keys.items()
            ]
        }

    def configuration(self, base: str) -> Json:
        """The body of /.well-known/openid-configuration; `base` is where the API server is reached."""
        return {
            "issuer": self._issuer,
            "jwks_uri": f"{base}/openid/v1/jwks",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ALGORITHMS,
        }

    def _check_signature(self, token: str) -> Json | None:
        parts = token.split(".")
        if len(parts) != 3:
            return None
        try:  # whose it says to be, before anything is believed
            said = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
            header = orjson.loads(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
        except ValueError:
            return None
        if not isinstance(said, dict) or not isinstance(header, dict):
            return None
        if said.get("iss") not in (self._issuer, LEGACY_ISSUER):
            return None
        kid = header.get("kid")
        keys = [self._keys[kid]] if kid in self._keys else [] if kid else list(self._keys.values())
        if not keys:
            raise Unauthorized("invalid signature, no keys found")
        for key in keys:
            try:
                checked = orjson.loads(jws.deserialize_compact(token, key, ALGORITHMS).payload)
            except (JoseError, ValueError):
                continue
            return checked if isinstance(checked, dict) else None
        raise Unauthorized("invalid signature")

    def _user(self, claims: Json, now: datetime) -> User:
        private = claims.get("kubernetes.io") or {}
        namespace, account = private.get("namespace", ""), private.get("serviceaccount") or {}
        name, uid = account.get("name", ""), account.get("uid", "")
        found = self._objects.get("serviceaccounts", namespace, name)
        if found is None:
            raise Unauthorized(f"serviceaccounts {shown(name)} not found")
        if found["metadata"]["uid"] != uid:
            raise Unauthorized(f"service account UID ({found['metadata']['uid']}) does not match claim ({uid})")
        if _is_gone(found, now):
            raise Unauthorized(f"service account {namespace}/{name} has been deleted")
        extra: dict[str, tuple[str, ...]] = {}
        if claims.get("jti"):
            extra[CREDENTIAL_ID] = (f"JTI={claims['jti']}",)
        pod, node, secret = (private.get(kind) for kind in ("pod", "node", "secret"))
        if secret:
            self._check_bound("secrets", "secret", "secret ref", namespace, secret, now)
        if pod:
            self._check_bound("pods", "pod", "pod ref", namespace, pod, now)
            extra |= {POD_NAME: (pod["name"],), POD_UID: (pod.get("uid", ""),)}
        elif node:
            self._check_bound("nodes", "node", "node ref", "", node, now)
        if node:
            extra[NODE_NAME] = (node["name"],)
            if node.get("uid"):
                extra[NODE_UID] = (node["uid"],)
        return User(service_account_user(namespace, name), service_account_groups(namespace), uid, extra)

    def _check_bound(
        self, resource: str, word: str, claim: str, namespace: str, ref: Mapping[str, str], now: datetime
    ) -> None:
        found = self._objects.get(resource, namespace, ref["name"])
        if found is None or _is_gone(found, now):
            raise Unauthorized("service account token has been invalidated")
        uid = found["metadata"]["uid"]
        if uid != ref.get("uid"):
            title = word.title() if word != "pod" else word
            raise Unauthorized(f"{title} UID ({uid}) does not match service account {claim} claim ({ref.get('uid')})")

    def _legacy_user(self, claims: Json, token: str) -> User:
        prefix = "kubernetes.io/serviceaccount"
        namespace, secret_name, name, uid = (
            claims.get(f"{prefix}/{part}", "")
            for part in ("namespace", "secret.name", "service-account.name", "service-account.uid")
        )
        if service_account_of(claims.get("sub", "")) != (namespace, name):
            raise Unauthorized("sub claim is invalid")
        secret = self._objects.get("secrets", namespace, secret_name)
        if secret is None or secret["metadata"].get("deletionTimestamp"):
            raise Unauthorized("Token has been invalidated")
        kept = base64.b64decode((secret.get("data") or {}).get("token", ""))
        if not hmac.compare_digest(kept, token.encode()):
            raise Unauthorized("Token does not match server's copy")
        account = self._objects.get("serviceaccounts", namespace, name)
        if account is None:
            raise Unauthorized(f"serviceaccounts {shown(name)} not found")
        if account["metadata"].get("deletionTimestamp"):
            raise Unauthorized(f"ServiceAccount {namespace}/{name} has been deleted")
        if account["metadata"]["uid"] != uid:
            raise Unauthorized(f"ServiceAccount UID ({account['metadata']['uid']}) does not match claim ({uid})")
        return User(service_account_user(namespace, name), service_account_groups(namespace), uid)


def _public_keys(pems: bytes) -> dict[str, RSAKey]:
    """By key id, in the order of the file."""
    end = b"-----END PUBLIC KEY-----"
    found = {}
    for part in pems.split(end)[:-1]:
        pem = part.strip() + b"\n" + end
        der = serialization.load_pem_public_key(pem).public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        found[key_id(der)] = RSAKey.import_key(pem)
    return found


def _check_times(claims: Json, now: datetime) -> None:
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    if "nbf" in claims and moment + leeway < claims["nbf"]:
        raise Unauthorized("service account token is not valid yet")
    if "exp" in claims and moment - leeway > claims["exp"]:
        raise Unauthorized("service account token has expired")
    if "iat" in claims and moment + leeway < claims["iat"]:
        raise Unauthorized("service account token is issued in the future")


def _is_gone(obj: Json, now: datetime) -> bool:
    """Whether its deletion was due longer ago than clocks may differ."""
    due = obj["metadata"].get("deletionTimestamp")
    return bool(due) and parse_time(due) < now - LEEWAY
