"""Callers are who their certificate or token says, and nobody believes a token that no longer holds."""

import base64
from datetime import timedelta

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from tests.fakes.apiserver import NOW, FakeObjects, StillClock

from armillary.base.clock import format_time
from armillary.base.errors import Unauthorized
from armillary.base.pki import ensure_pki
from armillary.base.pki_files import Pki
from armillary.engine.apiserver.auth.authenticate import RequestAuthenticator, read_token_file
from armillary.engine.apiserver.auth.tokens import LEGACY_ISSUER, Bound, Issuer, Verifier
from armillary.engine.apiserver.ports import User
from armillary.engine.kinds.resource import Json

ISSUER = "https://kubernetes.default.svc.cluster.local"
AUDIENCES = [ISSUER]
ACCOUNT: Json = {"metadata": {"name": "bot", "namespace": "ns", "uid": "uid-bot"}}


class Server:
    """An authenticator with what it stands on."""

    def __init__(self, pki: Pki) -> None:
        self.objects, self.clock = FakeObjects(), StillClock()
        self.objects.put("serviceaccounts", {"metadata": {"name": "bot"}}, namespace="ns")
        self.issuer = Issuer(pki.signing_key.read_bytes(), ISSUER)
        self.verifier = Verifier(pki.verification_keys.read_bytes(), ISSUER, AUDIENCES, self.objects)
        self.authenticator = RequestAuthenticator(read_token_file(pki.token_file), self.verifier, self.clock)

    def by_token(self, token: str) -> User:
        return self.authenticator.authenticate({"authorization": f"Bearer {token}"}, None)

    def token(self, seconds: int = 3600, **to: Bound) -> str:
        return self.issuer.bound(ACCOUNT, AUDIENCES, self.clock.now(), seconds, **to)


@pytest.fixture
def server(pki: Pki) -> Server:
    return Server(pki)


def test_nobody_is_anonymous(server: Server) -> None:
    assert server.authenticator.authenticate({}, None) == User("system:anonymous", ("system:unauthenticated",))


@pytest.mark.parametrize(
    ("leaf", "name", "groups"),
    [
        ("admin", "kubernetes-admin", ("system:masters", "system:authenticated")),
        ("kubelet", "system:node:one", ("system:nodes", "system:authenticated")),
    ],
)
def test_a_certificate_names_its_user(server: Server, pki: Pki, leaf: str, name: str, groups: tuple[str, ...]) -> None:
    der = x509.load_pem_x509_certificate(pki.crt(leaf).read_bytes()).public_bytes(Encoding.DER)
    for _ in range(2):
        user = server.authenticator.authenticate({"authorization": "Bearer rubbish"}, der)
        assert (user.name, user.groups) == (name, groups)
    server.clock.moment += timedelta(days=400)
    with pytest.raises(Unauthorized):
        server.authenticator.authenticate({}, der)


def test_a_token_of_the_file_names_its_user(server: Server, pki: Pki) -> None:
    user = server.by_token(pki.tokens["system:node:one"])
    assert (user.name, user.groups) == ("system:node:one", ("system:nodes", "system:authenticated"))


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer  x", ""])
def test_other_authorization_is_as_none(server: Server, header: str) -> None:
    assert server.authenticator.authenticate({"authorization": header}, None).name == "system:anonymous"


def test_a_bound_token_tells_all_about_its_pod(server: Server) -> None:
    server.objects.put("pods", {"metadata": {"name": "p"}, "spec": {}}, namespace="ns")
    user = server.by_token(server.token(pod=Bound("p", "uid-p"), node=Bound("one", "uid-one")))
    assert user.name == "system:serviceaccount:ns:bot"
    assert user.uid == "uid-bot"
    assert user.groups == ("system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated")
    prefix = "authentication.kubernetes.io/"
    assert {k.removeprefix(prefix): v for k, v in user.extra.items() if "credential" not in k} == {
        "pod-name": ("p",), "pod-uid": ("uid-p",), "node-name": ("one",), "node-uid": ("uid-one",),
    }  # fmt: skip
    assert user.extra[f"{prefix}credential-id"][0].startswith("JTI=")


@pytest.mark.parametrize(
    ("to", "gone", "why"),
    [
        ({"pod": Bound("p", "uid-p")}, ("pods", "ns", "p"), "service account token has been invalidated"),
        ({"secret": Bound("s", "uid-s")}, ("secrets", "ns", "s"), "service account token has been invalidated"),
        ({"node": Bound("n", "uid-n")}, ("nodes", "", "n"), "service account token has been invalidated"),
        ({}, ("serviceaccounts", "ns", "bot"), 'serviceaccounts "bot" not found'),
    ],
)
def test_a_token_ends_with_what_it_is_bound_to(
    server: Server, to: dict[str, Bound], gone: tuple[str, str, str], why: str
) -> None:
    server.objects.put("pods", {"metadata": {"name": "p"}, "spec": {}}, namespace="ns")
    server.objects.put("secrets", {"metadata": {"name": "s"}}, namespace="ns")
    server.objects.put("nodes", {"metadata": {"name": "n"}})
    token = server.token(**to)
    server.by_token(token)
    found = server.objects.kept.pop(gone)
    server.by_token(token)  # remembered for a moment
    server.clock.moment += timedelta(seconds=11)
    with pytest.raises(Unauthorized, match="Unauthorized"):
        server.by_token(token)
    with pytest.raises(Unauthorized) as refused:
        server.verifier.verify(token, server.clock.now())
    assert refused.value.message == why
    found["metadata"]["uid"] = "another"
    server.objects.kept[gone] = found
    with pytest.raises(Unauthorized, match="does not match"):
        server.verifier.verify(token, server.clock.now())


def test_a_pod_on_its_way_out_may_still_speak(server: Server) -> None:
    pod = server.objects.put("pods", {"metadata": {"name": "p"}, "spec": {}}, namespace="ns")
    token = server.token(pod=Bound("p", "uid-p"))
    pod["metadata"]["deletionTimestamp"] = format_time(NOW)
    assert server.verifier.verify(token, NOW) is not None
    with pytest.raises(Unauthorized, match="invalidated"):
        server.verifier.verify(token, NOW + timedelta(minutes=2))


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (timedelta(seconds=3700), "service account token has expired"),
        (timedelta(seconds=-120), "service account token is not valid yet"),
    ],
)
def test_a_token_has_its_time(server: Server, later: timedelta, why: str) -> None:
    token = server.token()
    with pytest.raises(Unauthorized, match=why):
        server.verifier.verify(token, NOW + later)


def test_audiences_must_meet(server: Server) -> None:
    token = server.issuer.bound(ACCOUNT, ["vault", "other"], NOW, 3600)
    with pytest.raises(Unauthorized, match="audiences"):
        server.verifier.verify(token, NOW)
    found = server.verifier.verify(token, NOW, ["vault"])
    assert found is not None
    assert found[1] == ["vault"]


def test_somebody_elses_signature_is_refused(server: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = ensure_pki(tmp_path_factory.mktemp("other"), [], [], NOW, node="one")
    forged = Issuer(other.signing_key.read_bytes(), ISSUER).bound(ACCOUNT, AUDIENCES, NOW, 3600)
    good = server.token()
    body, signature = forged.split(".")[1], good.split(".")[2]
    mixed = ".".join((good.split(".")[0], body, signature))
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for token in (forged, mixed, f"{none}.{body}.", f"{good}x", "a.b.c", "rubbish"):
        with pytest.raises(Unauthorized, match="Unauthorized"):
            server.by_token(token)


def test_a_legacy_token_holds_as_long_as_its_secret(server: Server) -> None:
    prefix = "kubernetes.io/serviceaccount"
    token = server.issuer.sign(
        {
            "iss": LEGACY_ISSUER,
            "sub": "system:serviceaccount:ns:bot",
            f"{prefix}/namespace": "ns",
            f"{prefix}/secret.name": "s",
            f"{prefix}/service-account.name": "bot",
            f"{prefix}/service-account.uid": "uid-bot",
        }
    )
    with pytest.raises(Unauthorized, match="Token has been invalidated"):
        server.verifier.verify(token, NOW)
    data = {"token": base64.b64encode(token.encode()).decode()}
    server.objects.put("secrets", {"metadata": {"name": "s"}, "data": data}, namespace="ns")
    assert server.by_token(token).name == "system:serviceaccount:ns:bot"
    data["token"] = base64.b64encode(b"another").decode()
    with pytest.raises(Unauthorized, match="does not match server's copy"):
        server.verifier.verify(token, NOW)


def test_browsers_send_tokens_as_a_protocol(server: Server, pki: Pki) -> None:
    token = pki.tokens["system:kube-scheduler"]
    encoded = base64.urlsafe_b64encode(token.encode()).rstrip(b"=").decode()
    protocol = f"base64url.bearer.authorization.k8s.io.{encoded}"
    headers = {"sec-websocket-protocol": f"{protocol}, v5.channel.k8s.io"}
    assert server.authenticator.authenticate(headers, None).name == "system:kube-scheduler"
    with pytest.raises(Unauthorized):
        server.authenticator.authenticate({"sec-websocket-protocol": protocol}, None)


def test_others_can_verify_our_tokens(server: Server) -> None:
    (key,) = server.verifier.key_set()["keys"]
    assert {"kty": "RSA", "use": "sig", "alg": "RS256"}.items() <= key.items()
    assert "d" not in key
    header = server.token().split(".")[0]
    assert orjson.loads(base64.urlsafe_b64decode(header + "=="))["kid"] == key["kid"]
    configuration = server.verifier.configuration("https://10.0.0.1:6443")
    assert configuration["issuer"] == ISSUER
    assert configuration["jwks_uri"] == "https://10.0.0.1:6443/openid/v1/jwks"
