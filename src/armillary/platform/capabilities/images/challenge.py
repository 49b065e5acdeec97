"""What a registry asks for when it wants to know who asks. Pure.

Rules: RFC 9110, 11.6.1 (WWW-Authenticate); the distribution project's token authentication.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_SCHEME = re.compile(r"\s*(basic|bearer)\b", re.IGNORECASE)
_PARAMETER = re.compile(r'([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Challenge:
    """`realm` is the URL that gives tokens; "" where a user name and password are wanted themselves."""

    realm: str = ""
    query: Mapping[str, str] | None = None


def challenge_of(header: str, scope: str) -> Challenge | None:
    """From a WWW-Authenticate header; None for what is not understood, or leads to no https:// address.

    `scope` is what is asked for where the registry does not say it.
    """
    scheme = _SCHEME.match(header)
    if scheme is None:
        return None
    if scheme[1].lower() == "basic":
        return Challenge()
    told = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(header)}
    realm = told.get("realm", "")
    if urlsplit(realm).scheme not in ("https", "http") or not urlsplit(realm).hostname:
        return None
    query = {"scope": told.get("scope", scope)}
    if "service" in told:
        query["service"] = told["service"]
    return Challenge(realm, query)
