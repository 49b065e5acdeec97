"""What every part's process has in common: settings, log, a loop, an end by SIGTERM."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import uvloop

from armillary.allinone.layout import Layout
from armillary.allinone.logs import log_to_stderr
from armillary.allinone.settings import Settings, load_settings
from armillary.base.errors import ApiError, SetupError
from armillary.base.pki_files import load_pki
from armillary.kube.client import Client
from armillary.kube.transport.unix import UnixHttp

log = logging.getLogger(__name__)

Work = Callable[[Settings, Layout], Awaitable[None]]

RETRY_SECONDS = 0.02
# New objects until the garbage collector looks, and its rounds until it looks at older ones. Most of what a request
# makes is freed without it; at Python's own 700 it took a sixth of the scheduler's time, like this a twentieth.
COLLECTOR_THRESHOLDS = (10_000, 20, 20)


def run_part(work: Work) -> None:
    """Run `work` for the data directory given as the only argument, until SIGTERM or SIGINT."""
    log_to_stderr()
    gc.freeze()  # modules stay: there is no garbage among them
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    root = Path(sys.argv[1])
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_told(work, load_settings(root), Layout(root)))
    except SetupError as exc:
        sys.exit(str(exc))


async def _until_told(work: Work, settings: Settings, layout: Layout) -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_awaited(work, settings, layout), name="part")
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        loop.add_signal_handler(signal.SIGUSR1, _log_tasks)


def _log_tasks() -> None:
    """On SIGUSR1: what every task waits for, to find out about a part that does nothing."""
    for task in asyncio.all_tasks():
        log.info("task", extra={"task": task.get_name(), "waits": list(_waits(task.get_coro()))})


def _waits(coroutine: Any) -> Iterator[str]:
    """From the task's own function down to what it awaits."""
    while getattr(coroutine, "cr_frame", None) is not None:
        frame = coroutine.cr_frame
        yield f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} {frame.f_code.co_name}"
        coroutine = coroutine.cr_await


async def _awaited(work: Work, settings: Settings, layout: Layout) -> None:
    await work(settings, layout)


def api_client(settings: Settings, layout: Layout, user: str) -> Client:
    """A client over the API server's Unix socket, as one of the engine's own users. Close its transport at the end."""
    headers = {"authorization": f"Bearer {load_pki(layout.pki, settings.node_name).tokens[user]}"}
    return Client(UnixHttp(str(layout.api_socket), headers))


async def wait_for_api(client: Client) -> None:
    """Until the API server answers."""
    while True:
        try:
            await client.call("GET", "/readyz")
        except ApiError:
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return
