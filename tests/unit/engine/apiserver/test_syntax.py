"""What is wrong with a body that is no JSON, in Go's words."""

import pytest

from armillary.engine.apiserver.schema.syntax import readable, syntax_fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "unexpected end of JSON input"),
        ('{"a":', "unexpected end of JSON input"),
        ('"ab', "unexpected end of JSON input"),
        ("tru", "unexpected end of JSON input"),
        ("hello", "invalid character 'h' looking for beginning of value"),
        ('{"a":NaN}', "invalid character 'N' looking for beginning of value"),
        ("{a:1}", "invalid character 'a' looking for beginning of object key string"),
        ("{'a':1}", r"invalid character '\'' looking for beginning of object key string"),
        ('{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 "b":2}', "invalid character '\"' after object key:value pair"),
        ('{"x":{"y":1 2}}', "invalid character '2' after object key:value pair"),
        ('{"x":[1 2]}', "invalid character '2' after array element"),
        ('{"a":1} x', "invalid character 'x' after top-level value"),
        ('{"a":nulx}', "invalid character 'x' in literal null (expecting 'l')"),
        ('"a\tb"', r"invalid character '\t' in string literal"),
        (r'"a\qb"', "invalid character 'q' in string escape code"),
        (r'"\u12x4"', r"invalid character 'x' in \u hexadecimal character escape"),
        ("[" * 100_000, "exceeded max depth"),
        ("{}", ""),
    ],
)
def test_faults(text: str, fault: str) -> None:
    assert syntax_fault(text.encode()) == fault


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b'"\xff"', '"\ufffd"'), (b'"\\udc00"', '"\ufffd"'), (b"{", None), (b'"fine"', None)],
)
def test_what_is_no_unicode_is_replaced(body: bytes, expected: str | None) -> None:
    assert readable(body) == (expected.encode() if expected else None)
