"""Headers of an answer, whatever carried it."""

import pytest

from armillary.kube.transport.port import joined


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], {}),
        ([("Content-Type", "a")], {"content-type": "a"}),
        ([("Warning", '299 - "one"'), ("warning", '299 - "two"')], {"warning": '299 - "one", 299 - "two"'}),
    ],
)
def test_what_is_given_twice_is_joined(headers: list[tuple[str, str]], found: dict[str, str]) -> None:
    assert joined(headers) == found
