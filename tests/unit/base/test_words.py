"""Which language a person is spoken to in."""

import pytest

from armillary.base.words import Language, language_of


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, Language.ENGLISH),
        ({"LANG": "zh_CN.UTF-8"}, Language.CHINESE),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, Language.ENGLISH),
        ({"LC_ALL": "C", "ARMILLARY_LANG": "zh"}, Language.CHINESE),
    ],
)
def test_language(environment: dict[str, str], language: Language) -> None:
    assert language_of(environment) is language
