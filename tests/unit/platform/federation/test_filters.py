"""No login can change what a directory is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armillary.platform.capabilities.federation.decide.filters import (
    anybody,
    by_subject,
    fill,
    is_filter,
)

ACTIVE_DIRECTORY = "(&(objectCategory=person)(objectClass=user)(sAMAccountName={login}))"
NESTED = "(member:1.2.840.113556.1.4.1941:={dn})"


@pytest.mark.parametrize(
    ("template", "login", "asked"),
    [
        ("(uid={login})", "ann", "(uid=ann)"),
        ("(uid={login})", "*", r"(uid=\2a)"),
        ("(uid={login})", "ann)(uid=*", r"(uid=ann\29\28uid=\2a)"),
        ("(uid={login})", "a\\b", r"(uid=a\5cb)"),
        ("(uid={login})", "a\0b", r"(uid=a\00b)"),
        ("(uid={login})", "{dn}", "(uid={dn})"),
        ("(uid={login})", "安", "(uid=安)"),
        ("(|(uid={login})(mail={login}))", "ann", "(|(uid=ann)(mail=ann))"),
    ],
)
def test_a_login_stands_in_a_filter_as_itself(template: str, login: str, asked: str) -> None:
    assert fill(template, login=login) == asked


def test_a_dn_stands_in_a_filter_as_itself() -> None:
    assert fill(NESTED, dn=r"CN=Ops\, Night (A),DC=x") == (
        r"(member:1.2.840.113556.1.4.1941:=CN=Ops\5c, Night \28A\29,DC=x)"
    )


@given(st.text())
def test_whatever_is_typed_there_is_one_comparison(login: str) -> None:
    asked = fill("(uid={login})", login=login)
    assert asked.count("(") == asked.count(")") == 1
    assert "*" not in asked
    assert "\0" not in asked
    assert is_filter(asked)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("(uid={login})", True),
        ("(&(a=b)(|(c=*)(!(d>=1))))", True),
        (ACTIVE_DIRECTORY, True),
        (NESTED, True),
        ("(userAccountControl:1.2.840.113556.1.4.803:=2)", True),
        ("uid={login}", False),
        ("(uid={login}", False),
        ("(uid={login}))", False),
        ("(&)", False),
        ("(!(a=b)(c=d))", False),
        ("()", False),
        ("(uid)", False),
        ("", False),
        ("\0", False),
    ],
)
def test_what_a_filter_is(text: str, is_one: bool) -> None:
    assert is_filter(text) is is_one


def test_anybody_whom_a_filter_lets_in() -> None:
    assert anybody("(&(uid={login})(memberOf=cn=staff))") == "(&(uid=*)(memberOf=cn=staff))"


@pytest.mark.parametrize(
    ("subject", "attribute", "asked"),
    [
        (
            "00112233-4455-6677-8899-aabbccddeeff",
            "",
            "(|(entryUUID=00112233-4455-6677-8899-aabbccddeeff)"
            r"(objectGUID=\33\22\11\00\55\44\77\66\88\99\aa\bb\cc\dd\ee\ff))",
        ),
        ("uid=ann,dc=example", "", ""),
        ("4711", "employeeNumber", "(employeeNumber=4711)"),
        ("*", "employeeNumber", r"(employeeNumber=\2a)"),
    ],
)
def test_an_entry_is_found_by_its_lasting_id(subject: str, attribute: str, asked: str) -> None:
    assert by_subject(subject, attribute) == asked
