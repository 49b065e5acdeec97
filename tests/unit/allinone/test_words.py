"""Everything a person sees is there in both languages, with the same values in it."""

import string

import pytest

from armillary.allinone import image, words
from armillary.base.words import Language, Words, language_of

EVERY = [
    pytest.param(value, id=f"{module.__name__.rpartition('.')[2]}.{name}")
    for module in (words, image)
    for name, value in vars(module).items()
    if isinstance(value, Words)
]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("said", EVERY)
def test_said_in_both_languages(said: Words) -> None:
    assert any("一" <= c <= "鿿" for c in said.zh)
    assert fields(said.en) == fields(said.zh)


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
