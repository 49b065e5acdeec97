"""The work queue: each key once, never by two at a time, failures later and later."""

import asyncio

from armillary.base.backoff import Backoff
from armillary.kube.queue import WorkQueue

QUICK = Backoff(first_seconds=0.001, most_seconds=0.004)


async def test_a_key_waits_once_however_often_it_is_added() -> None:
    queue: WorkQueue[str] = WorkQueue(QUICK)
    for key in ("a", "b", "a"):
        queue.add(key)
    assert [await queue.get(), await queue.get()] == ["a", "b"]
    assert len(queue) == 0


async def test_a_key_in_work_is_handed_out_again_only_when_it_is_done() -> None:
    queue: WorkQueue[str] = WorkQueue(QUICK)
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("a")
    queue.add("b")
    assert await queue.get() == "b"
    queue.done("a")
    assert await queue.get() == "a"


async def test_a_worker_waits_for_a_key() -> None:
    queue: WorkQueue[str] = WorkQueue(QUICK)
    async with asyncio.TaskGroup() as group:
        got = group.create_task(queue.get())
        await asyncio.sleep(0)
        assert not got.done()
        queue.add("a")
    assert got.result() == "a"


async def test_a_failed_key_comes_back_and_the_earlier_of_two_moments_holds() -> None:
    queue: WorkQueue[str] = WorkQueue(QUICK)
    queue.add_after("a", 3600)
    queue.add_failed("a")
    async with asyncio.timeout(5):
        assert await queue.get() == "a"
    queue.close()
