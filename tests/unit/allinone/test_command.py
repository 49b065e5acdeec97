"""The `armillary` command as it is called: help in both languages, one line for what it does not understand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [
    [], ["up"], ["down"], ["status"], ["kubeconfig"], ["version"],
    ["image"], *(["image", name] for name in ("bake", "build", "import", "list", "rm")),
]  # fmt: skip
ROOT = Path(__file__).parents[3]
OWN_WORDS = {"--help", "--install-completion", "--show-completion"}  # typer's


def armillary(*words: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "ARMILLARY_LANG": language, "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "armillary.allinone.main", *words]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=60)


def descriptions(page: str) -> dict[str, str]:
    """What a help page says of each argument and option, by its long name."""
    entries = re.split(r"\n  (?=\S)", page.split("\n\nCommands:")[0])
    found = {}
    for entry in entries:
        match = re.match(r"(?:-\w, )?(--[\w-]+|[a-z]+(?:\.\.\.)?)(?: <[^>]*>)?(?: \[[^]]*\])?\s+(.*)", entry, re.DOTALL)
        if match:
            found[match[1]] = match[2]
    return found


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_in_both_languages(words: list[str]) -> None:
    english, chinese = (armillary(*words, "--help", language=language) for language in ("en", "zh"))
    assert (english.returncode, chinese.returncode) == (0, 0)
    assert english.stdout.startswith(f"Usage: {' '.join(['armillary', *words])}")
    assert not re.search("[一-鿿]", english.stdout)
    own = {name: text for name, text in descriptions(chinese.stdout).items() if name not in OWN_WORDS}
    assert [name for name, text in own.items() if not re.search("[一-鿿]", text)] == []
    assert descriptions(english.stdout).keys() == descriptions(chinese.stdout).keys()


def test_without_words_it_says_what_there_is() -> None:
    done = armillary()
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("up", "down", "status", "kubeconfig", "version", "image"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["up", "--nope"], "error: No such option: --nope; see armillary up --help"),
        (["up", "stray"], "error: Got unexpected extra argument(s) (stray); see armillary up --help"),
        (["up", "--api-port", "x"], "error: Invalid value for '--api-port': "),
        (["status", "-o", "xml"], "error: Invalid value for '-o' / '--output': "),
        (["nope"], "error: No such command 'nope'; see armillary --help"),
        (["image"], "error: Missing command; see armillary image --help"),
        (["image", "build"], "error: Missing argument 'context'; see armillary image build --help"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_not_understood_is_answered_in_one_line(words: list[str], said: str) -> None:
    done = armillary(*words)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(said)
    assert line.endswith("--help")


def test_what_cannot_work_is_refused_in_one_line(tmp_path: Path) -> None:
    done = armillary("image", "bake", "no-such-image", "--data-dir", str(tmp_path / "data"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: there is no recipe for no-such-image; there are: ")
    refused = armillary("kubeconfig", "--data-dir", str(tmp_path), language="zh")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert refused.stderr.startswith("错误：")
    assert list(tmp_path.iterdir()) == [], "a refusal leaves nothing behind"


def test_the_exit_code_of_status_tells() -> None:
    done = armillary("status", "--data-dir", "/nonexistent")
    assert (done.returncode, done.stdout) == (3, "The cluster is not running.\n")
