"""Tables line up, also where characters are two columns wide; programs get JSON or YAML."""

import json

import pytest

from armillary.base.words import Language, Words
from armillary.cli.output import Column, Format, ListFormat, show, show_one, structured, table

COLUMNS = (
    Column(Words("NAME", "名称"), lambda item: item["name"]),
    Column(Words("ROLES", "角色"), lambda item: item.get("roles")),
)
EMPTY = Words("none yet", "暂无")


def test_columns_line_up() -> None:
    assert table(["NAME", "AGE"], [["a", "1d"], ["longer", "2h"]]) == "NAME     AGE\na        1d\nlonger   2h"


def test_wide_characters_count_twice() -> None:
    first, second = table(["名称", "X"], [["abcd", "Y"]]).splitlines()
    assert first == "名称   X"
    assert second == "abcd   Y"


def test_for_programs() -> None:
    value = {"b": [1, "二"], "a": None}
    assert json.loads(structured(value, Format.JSON)) == value
    assert structured(value, Format.YAML) == "b:\n- 1\n- 二\na: null"


@pytest.mark.parametrize(
    ("how", "language", "printed"),
    [
        (ListFormat.NAME, Language.ENGLISH, "ann\nbo\n"),
        (ListFormat.TABLE, Language.ENGLISH, "NAME   ROLES\nann    a,b\nbo     -\n"),
        (ListFormat.TABLE, Language.CHINESE, "名称   角色\nann    a,b\nbo     -\n"),
        (ListFormat.YAML, Language.ENGLISH, "- name: ann\n  roles:\n  - a\n  - b\n- name: bo\n"),
    ],
)
def test_a_list_in_each_form(
    capsys: pytest.CaptureFixture[str], how: ListFormat, language: Language, printed: str
) -> None:
    show([{"name": "ann", "roles": ["a", "b"]}, {"name": "bo"}], COLUMNS, how, language, empty=EMPTY)
    assert capsys.readouterr().out == printed


def test_an_empty_list_says_so_beside_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    show([], COLUMNS, ListFormat.TABLE, Language.CHINESE, empty=EMPTY)
    show([], COLUMNS, ListFormat.JSON, Language.CHINESE, empty=EMPTY)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("[]\n", "暂无\n")


def test_one_thing_is_a_line_for_each_column(capsys: pytest.CaptureFixture[str]) -> None:
    show_one({"name": "ann", "roles": []}, COLUMNS, ListFormat.TABLE, Language.ENGLISH)
    assert capsys.readouterr().out == "NAME    ann\nROLES   -\n"
