"""Runs of containers as the runtime tells them, with what they left to be read at their end."""

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from armillary.engine.node.containers import AnyContainer
from armillary.engine.node.inotify import Notices
from armillary.engine.node.launch import ASKED_IMAGE, message_file
from armillary.engine.node.logs import LogQuery, read_log
from armillary.engine.node.record import Run
from armillary.engine.node.runtime.port import Container, Runtime, State
from armillary.engine.node.settings import NodeSettings
from armillary.kube.kinds.core import Pod

# kubelet's limits: pkg/kubelet/container.
MOST_MESSAGE_BYTES = 4096
MOST_LOG_BYTES, MOST_LOG_LINES = 2048, 80
# The exit event reaches us before CRI has taken note of it.
SEEN_WITHIN_SECONDS = 5.0


def run_of(found: Container, sandbox_id: str) -> Run:
    """A run as the runtime has it; one that it lost track of counts as ended."""
    run = Run(
        id=found.id,
        attempt=found.attempt,
        sandbox_id=sandbox_id,
        asked_image=found.annotations.get(ASKED_IMAGE, found.image),
        image=found.image,
        image_ref=found.image_ref,
        started_at=found.started_at,
    )
    if found.state is State.EXITED:
        return replace(
            run,
            finished_at=found.finished_at or found.created_at,
            exit_code=found.exit_code,
            reason=found.reason,
            message=found.message,
        )
    return run


def lost_run(run: Run, now: datetime) -> Run:
    """A run that the runtime does not know any more."""
    message = "The container could not be located when the pod was terminated"
    return replace(run, finished_at=now, exit_code=137, reason="ContainerStatusUnknown", message=message)


async def wait_exit(runtime: Runtime, id: str) -> Container | None:
    """The container once CRI shows that it has ended, which is soon; None if it is gone."""
    wait = 0.001
    found = await runtime.container(id)
    while found is not None and found.state is not State.EXITED and wait < SEEN_WITHIN_SECONDS:
        await asyncio.sleep(wait)
        wait *= 2
        found = await runtime.container(id)
    return found


async def with_last_words(
    run: Run, pod: Pod, container: AnyContainer, log: Path, settings: NodeSettings, notices: Notices
) -> Run:
    """The run with the message that the container left."""
    file = message_file(settings, pod, container.name, run.attempt)
    text = await asyncio.to_thread(_head, file)
    if not text and run.exit_code and container.termination_message_policy == "FallbackToLogsOnError":
        text = await _tail_of_log(log, notices)
    return replace(run, message=text) if text else run


def _head(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MOST_MESSAGE_BYTES).decode(errors="replace")
    except OSError:
        return ""


async def _tail_of_log(path: Path, notices: Notices) -> str:
    text = b""
    try:
        async for piece in read_log(path, LogQuery(tail_lines=MOST_LOG_LINES), notices, lambda: False):
            text = (text + piece)[-MOST_LOG_BYTES:]
    except OSError:
        return ""
    return text.decode(errors="replace")
