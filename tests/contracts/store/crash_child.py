"""The process that `test_crash.py` kills: many writers, one watcher, and a word on standard output for each event."""

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


def say(line: str) -> None:
    # One write(2) a line: what was said before the kill is whole, and nothing waits in a buffer.
    os.write(1, f"{line}\n".encode())


async def write(store: Store, writer: int, seed: int) -> None:
    dice = random.Random(f"{seed} {writer}")
    count = 0
    while True:
        count += 1
        name = f"w{writer}-{dice.randrange(4)}"
        body = f"{seed}-{count}-" + "x" * dice.randrange(2000)
        key = Key("things", "", name)
        if store.head(key) is not None and dice.random() < 0.2:
            say(f"try 0 {name} -")
            entry = await store.delete(key, lambda revision: Draft(b"-", {}, {}))
            say(f"ack {entry.revision} {name} -")
        else:
            entry = await store.put(key, lambda revision, body=body: Draft(body.encode(), {}, {}))
            say(f"ack {entry.revision} {name} {body}")


async def watch(store: Store) -> None:
    watcher = store.watch("things", after=store.revision)
    while True:
        for change in await watcher.changes(5):
            say(f"see {change.entry.revision} {change.entry.key.name} {change.entry.body.decode()}")


async def main() -> None:
    async with open_store(Path(sys.argv[1]), SystemClock()) as store, asyncio.TaskGroup() as group:
        say(f"open {store.revision}")
        group.create_task(watch(store))
        for writer in range(WRITERS):
            group.create_task(write(store, writer, int(sys.argv[2])))


asyncio.run(main())
