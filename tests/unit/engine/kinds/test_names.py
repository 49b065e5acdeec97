"""The forms of names, and how a fault is said."""

import pytest

from armillary.engine.kinds import names
from armillary.engine.kinds.names import NameRule

SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
KEY = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (names.dns_subdomain, "a.b-c.d"),
        (names.dns_subdomain, "a" * 253),
        (names.dns_subdomain_with_underscore, "_tcp.a_b"),
        (names.dns_label, "0-a"),
        (names.dns_1035_label, "a-0"),
        (names.wildcard_dns_subdomain, "*.example.com"),
        (names.path_segment, "system:node"),
        (names.label_key, "example.com/Name_1"),
        (names.label_value, ""),
        (names.label_value, "A.b_c-1"),
        (names.config_key, "tls.crt"),
        (names.config_key, ".hidden"),
        (names.relaxed_env_name, "1 a$"),
        (names.port_name, "http-2"),
        (names.http_header, "X-Token"),
        (names.percent, "25%"),
        (names.condition_reason, "Reason:A"),
        (names.domain_prefixed_key, "acme.io/foo"),
        (names.fully_qualified_name, "a.b.c"),
    ],
)
def test_well_formed_names_pass(rule: NameRule, value: str) -> None:
    assert not rule(value)


@pytest.mark.parametrize(
    ("rule", "value", "problems"),
    [
        (names.dns_subdomain, "A", [SUBDOMAIN]),
        (names.dns_subdomain, "a" * 254, ["must be no more than 253 characters"]),
        (names.dns_label, "a.b", ["must not contain dots"]),
        (names.dns_label, "a_b", [LABEL]),
        (names.dns_label, "a" * 64, ["must be no more than 63 characters"]),
        (names.path_segment, "..", ["may not be '..'"]),
        (names.path_segment, "a/b%", ["may not contain '/'", "may not contain '%'"]),
        (names.label_key, "", ["name part must be non-empty", f"name part {KEY}"]),
        (names.label_key, "/a", ["prefix part must be non-empty"]),
        (names.label_key, "A/a", [f"prefix part {SUBDOMAIN}"]),
        (names.label_key, "a" * 64, ["name part must be no more than 63 bytes"]),
        (
            names.label_key,
            "a/b/c",
            [f"a valid label key {KEY} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"],
        ),
        (names.label_value, "v" * 64, ["must be no more than 63 bytes"]),
        (names.config_key, "..", ["must not be '..'"]),
        (names.config_key, "..a", ["must not start with '..'"]),
        (names.relaxed_env_name, "", ["environment variable name must be non-empty"]),
        (
            names.relaxed_env_name,
            "a=b",
            ["a valid environment variable name must consist only of printable ASCII characters other than '='"],
        ),
        (names.port_name, "80", ["must contain at least one letter (a-z)"]),
        (names.port_name, "a--b", ["must not contain consecutive hyphens"]),
        (names.port_name, "-a", ["must not begin or end with a hyphen"]),
        (names.port_name, "A" * 16, [
            "must be no more than 15 characters",
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
            "must contain at least one letter (a-z)",
        ]),
        (names.domain_prefixed_key, "foo", ['must be a domain-prefixed key (such as "acme.io/foo")']),
        (names.fully_qualified_name, "a.b", ["should be a domain with at least three segments separated by dots"]),
    ],
)  # fmt: skip
def test_malformed_names_are_told_what_is_wrong(rule: NameRule, value: str, problems: list[str]) -> None:
    assert list(rule(value)) == problems


@pytest.mark.parametrize("rule", [names.dns_subdomain, names.label_value, names.dns_subdomain_with_underscore])
def test_long_names_are_judged_in_linear_time(rule: NameRule) -> None:
    assert rule("a-" * 200_000 + "!")


def test_ranges() -> None:
    assert names.port_number(0) == ("must be between 1 and 65535, inclusive",)
    assert not names.port_number(65535)
    assert names.user_or_group_id(-1) == ("must be between 0 and 2147483647, inclusive",)


def test_a_prefix_is_judged_as_if_something_followed() -> None:
    assert not names.dns_subdomain(names.masked("web-"))
    assert names.dns_subdomain(names.masked("web_"))
