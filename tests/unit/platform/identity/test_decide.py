"""Identity's decisions, by rows: passwords, guesses, who arrives, groups, OAuth's rules."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.access.kinds import Department, DepartmentSpec
from armillary.platform.capabilities.identity import secrets
from armillary.platform.capabilities.identity.decide import guessing
from armillary.platform.capabilities.identity.decide.arrive import Known, Link, Make, Refuse, arrive, free_name
from armillary.platform.capabilities.identity.decide.groups import groups_of
from armillary.platform.capabilities.identity.decide.guessing import BURST, Bucket, Guesses, after_failure, is_locked
from armillary.platform.capabilities.identity.decide.oauth import (
    Refused,
    answer_uri,
    check_code,
    granted_scopes,
    is_proven,
    is_registered,
)
from armillary.platform.capabilities.identity.decide.passwords import fault_of
from armillary.platform.capabilities.identity.kinds import (
    USER_NAME,
    Identity,
    OAuthClient,
    OAuthClientSpec,
    Pending,
    Session,
    SessionSpec,
    User,
    UserSpec,
)
from armillary.platform.capabilities.identity.oauth.browser import own_path
from armillary.platform.capabilities.identity.ports import Offer, Vouched

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("password", "will_do"),
    [
        ("correct horse battery", True),
        ("密码应当足够长才行啊朋友", True),
        ("ninechars", False),
        ("x" * 129, False),
        ("aaaaaaaaaaaa", False),
        ("abababababab", False),
        ("Password123!", False),
        ("!!kubernetes2024", False),
        ("hello ann-lee there", False),
        ("Ann-Lee's phrase", False),
    ],
)
def test_passwords(password: str, will_do: bool) -> None:
    assert (fault_of(password, "ann-lee") is None) is will_do


def failed(times: int) -> Guesses:
    """That many in a row, each as soon as it counts."""
    found, now = Guesses(), NOW
    for _ in range(times):
        now = max(now, found.locked_until or now)
        found = after_failure(found, now)
    return found


def test_chance_does_not_spell_the_name_in_a_first_password(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("annabcdefghjkmnpqrst" + "ghjkmabcdefnpqrstuvw")
    monkeypatch.setattr(secrets.secrets, "choice", lambda _: next(letters))
    assert secrets.new_password("ann") == "ghjkm-abcde-fnpqr-stuvw"


@pytest.mark.parametrize(("failures", "seconds"), [(4, 0), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (50, 900)])
def test_locks_grow_and_end(failures: int, seconds: int) -> None:
    found = failed(failures)
    if not seconds:
        assert found.locked_until is None
        return
    assert found.last is not None
    assert found.locked_until == found.last + timedelta(seconds=seconds)
    assert is_locked(found, found.last)
    assert not is_locked(found, found.locked_until)


def test_guesses_at_a_locked_account_do_not_keep_its_owner_out() -> None:
    locked = failed(5)
    assert after_failure(locked, NOW + timedelta(seconds=5)) == locked


def test_guesses_of_yesterday_are_forgotten() -> None:
    assert after_failure(failed(4), NOW + timedelta(hours=25)).failures == 1


@given(st.lists(st.floats(0, 60), max_size=200))
def test_an_address_never_has_more_than_its_share(pauses: list[float]) -> None:
    bucket, now, taken = Bucket(), 0.0, 0
    for pause in pauses:
        now += pause
        bucket, may = guessing.take(bucket, now)
        taken += may
    assert taken <= BURST + now * guessing.PER_SECOND + 1e-6


@pytest.mark.parametrize(
    ("address", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("unknown", "unknown", True),
    ],
)
def test_whom_an_address_stands_for(address: str, other: str, same: bool) -> None:
    assert (guessing.origin_of(address) == guessing.origin_of(other)) is same


def user(name: str, email: str = "", *linked: str) -> User:
    identities = tuple(Identity(provider="sso", subject=subject) for subject in linked)
    return User(metadata=ObjectMeta(name=name), spec=UserSpec(email=email, identities=identities))


def offer(*, create: bool = False, link: bool = False) -> Offer:
    return Offer("sso", "SSO", "oidc", create, link)


ANN = Vouched("sso", "1", "Ann.Lee", "ann@example.org", True)
CLAIMED = Vouched("sso", "1", "Ann.Lee", "ann@example.org", False)
LINKED, SAME, OTHER = user("ann", "", "1"), user("ann", "Ann@example.org"), user("bob", "bob@example.org", "2")


@pytest.mark.parametrize(
    ("vouched", "offered", "users", "expected"),
    [
        (ANN, offer(), [LINKED], Known),
        (CLAIMED, offer(), [LINKED], Known),
        (ANN, offer(link=True), [SAME], Link),
        (ANN, offer(link=True, create=True), [SAME], Link),
        (CLAIMED, offer(link=True, create=True), [SAME], Refuse),
        (ANN, offer(create=True), [SAME], Refuse),
        (ANN, offer(link=True), [], Refuse),
        (ANN, offer(), [], Refuse),
        (ANN, offer(create=True), [], Make),
        (ANN, offer(link=True), [SAME, user("eve", "ann@example.org")], Refuse),
        (ANN, offer(link=True), [user("ann", "ann@example.org", "9")], Refuse),
        (Vouched("sso", "", "ann"), offer(create=True), [], Refuse),
    ],
)
def test_who_arrives(vouched: Vouched, offered: Offer, users: list[User], expected: type) -> None:
    assert type(arrive(vouched, offered, users, frozenset())) is expected


@given(st.text(max_size=80), st.sets(st.sampled_from(["user", "user-2", "a", "a-2"])))
def test_new_names_are_valid_and_nobody_elses(wish: str, taken: set[str]) -> None:
    name = free_name(wish, taken)
    assert re.fullmatch(USER_NAME, name)
    assert name not in taken


def department(name: str, parent: str = "", namespace: str = "workspace-a") -> Department:
    return Department(metadata=ObjectMeta(name=name, namespace=namespace), spec=DepartmentSpec(parent=parent))


def test_groups() -> None:
    parents = {("workspace-a", "web"): "dev", ("workspace-a", "dev"): "web", ("b-web", "admins"): ""}
    mine = [department("web"), department("admins", namespace="b-web")]
    found = groups_of(("staff", "b:admins", ""), mine, {"workspace-a": "a"}, parents)
    assert found == ("a:dev", "a:web", "staff"), "circles end; nobody makes groups of a namespace that is no workspace"


def client(*uris: str, secret: str = "", trusted: bool = False) -> OAuthClient:
    spec = OAuthClientSpec(redirect_uris=uris, secret_hash=secret, trusted=trusted)
    return OAuthClient(metadata=ObjectMeta(name="app"), spec=spec)


@pytest.mark.parametrize(
    ("uri", "known", "secret", "may"),
    [
        ("https://a.example/b", "https://a.example/b", "", True),
        ("https://a.example/b/", "https://a.example/b", "", False),
        ("https://a.example:443/b", "https://a.example/b", "", False),
        ("HTTPS://a.example/b", "https://a.example/b", "", False),
        ("com.example:/back", "com.example:/back", "", True),
        ("http://127.0.0.1:9/callback", "http://127.0.0.1/callback", "", True),
        ("http://[::1]:9/callback", "http://[::1]/callback", "", True),
        ("http://127.0.0.1:9/callback", "http://127.0.0.1/callback", "hash", False),
        ("http://127.0.0.1:9/callback#x", "http://127.0.0.1/callback", "", False),
        ("http://u@127.0.0.1:9/callback", "http://127.0.0.1/callback", "", False),
        ("http://127.0.0.1:99999/callback", "http://127.0.0.1/callback", "", False),
        ("http://[::1/callback", "http://[::1]/callback", "", False),
        ("", "https://a.example/b", "", False),
    ],
)
def test_redirect_uris(uri: str, known: str, secret: str, may: bool) -> None:
    assert is_registered(uri, client(known, secret=secret)) is may


@pytest.mark.parametrize(
    ("asked", "trusted", "granted"),
    [
        ("openid profile", False, ("openid", "profile")),
        ("openid all kubernetes", False, ("openid",)),
        ("openid", True, ("openid", "all")),
        ("", False, ()),
    ],
)
def test_scopes(asked: str, trusted: bool, granted: tuple[str, ...]) -> None:
    assert granted_scopes(asked, client(trusted=trusted)) == granted


CHALLENGE, VERIFIER = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def pending(**more: Any) -> Session:
    given = {"code_hash": "h", "expires": "2026-03-01T12:01:00Z", "redirect_uri": "u", "challenge": CHALLENGE, **more}
    return Session(spec=SessionSpec(client="app", pending=Pending(**given)))


@pytest.mark.parametrize(
    ("session", "name", "form", "now", "holds"),
    [
        (pending(), "app", {}, "2026-03-01T12:00:00Z", True),
        (pending(), "other", {}, "2026-03-01T12:00:00Z", False),
        (pending(), "app", {}, "2026-03-01T12:01:00Z", False),
        (pending(), "app", {"redirect_uri": "v"}, "2026-03-01T12:00:00Z", False),
        (pending(), "app", {"code_verifier": "x" * 43}, "2026-03-01T12:00:00Z", False),
        (pending(), "app", {"code_verifier": ""}, "2026-03-01T12:00:00Z", False),
        (pending(user_code="ABCD-EFGH"), "app", {}, "2026-03-01T12:00:00Z", False),
        (Session(spec=SessionSpec(client="app")), "app", {}, "2026-03-01T12:00:00Z", False),
    ],
)
def test_codes(session: Session, name: str, form: dict[str, str], now: str, holds: bool) -> None:
    given = {"redirect_uri": "u", "code_verifier": VERIFIER, **form}
    if holds:
        check_code(session, name, given, now)
        return
    with pytest.raises(Refused) as caught:
        check_code(session, name, given, now)
    assert caught.value.error == "invalid_grant"


@given(st.text(max_size=130))
def test_no_other_verifier_fits(verifier: str) -> None:
    assert is_proven(verifier, CHALLENGE) is (verifier == VERIFIER)


@given(st.text(alphabet="/\\.:@ \t\r\nhtps%e", max_size=12))
def test_the_way_on_never_leaves_our_origin(onward: str) -> None:
    path = own_path(onward)
    # Browsers take a backslash for a slash, and drop tabs and line ends (WHATWG URL, 4.4).
    seen = path.replace("\\", "/").replace("\t", "").replace("\r", "").replace("\n", "")
    assert urlsplit(urljoin("https://ours.example", seen)).netloc == "ours.example"


def test_answers_keep_what_the_redirect_uri_had() -> None:
    assert answer_uri("https://a.example/b?x=1", code="c", state="") == "https://a.example/b?x=1&code=c"
