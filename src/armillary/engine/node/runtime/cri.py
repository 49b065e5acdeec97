"""The runtime port over CRI, with containerd's own services where CRI is not enough (events)."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import grpc
from cri_api.v1 import api_pb2 as cri
from cri_api.v1 import api_pb2_grpc

from armillary.engine.node.images import Image
from armillary.engine.node.runtime import cri_messages as told
from armillary.engine.node.runtime import wire
from armillary.engine.node.runtime.port import (
    Container,
    ContainerSpec,
    Executed,
    Exit,
    Health,
    Process,
    RuntimeFault,
    Sandbox,
    SandboxSpec,
    Version,
)
from armillary.engine.node.runtime.process import NAMESPACE, Tasks, running_process
from armillary.kube.image_credentials import Credential

CALL_SECONDS = 120.0  # as kubelet's runtime request timeout
_STUBS: Any = api_pb2_grpc  # generated without types
_GRACE_SECONDS = 30.0  # on top of what a call itself is told to wait
_CHANNEL = (("grpc.default_authority", "localhost"), ("grpc.max_receive_message_length", 64 << 20))


def fault_of(error: grpc.aio.AioRpcError) -> RuntimeFault:
    return RuntimeFault(error.code().name, error.details() or error.code().name)


class CriRuntime:
    """containerd behind its socket. Connects when first used; close it at the end."""

    def __init__(self, socket: Path) -> None:
        self._fifos = socket.parent / "exec"
        self.channel = grpc.aio.insecure_channel(f"unix://{socket}", options=_CHANNEL)
        self._runtime = _STUBS.RuntimeServiceStub(self.channel)
        self._images = _STUBS.ImageServiceStub(self.channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.channel.close()

    async def _call(self, method: Any, request: Any, timeout: float | None = CALL_SECONDS) -> Any:
        try:
            return await method(request, timeout=timeout)
        except grpc.aio.AioRpcError as exc:
            raise fault_of(exc) from exc

    async def _find(self, method: Any, request: Any) -> Any | None:
        try:
            return await self._call(method, request)
        except RuntimeFault as exc:
            if exc.code == "NOT_FOUND":
                return None
            raise

    async def version(self) -> Version:
        found = await self._call(self._runtime.Version, cri.VersionRequest())
        return Version(found.runtime_name, found.runtime_version)

    async def health(self) -> Health:
        found = (await self._call(self._runtime.Status, cri.StatusRequest())).status
        conditions = {condition.type: condition for condition in found.conditions}
        runtime, network = conditions.get("RuntimeReady"), conditions.get("NetworkReady")
        faults = [
            f"container {kind} not ready: {name}={str(c.status).lower()} reason:{c.reason} message:{c.message}"
            for kind, name, c in (("runtime", "RuntimeReady", runtime), ("runtime network", "NetworkReady", network))
            if c is not None and not c.status
        ]
        return Health(bool(runtime and runtime.status), bool(network and network.status), ", ".join(faults))

    async def run_sandbox(self, spec: SandboxSpec) -> str:
        request = cri.RunPodSandboxRequest(config=told.sandbox_config(spec), runtime_handler=spec.handler)
        made: str = (await self._call(self._runtime.RunPodSandbox, request, 2 * CALL_SECONDS)).pod_sandbox_id
        return made

    async def stop_sandbox(self, id: str) -> None:
        await self._find(self._runtime.StopPodSandbox, cri.StopPodSandboxRequest(pod_sandbox_id=id))

    async def remove_sandbox(self, id: str) -> None:
        await self._find(self._runtime.RemovePodSandbox, cri.RemovePodSandboxRequest(pod_sandbox_id=id))

    async def sandbox(self, id: str) -> Sandbox | None:
        request = cri.PodSandboxStatusRequest(pod_sandbox_id=id, verbose=True)
        found = await self._find(self._runtime.PodSandboxStatus, request)
        return told.sandbox(found.status, found.info) if found is not None else None

    async def sandboxes(self) -> Sequence[Sandbox]:
        found = await self._call(self._runtime.ListPodSandbox, cri.ListPodSandboxRequest())
        return [told.sandbox(item) for item in found.items]

    async def create_container(self, sandbox_id: str, spec: ContainerSpec, sandbox: SandboxSpec) -> str:
        request = cri.CreateContainerRequest(
            pod_sandbox_id=sandbox_id, config=told.container_config(spec), sandbox_config=told.sandbox_config(sandbox)
        )
        made: str = (await self._call(self._runtime.CreateContainer, request)).container_id
        return made

    async def start_container(self, id: str) -> None:
        await self._call(self._runtime.StartContainer, cri.StartContainerRequest(container_id=id))

    async def stop_container(self, id: str, grace_seconds: int) -> None:
        request = cri.StopContainerRequest(container_id=id, timeout=grace_seconds)
        try:
            await self._call(self._runtime.StopContainer, request, grace_seconds + _GRACE_SECONDS)
        except RuntimeFault as exc:
            if exc.code != "NOT_FOUND":
                raise

    async def remove_container(self, id: str) -> None:
        await self._find(self._runtime.RemoveContainer, cri.RemoveContainerRequest(container_id=id))

    async def container(self, id: str) -> Container | None:
        found = await self._find(self._runtime.ContainerStatus, cri.ContainerStatusRequest(container_id=id))
        return told.container(found.status) if found is not None else None

    async def containers(self) -> Sequence[Container]:
        found = await self._call(self._runtime.ListContainers, cri.ListContainersRequest())
        return [told.listed_container(item) for item in found.containers]

    async def reopen_log(self, id: str) -> None:
        await self._call(self._runtime.ReopenContainerLog, cri.ReopenContainerLogRequest(container_id=id))

    async def execute(self, id: str, command: Sequence[str], timeout_seconds: float) -> Executed:
        # CRI counts whole seconds; ours may be a fraction, so the call's own deadline cuts it.
        request = cri.ExecSyncRequest(container_id=id, cmd=command, timeout=max(0, -int(-timeout_seconds // 1)))
        timeout = timeout_seconds + _GRACE_SECONDS if timeout_seconds else None
        found = await self._call(self._runtime.ExecSync, request, timeout)
        return Executed(found.exit_code, found.stdout, found.stderr)

    @asynccontextmanager
    async def process(self, id: str, command: Sequence[str], *, stdin: bool, tty: bool) -> AsyncIterator[Process]:
        async with running_process(Tasks(self.channel), self._fifos, id, command, stdin=stdin, tty=tty) as process:
            yield process

    async def exits(self) -> AsyncGenerator[Exit, None]:
        subscribe = self.channel.unary_stream(
            wire.SUBSCRIBE, request_serializer=wire.serialize, response_deserializer=wire.parser("Envelope")
        )
        request = wire.message("SubscribeRequest", filters=['namespace==k8s.io,topic=="/tasks/exit"'])
        try:
            async for envelope in subscribe(request, metadata=NAMESPACE):
                event = wire.parse("TaskExit", envelope.event.value)
                if event.id == event.container_id:  # else it was a command run in the container
                    yield Exit(event.container_id)
        except grpc.aio.AioRpcError as exc:
            raise fault_of(exc) from exc

    async def exec_url(
        self, id: str, command: Sequence[str], *, stdin: bool, stdout: bool, stderr: bool, tty: bool
    ) -> str:
        request = cri.ExecRequest(container_id=id, cmd=command, stdin=stdin, stdout=stdout, stderr=stderr, tty=tty)
        url: str = (await self._call(self._runtime.Exec, request)).url
        return url

    async def attach_url(self, id: str, *, stdin: bool, stdout: bool, stderr: bool, tty: bool) -> str:
        request = cri.AttachRequest(container_id=id, stdin=stdin, stdout=stdout, stderr=stderr, tty=tty)
        url: str = (await self._call(self._runtime.Attach, request)).url
        return url

    async def port_forward_url(self, sandbox_id: str, ports: Sequence[int]) -> str:
        request = cri.PortForwardRequest(pod_sandbox_id=sandbox_id, port=ports)
        url: str = (await self._call(self._runtime.PortForward, request)).url
        return url

    async def pull(self, image: str, credential: Credential | None) -> str:
        request = cri.PullImageRequest(image=cri.ImageSpec(image=image))
        if credential is not None:
            request.auth.CopyFrom(told.auth_config(credential))
        pulled: str = (await self._call(self._images.PullImage, request, None)).image_ref
        return pulled

    async def image_status(self, image: str) -> Image | None:
        request = cri.ImageStatusRequest(image=cri.ImageSpec(image=image))
        found = await self._call(self._images.ImageStatus, request)
        return told.image(found.image) if found.HasField("image") else None

    async def list_images(self) -> Sequence[Image]:
        found = await self._call(self._images.ListImages, cri.ListImagesRequest())
        return [told.image(item) for item in found.images]

    async def remove_image(self, image: str) -> None:
        await self._find(self._images.RemoveImage, cri.RemoveImageRequest(image=cri.ImageSpec(image=image)))
