"""The process that `test_crash.py` kills: writers, watchers and readers, and a word in a file for each event.

A line is one write(2) to a file: what was said before the kill is whole, and nobody has to listen meanwhile.
"""

import asyncio
import os
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "src"))

from armillary.base.clock import SystemClock
from armillary.engine.store.port import Draft, Key, Store
from armillary.engine.store.sqlite import open_store

WRITERS = 16
WATCHERS = 4


class Child:
    def __init__(self, store: Store, told: int, seed: int) -> None:
        self.store, self.told, self.seed = store, told, seed

    def say(self, *words: object) -> None:
        os.write(self.told, (" ".join(map(str, words)) + "\n").encode())

    async def write(self, writer: int) -> None:
        """`try` is said before the write can be on disk, `ack` when it is said to be."""
        dice = random.Random(f"{self.seed} {writer}")
        while True:
            key = Key("things", dice.choice("ab"), f"w{writer}-{dice.randrange(4)}")
            deletes = self.store.head(key) is not None and dice.random() < 0.2
            size = dice.randrange(3000)

            def build(revision: int, key: Key = key, deletes: bool = deletes, size: int = size) -> Draft:
                self.say("try", revision, key.namespace, key.name, "-" if deletes else size)
                return Draft(b"%d " % revision + b"x" * size, {}, {})

            entry = await (self.store.delete if deletes else self.store.put)(key, build)
            self.say("ack", entry.revision)

    async def watch(self, watcher: int) -> None:
        """The first sees everything; the others come and go."""
        dice = random.Random(f"{self.seed} watcher {watcher}")
        while True:
            namespace = dice.choice(("", "a", "b")) if watcher else ""
            after = max(self.store.oldest, self.store.revision - dice.randrange(30))
            label = f"{watcher}.{dice.random()}"
            self.say("watch", label, after, namespace or "*")
            stream = self.store.watch("things", namespace, after=after)
            while not watcher or dice.random() > 0.05:
                for change in await stream.changes(1):
                    self.say("see", label, change.entry.revision)
            stream.close()

    async def read(self) -> None:
        dice = random.Random(f"{self.seed} reader")
        while True:
            await asyncio.sleep(dice.random() * 0.02)
            at = dice.choice((None, max(self.store.oldest, self.store.revision - dice.randrange(50))))
            page = self.store.page("things", at=at)
            self.say("page", page.revision, ",".join(str(entry.revision) for entry in page.entries))


async def main(path: str, told: str, seed: str) -> None:
    async with open_store(Path(path), SystemClock()) as store, asyncio.TaskGroup() as group:
        child = Child(store, os.open(told, os.O_WRONLY | os.O_APPEND | os.O_CREAT), int(seed))
        child.say("open", store.revision)
        for watcher in range(WATCHERS):
            group.create_task(child.watch(watcher))
        for writer in range(WRITERS):
            group.create_task(child.write(writer))
        group.create_task(child.read())


asyncio.run(main(*sys.argv[1:]))
