"""What is declared is imported, what is imported is declared, and the manual says of each why it is there."""

import ast
import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PAGE = (ROOT / "docs/dependencies.md").read_text()
IMPORTED_AS = {
    "argon2-cffi": "argon2", "container-runtime-interface-api": "cri_api", "dnspython": "dns", "grpcio": "grpc",
    "prometheus-client": "prometheus_client", "protobuf": "google", "pyyaml": "yaml",
    "swagger-ui-bundle": "swagger_ui_bundle",
}  # fmt: skip
NEVER_IMPORTED = {"tzdata", "aiosqlite", "asyncpg"}  # zoneinfo and SQLAlchemy find them


def names(requirements: list[object]) -> set[str]:
    return {re.split(r"[<>=\[ ]", text)[0] for text in requirements if isinstance(text, str)}


def imported() -> set[str]:
    """Top-level packages that the program imports and that are not Python's own."""
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
    return {name.split(".")[0] for name in found} - sys.stdlib_module_names - {"armillary"}


def system_packages() -> set[str]:
    spec = importlib.util.spec_from_file_location("setup_tool", ROOT / "tools/setup.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return {*tool.RUN_PACKAGES, *tool.TEST_PACKAGES}


def test_declared_is_imported_and_imported_is_declared() -> None:
    declared = names(PROJECT["project"]["dependencies"]) - NEVER_IMPORTED
    assert {IMPORTED_AS.get(name, name) for name in declared} == imported()


@pytest.mark.parametrize(
    "name",
    sorted(
        names(PROJECT["project"]["dependencies"])
        | names(PROJECT["build-system"]["requires"])
        | {name for group in PROJECT["dependency-groups"].values() for name in names(group)}
        | system_packages()
    ),
)
def test_the_manual_says_why(name: str) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and f"`{name}`" in line.split("|")[1]]
    assert len(rows) == 1


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-test.lock"])
def test_locked_to_versions_and_to_no_place(file: str) -> None:
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.]+", line) for line in (ROOT / file).read_text().splitlines())
