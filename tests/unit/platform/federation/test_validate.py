"""What can't work is said in a sentence, before anybody tries to sign in."""

from typing import Any

import pytest
from msgspec import structs

from armillary.platform.capabilities.federation.decide.validate import faults, url_fault
from armillary.platform.capabilities.federation.kinds import IdentityProviderSpec, Ldap, Oidc

LDAP = IdentityProviderSpec(type="ldap", ldap=Ldap(url="ldap://dir.example:389", base_dn="dc=example"))
OIDC = IdentityProviderSpec(type="oidc", oidc=Oidc(issuer="https://sso.example/realm", client_id="armillary"))


def test_what_can_work_has_no_faults() -> None:
    assert faults(LDAP) == ()
    assert faults(OIDC) == ()


@pytest.mark.parametrize("type_", ["ldap", "oidc"])
def test_a_type_needs_its_part(type_: Any) -> None:
    (fault,) = faults(IdentityProviderSpec(type=type_))
    assert fault.startswith(f"spec.{type_}: required")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://dir.example"}, "url"),
        ({"url": "ldap://"}, "url"),
        ({"url": "ldap://dir.example:port"}, "url"),
        ({"url": "ldap://dir.example/dc=example"}, "url"),
        ({"url": "ldap://dir example"}, "url"),
        ({"start_tls": False}, "startTls"),
        ({"base_dn": ""}, "baseDn"),
        ({"filter": "(uid=ann)"}, "filter"),
        ({"filter": "uid={login}"}, "filter"),
        ({"group_filter": "(member={dn}"}, "groupFilter"),
        ({"disabled_filter": "disabled"}, "disabledFilter"),
        ({"ca": "not PEM"}, "ca"),
    ],
)
def test_faults_of_a_directory_name_the_field(change: dict[str, Any], field: str) -> None:
    assert LDAP.ldap is not None
    (fault,) = faults(structs.replace(LDAP, ldap=structs.replace(LDAP.ldap, **change)))
    assert fault.startswith(f"spec.ldap.{field}: ")


def test_whoever_binds_needs_a_password() -> None:
    assert LDAP.ldap is not None
    spec = structs.replace(LDAP, ldap=structs.replace(LDAP.ldap, bind_dn="cn=reader"))
    assert faults(spec) == ("spec.secret: required with spec.ldap.bindDn",)
    assert faults(structs.replace(spec, secret="corp")) == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"issuer": "http://sso.example"}, "issuer"),
        ({"issuer": "https://sso.example?x=1"}, "issuer"),
        ({"issuer": "sso.example"}, "issuer"),
        ({"issuer": "https://ann:secret@sso.example"}, "issuer"),
        ({"issuer": "file:///etc/passwd"}, "issuer"),
        ({"client_id": ""}, "clientId"),
        ({"scopes": ("profile",)}, "scopes"),
        ({"ca": "not PEM"}, "ca"),
    ],
)
def test_faults_of_a_provider_name_the_field(change: dict[str, Any], field: str) -> None:
    assert OIDC.oidc is not None
    (fault,) = faults(structs.replace(OIDC, oidc=structs.replace(OIDC.oidc, **change)))
    assert fault.startswith(f"spec.oidc.{field}: ")


@pytest.mark.parametrize(
    ("url", "insecure", "is_fit"),
    [
        ("https://sso.example", False, True),
        ("http://127.0.0.1:8080", False, False),
        ("http://127.0.0.1:8080", True, True),
        ("http://[::1]:8080", True, True),
        ("http://localhost", True, True),
        ("http://sso.example", True, False),
        ("http://169.254.169.254/latest", True, False),
        ("http://127.0.0.1.example", True, False),
        ("ftp://127.0.0.1", True, False),
        ("https://", False, False),
        ("https://x y", False, False),
        ("", False, False),
    ],
)
def test_what_may_be_asked(url: str, insecure: bool, is_fit: bool) -> None:
    assert (url_fault(url, insecure=insecure) == "") is is_fit
