"""Packages are loaded when they are used, and no sooner."""

import importlib
import sys
from pathlib import Path

import pytest

from armillary.allinone.part import Deferred


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "seldom_used.py").write_text("class Thing:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "seldom_used", Deferred("seldom_used"))
    return "seldom_used"


def test_an_import_does_not_load(package: str) -> None:
    found = importlib.import_module(package)
    assert "Thing" not in vars(found)


def test_the_first_look_loads(package: str) -> None:
    found = importlib.import_module(package)
    assert isinstance(found.Thing(), importlib.import_module(package).Thing)
    assert not isinstance(sys.modules[package], Deferred)


def test_what_is_not_there_is_an_attribute_error(package: str) -> None:
    found = importlib.import_module(package)
    for _ in range(2):
        with pytest.raises(AttributeError, match="seldom_used"):
            _ = found.nothing
