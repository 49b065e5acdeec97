"""A command on a pseudo-terminal, as a person has one."""

import os
import pty
import select
import time
from collections.abc import Sequence

from tests.harness.cluster import Cluster

Said = tuple[str, str]


def at_terminal(cluster: Cluster, *words: str, types: Sequence[Said], timeout: float = 60) -> tuple[int, str]:
    """The command's exit code and what it showed.

    `types` are what is waited for and what is typed then, in order; what waits for nothing is typed ahead.
    """
    command, environment = cluster.command(*words), cluster.env()
    process, ours = pty.fork()
    if not process:
        os.execvpe(command[0], command, environment)
    try:
        said = _talk(ours, list(types), time.monotonic() + timeout)
    finally:
        os.close(ours)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), said


def _talk(ours: int, types: list[Said], deadline: float) -> str:
    said, seen = "", 0
    while True:
        while types and types[0][0] in said[seen:]:
            prompt, text = types.pop(0)
            seen += said[seen:].index(prompt) + len(prompt)
            os.write(ours, text.encode())
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([ours], [], [], left)[0]:
            return said
        try:
            said += os.read(ours, 1 << 16).decode(errors="replace")
        except OSError:  # the other end is closed
            return said
