"""What providers say of people, as what the platform knows of them."""

from typing import Any
from uuid import UUID

import pytest

from armillary.platform.capabilities.federation.decide.people import (
    Entry,
    GroupName,
    mapped,
    merged,
    own_groups,
    person_of,
    subject_of,
    vouched_of,
)
from armillary.platform.capabilities.federation.kinds import GroupMapping, Ldap, Oidc

DN = "UID=ann,DC=example"
UUID_ = "00112233-4455-6677-8899-aabbccddeeff"
OIDC = Oidc(issuer="https://sso.example", client_id="armillary")
OPS = (GroupMapping(group="ops", as_group="operators"),)


def entry(**attributes: bytes | list[bytes]) -> Entry:
    lists = {name.lower(): value if isinstance(value, list) else [value] for name, value in attributes.items()}
    return Entry(DN, lists)


@pytest.mark.parametrize(
    ("found", "id_attribute", "subject"),
    [
        (entry(entryUUID=UUID_.upper().encode()), "", UUID_),
        (entry(objectGUID=UUID(UUID_).bytes_le), "", UUID_),
        (entry(objectGUID=b"short"), "", DN.lower()),
        (entry(), "", DN.lower()),
        (entry(entryUUID=UUID_.encode(), employeeNumber=b"4711"), "employeeNumber", "4711"),
        (entry(entryUUID=UUID_.encode()), "employeeNumber", ""),
    ],
)
def test_the_lasting_id_of_an_entry(found: Entry, id_attribute: str, subject: str) -> None:
    assert subject_of(found, Ldap(url="", base_dn="", id_attribute=id_attribute)) == subject


def test_an_entry_becomes_a_person() -> None:
    spec = Ldap(url="", base_dn="", name_attribute="sAMAccountName")
    found = entry(sAMAccountName=b"ann", mail=b"ann@example.org", cn="安".encode(), entryUUID=UUID_.encode())
    person = person_of("corp", found, spec, [GroupName("Ops")], OPS)
    assert (person.name, person.email, person.email_verified) == ("ann", "ann@example.org", True)
    assert (person.display_name, person.groups) == ("安", ("operators",))


def test_no_address_is_not_a_verified_one() -> None:
    assert not person_of("corp", entry(uid=b"ann"), Ldap(url="", base_dn=""), [], ()).email_verified


def test_groups_that_an_entry_names_itself() -> None:
    found = entry(memberOf=[b"CN=Ops\\, Night,OU=x", b"cn=staff"])
    spec = Ldap(url="", base_dn="", member_of_attribute="memberOf")
    assert [group.name for group in own_groups(found, spec)] == ["Ops, Night", "staff"]
    assert own_groups(found, Ldap(url="", base_dn="")) == ()


@pytest.mark.parametrize(
    ("rule", "held"),
    [
        ("ops", ("operators",)),
        ("OPS", ("operators",)),
        ("cn=ops,ou=groups", ("operators",)),
        ("cn=ops,ou=others", ()),
        ("op", ()),
    ],
)
def test_only_mapped_groups_count(rule: str, held: tuple[str, ...]) -> None:
    groups = [GroupName("ops", "CN=ops,OU=groups"), GroupName("platform-admins", "cn=x")]
    assert mapped(groups, [GroupMapping(group=rule, as_group="operators")]) == held


@pytest.mark.parametrize(
    ("claims", "is_verified"),
    [
        ({"email_verified": True}, True),
        ({"email_verified": "true"}, True),
        ({"email_verified": False}, False),
        ({"email_verified": "false"}, False),
        ({"email_verified": "yes"}, False),
        ({"email_verified": 0}, False),
        ({}, False),
    ],
)
def test_an_address_is_verified_if_the_provider_says_so(claims: dict[str, Any], is_verified: bool) -> None:
    assert vouched_of("sso", {"sub": "1", "email": "a@b.c", **claims}, OIDC, ()).email_verified is is_verified


@pytest.mark.parametrize(
    ("claims", "way", "held"),
    [
        ({"groups": ["ops"]}, "groups", ("operators",)),
        ({"groups": "ops"}, "groups", ("operators",)),
        ({"realm_access": {"roles": ["ops"]}}, "realm_access.roles", ("operators",)),
        ({"https://x.y/groups": ["ops"]}, "https://x.y/groups", ("operators",)),
        ({"groups": [{"name": "ops"}, 7, None]}, "groups", ()),
        ({"groups": {"ops": True}}, "groups", ()),
        ({"realm_access": "ops"}, "realm_access.roles", ()),
        ({}, "groups", ()),
    ],
)
def test_groups_of_claims(claims: dict[str, Any], way: str, held: tuple[str, ...]) -> None:
    spec = Oidc(issuer="", client_id="", groups_claim=way)
    assert vouched_of("sso", {"sub": "1", **claims}, spec, OPS).groups == held


@pytest.mark.parametrize(
    ("token", "userinfo", "found"),
    [
        ({}, {"sub": "1", "name": "Ann"}, {"name": "Ann"}),
        ({}, {"sub": "2", "name": "Eve"}, {}),
        ({}, {"name": "Eve"}, {}),
        ({"name": "Ann"}, {"sub": "1", "name": "Eve"}, {"name": "Ann"}),
        ({"email": "a@x"}, {"sub": "1", "email": "b@x", "email_verified": True}, {"email": "a@x"}),
        ({"email": "a@x"}, {"sub": "1", "email_verified": True}, {"email": "a@x"}),
        (
            {"email": "a@x"},
            {"sub": "1", "email": "a@x", "email_verified": True},
            {"email": "a@x", "email_verified": True},
        ),
    ],
)
def test_userinfo_counts_for_the_same_person_only(
    token: dict[str, Any], userinfo: dict[str, Any], found: dict[str, Any]
) -> None:
    assert merged({"sub": "1", **token}, userinfo, OIDC) == {"sub": "1", **found}
