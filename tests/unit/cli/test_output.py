"""Tables line up, also where characters are two columns wide; programs get JSON or YAML."""

import json

from armillary.cli.output import Format, structured, table


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
