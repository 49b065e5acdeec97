"""kill -9 at any moment: what was acknowledged or shown is there, what was shown is true, nothing is damaged.

What is on disk must be the state after some revision: every write up to it, none after it, and nothing that was
acknowledged or shown after it.
"""

import random
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import pytest

from armillary.base.clock import SystemClock
from armillary.engine.store.sqlite import open_store

ROUNDS = 24
SECONDS = 30.0
CHILD = Path(__file__).with_name("crash_child.py")

State = dict[tuple[str, str], tuple[int, int]]  # namespace and name -> revision, size


@dataclass(frozen=True)
class Write:
    namespace: str
    name: str
    size: int | None  # None: a deletion


@dataclass
class Told:
    """What a process said before it died."""

    opened: int = -1
    tried: dict[int, Write] = field(default_factory=dict)
    acknowledged: list[int] = field(default_factory=list)
    watches: dict[str, tuple[int, str]] = field(default_factory=dict)  # after, namespace ("" for all)
    seen: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    pages: list[tuple[int, list[int]]] = field(default_factory=list)

    def hear(self, line: str) -> None:
        match line.split():
            case ["open", revision]:
                self.opened = int(revision)
            case ["try", revision, namespace, name, size]:
                self.tried[int(revision)] = Write(namespace, name, None if size == "-" else int(size))
            case ["ack", revision]:
                self.acknowledged.append(int(revision))
            case ["watch", label, after, namespace]:
                self.watches[label] = (int(after), namespace.strip("*"))
            case ["see", label, revision]:
                self.seen[label].append(int(revision))
            case ["page", revision, *entries]:
                self.pages.append((int(revision), [int(entry) for entry in "".join(entries).split(",") if entry]))
            case _:
                raise AssertionError(line)

    @property
    def known(self) -> int:
        """The last revision that anybody was told of."""
        shown = [revision for seen in self.seen.values() for revision in seen]
        return max([self.opened, *self.acknowledged, *shown, *(revision for revision, _ in self.pages)])

    def state_at(self, revision: int, begin: State) -> State:
        state = dict(begin)
        for number in range(self.opened + 1, revision + 1):
            write = self.tried[number]
            place = (write.namespace, write.name)
            if write.size is None:
                del state[place]
            else:
                state[place] = (number, write.size)
        return state


def run_and_kill(path: Path, seed: int) -> Told:
    """Let a process work, and kill it at a random moment."""
    words = path.with_name(f"told-{seed}")
    deadline = time.monotonic() + SECONDS
    with subprocess.Popen([sys.executable, CHILD, path, words, str(seed)]) as process:
        while not words.exists():
            assert process.poll() is None, "it did not even begin"
            assert time.monotonic() < deadline
            time.sleep(0.005)
        time.sleep(random.Random(seed).uniform(0.0, 0.3))  # the moment of death, not a wait
        assert process.poll() is None, "it died by itself"
        process.kill()
    told = Told()
    for line in words.read_text().split("\n")[:-1]:
        told.hear(line)
    return told


def check_watchers(told: Told) -> None:
    """Each saw, from where it began, every change of its namespace, in order: a prefix of the history."""
    for label, seen in told.seen.items():
        after, namespace = told.watches[label]
        first = max(after, told.opened) + 1
        mine = [n for n in range(first, seen[-1] + 1) if namespace in ("", told.tried[n].namespace)]
        assert seen == mine, f"watcher {label} has a gap, or saw a change twice"


def check_pages(told: Told, begin: State) -> None:
    for at, revisions in told.pages[-20:]:
        wanted = told.state_at(at, begin)
        assert revisions == [wanted[place][0] for place in sorted(wanted)], f"a list as of {at} is wrong"


async def found_in(path: Path) -> tuple[int, State]:
    async with open_store(path, SystemClock()) as store:
        state = {}
        for entry in store.page("things").entries:
            number, _, filling = entry.body.partition(b" ")
            assert int(number) == entry.revision
            assert not filling.strip(b"x")
            state[entry.key.namespace, entry.key.name] = (entry.revision, len(filling))
        return store.revision, state


def check_integrity(path: Path) -> None:
    connection = apsw.Connection(str(path))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


@pytest.mark.timeout(120)
async def test_killed_at_random_moments(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    revision, state = 0, State()
    acknowledged = 0
    for seed in range(ROUNDS):
        told = run_and_kill(path, seed)
        if told.opened >= 0:
            assert told.opened == revision, "revisions go on where they were"
            check_watchers(told)
            check_pages(told, state)
            revision, found = await found_in(path)
            assert revision >= told.known, "what was acknowledged or shown is lost"
            state = told.state_at(revision, state)
            assert found == state, f"not the state as of {revision}"
            acknowledged += len(told.acknowledged)
        check_integrity(path)
    assert acknowledged > ROUNDS * 100, "hardly anything was written: the test says nothing"
