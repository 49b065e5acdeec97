"""Which images to delete when the disk is full, and the deleting. Bounds as kubelet's defaults."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from armillary.base.clock import Clock
from armillary.base.errors import ArmillaryError
from armillary.engine.node.images import Access, Image, ImageService

log = logging.getLogger(__name__)

HIGH_PERCENT, LOW_PERCENT = 85, 80
MIN_AGE = timedelta(minutes=2)
EVERY_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Disk:
    capacity_bytes: int
    available_bytes: int


@dataclass(frozen=True, slots=True)
class Known:
    """An image, and when it was first seen and last in use."""

    image: Image
    first_seen: datetime
    last_used: datetime | None = None


def bytes_to_free(disk: Disk) -> int:
    """0 below the high mark; else so much that usage falls to the low one."""
    available = min(disk.available_bytes, disk.capacity_bytes)
    if not disk.capacity_bytes or 100 - available * 100 // disk.capacity_bytes < HIGH_PERCENT:
        return 0
    return disk.capacity_bytes * (100 - LOW_PERCENT) // 100 - available


def images_to_delete(known: Iterable[Known], in_use: set[str], wanted_bytes: int, now: datetime) -> list[Image]:
    """The longest unused first, until enough is freed; young ones may be about to be used."""
    chosen: list[Image] = []
    free = [
        one for one in known if one.image.id not in in_use and not one.image.pinned and now - one.first_seen >= MIN_AGE
    ]
    for one in sorted(free, key=lambda one: (one.last_used or one.first_seen, one.first_seen)):
        if sum(image.size_bytes for image in chosen) >= wanted_bytes:
            break
        chosen.append(one.image)
    return chosen


class ImageCollector:
    """Deletes unused images when the disk fills."""

    def __init__(
        self,
        service: ImageService,
        clock: Clock,
        access: Access,
        *,
        in_use: Callable[[], Awaitable[set[str]]],
        disk: Callable[[], Disk],
        tell: Callable[[str, str], None] = lambda reason, message: None,
    ) -> None:
        """`in_use` gives ids of images that containers use; `tell(reason, message)` warns about the node."""
        self._service, self._clock, self._access = service, clock, access
        self._in_use, self._disk, self._tell = in_use, disk, tell
        self._known: dict[str, Known] = {}

    async def run(self) -> None:
        """Look every five minutes until cancelled."""
        while True:
            try:
                await self.collect()
            except ArmillaryError as exc:
                log.warning("images not collected", extra={"error": str(exc)})
            await self._clock.sleep(EVERY_SECONDS)

    async def collect(self) -> int:
        """Bytes freed."""
        in_use, now = await self._in_use(), self._clock.now()
        self._look(await self._service.list_images(), in_use, now)
        disk = self._disk()
        wanted = bytes_to_free(disk)
        if wanted <= 0:
            return 0
        freed = 0
        for image in images_to_delete(self._known.values(), in_use, wanted, now):
            await self._service.remove_image(image.id)
            self._known.pop(image.id, None)
            freed += image.size_bytes
        if freed < wanted:
            used = 100 - disk.available_bytes * 100 // disk.capacity_bytes
            self._tell(
                "FreeDiskSpaceFailed",
                f"Insufficient free disk space on the node's image filesystem ({used}% of {_size(disk.capacity_bytes)}"
                f" used). Failed to free sufficient space by deleting unused images (freed {freed} bytes). Investigate"
                " disk usage, as it could be used by active images, logs, volumes, or other data.",
            )
        return freed

    def _look(self, images: Sequence[Image], in_use: set[str], now: datetime) -> None:
        known = {}
        for image in images:
            before = self._known.get(image.id) or Known(image, now)
            known[image.id] = Known(image, before.first_seen, now if image.id in in_use else before.last_used)
        self._known = known
        self._access.forget_all_but(set(known))


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.1f} {unit}" if unit != "B" else f"{count} B"
        size /= 1024
    return f"{size:.1f} TiB"
