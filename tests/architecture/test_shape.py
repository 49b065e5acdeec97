"""The promises that no type checker keeps: purity, boundaries, sizes, docstrings, one home for time and tasks."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src/armillary"
MODULES = [path for path in sorted(SRC.rglob("*.py")) if path.name != "__init__.py"]
ALLOWED = tomllib.loads(Path(__file__).with_name("allowances.toml").read_text())
GENERATED = SRC / "kube/kinds"
PURE = [SRC / name for name in ALLOWED["pure"]["modules"]]
PURE_MAY_NOT_USE = {
    "asyncio", "http", "logging", "os", "pathlib", "random", "shutil", "socket", "subprocess", "threading", "time",
    "aiohttp", "apsw", "grpc", "uvicorn",
}  # fmt: skip
MOST_MODULE_LINES, MOST_BODY_LINES = 500, 50


def name_of(path: Path) -> str:
    return str(path.relative_to(SRC))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> set[str]:
    """Top-level names of everything a module imports."""
    found = {a.name for n in ast.walk(tree(path)) if isinstance(n, ast.Import) for a in n.names}
    found |= {n.module or "" for n in ast.walk(tree(path)) if isinstance(n, ast.ImportFrom)}
    return {name.split(".")[0] for name in found}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body, its docstring left out."""
    body = function.body
    if (
        isinstance(body[0], ast.Expr)
        and isinstance(body[0].value, ast.Constant)
        and isinstance(body[0].value.value, str)
    ):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_these_tests_look_at_something() -> None:
    assert len(MODULES) > 50
    assert all(path.exists() for path in PURE), "allowances.toml names a pure module that is gone"


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_pure_modules_neither_wait_nor_reach_out(path: Path) -> None:
    waits = [n.lineno for n in ast.walk(tree(path)) if isinstance(n, ast.AsyncFunctionDef | ast.Await)]
    assert not imports(path) & PURE_MAY_NOT_USE
    assert not waits


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "begin with a docstring: what it decides or does"


def test_init_modules_are_empty() -> None:
    assert not [name_of(path) for path in SRC.rglob("__init__.py") if path.read_text().strip()]


def test_only_boundaries_catch_everything() -> None:
    catching = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _is_broad(node.type))
    }
    assert catching <= set(ALLOWED["boundaries"]["modules"]), "catch a named error, or argue for a new boundary"


def _is_broad(kind: ast.expr) -> bool:
    return isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"}


def test_sizes_stay_within_bounds() -> None:
    large = {name_of(p): n for p in MODULES if GENERATED not in p.parents and (n := _lines(p)) > MOST_MODULE_LINES}
    assert set(large) <= set(ALLOWED["long_modules"]["modules"]), f"split: {large}"
    long = {
        f"{name_of(p)}:{f.name}": n for p in MODULES for f in functions(p) if (n := body_lines(f)) > MOST_BODY_LINES
    }
    assert set(long) <= set(ALLOWED["long_functions"]["functions"]), f"split: {long}"


def test_allowances_that_are_not_needed_any_more_go() -> None:
    for name in ALLOWED["long_modules"]["modules"]:
        assert _lines(SRC / name) > MOST_MODULE_LINES, f"{name} is short now: take it off the list"


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_only_wiring_reads_the_environment() -> None:
    readers = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert readers <= set(ALLOWED["environment"]["modules"]), "settings are passed in"
