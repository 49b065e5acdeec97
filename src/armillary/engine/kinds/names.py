"""The forms that names and other short texts may have. Each function gives what is wrong, in the API's own words.

Rules and wording: k8s.io/apimachinery, util/validation and api/validate/content. An empty answer means that the
text is well formed; an answer may hold several complaints.
"""

import re
from collections.abc import Callable

from armillary.kube.labels import FINE, LABEL, SUBDOMAIN, SUBDOMAIN_TEXT, Problems, is_subdomain
from armillary.kube.labels import label_key as label_key
from armillary.kube.labels import label_value as label_value
from armillary.kube.labels import regex_problem as regex_problem
from armillary.kube.labels import size as size

NameRule = Callable[[str], Problems]

_UNDERSCORED_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_UNDERSCORED = rf"{_UNDERSCORED_LABEL}(\.{_UNDERSCORED_LABEL})*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_WILDCARD = rf"\*\.{SUBDOMAIN}"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_HEADER = "[-A-Za-z0-9]+"
_PERCENT = "[0-9]+%"
_REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"

_is_label = re.compile(LABEL).fullmatch
_is_underscored = re.compile(_UNDERSCORED).fullmatch
_is_label_1035 = re.compile(_LABEL_1035).fullmatch
_is_wildcard = re.compile(_WILDCARD).fullmatch
_is_config_key = re.compile(_CONFIG_KEY).fullmatch
_is_header = re.compile(_HEADER).fullmatch
_is_percent = re.compile(_PERCENT).fullmatch
_is_reason = re.compile(_REASON).fullmatch

_UNDERSCORED_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_LABEL_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character"
)
_WILDCARD_TEXT = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
)
_CONFIG_KEY_TEXT = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
_RELAXED_ENV_TEXT = "a valid environment variable name must consist only of printable ASCII characters other than '='"
_HEADER_TEXT = "a valid HTTP header must consist of alphanumeric characters or '-'"
_PERCENT_TEXT = "a valid percent string must be a numeric string followed by an ending '%'"
_REASON_TEXT = (
    "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric "
    "characters or '_,:', and must end with an alphanumeric character or '_'"
)


def range_problem(least: int, most: int) -> str:
    return f"must be between {least} and {most}, inclusive"


def dns_subdomain(value: str) -> Problems:
    """`my-pod.v2`, at most 253 characters: the usual form of names."""
    if is_subdomain(value) and len(value) <= 253:
        return FINE
    found = ["must be no more than 253 characters"] if size(value) > 253 else []
    if not is_subdomain(value):
        found.append(regex_problem(SUBDOMAIN_TEXT, SUBDOMAIN, "example.com"))
    return found


def dns_subdomain_with_underscore(value: str) -> Problems:
    """As `dns_subdomain`, underscores allowed: search domains, PriorityClass names of old."""
    found = ["must be no more than 253 characters"] if size(value) > 253 else []
    if not _is_underscored(value):
        found.append(regex_problem(_UNDERSCORED_TEXT, _UNDERSCORED, "example.com"))
    return found or FINE


def dns_label(value: str) -> Problems:
    """`my-name`, at most 63 characters: namespaces, containers, volumes."""
    if _is_label(value) and len(value) <= 63:
        return FINE
    found = ["must be no more than 63 characters"] if size(value) > 63 else []
    if not _is_label(value):
        dotted = is_subdomain(value)
        found.append("must not contain dots" if dotted else regex_problem(_LABEL_TEXT, LABEL, "my-name", "123-abc"))
    return found


def dns_1035_label(value: str) -> Problems:
    """As `dns_label`, but begins with a letter: Services."""
    if _is_label_1035(value) and len(value) <= 63:
        return FINE
    found = ["must be no more than 63 characters"] if size(value) > 63 else []
    if not _is_label_1035(value):
        found.append(regex_problem(_LABEL_1035_TEXT, _LABEL_1035, "my-name", "abc-123"))
    return found


def wildcard_dns_subdomain(value: str) -> Problems:
    """`*.example.com`."""
    found = ["must be no more than 253 characters"] if size(value) > 253 else []
    if not _is_wildcard(value):
        found.append(regex_problem(_WILDCARD_TEXT, _WILDCARD, "*.example.com"))
    return found or FINE


def path_segment(value: str) -> Problems:
    """Whatever can stand in a URL's path: RBAC names, custom resources."""
    if value in (".", ".."):
        return (f"may not be '{value}'",)
    return [f"may not contain '{c}'" for c in "/%" if c in value] or FINE


def masked(prefix: str) -> str:
    """A `generateName` as the name rules judge it: a dash at its end will be followed by something."""
    return prefix[:-2] + "a" if len(prefix) > 1 and prefix.endswith("-") else prefix


def domain_prefixed_key(value: str) -> Problems:
    """A label key that must have its domain: `acme.io/foo`."""
    return label_key(value) or (FINE if "/" in value else ('must be a domain-prefixed key (such as "acme.io/foo")',))


def fully_qualified_name(value: str) -> Problems:
    """A subdomain of three parts at least."""
    found = dns_subdomain(value)
    if found:
        return (",".join(found),)
    return FINE if value.count(".") >= 2 else ("should be a domain with at least three segments separated by dots",)


def _dotted_start(value: str) -> list[str]:
    if value in (".", ".."):
        return [f"must not be '{value}'"]
    return ["must not start with '..'"] if value.startswith("..") else []


def config_key(value: str) -> Problems:
    """A key of a ConfigMap or Secret: it may become a file's name."""
    found = ["must be no more than 253 characters"] if size(value) > 253 else []
    if not _is_config_key(value):
        found.append(regex_problem(_CONFIG_KEY_TEXT, _CONFIG_KEY, "key.name", "KEY_NAME", "key-name"))
    return (found + _dotted_start(value)) or FINE


def relaxed_env_name(value: str) -> Problems:
    """Printable ASCII without `=`: what the API accepts for a container's variables."""
    if not value:
        return ("environment variable name must be non-empty",)
    fine = value.isascii() and value.isprintable() and "=" not in value
    return FINE if fine else (_RELAXED_ENV_TEXT,)


def port_name(value: str) -> Problems:
    """RFC 6335, lower case only."""
    found = ["must be no more than 15 characters"] if size(value) > 15 else []
    if not value or value.strip("-abcdefghijklmnopqrstuvwxyz0123456789"):
        found.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not any("a" <= c <= "z" for c in value):
        found.append("must contain at least one letter (a-z)")
    if "--" in value:
        found.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        found.append("must not begin or end with a hyphen")
    return found or FINE


def http_header(value: str) -> Problems:
    return FINE if _is_header(value) else (regex_problem(_HEADER_TEXT, _HEADER, "X-Header-Name"),)


def percent(value: str) -> Problems:
    return FINE if _is_percent(value) else (regex_problem(_PERCENT_TEXT, _PERCENT, "1%", "93%"),)


def condition_reason(value: str) -> Problems:
    fine = _is_reason(value)
    examples = ("my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB")
    return FINE if fine else (regex_problem(_REASON_TEXT, _REASON, *examples),)


def in_range(value: int, least: int, most: int) -> Problems:
    return FINE if least <= value <= most else (range_problem(least, most),)


def port_number(value: int) -> Problems:
    return FINE if 1 <= value <= 65535 else (range_problem(1, 65535),)


def user_or_group_id(value: int) -> Problems:
    return FINE if 0 <= value <= 0x7FFFFFFF else (range_problem(0, 0x7FFFFFFF),)
