"""Carries out what the pod's machine orders, and answers with what came of it."""

import asyncio
import logging
import shutil
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from armillary.base.backoff import Backoff
from armillary.base.clock import Clock
from armillary.base.errors import ApiError
from armillary.engine.node import record as r
from armillary.engine.node.cgroups import Cgroups
from armillary.engine.node.containers import AnyContainer
from armillary.engine.node.env import environment, references
from armillary.engine.node.faults import ConfigError, MountError
from armillary.engine.node.gate import Gate
from armillary.engine.node.hooks import HookFailed, run_bounded, run_hook
from armillary.engine.node.images import Image, ImageError, Images
from armillary.engine.node.inotify import Notices
from armillary.engine.node.launch import (
    Machine,
    container_spec,
    hosts_path,
    log_directory,
    log_path,
    message_file,
    sandbox_spec,
)
from armillary.engine.node.naming import hosts_file, parse_resolver
from armillary.engine.node.probes import Target
from armillary.engine.node.record import PodRecord, Run
from armillary.engine.node.resources import cgroup_of, pod_resources
from armillary.engine.node.runs import lost_run, run_of, wait_exit, with_last_words
from armillary.engine.node.runtime.port import ContainerSpec, Runtime, RuntimeFault, SandboxSpec, State
from armillary.engine.node.settings import NodeSettings
from armillary.engine.node.together import first_of
from armillary.engine.node.turn import container_of
from armillary.engine.node.volumes.lifecycle import VolumeManager
from armillary.engine.node.volumes.sources import Sources
from armillary.kube.image_credentials import keyring_of
from armillary.kube.kinds.core import Node, Pod, Secret, Service

log = logging.getLogger(__name__)

T = TypeVar("T")
TellPod = Callable[[Pod, r.Tell], None]

# Containers go before sandboxes: a pod that has begun shall get through.
_CONTAINER_RANK, _SANDBOX_RANK = 0, 1
_STOP_AGAIN = Backoff(first_seconds=0.5, most_seconds=10.0)
_HOSTS = Path("/etc/hosts")


class Network(Protocol):
    """Whoever must know which pods are on the network."""

    async def joined(self, pod: Pod, addresses: Sequence[str]) -> None:
        """Its sandbox is up; no container of it starts before this is done."""

    def left(self, pod: Pod) -> None:
        """Its sandbox has ended."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What hands work with."""

    settings: NodeSettings
    runtime: Runtime
    volumes: VolumeManager
    sources: Sources
    images: Images
    cgroups: Cgroups
    notices: Notices
    machine: Machine
    gate: Gate
    clock: Clock
    services: Callable[[], Sequence[Service]]
    node: Callable[[], Node]
    look_at_node: Callable[[], None]  # something about it may have changed
    tell: TellPod
    network: Network


class Hands:
    """For all pods of the node."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools

    async def perform(self, record: PodRecord, order: r.Instruction, ending: asyncio.Event) -> r.Event | None:
        """Never raises what a pod, its images or the runtime may cause: that is an event.

        `ending` is set when the pod's end is wanted: nobody waits for its images any longer.
        """
        match order:
            case r.Prepare():
                return await self._prepare(record.pod)
            case r.StartSandbox(attempt):
                return await self._start_sandbox(record.pod, attempt)
            case r.StopSandbox(id):
                return await self._stop_sandbox(record.pod, id)
            case r.StartContainer(name, attempt):
                return await self._start_container(record, name, attempt, ending)
            case r.PostStart(name, id):
                return await self._post_start(record, name, id)
            case r.PreStop(name, id, seconds):
                return await self._pre_stop(record, name, id, seconds)
            case r.StopContainer(name, id, grace_seconds):
                return await self._stop_container(record, name, id, grace_seconds)
            case r.Unmount():
                return await self._unmount(record.pod)
            case r.Remove():
                return await self._remove(record.pod)
            case r.Tell():
                self.tools.tell(record.pod, order)
        return None

    # The pod

    async def _prepare(self, pod: Pod) -> r.Event:
        try:
            await asyncio.to_thread(self._make_places, pod)
            await self.tools.volumes.mount(pod)
        except MountError as exc:
            return r.PrepareFailed("FailedMount", str(exc))
        except OSError as exc:
            return r.PrepareFailed("FailedCreatePodContainer", f"unable to ensure pod container exists: {exc}")
        return r.Prepared()

    def _make_places(self, pod: Pod) -> None:
        settings = self.tools.settings
        self.tools.cgroups.create_pod(cgroup_of(settings.cgroup_root, pod), pod_resources(pod, settings.pids_limit))
        (settings.pods / pod.metadata.uid).mkdir(mode=0o750, parents=True, exist_ok=True)
        log_directory(settings, pod).mkdir(mode=0o755, parents=True, exist_ok=True)

    async def _start_sandbox(self, pod: Pod, attempt: int) -> r.Event:
        tools = self.tools
        try:
            spec, cut = self._sandbox_spec(pod, attempt)
            for message in cut:
                tools.tell(pod, r.Tell("Warning", "DNSConfigForming", message))
            async with tools.gate.place(_SANDBOX_RANK):
                made = await tools.runtime.run_sandbox(spec)
            found = await tools.runtime.sandbox(made)
        except RuntimeFault as exc:
            return r.SandboxFailed(rpc_text(exc))
        except (ConfigError, OSError) as exc:
            return r.SandboxFailed(str(exc))
        if found is None:
            return r.SandboxFailed(f"sandbox {made} went away as soon as it was there")
        ips = (tools.settings.address,) if pod.spec.host_network else found.ips
        self.write_hosts(pod, ips)
        await tools.network.joined(pod, ips)
        return r.SandboxStarted(made, ips, found.pid)

    def _sandbox_spec(self, pod: Pod, attempt: int) -> tuple[SandboxSpec, tuple[str, ...]]:
        settings = self.tools.settings
        return sandbox_spec(pod, attempt, settings, parse_resolver(settings.resolv_conf.read_text()))

    def write_hosts(self, pod: Pod, ips: Sequence[str]) -> None:
        settings = self.tools.settings
        host = _HOSTS.read_text() if pod.spec.host_network else ""
        text = hosts_file(pod, pod_ips=ips, cluster_domain=settings.cluster_domain, host_file=host)
        path = hosts_path(settings, pod)
        path.write_text(text)  # in place: containers have this very file mounted
        path.chmod(0o644)

    async def _stop_sandbox(self, pod: Pod, id: str) -> r.Event:
        try:
            await self.tools.runtime.stop_sandbox(id)
        except RuntimeFault as exc:
            return r.SandboxStopped(id, rpc_text(exc))
        self.tools.network.left(pod)
        return r.SandboxStopped(id)

    async def _unmount(self, pod: Pod) -> r.Event:
        try:
            await self.tools.volumes.unmount(pod.metadata.uid)
            cgroup = cgroup_of(self.tools.settings.cgroup_root, pod)
            if not await asyncio.to_thread(self.tools.cgroups.remove, cgroup):
                await asyncio.to_thread(self.tools.cgroups.kill, cgroup)
                return r.Unmounted(f"cgroup {cgroup} is still in use")
        except (MountError, OSError) as exc:
            return r.Unmounted(str(exc))
        return r.Unmounted()

    async def _remove(self, pod: Pod) -> r.Event:
        tools, uid = self.tools, pod.metadata.uid
        try:
            for sandbox in await tools.runtime.sandboxes():
                if sandbox.pod.uid == uid:
                    await tools.runtime.remove_sandbox(sandbox.id)
            await tools.volumes.remove(uid)
            await asyncio.to_thread(shutil.rmtree, log_directory(tools.settings, pod), ignore_errors=True)
        except (RuntimeFault, MountError, OSError) as exc:
            return r.Removed(str(exc))
        return r.Removed()

    # Its containers

    async def _start_container(self, record: PodRecord, name: str, attempt: int, ending: asyncio.Event) -> r.Event:
        pod, tools = record.pod, self.tools
        container = container_of(pod, name)

        def failed(reason: str, message: str, run: Run | None = None) -> r.Event:
            text = reason if reason in _PULL_REASONS else message
            tools.tell(pod, r.Tell("Warning", "Failed", f"Error: {text}", name))
            return r.StartFailed(name, reason, message, run)

        try:
            image = await _unless(ending, self._image(pod, container))
            if image is None:
                return r.StartFailed(name, "ContainerCreating", "the pod is ending")
            async with tools.gate.place(_CONTAINER_RANK):
                spec = await self._container_spec(record, container, attempt, image)
                sandbox, _ = self._sandbox_spec(pod, record.sandbox.attempt)
                made = await tools.runtime.create_container(record.sandbox.id, spec, sandbox)
                tools.tell(pod, r.Tell("Normal", "Created", "Container created", name))
                fault = await self._start(made)
        except ImageError as exc:
            return failed(exc.reason, str(exc))
        except (ConfigError, ApiError) as exc:
            return failed("CreateContainerConfigError", str(exc))
        except RuntimeFault as exc:
            return failed("CreateContainerError", exc.message)
        except OSError as exc:
            return failed("CreateContainerError", str(exc))
        run = await self._look(record, container, made, attempt)
        if fault is not None:
            return failed("RunContainerError", fault.message, run if run.ended else lost_run(run, tools.clock.now()))
        tools.tell(pod, r.Tell("Normal", "Started", "Container started", name))
        return r.ContainerStarted(name, run)

    async def _start(self, id: str) -> RuntimeFault | None:
        try:
            await self.tools.runtime.start_container(id)
        except RuntimeFault as exc:
            return exc
        return None

    async def _image(self, pod: Pod, container: AnyContainer) -> Image:
        tools = self.tools
        secrets: list[Secret] = []
        for reference in pod.spec.image_pull_secrets:
            secret = await tools.sources.secret(reference.name, pod.metadata.namespace)
            if secret is not None:
                secrets.append(secret)

        def tell(type: str, reason: str, message: str) -> None:
            tools.tell(pod, r.Tell("Warning" if type == "Warning" else "Normal", reason, message, container.name))

        policy = container.image_pull_policy or "IfNotPresent"
        found = await tools.images.ensure(container.image, policy, keyring_of(secrets), tell)
        return await tools.runtime.image_status(found) or Image(found)

    async def _container_spec(
        self, record: PodRecord, container: AnyContainer, attempt: int, image: Image
    ) -> ContainerSpec:
        pod, tools = record.pod, self.tools
        namespace, wanted = pod.metadata.namespace, references(container)
        maps = {name: await tools.sources.config_map(name, namespace) for name in wanted.config_maps}
        secrets = {name: await tools.sources.secret(name, namespace) for name in wanted.secrets}
        values = environment(
            container,
            pod,
            config_maps={name: found for name, found in maps.items() if found is not None},
            secrets={name: found for name, found in secrets.items() if found is not None},
            services=tools.services(),
            allocatable=tools.node().status.allocatable,
            host_ips=(tools.settings.address,),
            pod_ips=record.sandbox.ips,
        )
        mounts = await tools.volumes.container_mounts(pod, container, dict(values))
        file = message_file(tools.settings, pod, container.name, attempt)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o666)
        file.chmod(0o666)  # a container writes to it as whatever user it runs as
        return container_spec(
            pod,
            container,
            attempt,
            image=image,
            environment=values,
            mounts=mounts,
            settings=tools.settings,
            machine=tools.machine,
            pid_target=_pid_target(record, container),
        )

    async def _look(self, record: PodRecord, container: AnyContainer, id: str, attempt: int) -> Run:
        """The run as the runtime shows it now."""
        sandbox = record.sandbox.id
        try:
            found = await self.tools.runtime.container(id)
        except RuntimeFault:
            found = None
        if found is None:
            return Run(id, attempt, sandbox, container.image, started_at=self.tools.clock.now())
        run = run_of(found, sandbox)
        return await self._with_last_words(record.pod, container, run) if run.ended else run

    async def ended_run(self, record: PodRecord, name: str, run: Run) -> Run | None:
        """The end of a run, if it has come."""
        found = await wait_exit(self.tools.runtime, run.id)
        if found is None:
            return lost_run(run, self.tools.clock.now())
        if found.state is not State.EXITED:
            return None
        return await self._with_last_words(record.pod, container_of(record.pod, name), run_of(found, run.sandbox_id))

    async def _with_last_words(self, pod: Pod, container: AnyContainer, run: Run) -> Run:
        settings = self.tools.settings
        path = log_directory(settings, pod) / log_path(container.name, run.attempt)
        return await with_last_words(run, pod, container, path, settings, self.tools.notices)

    async def _post_start(self, record: PodRecord, name: str, id: str) -> r.Event:
        container = container_of(record.pod, name)
        hook = container.lifecycle.post_start if container.lifecycle else None
        if hook is None:
            return r.PostStartDone(name, id)
        try:
            target = Target(container, id, first(record.sandbox.ips))
            await run_hook(hook, target, record.key, self.tools.runtime, self.tools.clock)
        except HookFailed as exc:
            return r.PostStartDone(name, id, str(exc))
        return r.PostStartDone(name, id)

    async def _pre_stop(self, record: PodRecord, name: str, id: str, seconds: int) -> r.Event:
        container = container_of(record.pod, name)
        hook = container.lifecycle.pre_stop if container.lifecycle else None
        if hook is not None:
            try:
                target = Target(container, id, first(record.sandbox.ips))
                await run_bounded(seconds, hook, target, record.key, self.tools.runtime, self.tools.clock)
            except HookFailed:
                # The text may hold secrets: only the status tells it, and a stopping container shows none.
                self.tools.tell(record.pod, r.Tell("Warning", "FailedPreStopHook", "PreStopHook failed", name))
        return r.PreStopDone(name, id)

    async def _stop_container(self, record: PodRecord, name: str, id: str, grace_seconds: int) -> r.Event | None:
        run = record.containers[name].current
        failures = 0
        while True:
            try:
                await self.tools.runtime.stop_container(id, grace_seconds)
                break
            except RuntimeFault as exc:
                failures += 1
                log.warning("container not stopped", extra={"container": id, "error": exc.message})
                await self.tools.clock.sleep(_STOP_AGAIN.after(failures))
        if run is None or run.id != id:
            return None
        ended = await self.ended_run(record, name, run)
        return r.ContainerExited(name, ended) if ended is not None else None


_PULL_REASONS = frozenset(
    ("ErrImagePull", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "RegistryUnavailable",
     "SignatureValidationFailed")
)  # fmt: skip


def rpc_text(fault: RuntimeFault) -> str:
    """As gRPC clients in Go print it: that is what events have always shown."""
    return f"rpc error: code = {fault.code.title().replace('_', '')} desc = {fault.message}"


def first(values: Sequence[str]) -> str:
    return values[0] if values else ""


def _pid_target(record: PodRecord, container: AnyContainer) -> str:
    name = getattr(container, "target_container_name", "")
    if not name:
        return ""
    found = record.containers.get(name)
    if found is None or not found.is_running or found.current is None:
        raise ConfigError(f'unable to find target container "{name}"')
    return found.current.id


async def _unless(event: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """What the work gives, or None if the event came first."""
    doing, _ = await first_of(work, event.wait())
    result: T | None = None if doing.cancelled() else doing.result()
    return result
