"""The agent between an API server and a runtime in memory."""

import asyncio
from pathlib import Path

import pytest
from tests.fakes.runtime import FakeRuntime
from tests.harness.images import BUSYBOX
from tests.harness.node import (
    Cluster,
    PlainCgroups,
    box,
    is_ready,
    node_settings,
    phase_is,
    running_agent,
)
from tests.harness.server import Server

from armillary.engine.node.images import Image
from armillary.engine.node.runtime.port import Executed, Health, RuntimeFault, State
from armillary.kube.kinds.coordination import LEASE
from armillary.kube.kinds.core import CONFIG_MAP, NODE, POD, ConfigMap, Pod
from armillary.kube.kinds.meta import ObjectMeta


def restarts(pod: Pod) -> int:
    return pod.status.container_statuses[0].restart_count if pod.status.container_statuses else 0


def waiting(pod: Pod) -> str:
    statuses = pod.status.container_statuses
    state = statuses[0].state if statuses else None
    return state.waiting.reason if state and state.waiting else ""


async def test_a_pod_becomes_ready(cluster: Cluster, runtime: FakeRuntime) -> None:
    await cluster.create()
    pod = await cluster.wait(is_ready)
    assert (pod.status.phase, pod.status.host_ip, pod.status.qos_class) == ("Running", "127.0.0.1", "BestEffort")
    found = runtime.running("main")
    assert pod.status.pod_ip == runtime.pods[found.sandbox_id].ips[0]
    assert pod.status.container_statuses[0].container_id == f"containerd://{found.id}"
    assert (await cluster.wait_event("Started")).source.component == "kubelet"


async def test_a_deleted_pod_is_stopped_and_nothing_remains(
    cluster: Cluster, runtime: FakeRuntime, tmp_path: Path
) -> None:
    made = await cluster.create(terminationGracePeriodSeconds=7)
    await cluster.wait(is_ready)
    running = runtime.running("main").id
    await cluster.delete()
    await cluster.wait_gone()
    assert runtime.stops == [(running, 7)]
    async with asyncio.timeout(5):
        while runtime.pods or cluster.parts.agent.records():
            await asyncio.sleep(0.01)
    assert not (tmp_path / "pods" / made.metadata.uid).exists()
    assert not list((tmp_path / "logs").iterdir())


async def test_a_pod_that_is_deleted_by_force_is_stopped_too(cluster: Cluster, runtime: FakeRuntime) -> None:
    await cluster.create()
    await cluster.wait(is_ready)
    await cluster.delete(grace_seconds=0)
    async with asyncio.timeout(5):
        while runtime.pods:
            await asyncio.sleep(0.01)


async def test_a_crashing_container_is_restarted(cluster: Cluster, runtime: FakeRuntime) -> None:
    await cluster.create()
    await cluster.wait(is_ready)
    runtime.exit(runtime.running("main").id, 3)
    pod = await cluster.wait(lambda pod: restarts(pod) == 1 and is_ready(pod))
    last = pod.status.container_statuses[0].last_state
    assert last is not None
    assert last.terminated is not None
    assert (last.terminated.exit_code, last.terminated.reason) == (3, "Error")
    runtime.exit(runtime.running("main").id, 3)
    await cluster.wait(lambda pod: waiting(pod) == "CrashLoopBackOff")


async def test_a_job_like_pod_succeeds(cluster: Cluster, runtime: FakeRuntime) -> None:
    runtime.at_once_ended = 0
    await cluster.create(restartPolicy="Never")
    pod = await cluster.wait(phase_is("Succeeded"))
    state = pod.status.container_statuses[0].state
    assert state is not None
    assert state.terminated is not None
    assert state.terminated.reason == "Completed"


async def test_init_containers_come_first(cluster: Cluster, runtime: FakeRuntime) -> None:
    await cluster.create("web", box(), initContainers=[box("first")])
    await cluster.wait(lambda pod: pod.status.init_container_statuses and waiting(pod) == "PodInitializing")
    async with asyncio.timeout(5):
        while not any(c.name == "first" and c.state is State.RUNNING for c in runtime.runs.values()):
            await asyncio.sleep(0.01)
    assert not any(c.name == "main" for c in runtime.runs.values())
    runtime.exit(runtime.running("first").id, 0)
    await cluster.wait(is_ready)


async def test_an_image_that_is_not_there(cluster: Cluster, runtime: FakeRuntime) -> None:
    await cluster.create("web", box(image="localhost/nosuch:1"))
    await cluster.wait(lambda pod: waiting(pod) == "ErrImagePull")
    reasons = {(e.reason, e.message) for e in await cluster.events()}
    await cluster.wait(lambda pod: waiting(pod) == "ImagePullBackOff")
    assert ("Failed", "Error: ErrImagePull") in reasons
    assert (await cluster.wait_event("BackOff")).message == 'Back-off pulling image "localhost/nosuch:1"'


async def test_an_image_is_pulled(cluster: Cluster, runtime: FakeRuntime) -> None:
    runtime.remote.add("localhost/far:1")
    await cluster.create("web", box(image="localhost/far:1"))
    await cluster.wait(is_ready)
    event = await cluster.wait_event("Pulled")
    assert event.message.startswith('Successfully pulled image "localhost/far:1" in ')
    assert event.involved_object.field_path == "spec.containers{main}"


async def test_a_missing_config_map_holds_a_container_back(cluster: Cluster) -> None:
    source = {"configMapKeyRef": {"name": "settings", "key": "colour"}}
    await cluster.create("web", box(env=[{"name": "COLOUR", "valueFrom": source}]))
    pod = await cluster.wait(lambda pod: waiting(pod) == "CreateContainerConfigError")
    state = pod.status.container_statuses[0].state
    assert state is not None
    assert state.waiting is not None
    assert state.waiting.message == 'configmap "settings" not found'
    made = ConfigMap(metadata=ObjectMeta(name="settings"), data={"colour": "blue"})
    await cluster.admin.create(CONFIG_MAP, made, "default")
    await cluster.wait(is_ready)


async def test_the_environment_and_mounts_reach_the_runtime(cluster: Cluster, runtime: FakeRuntime) -> None:
    env = [
        {"name": "WHO", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "SAYS", "value": "$(WHO) here"},
    ]
    mounts = [{"name": "data", "mountPath": "/data"}]
    main = box("main", "echo", "$(SAYS)", env=env, volumeMounts=mounts)
    await cluster.create("web", main, volumes=[{"name": "data", "emptyDir": {}}])
    await cluster.wait(is_ready)
    found = runtime.running("main")
    spec = runtime.specs[found.id]
    values = dict(spec.env)
    assert (values["WHO"], values["SAYS"], spec.command) == ("web", "web here", ("echo", "web here"))
    assert values["IP"] == runtime.pods[found.sandbox_id].ips[0]
    assert {m.container_path for m in spec.mounts} == {"/data", "/etc/hosts", "/dev/termination-log"}


async def test_readiness_is_probed(cluster: Cluster, runtime: FakeRuntime) -> None:
    answers = {"code": 1}
    runtime.commands = lambda command: Executed(answers["code"], b"no", b"")
    probe = {"exec": {"command": ["check"]}, "periodSeconds": 1, "failureThreshold": 1}
    await cluster.create("web", box(readinessProbe=probe))
    assert (await cluster.wait_event("Unhealthy")).message == "Readiness probe failed: no"
    assert not is_ready(await cluster.pod())
    answers["code"] = 0
    await cluster.wait(is_ready)


async def test_a_container_that_fails_its_liveness_probe_is_restarted(cluster: Cluster, runtime: FakeRuntime) -> None:
    runtime.commands = lambda command: Executed(1, b"", b"dead")
    probe = {"exec": {"command": ["check"]}, "periodSeconds": 1, "failureThreshold": 1}
    await cluster.create("web", box(livenessProbe=probe))
    await cluster.wait(lambda pod: restarts(pod) >= 1)
    event = await cluster.wait_event("Killing")
    assert event.message == "Container main failed liveness probe, will be restarted"


async def test_hooks_run_around_a_containers_life(cluster: Cluster, runtime: FakeRuntime) -> None:
    hooks = {"postStart": {"exec": {"command": ["hello"]}}, "preStop": {"exec": {"command": ["bye"]}}}
    await cluster.create("web", box(lifecycle=hooks), terminationGracePeriodSeconds=5)
    await cluster.wait(is_ready)
    await cluster.delete()
    await cluster.wait_gone()
    assert [command for _, command in runtime.executed] == [("hello",), ("bye",)]


async def test_a_container_that_can_not_start(cluster: Cluster, runtime: FakeRuntime) -> None:
    runtime.faults["start_container"] = RuntimeFault("UNKNOWN", "no such program")
    await cluster.create(restartPolicy="Never")
    pod = await cluster.wait(phase_is("Failed"))
    state = pod.status.container_statuses[0].state
    assert state is not None
    assert state.terminated is not None
    assert (state.terminated.exit_code, state.terminated.reason) == (128, "StartError")


async def test_a_sandbox_that_can_not_start_is_tried_again(cluster: Cluster, runtime: FakeRuntime) -> None:
    runtime.faults["run_sandbox"] = RuntimeFault("UNKNOWN", "no network")
    await cluster.create()
    event = await cluster.wait_event("FailedCreatePodSandBox")
    assert event.message == "Failed to create pod sandbox: rpc error: code = Unknown desc = no network"
    runtime.faults.clear()
    await cluster.wait(is_ready)


async def test_a_lost_sandbox_is_replaced(cluster: Cluster, runtime: FakeRuntime) -> None:
    await cluster.create()
    before = await cluster.wait(is_ready)
    runtime.lose_sandbox(runtime.running("main").sandbox_id)
    pod = await cluster.wait(lambda pod: is_ready(pod) and pod.status.pod_ip != before.status.pod_ip)
    assert restarts(pod) == 1
    assert len(pod.status.pod_ips) == 1
    await cluster.wait_event("SandboxChanged")


async def test_pods_that_do_not_fit_are_refused(cluster: Cluster) -> None:
    asked = {"resources": {"requests": {"cpu": "1000"}}}
    await cluster.create("large", box(**asked))
    pod = await cluster.wait(phase_is("Failed"), "large")
    assert pod.status.reason == "OutOfcpu"
    assert pod.status.message.startswith("Node didn't have enough resource: cpu, requested: 1000000, used: 0")
    ports = {"ports": [{"containerPort": 80, "hostPort": 8080}]}
    await cluster.create("one", box(**ports))
    await cluster.wait(is_ready, "one")
    await cluster.create("two", box(**ports))
    assert (await cluster.wait(phase_is("Failed"), "two")).status.reason == "NodePorts"


async def test_a_finished_pod_can_be_deleted(cluster: Cluster, runtime: FakeRuntime) -> None:
    runtime.at_once_ended = 1
    await cluster.create(restartPolicy="Never")
    await cluster.wait(phase_is("Failed"))
    await cluster.delete()
    await cluster.wait_gone()


async def test_a_pod_that_waits_for_its_image_can_be_deleted(cluster: Cluster, runtime: FakeRuntime) -> None:
    class Stuck(FakeRuntime):
        async def pull(self, image: str, credential: object) -> str:
            await asyncio.Event().wait()
            return ""

    runtime.__class__ = Stuck
    await cluster.create("web", box(image="localhost/far:1"))
    await cluster.wait_event("Pulling")
    await cluster.delete()
    await cluster.wait_gone()


async def test_the_node_is_registered_and_kept_alive(cluster: Cluster, runtime: FakeRuntime) -> None:
    async with asyncio.timeout(10):
        while True:
            node = await cluster.admin.get(NODE, "node-1")
            if any(c.type == "Ready" and c.status == "True" for c in node.status.conditions):
                break
            await asyncio.sleep(0.01)
    assert node.metadata.labels["kubernetes.io/hostname"] == "node-1"
    assert node.status.allocatable["pods"] == "110"
    assert node.status.node_info is not None
    assert node.status.node_info.container_runtime_version == "fake://1"
    assert (await cluster.admin.get(LEASE, "node-1", "kube-node-lease")).spec.holder_identity == "node-1"
    runtime.health_told = Health(True, False, "no network")
    cluster.parts.registration.look_now()
    async with asyncio.timeout(10):
        while True:
            node = await cluster.admin.get(NODE, "node-1")
            ready = next(c for c in node.status.conditions if c.type == "Ready")
            if ready.status == "False":
                break
            await asyncio.sleep(0.01)
    assert (ready.reason, ready.message) == ("KubeletNotReady", "no network")


@pytest.mark.parametrize("restarted", [False, True])
async def test_an_agent_that_comes_back_finds_its_pods(
    server: Server, runtime: FakeRuntime, tmp_path: Path, restarted: bool
) -> None:
    settings = node_settings(tmp_path, cgroup_root="/pods")
    cgroups = PlainCgroups("/pods", tmp_path / "cgroup")
    async with running_agent(server, runtime, settings, cgroups) as cluster:
        await cluster.create()
        await cluster.wait(is_ready)
        await cluster.create("gone")
        await cluster.wait(is_ready, "gone")
        if restarted:
            runtime.exit(runtime.running("main", "web").id, 1)
            await cluster.wait(lambda pod: restarts(pod) == 1 and is_ready(pod))
    before = runtime.running("main", "web")
    admin = server.admin()
    await admin.delete(POD, "gone", "default", grace_seconds=0)
    async with running_agent(server, runtime, settings, cgroups) as cluster:
        async with asyncio.timeout(5):
            while len(runtime.pods) > 1:
                await asyncio.sleep(0.01)
        assert runtime.running("main") == before
        pod = await cluster.pod()
        assert (is_ready(pod), restarts(pod)) == (True, int(restarted))
        runtime.exit(before.id, 1)
        await cluster.wait(lambda pod: restarts(pod) == int(restarted) + 1)


async def test_what_ended_while_no_agent_looked_is_noticed(
    server: Server, runtime: FakeRuntime, tmp_path: Path
) -> None:
    settings = node_settings(tmp_path, cgroup_root="/pods")
    cgroups = PlainCgroups("/pods", tmp_path / "cgroup")
    async with running_agent(server, runtime, settings, cgroups) as cluster:
        await cluster.create(restartPolicy="Never")
        await cluster.wait(is_ready)
    runtime.exit(runtime.running("main").id, 9)
    async with running_agent(server, runtime, settings, cgroups) as cluster:
        pod = await cluster.wait(phase_is("Failed"))
        state = pod.status.container_statuses[0].state
        assert state is not None
        assert state.terminated is not None
        assert state.terminated.exit_code == 9


async def test_fifty_pods_at_once(cluster: Cluster, runtime: FakeRuntime) -> None:
    runtime.images[BUSYBOX] = Image("sha256:busybox", (BUSYBOX,))
    names = [f"p{number}" for number in range(50)]
    await asyncio.gather(*(cluster.create(name) for name in names))
    await asyncio.gather(*(cluster.wait(is_ready, name) for name in names))
    assert len(runtime.pods) == 50
