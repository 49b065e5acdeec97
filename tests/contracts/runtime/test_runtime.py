"""What the agent relies on, of every runtime: the one in memory and the real ones."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.fakes.runtime import FakeRuntime
from tests.harness.containerd import Containerd, running_containerd
from tests.harness.images import BUSYBOX

from armillary.engine.node.images import Image
from armillary.engine.node.resources import ContainerResources
from armillary.engine.node.runtime.port import (
    Container,
    ContainerSpec,
    Executed,
    PodName,
    Runtime,
    RuntimeFault,
    SandboxSpec,
    State,
)
from armillary.engine.node.security import ContainerSecurity, Namespace, Namespaces, SandboxSecurity, Seccomp

SPACES = Namespaces(Namespace.POD, Namespace.CONTAINER, Namespace.POD)
SEEN_SECONDS = 10.0


@dataclass
class Bench:
    """A runtime and how to ask it in few words."""

    runtime: Runtime
    logs: Path
    cgroup_root: str

    def spec(self, attempt: int = 0, uid: str = "") -> SandboxSpec:
        uid = uid or secrets.token_hex(8)
        return SandboxSpec(
            pod=PodName("default", "web", uid),
            attempt=attempt,
            hostname="web",
            log_directory=str(self.logs / uid),
            cgroup_parent=f"{self.cgroup_root}/pod{uid}",
            security=SandboxSecurity(SPACES, None, None, (), "", False, {}),
            labels={"app": "web"},
        )

    def container(self, *command: str, attempt: int = 0) -> ContainerSpec:
        security = ContainerSecurity(
            SPACES, Seccomp("RuntimeDefault"), None, "", None, (), "", (), (), False, False, False, (), ()
        )
        return ContainerSpec(
            name="main",
            attempt=attempt,
            image=BUSYBOX,
            log_path=f"main/{attempt}.log",
            resources=ContainerResources(2, 0, 100_000, 0, 0),
            security=security,
            command=command or ("sleep", "1000"),
            annotations={"note": "kept"},
        )

    async def started(self, *command: str) -> tuple[str, str]:
        """Ids of a sandbox and of a container that runs in it."""
        spec = self.spec()
        sandbox = await self.runtime.run_sandbox(spec)
        box = await self.runtime.create_container(sandbox, self.container(*command), spec)
        await self.runtime.start_container(box)
        return sandbox, box

    async def ended(self, box: str) -> Container:
        async with asyncio.timeout(SEEN_SECONDS):
            while True:
                found = await self.runtime.container(box)
                assert found is not None
                if found.state is State.EXITED:
                    return found
                await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
def containerd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containerd | None]:
    if request.param == "fake":
        yield None
        return
    directory = tmp_path_factory.mktemp("rt")
    with running_containerd("arm-node", directory, runtime=request.param) as running:
        yield running


@pytest.fixture
async def bench(containerd: Containerd | None, tmp_path: Path) -> AsyncIterator[Bench]:
    if containerd is None:
        fake = FakeRuntime(commands=_busybox)
        fake.images[BUSYBOX] = Image("sha256:busybox", (BUSYBOX,))
        yield Bench(fake, tmp_path, "/none")
        return
    async with containerd.runtime() as runtime:
        yield Bench(runtime, tmp_path, containerd.cgroup_root)


def _busybox(command: tuple[str, ...]) -> Executed:
    return Executed(3, b"out\n", b"err\n") if command[0] == "sh" else Executed(0, b"", b"")


everywhere = pytest.mark.parametrize(
    "containerd",
    [
        "fake",
        pytest.param("crun", marks=pytest.mark.machine),
        pytest.param("runc", marks=pytest.mark.machine),
    ],
    indirect=True,
)
real = pytest.mark.parametrize("containerd", [pytest.param("crun", marks=pytest.mark.machine)], indirect=True)


@everywhere
async def test_it_is_ready(bench: Bench) -> None:
    health = await bench.runtime.health()
    assert (health.runtime_ready, health.network_ready) == (True, True)
    assert (await bench.runtime.version()).version


@everywhere
async def test_a_sandbox_has_an_address_until_it_is_stopped(bench: Bench) -> None:
    spec = bench.spec()
    box = await bench.runtime.run_sandbox(spec)
    found = await bench.runtime.sandbox(box)
    assert found is not None
    assert (found.pod, found.attempt, found.ready, found.labels["app"]) == (spec.pod, 0, True, "web")
    assert found.ips
    await bench.runtime.stop_sandbox(box)
    stopped = await bench.runtime.sandbox(box)
    assert stopped is not None
    assert not stopped.ready
    await bench.runtime.remove_sandbox(box)
    assert await bench.runtime.sandbox(box) is None


@everywhere
async def test_a_container_runs_and_remembers_what_it_was_told(bench: Bench) -> None:
    sandbox, box = await bench.started()
    found = await bench.runtime.container(box)
    assert found is not None
    assert (found.name, found.state, found.annotations["note"]) == ("main", State.RUNNING, "kept")
    assert found.started_at is not None
    listed = next(c for c in await bench.runtime.containers() if c.id == box)
    assert (listed.sandbox_id, listed.attempt) == (sandbox, 0)


@everywhere
async def test_stopping_ends_a_container_and_its_exit_is_told(bench: Bench) -> None:
    _, box = await bench.started()
    async with aclosing(bench.runtime.exits()) as exits:
        told = asyncio.ensure_future(anext(exits))
        await asyncio.sleep(0.05)
        await bench.runtime.stop_container(box, 1)
        assert (await asyncio.wait_for(told, SEEN_SECONDS)).id == box
    ended = await bench.ended(box)
    assert ended.exit_code in (137, 143)
    assert ended.finished_at is not None


@everywhere
async def test_stopping_and_removing_what_is_gone_does_nothing(bench: Bench) -> None:
    sandbox, box = await bench.started()
    await bench.runtime.stop_container(box, 0)
    await bench.runtime.stop_container(box, 0)
    for _ in range(2):
        await bench.runtime.remove_container(box)
        await bench.runtime.stop_sandbox(sandbox)
        await bench.runtime.remove_sandbox(sandbox)
    assert await bench.runtime.container(box) is None


@everywhere
async def test_removing_a_sandbox_removes_its_containers(bench: Bench) -> None:
    sandbox, box = await bench.started()
    await bench.runtime.stop_sandbox(sandbox)
    await bench.runtime.remove_sandbox(sandbox)
    assert await bench.runtime.container(box) is None
    assert box not in {c.id for c in await bench.runtime.containers()}


@everywhere
async def test_a_command_gives_its_output_and_exit_code(bench: Bench) -> None:
    _, box = await bench.started()
    done = await bench.runtime.execute(box, ["sh", "-c", "echo out; echo err >&2; exit 3"], 5)
    assert done == Executed(3, b"out\n", b"err\n")


@everywhere
async def test_a_command_in_a_container_that_ended_is_refused(bench: Bench) -> None:
    _, box = await bench.started()
    await bench.runtime.stop_container(box, 0)
    await bench.ended(box)
    with pytest.raises(RuntimeFault):
        await bench.runtime.execute(box, ["true"], 5)


@everywhere
async def test_a_container_needs_its_sandbox(bench: Bench) -> None:
    with pytest.raises(RuntimeFault):
        await bench.runtime.create_container("nosuch", bench.container(), bench.spec())


@everywhere
async def test_images_that_are_nowhere(bench: Bench) -> None:
    assert await bench.runtime.image_status("localhost/nosuch:1") is None
    assert await bench.runtime.image_status(BUSYBOX) is not None
    with pytest.raises(RuntimeFault):
        await bench.runtime.pull("127.0.0.1:1/nosuch:1", None)
    await bench.runtime.remove_image("localhost/nosuch:1")


@real
async def test_exit_codes_and_reasons(bench: Bench) -> None:
    for command, code, reason in (("exit 0", 0, "Completed"), ("exit 3", 3, "Error")):
        _, box = await bench.started("sh", "-c", command)
        ended = await bench.ended(box)
        assert (ended.exit_code, ended.reason) == (code, reason)


@real
async def test_a_container_over_its_memory_limit_is_said_to_be(bench: Bench) -> None:
    spec = bench.spec()
    sandbox = await bench.runtime.run_sandbox(spec)
    limited = replace(
        bench.container("sh", "-c", "tail /dev/zero"),
        resources=ContainerResources(2, 0, 100_000, 16 << 20, 1000),
    )
    box = await bench.runtime.create_container(sandbox, limited, spec)
    await bench.runtime.start_container(box)
    ended = await bench.ended(box)
    assert (ended.exit_code, ended.reason) == (137, "OOMKilled")


@real
async def test_a_program_that_is_not_there_fails_to_start(bench: Bench) -> None:
    spec = bench.spec()
    sandbox = await bench.runtime.run_sandbox(spec)
    box = await bench.runtime.create_container(sandbox, bench.container("/nosuch"), spec)
    with pytest.raises(RuntimeFault):
        await bench.runtime.start_container(box)
    ended = await bench.ended(box)
    assert (ended.exit_code, ended.reason) == (128, "StartError")


@real
async def test_a_command_that_takes_too_long_is_cut(bench: Bench) -> None:
    _, box = await bench.started()
    with pytest.raises(RuntimeFault) as raised:
        await bench.runtime.execute(box, ["sleep", "100"], 1)
    assert raised.value.code == "DEADLINE_EXCEEDED"


@real
async def test_a_process_reads_until_its_stdin_is_closed(bench: Bench) -> None:
    _, box = await bench.started()
    async with bench.runtime.process(box, ["cat"], stdin=True, tty=False) as process:
        await process.write(b"one")
        await process.write(b" two")
        await process.close_stdin()
        assert await process.stdout.read() == b"one two"
        assert await process.wait() == 0


@real
async def test_a_process_on_a_terminal_has_its_size(bench: Bench) -> None:
    _, box = await bench.started()
    async with bench.runtime.process(box, ["sh"], stdin=True, tty=True) as process:
        await process.resize(132, 43)
        await process.write(b"stty -F /dev/tty size; exit 5\n")
        assert b"43 132" in await process.stdout.read()
        assert await process.wait() == 5


@real
async def test_a_process_that_is_left_alone_is_killed(bench: Bench) -> None:
    _, box = await bench.started()
    async with bench.runtime.process(box, ["sleep", "777"], stdin=False, tty=False):
        pass
    done = await bench.runtime.execute(box, ["ps"], 5)
    assert b"777" not in done.stdout


@real
async def test_the_sandbox_collects_orphans_of_a_shared_process_namespace(bench: Bench) -> None:
    shared = Namespaces(Namespace.POD, Namespace.POD, Namespace.POD)
    spec = replace(bench.spec(), security=SandboxSecurity(shared, None, None, (), "", False, {}))
    sandbox = await bench.runtime.run_sandbox(spec)
    plain = bench.container()
    box = await bench.runtime.create_container(
        sandbox, replace(plain, security=replace(plain.security, namespaces=shared)), spec
    )
    await bench.runtime.start_container(box)
    await bench.runtime.execute(box, ["sh", "-c", "(sleep 0.1 & ) ; exit 0"], 5)
    async with asyncio.timeout(SEEN_SECONDS):
        while b"sleep 0.1" in (shown := (await bench.runtime.execute(box, ["ps"], 5)).stdout):
            await asyncio.sleep(0.05)
    assert b"[sleep]" not in shown
