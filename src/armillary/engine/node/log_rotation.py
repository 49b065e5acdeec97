"""Container logs kept small: 10 MiB a file, five files, the old ones compressed. As kubelet's defaults.

Names as kubelet's: `0.log`, `0.log.20260102-150405`, `0.log.20260102-150405.gz`.
"""

import asyncio
import gzip
import logging
import shutil
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from armillary.base.clock import Clock
from armillary.base.errors import ArmillaryError

log = logging.getLogger(__name__)

MAX_BYTES, MAX_FILES = 10 << 20, 5
EVERY_SECONDS = 10.0


class LogRotation:
    """Watches the logs of running containers.

    `logs` gives (container id, file) of each; `reopen(container id)` makes the runtime write to a new file.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        logs: Callable[[], Iterable[tuple[str, Path]]],
        reopen: Callable[[str], Awaitable[None]],
        max_bytes: int = MAX_BYTES,
        max_files: int = MAX_FILES,
    ) -> None:
        self._clock, self._logs, self._reopen = clock, logs, reopen
        self._max_bytes, self._max_files = max_bytes, max_files

    async def run(self) -> None:
        """Look every ten seconds until cancelled."""
        while True:
            await self.rotate_large()
            await self._clock.sleep(EVERY_SECONDS)

    async def rotate_large(self) -> None:
        for container, path in tuple(self._logs()):
            try:
                if path.stat().st_size >= self._max_bytes:
                    await self.rotate(container, path)
            except FileNotFoundError:
                continue  # the container went away
            except (OSError, ArmillaryError) as exc:
                log.warning("log not rotated", extra={"log": str(path), "error": str(exc)})

    async def rotate(self, container: str, path: Path) -> None:
        """One log, whatever its size."""
        rotated = path.with_name(f"{path.name}.{self._clock.now():%Y%m%d-%H%M%S}")
        await asyncio.to_thread(_make_way, path, rotated, self._max_files)
        try:
            await self._reopen(container)
        except ArmillaryError:
            _put_back(rotated, path)  # the runtime still writes to it
            raise


def _put_back(rotated: Path, path: Path) -> None:
    rotated.rename(path)


def _make_way(path: Path, rotated: Path, max_files: int) -> None:
    tidy(path, max_files)
    path.rename(rotated)


def tidy(path: Path, max_files: int) -> None:
    """Drop the oldest rotated files and compress the others; blocking."""
    for unfinished in path.parent.glob(f"{path.name}.*.tmp"):
        unfinished.unlink(missing_ok=True)
    rotated = sorted(path.parent.glob(f"{path.name}.*"))
    keep = max(0, max_files - 2)  # beside the current log and the one about to be rotated
    for old in rotated[: len(rotated) - keep]:
        old.unlink(missing_ok=True)
    for one in rotated[len(rotated) - keep :]:
        if one.suffix != ".gz":
            _compress(one)


def _compress(path: Path) -> None:
    fresh = path.with_name(f"{path.name}.tmp")
    with path.open("rb") as source, gzip.open(fresh, "wb", compresslevel=6) as target:
        shutil.copyfileobj(source, target)
    fresh.rename(path.with_name(f"{path.name}.gz"))
    path.unlink()
