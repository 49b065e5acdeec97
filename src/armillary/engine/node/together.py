"""Things done side by side, of which the first to be done ends the others."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def first_of(*work: Coroutine[Any, Any, Any]) -> tuple[asyncio.Task[Any], ...]:
    """Run all until one is done, then cancel the rest; all as tasks that have ended. Raises what one raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = tuple(group.create_task(one) for one in work)
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as several:
        raise _first(several) from None
    return tasks


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    found: BaseException = several
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
