"""kill -9 at any moment: what was acknowledged is there, what was shown is true, nothing is damaged."""

import random
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from armillary.base.clock import SystemClock
from armillary.engine.store.sqlite import open_store

ROUNDS = 20
CHILD = Path(__file__).with_name("crash_child.py")


@dataclass
class Told:
    """What the process said before it died."""

    first: int = 0
    acknowledged: dict[str, tuple[int, str]] = field(default_factory=dict)  # name -> revision, "" if deleted
    deleting: set[str] = field(default_factory=set)  # deletions submitted and not acknowledged
    shown: list[tuple[int, str, str]] = field(default_factory=list)  # to the watcher: revision, name, body


def run_and_kill(path: Path, seed: int) -> Told:
    """Let a process write under load, and kill it at a random moment after its first acknowledged write."""
    told = Told()
    process = subprocess.Popen([sys.executable, CHILD, path, str(seed)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        opened = re.match(r"open (\d+)", process.stdout.readline())
        assert opened is not None
        told.first = int(opened[1])
        begun = process.stdout.readline()
        time.sleep(random.Random(seed).uniform(0.0, 0.25))  # the moment of death, not a wait
        process.kill()
        lines = [begun, *process.stdout.read().splitlines(keepends=True)]
    for line in lines:
        if not line.endswith("\n"):
            continue  # cut off in the middle of a word
        kind, revision, name, body = line.rstrip("\n").split(" ")
        if kind == "ack":
            told.acknowledged[name] = (int(revision), body)
            told.deleting.discard(name)
        elif kind == "try":
            told.deleting.add(name)
        else:
            told.shown.append((int(revision), name, body))
    return told


@pytest.mark.timeout(300)
async def test_killed_at_random_moments(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    acknowledged: dict[str, tuple[int, str]] = {}
    last_shown = 0
    writes = 0
    for seed in range(ROUNDS):
        told = run_and_kill(path, seed)
        assert told.first >= max([last_shown, *(r for r, _ in acknowledged.values())]), "a revision was used again"
        revisions = [revision for revision, _, _ in told.shown]
        assert revisions == sorted(set(revisions)), "a watcher saw a change twice, or out of order"
        assert not revisions or revisions == list(range(told.first + 1, told.first + 1 + len(revisions))), "a gap"
        acknowledged |= told.acknowledged
        writes += len(told.acknowledged)
        shown = {name: (revision, body) for revision, name, body in told.shown}
        last_shown = max([last_shown, *revisions])
        async with open_store(path, SystemClock()) as store:
            assert store.revision >= last_shown, "a watcher saw what is not there any more"
            found = {e.key.name: (e.revision, e.body.decode()) for e in store.page("things").entries}
            for name, (revision, body) in (acknowledged | _newer(shown, acknowledged)).items():
                have = found.get(name)
                if have is None:
                    assert body == "-" or name in told.deleting, f"{name}@{revision} is lost"
                else:
                    assert have[0] >= revision, f"{name} fell back from {revision} to {have[0]}"
                    assert have[0] > revision or have[1] == body, f"{name}@{revision} has another body"
        acknowledged = {name: (r, b) for name, (r, b) in found.items()}
    assert writes > ROUNDS * 10, "hardly anything was written: the test says nothing"


def _newer(shown: dict[str, tuple[int, str]], than: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    return {name: value for name, value in shown.items() if value[0] > than.get(name, (0, ""))[0]}


async def test_the_database_is_whole_after_a_kill(tmp_path: Path) -> None:
    import apsw

    path = tmp_path / "store.db"
    run_and_kill(path, 99)
    connection = apsw.Connection(str(path))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
