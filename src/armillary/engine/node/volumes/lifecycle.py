"""Volumes of this node's pods: mounted before containers start, kept current, taken away at the end."""

import asyncio
import logging
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from armillary.base.clock import Clock
from armillary.base.errors import ApiError
from armillary.engine.node.containers import AnyContainer
from armillary.engine.node.env import expand_sub_path
from armillary.engine.node.faults import ConfigError, MountError
from armillary.engine.node.runtime.port import Mount, Propagation
from armillary.engine.node.volumes.plan import Bound, Files, HostPath, Plan, Planner, used_volumes
from armillary.engine.node.volumes.setup import nested_mount_points, ownership_of, set_up, tear_down, write_volume
from armillary.engine.node.volumes.sources import Sources
from armillary.engine.node.volumes.subpath import bind_sub_path, check_sub_path
from armillary.kube.kinds.core import Pod, VolumeMount

log = logging.getLogger(__name__)

REFRESH_SECONDS = 60.0
_SETTLE_SECONDS = 0.02  # changes that come together are written together

_PROPAGATION: dict[str, Propagation] = {
    "": "private",
    "None": "private",
    "HostToContainer": "host-to-container",
    "Bidirectional": "bidirectional",
}


@dataclass(slots=True)
class _Mounted:
    """A pod whose volumes are there."""

    pod: Pod
    plans: Mapping[str, Plan] = field(default_factory=dict)


class VolumeManager:
    """All volumes below `pods`, which must be a shared mount for containers to see what comes later."""

    def __init__(
        self,
        pods: Path,
        sources: Sources,
        clock: Clock,
        *,
        allocatable: Callable[[], Mapping[str, str]],
        failed: Callable[[Pod, str], None] = lambda pod, message: None,
    ) -> None:
        """`failed(pod, message)` hears why a running pod's volume could not be brought up to date."""
        self._pods, self._sources, self._clock, self._failed = pods, sources, clock, failed
        self._planner = Planner(pods, sources, allocatable)
        self._mounted: dict[str, _Mounted] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._due: set[str] = set()
        self._woken = asyncio.Event()
        sources.listen(self._on_change)

    def pod_directory(self, uid: str) -> Path:
        return self._pods / uid

    def mounted_pods(self) -> set[str]:
        """Uids of pods that have a directory here, from this run or a former one."""
        return {path.name for path in self._pods.iterdir() if path.is_dir()} if self._pods.is_dir() else set()

    async def mount(self, pod: Pod) -> Mapping[str, str]:
        """Make the pod's volumes; where each is on the host. Raises MountError with a FailedMount event's text."""
        uid = pod.metadata.uid
        async with self._locks[uid]:
            self._sources.follow(pod)
            plans = {}
            for volume in used_volumes(pod):
                try:
                    plans[volume.name] = await self._planner.plan(volume, pod)
                except ApiError as exc:
                    raise MountError(f'MountVolume.SetUp failed for volume "{volume.name}" : {exc}') from exc
            await asyncio.to_thread(self._set_up, pod, plans)
            self._mounted[uid] = _Mounted(pod, plans)
            return {name: str(plan.path) for name, plan in plans.items()}

    async def refresh(self, pod: Pod) -> None:
        """Bring the files of config maps, secrets, fields and tokens up to date in a pod that runs."""
        uid = pod.metadata.uid
        async with self._locks[uid]:
            mounted = self._mounted.get(uid)
            if mounted is None:
                return
            mounted.pod = pod
            self._sources.follow(pod)
            for volume in used_volumes(pod):
                if isinstance(mounted.plans.get(volume.name), Files):
                    plan = await self._planner.plan(volume, pod)
                    if plan != mounted.plans[volume.name]:
                        await asyncio.to_thread(self._write, pod, volume.name, plan)
                        mounted.plans = {**mounted.plans, volume.name: plan}

    async def unmount(self, pod_uid: str) -> None:
        """Take a pod's volumes away, its containers being gone. Raises MountError; may be asked again."""
        async with self._locks[pod_uid]:
            self._mounted.pop(pod_uid, None)
            self._sources.forget(pod_uid)
            await asyncio.to_thread(tear_down, self.pod_directory(pod_uid))

    async def remove(self, pod_uid: str) -> None:
        """Unmount, and delete the pod's directory with all that the agent kept in it."""
        await self.unmount(pod_uid)
        await asyncio.to_thread(shutil.rmtree, self.pod_directory(pod_uid), ignore_errors=True)
        self._locks.pop(pod_uid, None)

    async def container_mounts(
        self, pod: Pod, container: AnyContainer, environment: Mapping[str, str]
    ) -> tuple[Mount, ...]:
        """What to mount into a container of a pod whose volumes are there. Raises ConfigError."""
        mounted = self._mounted.get(pod.metadata.uid)
        plans = mounted.plans if mounted else {}
        made = []
        for number, mount in enumerate(container.volume_mounts):
            plan = plans.get(mount.name)
            if plan is None:
                raise ConfigError(f'cannot find volume "{mount.name}" to mount into container "{container.name}"')
            target = self._sub_path_target(pod, plan, mount, container, number)
            source = await asyncio.to_thread(_source, plan, mount, container.name, target, environment)
            made.append(
                Mount(
                    container_path=mount.mount_path if mount.mount_path.startswith("/") else f"/{mount.mount_path}",
                    host_path=source,
                    read_only=mount.read_only is True or plan.read_only,
                    propagation=_PROPAGATION[mount.mount_propagation],
                )
            )
        return tuple(made)

    async def run(self) -> None:
        """Keep running pods' volumes current until cancelled: promptly on change, and every minute."""
        all_at = self._clock.monotonic() + REFRESH_SECONDS
        while True:
            try:
                async with asyncio.timeout(max(0.0, all_at - self._clock.monotonic())):
                    await self._woken.wait()
            except TimeoutError:
                self._due |= set(self._mounted)
                all_at = self._clock.monotonic() + REFRESH_SECONDS
            else:
                await self._clock.sleep(_SETTLE_SECONDS)
            self._woken.clear()
            due, self._due = self._due, set()
            for uid in due:
                await self._refresh_or_tell(uid)

    async def _refresh_or_tell(self, uid: str) -> None:
        mounted = self._mounted.get(uid)
        if mounted is None:
            return
        try:
            await self.refresh(mounted.pod)
        except (MountError, ApiError) as exc:
            log.info("volume not refreshed", extra={"pod": mounted.pod.metadata.name, "error": str(exc)})
            self._failed(mounted.pod, str(exc))

    def _on_change(self, uid: str) -> None:
        self._due.add(uid)
        self._woken.set()

    def _set_up(self, pod: Pod, plans: Mapping[str, Plan]) -> None:
        owner, now = ownership_of(pod), self._clock.now()
        self.pod_directory(pod.metadata.uid).mkdir(mode=0o750, parents=True, exist_ok=True)
        for name, plan in plans.items():
            set_up(name, plan, owner, nested_mount_points(pod, name), now)

    def _write(self, pod: Pod, name: str, plan: Plan) -> None:
        assert isinstance(plan, Files)  # noqa: S101  # a volume does not change its type
        try:
            write_volume(plan, ownership_of(pod), nested_mount_points(pod, name), self._clock.now())
        except OSError as exc:
            raise MountError(f'MountVolume.SetUp failed for volume "{name}" : {exc}') from exc

    def _sub_path_target(self, pod: Pod, plan: Plan, mount: VolumeMount, container: AnyContainer, number: int) -> Path:
        name = plan.volume_name if isinstance(plan, Bound) else mount.name
        return self.pod_directory(pod.metadata.uid) / "volume-subpaths" / name / container.name / str(number)


def _source(plan: Plan, mount: VolumeMount, container: str, target: Path, environment: Mapping[str, str]) -> str:
    """The path on the host that a mount shows."""
    sub_path = expand_sub_path(mount.sub_path_expr, environment) if mount.sub_path_expr else mount.sub_path
    if not sub_path:
        return str(plan.path)
    check_sub_path(sub_path)
    if isinstance(plan, HostPath):
        _must_be_there(plan)
    bind_sub_path(plan.path, sub_path, target, mount_name=mount.name, container=container)
    return str(target)


def _must_be_there(plan: HostPath) -> None:
    if not plan.path.is_dir():
        raise ConfigError(f"lstat {plan.path}: no such file or directory")
