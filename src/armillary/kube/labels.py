"""Label keys and values, and what is wrong with some: the rules that selectors and objects share.

Wording: k8s.io/apimachinery, api/validate/content.
"""

import re
from collections.abc import Sequence

Problems = Sequence[str]

FINE: tuple[str, ...] = ()

LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN = rf"{LABEL}(\.{LABEL})*"
KEY_NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
is_subdomain = re.compile(SUBDOMAIN).fullmatch
is_key_name = re.compile(KEY_NAME).fullmatch

SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_KEY_TEXT = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)


def size(text: str) -> int:
    """Length in bytes, which is how the API counts."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def regex_problem(text: str, form: str, *examples: str) -> str:
    """A complaint that quotes the rule and shows what would be right."""
    if not examples:
        return f"{text} (regex used for validation is '{form}')"
    shown = " or ".join(f"'{e}', " for e in examples)
    return f"{text} (e.g. {shown}regex used for validation is '{form}')"


def label_key(value: str) -> Problems:
    """`example.com/name`: keys of labels, names of finalizers, condition types, resource names."""
    if "/" not in value and len(value) <= 63 and is_key_name(value):
        return FINE
    parts = value.split("/")
    if len(parts) > 2:
        text = regex_problem(_KEY_TEXT, KEY_NAME, "MyName", "my.name", "123-abc")
        return (f"a valid label key {text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",)
    found = _prefix_problems(parts[0]) if len(parts) == 2 else []
    name = parts[-1]
    if not name:
        found.append("name part must be non-empty")
    elif size(name) > 63:
        found.append("name part must be no more than 63 bytes")
    if not is_key_name(name):
        found.append("name part " + regex_problem(_KEY_TEXT, KEY_NAME, "MyName", "my.name", "123-abc"))
    return found or FINE


def _prefix_problems(prefix: str) -> list[str]:
    if not prefix:
        return ["prefix part must be non-empty"]
    found = ["prefix part must be no more than 253 bytes"] if size(prefix) > 253 else []
    if not is_subdomain(prefix):
        found.append("prefix part " + regex_problem(SUBDOMAIN_TEXT, SUBDOMAIN, "example.com"))
    return found


def label_value(value: str) -> Problems:
    """At most 63 characters, may be empty."""
    if not value or (len(value) <= 63 and is_key_name(value)):
        return FINE
    found = ["must be no more than 63 bytes"] if size(value) > 63 else []
    if not is_key_name(value):
        found.append(regex_problem(_VALUE_TEXT, f"({KEY_NAME})?", "MyValue", "my_value", "12345"))
    return found
