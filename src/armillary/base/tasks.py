"""Tasks with an owner: the only place, with the reconcile runner and the node agent, that starts any."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from armillary.base.backoff import Backoff

log = logging.getLogger(__name__)

RESTART = Backoff(first_seconds=0.2, most_seconds=30.0)


async def supervise(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run for ever: what ends or fails is started again, with back-off. Ends only by cancellation."""
    failures = 0
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await run()
            log.warning("task ended; starting it again", extra={"task": name})
        except Exception:  # boundary: one part's bug must not end the others
            log.exception("task failed; starting it again", extra={"task": name})
        if asyncio.get_running_loop().time() - started > RESTART.most_seconds:
            failures = 0
        failures += 1
        await asyncio.sleep(RESTART.after(failures))


async def gather_limited(limit: int, work: list[Coroutine[Any, Any, None]]) -> None:
    """Await all, at most `limit` at a time. If some fail, the rest still run; the first failure is raised."""
    gate = asyncio.Semaphore(limit)

    async def one(job: Coroutine[Any, Any, None]) -> None:
        async with gate:
            await job

    try:
        results = await asyncio.gather(*(one(job) for job in work), return_exceptions=True)
    finally:
        for job in work:
            job.close()  # one that was not begun when we were cancelled; for the others it does nothing
    for result in results:
        if isinstance(result, BaseException):
            raise result
