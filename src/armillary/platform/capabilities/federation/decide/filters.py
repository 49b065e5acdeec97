"""LDAP search filters (RFC 4515): templates filled so that no value can change what is asked. Pure."""

import re
from uuid import UUID

_SPECIAL = {"\\": r"\5c", "*": r"\2a", "(": r"\28", ")": r"\29", "\0": r"\00"}
_PLACE = re.compile(r"\{(login|dn)\}")
# A filter is reduced to one mark: comparisons first, then what joins them.
_MARK = "\0"
_COMPARISON = re.compile(r"\((?![&|!])[^()=<>~]+[<>~]?=[^()]*\)")
_JOINED = re.compile(rf"\((?:[&|]{_MARK}+|!{_MARK})\)")


def escape(value: str) -> str:
    """As a value in a filter."""
    return "".join(_SPECIAL.get(character, character) for character in value)


def escape_bytes(value: bytes) -> str:
    return "".join(f"\\{byte:02x}" for byte in value)


def fill(template: str, **values: str) -> str:
    """`{login}` and `{dn}` replaced in one pass: what a value holds is never taken for a place."""
    return _PLACE.sub(lambda place: escape(values.get(place[1], "")), template)


def anybody(template: str) -> str:
    """Whom the filter lets in, whatever their login."""
    return _PLACE.sub("*", template)


def all_of(*filters: str) -> str:
    given = [text for text in filters if text]
    return given[0] if len(given) == 1 else f"(&{''.join(given)})"


def any_of(*filters: str) -> str:
    return filters[0] if len(filters) == 1 else f"(|{''.join(filters)})"


def by_subject(subject: str, id_attribute: str) -> str:
    """Finds the entry of a lasting id; "" for one that is a DN, which is read and not searched."""
    if id_attribute:
        return f"({id_attribute}={escape(subject)})"
    try:
        uid = UUID(subject)
    except ValueError:
        return ""
    # Active Directory keeps the first three groups in little-endian order (MS-DTYP, 2.3.4).
    return f"(|(entryUUID={uid})(objectGUID={escape_bytes(uid.bytes_le)}))"


def is_filter(text: str) -> bool:
    if _MARK in text:
        return False
    text = _COMPARISON.sub(_MARK, text)
    while (shorter := _JOINED.sub(_MARK, text)) != text:
        text = shorter
    return text == _MARK
