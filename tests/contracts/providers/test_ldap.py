"""What the LDAP adapter promises, against a real OpenLDAP."""

import base64
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs
from tests.harness.slapd import GROUPS, PEOPLE, READER, READER_PASSWORD, STRANGER, Slapd, group, person, running_slapd

from armillary.base.errors import Unavailable
from armillary.platform.capabilities.federation.adapters.ldap import Directory
from armillary.platform.capabilities.federation.kinds import GroupMapping, Ldap
from armillary.platform.capabilities.federation.trial import Steps

GUID = UUID("00112233-4455-6677-8899-aabbccddeeff")
DISABLED = "(userAccountControl:1.2.840.113556.1.4.803:=2)"
OPS = (GroupMapping(group="ops", as_group="operators"),)
ENTRIES = [
    person("ann", "ann's", "userAccountControl: 512"),
    person("bob", "bob's", "userAccountControl: 514"),
    person("guido", "g's", "objectGUID:: " + base64.b64encode(GUID.bytes_le).decode(), f"memberOf: cn=ops,{GROUPS}"),
    person("twin-1", "t's", mail="twin@example.org"),
    person("twin-2", "t's", mail="twin@example.org"),
    group("ops", "ann", "bob"),
    group("staff", "ann"),
]


@pytest.fixture
async def slapd(tmp_path: Path) -> AsyncIterator[Slapd]:
    async with running_slapd(tmp_path / "slapd", ENTRIES) as running:
        yield running


def directory(server: Slapd, password: str = READER_PASSWORD, **changes: Any) -> Directory:
    """By StartTLS, unless told otherwise."""
    spec = Ldap(
        url=server.ldap,
        ca=server.ca,
        bind_dn=READER,
        base_dn=PEOPLE,
        group_base_dn=GROUPS,
        disabled_filter=DISABLED,
        timeout_seconds=2,
    )
    return Directory("corp", structs.replace(spec, **changes), password, OPS)


def test_the_right_password_is_vouched_for(slapd: Slapd) -> None:
    for spoken in (
        {},
        {"url": slapd.ldaps},
        {"url": slapd.ldaps.replace("127.0.0.1", "localhost")},
        {"start_tls": False, "insecure": True},
    ):
        vouched = directory(slapd, **spoken).sign_in("ann", "ann's")
        assert vouched is not None
        assert UUID(vouched.subject)
        assert (vouched.provider, vouched.name, vouched.email) == ("corp", "ann", "ann@example.org")
        assert (vouched.display_name, vouched.groups) == ("Ann Example", ("operators",))


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("ann", "bob's"),
        ("ann", ""),
        ("ann", "\u00ad"),  # nothing is left of a soft hyphen once a password is prepared
        ("ann", "\0"),
        ("", "ann's"),
        ("nobody", "ann's"),
        ("*", "ann's"),
        ("a*", "ann's"),
        ("ann)(uid=*", "ann's"),
        ("ann\0", "ann's"),
        ("a" * 257, "ann's"),
        ("bob", "bob's"),  # disabled
    ],
)
def test_nothing_else_is(slapd: Slapd, login: str, password: str) -> None:
    assert directory(slapd).sign_in(login, password) is None


def test_two_entries_of_one_login_are_nobody(slapd: Slapd) -> None:
    assert directory(slapd, filter="(mail={login})").sign_in("twin@example.org", "t's") is None


def test_an_entry_as_active_directory_has_it(slapd: Slapd) -> None:
    here = directory(
        slapd,
        filter="(sAMAccountName={login})",
        name_attribute="sAMAccountName",
        id_attribute="",
        group_base_dn="",
        member_of_attribute="memberOf",
    )
    vouched = here.sign_in("guido", "g's")
    assert vouched is not None
    assert vouched.groups == ("operators",)
    assert vouched.name == "guido"


def test_a_guid_finds_its_entry(slapd: Slapd) -> None:
    """OpenLDAP has ids of its own and shows them first: what is held here is that the bytes find the entry."""
    (found,) = directory(slapd).accounts([str(GUID)]).values()
    assert not found.is_disabled


def test_accounts_are_found_again_and_told_apart(slapd: Slapd) -> None:
    here = directory(slapd)
    ann = here.sign_in("ann", "ann's")
    assert ann is not None
    bob, gone = f"uid=bob,{PEOPLE}", f"uid=gone,{PEOPLE}"
    found = here.accounts([ann.subject, bob, gone, "11111111-2222-3333-4444-555555555555"])
    assert {subject: account.is_disabled for subject, account in found.items()} == {ann.subject: False, bob: True}
    assert found[ann.subject].groups == ("operators",)
    slapd.delete(f"uid=ann,{PEOPLE}")
    assert not here.accounts([ann.subject])


def test_whom_the_filter_lets_in_no_more_has_vanished(slapd: Slapd) -> None:
    assert not directory(slapd, filter="(&(uid={login})(sn=Other))").accounts([f"uid=ann,{PEOPLE}"])


@pytest.fixture
def silent() -> Iterator[str]:
    """Somebody who takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize(
    ("changes", "step", "says"),
    [
        ({"url": "ldap://127.0.0.1:1"}, "connect", "does not answer"),
        ({"url": "ldaps://127.0.0.1:1"}, "connect", "does not answer"),
        ({"ca": ""}, "tls", "CERTIFICATE_VERIFY_FAILED"),
        ({"ca": "-----BEGIN CERTIFICATE-----\nnot one"}, "tls", "can't be read"),
        ({"bind_dn": f"cn=other,{PEOPLE}"}, "bind", "does not let"),
        ({"base_dn": "dc=elsewhere"}, "search", "can't search"),
        ({"group_base_dn": "dc=elsewhere"}, "groups", "can't search"),
    ],
)
def test_what_can_not_be_asked_is_unavailable_and_says_why(
    slapd: Slapd, changes: dict[str, Any], step: str, says: str
) -> None:
    steps = Steps()
    with pytest.raises(Unavailable, match=says):
        directory(slapd, **changes).sign_in("ann", "ann's", steps)
    assert [(s.name, says in s.says) for s in steps.done if not s.succeeded] == [(step, True)]


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_silence_is_unavailable(silent: str, scheme: str) -> None:
    spec = Ldap(url=f"{scheme}://{silent}", base_dn=PEOPLE, timeout_seconds=1)
    with pytest.raises(Unavailable):
        Directory("corp", spec, "").sign_in("ann", "ann's")


def test_tls_is_not_given_up(slapd: Slapd) -> None:
    with pytest.raises(Unavailable, match="IP address mismatch"):
        directory(slapd, url=slapd.ldaps.replace("127.0.0.1", STRANGER)).sign_in("ann", "ann's")


def test_an_empty_password_of_the_searcher_is_not_sent(slapd: Slapd) -> None:
    with pytest.raises(Unavailable, match="empty"):
        directory(slapd, password="").sign_in("ann", "ann's")


def test_a_trial_tells_every_step_and_no_credential(slapd: Slapd) -> None:
    steps = Steps()
    directory(slapd).sign_in("ann", "ann's", steps)
    trial = steps.trial()
    assert trial.succeeded
    assert [step.name for step in trial.steps] == ["connect", "tls", "bind", "search", "password", "groups"]
    assert "ops, staff" in trial.steps[-1].says
    assert all("ann's" not in step.says and READER_PASSWORD not in step.says for step in trial.steps)
