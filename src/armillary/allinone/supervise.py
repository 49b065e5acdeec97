"""The supervisor's process: prepares what the parts share, then keeps them running until SIGTERM.

`python -m armillary.allinone.supervise DATA_DIR`; started by `armillary up`.
"""

import asyncio
import logging
import signal
import sys
from pathlib import Path

from armillary.allinone.layout import Layout
from armillary.allinone.lifecycle import PartStatus
from armillary.allinone.logs import log_to_stderr
from armillary.allinone.parts import parts_of
from armillary.allinone.prepare import prepare
from armillary.allinone.settings import load_settings
from armillary.allinone.supervisor import Supervisor
from armillary.base.clock import SystemClock
from armillary.base.errors import SetupError

log = logging.getLogger(__name__)


def _tell(part: PartStatus) -> None:
    log.info("part", extra={"part": part.name, "state": part.state.value, "pid": part.pid})


async def supervise(root: Path) -> None:
    """Until SIGTERM or SIGINT."""
    layout, settings, clock = Layout(root), load_settings(root), SystemClock()
    prepare(settings, layout, clock)
    supervisor = Supervisor(layout, parts_of(settings, layout), clock, _tell)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, supervisor.stop)
    await supervisor.run()


if __name__ == "__main__":
    log_to_stderr()
    try:
        asyncio.run(supervise(Path(sys.argv[1])))
    except SetupError as exc:
        sys.exit(str(exc))
