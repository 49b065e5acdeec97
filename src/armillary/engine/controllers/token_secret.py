"""Secrets of type `kubernetes.io/service-account-token`: filled with a token that does not expire.

Upstream: pkg/controller/serviceaccount/tokens_controller.go.
"""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import orjson
from msgspec import structs

from armillary.kube.kinds.core import SECRET, SERVICE_ACCOUNT, Secret, ServiceAccount
from armillary.kube.object import Key, is_ending, key_of
from armillary.kube.reconcile import Controller, Decision, Delete, Index, Reads, Update, Watch

TYPE = "kubernetes.io/service-account-token"
ACCOUNT_NAME = "kubernetes.io/service-account.name"
ACCOUNT_UID = "kubernetes.io/service-account.uid"

Sign = Callable[[ServiceAccount, Secret], str]
_ALGORITHM = "RS256"


def legacy_signer(private_pem: bytes) -> Sign:
    """Signs tokens that hold as long as their secret is there; the same for the same account and secret."""

    def sign(account: ServiceAccount, secret: Secret) -> str:
        # Few clusters have such secrets; loaded at the start, these would be a fourth of the process.
        from joserfc import jws
        from joserfc.jwk import RSAKey

        meta, prefix = account.metadata, "kubernetes.io/serviceaccount"
        claims = {
            "iss": "kubernetes/serviceaccount",
            f"{prefix}/namespace": meta.namespace,
            f"{prefix}/secret.name": secret.metadata.name,
            f"{prefix}/service-account.name": meta.name,
            f"{prefix}/service-account.uid": meta.uid,
            "sub": f"system:serviceaccount:{meta.namespace}:{meta.name}",
        }
        return jws.serialize_compact(
            {"alg": _ALGORITHM}, orjson.dumps(claims), RSAKey.import_key(private_pem), [_ALGORITHM]
        )

    return sign


@dataclass(frozen=True, slots=True)
class Seen:
    """A token secret and the account it is for."""

    secret: Secret
    account: ServiceAccount | None


def _by_account(secret: Secret) -> Iterable[str]:
    if secret.type == TYPE:
        yield f"{secret.metadata.namespace}/{secret.metadata.annotations.get(ACCOUNT_NAME, '')}"


BY_ACCOUNT = Index(SECRET, "account", _by_account)


async def observe(key: Key, reads: Reads) -> Seen | None:
    secret = reads.get(SECRET, key[1], key[0])
    if secret is None or secret.type != TYPE:
        return None
    return Seen(secret, reads.get(SERVICE_ACCOUNT, secret.metadata.annotations.get(ACCOUNT_NAME, ""), key[0]))


def decide(ca_certificate: str, sign: Sign, seen: Seen) -> Decision:
    """`sign` gives the token: the same for the same account and secret."""
    secret, account = seen.secret, seen.account
    if is_ending(secret):
        return Decision("is being deleted")
    uid = secret.metadata.annotations.get(ACCOUNT_UID, "")
    if account is None or uid not in ("", account.metadata.uid):
        gone = Delete(SECRET, key_of(secret), secret.metadata.uid, resource_version=secret.metadata.resource_version)
        return Decision("its service account is gone", (gone,))
    wanted = {"ca.crt": _encoded(ca_certificate), "namespace": _encoded(secret.metadata.namespace)}
    data = {**secret.data, **wanted}
    if not data.get("token"):
        data["token"] = _encoded(sign(account, secret))
    annotations = {**secret.metadata.annotations, ACCOUNT_UID: account.metadata.uid}
    if data == secret.data and annotations == secret.metadata.annotations:
        return Decision("has its token")
    meta = structs.replace(secret.metadata, annotations=annotations)
    return Decision("lacks its token", (Update(SECRET, structs.replace(secret, data=data, metadata=meta)),))


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _of_account(account: ServiceAccount, reads: Reads) -> Iterable[Key]:
    where = account.metadata
    return [key_of(secret) for secret in reads.by(SECRET, BY_ACCOUNT.name, f"{where.namespace}/{where.name}")]


def token_secrets(ca_certificate: str, sign: Sign) -> Controller[Seen]:
    return Controller(
        name="tokens-controller",
        root=SECRET,
        observe=observe,
        decide=partial(decide, ca_certificate, sign),
        watches=(Watch(SERVICE_ACCOUNT, _of_account),),
        indexes=(BY_ACCOUNT,),
        concerns=lambda secret: secret.type == TYPE,
    )
