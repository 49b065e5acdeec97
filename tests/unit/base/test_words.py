"""Which language a person is spoken to in."""

import pytest

from armillary.base.words import Language, accepted, language_of


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


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", None),
        ("fr, de", None),
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.CHINESE),
        ("en-US, zh", Language.ENGLISH),
        ("fr, en;q=0.4, zh-Hans;q=0.6", Language.CHINESE),
        ("zh;q=0", None),
        ("zh;q=nonsense, en;q=0.1", Language.ENGLISH),
    ],
)
def test_accept_language(header: str, language: Language | None) -> None:
    assert accepted(header) is language
