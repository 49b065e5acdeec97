"""What is wrong with a body that is no JSON, in Go's words; and what Go reads where stricter decoders refuse.

Wording: encoding/json, scanner.go. Python's decoder finds the fault, the words follow from what it expected there.
"""

import json
import re
from typing import NoReturn

_LITERALS = ("true", "false", "null")
_EXPECTED = {
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Expecting ':' delimiter": "after object key",
    "Extra data": "after top-level value",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
    "Invalid \\uXXXX escape": r"in \u hexadecimal character escape",
}
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_END = "unexpected end of JSON input"
TOO_DEEP = "exceeded max depth"


def syntax_fault(body: bytes) -> str:
    """Go's words for the first fault; "" if Python finds none."""
    text = body.decode(errors="replace")
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as exc:
        return _words(text, exc)
    except _Constant as exc:
        return f"invalid character {_quoted(str(exc)[0])} looking for beginning of value"
    except RecursionError:
        return TOO_DEEP
    return ""


class _Constant(Exception):
    """NaN or an infinity, which Python would read."""


def _refuse_constant(name: str) -> NoReturn:
    raise _Constant(name.removeprefix("-"))


def _words(text: str, exc: json.JSONDecodeError) -> str:
    at = exc.pos
    if exc.msg in ("Invalid \\escape", "Invalid \\uXXXX escape"):
        at += 1 if exc.msg == "Invalid \\escape" else _hexadecimal(text, at)
    while at < len(text) and text[at] in " \t\r\n" and exc.msg != "Invalid control character at":
        at += 1
    if at >= len(text) or exc.msg.startswith("Unterminated string"):
        return _END
    if exc.msg == "Expecting value" and (fault := _broken_literal(text, at)):
        return fault
    where = _EXPECTED.get(exc.msg) or _after(text, exc.pos)
    return f"invalid character {_quoted(text[at])} {where}"


def _hexadecimal(text: str, at: int) -> int:
    """How many digits of an escape are right."""
    found = re.compile(r"u?[0-9a-fA-F]*").match(text, at)
    return len(found[0]) if found else 0


def _broken_literal(text: str, at: int) -> str:
    """`tru]`: what was begun, and what comes instead of its next letter."""
    literal = next((known for known in _LITERALS if known[0] == text[at]), "")
    for i, letter in enumerate(literal):
        if at + i >= len(text):
            return _END
        if text[at + i] != letter:
            return f"invalid character {_quoted(text[at + i])} in literal {literal} (expecting {_quoted(letter)})"
    return ""


def _after(text: str, at: int) -> str:
    """What stands before a missing comma: closing the innermost container tells which kind it is."""
    try:
        json.loads(text[:at] + "]")
    except json.JSONDecodeError as exc:
        return "after object key:value pair" if exc.pos == at else "after array element"
    return "after array element"


def _quoted(char: str) -> str:
    special = {"'": r"'\''", '"': "'\"'", "\\": r"'\\'", "\n": r"'\n'", "\t": r"'\t'", "\r": r"'\r'"}
    if char in special:
        return special[char]
    return f"'{char}'" if char.isprintable() else f"'\\x{ord(char):02x}'"


def readable(body: bytes) -> bytes | None:
    """The body with what is no Unicode replaced, as Go replaces it when it reads a string; None if there is nothing."""
    text = body.decode(errors="replace")
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, _Constant, RecursionError):
        return None
    clean = _LONE_SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False)).encode()
    return clean if clean != body else None
