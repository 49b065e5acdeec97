"""The agent on a real runtime: pods, the kubelet API, coming back after a restart."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.harness.containerd import Containerd, running_containerd
from tests.harness.node import Cluster, box, is_ready, node_settings, phase_is, running_agent
from tests.harness.server import Server
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from armillary.engine.node.cgroups import Cgroups
from armillary.engine.node.run import kubelet_api
from armillary.engine.node.runtime.cri import CriRuntime
from armillary.engine.node.runtime.port import RuntimeFault
from armillary.engine.node.settings import NodeSettings
from armillary.kube.kinds.core import Pod

pytestmark = pytest.mark.machine

PORT = 10250
SEEN_SECONDS = 20.0


@pytest.fixture(scope="module")
def containerd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containerd]:
    with running_containerd("arm-node", tmp_path_factory.mktemp("node")) as running:
        yield running


@pytest.fixture
async def runtime(containerd: Containerd) -> AsyncIterator[CriRuntime]:
    async with containerd.runtime() as runtime:
        yield runtime
        async with asyncio.timeout(SEEN_SECONDS):
            while left := await runtime.sandboxes():
                for sandbox in left:
                    with suppress(RuntimeFault):  # what the agent was about when it ended is still under way
                        await runtime.stop_sandbox(sandbox.id)
                        await runtime.remove_sandbox(sandbox.id)


@pytest.fixture
def settings(containerd: Containerd, tmp_path: Path) -> NodeSettings:
    return node_settings(tmp_path, pods=containerd.pods, cgroup_root=containerd.cgroup_root, port=PORT)


@dataclass
class Kubelet:
    """The kubelet API as an administrator sees it."""

    cluster: Cluster
    tls: ssl.SSLContext

    async def get(self, path: str, status: int = 200) -> str:
        url = f"https://127.0.0.1:{PORT}/{path}"
        async with aiohttp.ClientSession() as session, session.get(url, ssl=self.tls) as answer:
            text = await answer.text()
            assert answer.status == status, text
            return text

    async def answers(self) -> bool:
        try:
            return await self.get("healthz") == "ok"
        except aiohttp.ClientError:
            return False

    def dial(self, path: str, protocol: str = "v5.channel.k8s.io") -> connect:
        url = f"wss://127.0.0.1:{PORT}/{path}"
        return connect(url, ssl=self.tls, subprotocols=[Subprotocol(protocol)], proxy=None, max_size=None)

    async def talk(self, path: str, *messages: bytes) -> dict[int, bytes]:
        """Send these; what came on each channel until the end."""
        heard: dict[int, bytes] = {}
        async with asyncio.timeout(SEEN_SECONDS), self.dial(path) as socket:
            for message in messages:
                await socket.send(message)
            try:
                async for message in socket:
                    data = message if isinstance(message, bytes) else message.encode()
                    heard[data[0]] = heard.get(data[0], b"") + data[1:]
            except ConnectionClosed:
                pass
        return heard


@pytest.fixture
async def kubelet(server: Server, runtime: CriRuntime, settings: NodeSettings) -> AsyncIterator[Kubelet]:
    async with running_agent(server, runtime, settings) as cluster:
        api, stats = kubelet_api(cluster.parts)
        tasks = [cluster.group.create_task(work) for work in (api.serve(), stats.run())]
        tls = ssl.create_default_context(cafile=str(server.pki.ca))
        tls.load_cert_chain(server.pki.crt("admin"), server.pki.key("admin"))
        made = Kubelet(cluster, tls)
        try:
            async with asyncio.timeout(SEEN_SECONDS):
                while not await made.answers():
                    await asyncio.sleep(0.01)
            yield made
        finally:
            for task in tasks:
                task.cancel()


def ended(pod: Pod) -> Any:
    state = pod.status.container_statuses[0].state
    assert state is not None
    return state.terminated


async def test_a_pod_comes_and_goes_and_leaves_nothing(
    kubelet: Kubelet, runtime: CriRuntime, settings: NodeSettings
) -> None:
    made = await kubelet.cluster.create("web", box("main", "sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"))
    pod = await kubelet.cluster.wait(is_ready)
    assert pod.status.pod_ip.startswith("10.99.")
    await kubelet.cluster.delete()
    await kubelet.cluster.wait_gone()
    volumes = settings.pods / made.metadata.uid
    async with asyncio.timeout(SEEN_SECONDS):
        while (
            await runtime.sandboxes() or made.metadata.uid in Cgroups(settings.cgroup_root).pods() or volumes.exists()
        ):
            await asyncio.sleep(0.05)


async def test_how_a_container_ended_is_told(kubelet: Kubelet) -> None:
    script = "echo the reason > /dev/termination-log; exit 3"
    await kubelet.cluster.create("one", box("main", "sh", "-c", script), restartPolicy="Never")
    told = ended(await kubelet.cluster.wait(phase_is("Failed"), "one"))
    assert (told.exit_code, told.reason, told.message) == (3, "Error", "the reason\n")
    last = {"terminationMessagePolicy": "FallbackToLogsOnError"}
    await kubelet.cluster.create(
        "two", box("main", "sh", "-c", "echo last words; exit 4", **last), restartPolicy="Never"
    )
    assert ended(await kubelet.cluster.wait(phase_is("Failed"), "two")).message == "last words\n"
    limits = {"resources": {"limits": {"memory": "16Mi"}}}
    await kubelet.cluster.create("three", box("main", "sh", "-c", "tail /dev/zero", **limits), restartPolicy="Never")
    assert ended(await kubelet.cluster.wait(phase_is("Failed"), "three")).reason == "OOMKilled"


async def test_http_and_tcp_probes_reach_the_pod(kubelet: Kubelet) -> None:
    script = "mkdir /www; echo ok > /www/healthz; httpd -f -p 8080 -h /www"
    ports = [{"name": "web", "containerPort": 8080}]
    http = {"httpGet": {"path": "/healthz", "port": "web"}, "periodSeconds": 1}
    tcp = {"tcpSocket": {"port": 8080}, "periodSeconds": 1}
    main = box("main", "sh", "-c", script, ports=ports, readinessProbe=http, startupProbe=tcp)
    await kubelet.cluster.create("web", main)
    await kubelet.cluster.wait(is_ready)
    missing = {"httpGet": {"path": "/nosuch", "port": 8080}, "periodSeconds": 1}
    await kubelet.cluster.create("bad", box("main", "sh", "-c", script, readinessProbe=missing))
    event = await kubelet.cluster.wait_event("Unhealthy", "bad")
    assert event.message.startswith(
        ("Readiness probe failed: HTTP probe failed with statuscode: 404", "Readiness probe failed: Get")
    )


async def test_pods_see_their_names_files_and_each_other(kubelet: Kubelet) -> None:
    shared = [{"name": "data", "emptyDir": {}}]
    mounts = [{"name": "data", "mountPath": "/data"}]
    writes = box(
        "one", "sh", "-c", "hostname > /data/name; cat /etc/hosts > /data/hosts; sleep 1000", volumeMounts=mounts
    )
    reads = box(
        "two",
        "sh",
        "-c",
        "while ! test -s /data/hosts; do sleep 0.1; done; cat /data/name /data/hosts; sleep 1000",
        volumeMounts=mounts,
    )
    await kubelet.cluster.create("web", writes, reads, volumes=shared)
    pod = await kubelet.cluster.wait(is_ready)
    async with asyncio.timeout(SEEN_SECONDS):
        while "web" not in (text := await kubelet.get("containerLogs/default/web/two")):
            await asyncio.sleep(0.05)
    assert text.startswith("web\n# Kubernetes-managed hosts file.\n")
    assert f"{pod.status.pod_ip}\tweb" in text


async def test_an_agent_that_comes_back_leaves_pods_running(
    server: Server, runtime: CriRuntime, settings: NodeSettings
) -> None:
    async with running_agent(server, runtime, settings) as cluster:
        await cluster.create()
        before = await cluster.wait(is_ready)
    async with running_agent(server, runtime, settings) as cluster:
        after = await cluster.pod()
        assert after.status == before.status
        await runtime.stop_container(after.status.container_statuses[0].container_id.rpartition("/")[2], 0)
        await cluster.wait(lambda pod: pod.status.container_statuses[0].restart_count == 1 and is_ready(pod))


async def test_logs(kubelet: Kubelet) -> None:
    script = "for i in 1 2 3; do echo line $i; done; echo oops >&2; sleep 0.2; exit 0"
    await kubelet.cluster.create("web", box("main", "sh", "-c", script), restartPolicy="Never")
    await kubelet.cluster.wait(phase_is("Running", "Succeeded"))
    text = await kubelet.get("containerLogs/default/web/main?follow=true")
    assert sorted(text.splitlines()) == ["line 1", "line 2", "line 3", "oops"]
    assert await kubelet.get("containerLogs/default/web/main?stream=Stderr") == "oops\n"
    assert (await kubelet.get("containerLogs/default/web/main?tailLines=1&timestamps=true")).count("\n") == 1
    assert "not found" in await kubelet.get("containerLogs/default/web/main?previous=true", 400)
    assert await kubelet.get("containerLogs/default/web/other", 404) == 'container "other" not found in pod "web"'
    assert await kubelet.get("containerLogs/default/nosuch/main", 404) == 'pod "nosuch" does not exist'


async def test_exec(kubelet: Kubelet) -> None:
    await kubelet.cluster.create()
    await kubelet.cluster.wait(is_ready)
    where = "exec/default/web/main?output=1&error=1"
    heard = await kubelet.talk(f"{where}&command=sh&command=-c&command=echo+out;echo+err>%262;exit+3")
    assert (heard[1], heard[2]) == (b"out\n", b"err\n")
    status = json.loads(heard[3])
    assert (status["reason"], status["details"]["causes"][0]["message"]) == ("NonZeroExitCode", "3")
    heard = await kubelet.talk(f"{where}&input=1&command=cat", b"\x00one ", b"\x00two", b"\xff\x00")
    assert (heard[1], json.loads(heard[3])["status"]) == (b"one two", "Success")
    heard = await kubelet.talk(f"{where}&command=nosuch")
    assert "nosuch" in json.loads(heard[3])["message"]
    size = json.dumps({"Width": 132, "Height": 43}).encode()
    heard = await kubelet.talk(
        "exec/default/web/main?input=1&output=1&tty=1&command=sh", b"\x04" + size, b"\x00stty -F /dev/tty size; exit\n"
    )
    assert b"43 132" in heard[1]
    await kubelet.get("exec/default/web/other?command=true", 404)


async def test_attach_ends_stdin(kubelet: Kubelet) -> None:
    reads = box(
        "main", "sh", "-c", "while read l; do echo got:$l; done; echo eof; sleep 0.2", stdin=True, stdinOnce=True
    )
    await kubelet.cluster.create("web", reads, restartPolicy="Never")
    await kubelet.cluster.wait(is_ready)
    heard = await kubelet.talk("attach/default/web/main?input=1&output=1&error=1", b"\x00a\nb\n", b"\xff\x00")
    assert heard[1] == b"got:a\ngot:b\neof\n"


async def test_older_protocols_are_passed_to_the_runtime(kubelet: Kubelet) -> None:
    listens = {"readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1}}
    await kubelet.cluster.create("web", box("main", "sh", "-c", "httpd -f -p 8080 -h /etc", **listens))
    await kubelet.cluster.wait(is_ready)
    async with (
        asyncio.timeout(SEEN_SECONDS),
        kubelet.dial("exec/default/web/main?output=1&command=hostname", "v4.channel.k8s.io") as socket,
    ):
        heard = [message async for message in socket]
    assert b"\x01web\n" in heard
    async with (
        asyncio.timeout(SEEN_SECONDS),
        kubelet.dial("portForward/default/web?port=8080", "v4.channel.k8s.io") as socket,
    ):
        await socket.send(b"\x00GET /passwd HTTP/1.0\r\n\r\n")
        text = b""
        while b"guest" not in text:
            message = await socket.recv()
            text += message[1:] if isinstance(message, bytes) and message[:1] == b"\x00" else b""


async def test_stats(kubelet: Kubelet) -> None:
    await kubelet.cluster.create()
    await kubelet.cluster.wait(is_ready)
    summary = json.loads(await kubelet.get("stats/summary"))
    pod = next(pod for pod in summary["pods"] if pod["podRef"]["name"] == "web")
    assert pod["containers"][0]["memory"]["workingSetBytes"] > 0
    assert 'pod="web"' in await kubelet.get("metrics/cadvisor")
    assert 'pod="web"' in await kubelet.get("metrics/resource")
    assert "kubelet_running_pods 1" in await kubelet.get("metrics")
    assert await kubelet.get("healthz") == "ok"


async def test_strangers_are_refused(kubelet: Kubelet, server: Server) -> None:
    tls = ssl.create_default_context(cafile=str(server.pki.ca))
    tls.load_cert_chain(server.pki.crt("kubelet"), server.pki.key("kubelet"))
    kubelet.tls = tls
    await kubelet.get("pods", 403)
    kubelet.tls = ssl.create_default_context(cafile=str(server.pki.ca))
    with pytest.raises((aiohttp.ClientError, ConnectionError, ssl.SSLError, socket.error)):
        await kubelet.get("pods")
