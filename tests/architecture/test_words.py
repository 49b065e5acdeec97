"""Everything a person sees is there in both languages, with the same values in it."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.architecture.test_shape import MODULES, name_of


def said(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Every `Words(en, zh)` with texts written out."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Words":
            texts = [n.value for n in (*node.args, *(k.value for k in node.keywords)) if isinstance(n, ast.Constant)]
            if len(texts) == 2:
                yield node.lineno, texts


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


SPEAKING = [path for path in MODULES if "Words(" in path.read_text()]


def test_somebody_speaks() -> None:
    assert sum(1 for path in SPEAKING for _ in said(path)) > 50


@pytest.mark.parametrize("path", SPEAKING, ids=name_of)
def test_said_in_both_languages(path: Path) -> None:
    for line, (en, zh) in said(path):
        where = f"{name_of(path)}:{line}"
        assert not any("一" <= c <= "鿿" for c in en), where
        assert any("一" <= c <= "鿿" for c in zh), where
        assert fields(en) == fields(zh), where
