"""A cluster without containers, in a process of its own: what stock clients talk to over TLS.

The API server, the controllers and the scheduler are the real ones; one node only pretends: its pods run as soon as
they are bound, those that may end do so at once, and those that are asked to end are gone.
"""

import asyncio
import contextlib
import os
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom

import uvloop
from tests.harness.cluster import KUBECTL
from tests.harness.server import FACTS, ISSUER, RANGES

from armillary.base.clock import SystemClock, format_micro_time, format_time
from armillary.base.pki import admin_kubeconfig, ensure_pki
from armillary.base.pki_files import Pki, load_pki
from armillary.base.serving.listen import listen, tls_context
from armillary.engine.apiserver.assembly import Assembled, ServerSettings, assemble
from armillary.engine.controllers.all import ControllerSettings, run_built_in
from armillary.engine.scheduler.loop import Scheduler
from armillary.engine.store.memory import memory_store
from armillary.kube.client import Client
from armillary.kube.journal import Journal
from armillary.kube.kinds.coordination import LEASE, Lease, LeaseSpec
from armillary.kube.kinds.core import NODE, POD, Node, NodeCondition, NodeStatus, Pod
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import Key, is_ending, key_of
from armillary.kube.reconcile import Controller, Decision, Delete, Patch, Reads
from armillary.kube.runner import run_controllers
from armillary.kube.transport.http import Http

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
NODE_NAME = "node-1"
LEASE_SECONDS = 10


@dataclass(frozen=True)
class Served:
    """Where it answers, and how to ask."""

    url: str
    pki: Pki
    kubeconfig: Path

    def kubectl(self, version: str) -> "Kubectl":
        return Kubectl(kubectl_binary(version), self.kubeconfig)


@dataclass(frozen=True)
class Kubectl:
    """A stock kubectl, in one namespace."""

    binary: Path
    kubeconfig: Path
    namespace: str = "default"
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, stdin: str | None = None, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), input=stdin, capture_output=True, text=True, env=self.env(), timeout=timeout,
            check=False,
        )  # fmt: skip

    def command(self, *words: str) -> list[str]:
        return [str(self.binary), f"--kubeconfig={self.kubeconfig}", f"--namespace={self.namespace}", *words]

    def env(self) -> dict[str, str]:
        home = str(self.kubeconfig.parent)  # kubectl keeps what it discovered below it
        return {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8", **self.environment}

    def __call__(self, *words: str, stdin: str | None = None, timeout: float = 60) -> str:
        """What it printed on standard output; it must succeed."""
        done = self.run(*words, stdin=stdin, timeout=timeout)
        if done.returncode:
            raise AssertionError(f"{' '.join(words)} gave {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def fails(self, *words: str, stdin: str | None = None) -> str:
        """What it printed on standard error; it must fail."""
        done = self.run(*words, stdin=stdin)
        assert done.returncode, f"{' '.join(words)} succeeded: {done.stdout}"
        return done.stderr


def kubectl_binary(version: str) -> Path:
    """`tools/fetch_kubectl.py` puts them there; ARMILLARY_TEST_KUBECTL names another place."""
    places = [KUBECTL, *filter(None, [Path(os.environ.get("ARMILLARY_TEST_KUBECTL", ""))])]
    for place in places:
        if (found := place / version / "kubectl").exists():
            return found
    raise FileNotFoundError(f"kubectl {version} is not in {places[0]}: run `make kubectl`")


@contextlib.contextmanager
def serving(directory: Path) -> Iterator[Served]:
    """Running until the context ends. `directory` is for its keys and log."""
    now, log = SystemClock().now(), directory / "served.log"
    pki = ensure_pki(directory / "pki", ["localhost"], ["127.0.0.1"], now, node=NODE_NAME)
    command = [sys.executable, "-m", "tests.harness.served", str(directory)]
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    with log.open("w") as out:
        child = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        url = child.stdout.readline().decode().strip()  # it ends with the child, so this waits for no dead one
        assert url, f"the server did not start:\n{log.read_text()}"
        kubeconfig = directory / "kubeconfig"
        kubeconfig.write_text(admin_kubeconfig(pki, url))
        yield Served(url, pki, kubeconfig)
    finally:
        child.stdin.close()  # it stops when nobody holds its standard input: also when this process is killed
        child.wait(START_SECONDS)


# In the child


def main() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(Path(sys.argv[1])))


async def _serve(directory: Path) -> None:
    clock = SystemClock()
    pki = load_pki(directory / "pki", NODE_NAME)
    assembled = assemble(memory_store(clock), ServerSettings(pki, FACTS, RANGES, ISSUER), clock, SystemRandom())
    await assembled.prepare()
    tls = tls_context(pki.crt("apiserver"), pki.key("apiserver"), pki.ca)
    async with listen(assembled.app, clock, addresses=[("127.0.0.1", 0)], tls=tls) as listening:
        url = f"https://127.0.0.1:{listening.addresses[0][1]}"
        async with asyncio.TaskGroup() as group:
            work = group.create_task(_work(assembled, pki, url))
            print(url, flush=True)
            await asyncio.to_thread(sys.stdin.read)
            work.cancel()
    await assembled.close()


async def _work(assembled: Assembled, pki: Pki, url: str) -> None:
    clock = SystemClock()
    settings = ControllerSettings(root_ca=pki.ca.read_text(), signing_key=pki.signing_key)
    async with (
        _as_user(pki, url, "system:kube-controller-manager") as manager,
        _as_user(pki, url, "system:kube-scheduler") as placing,
        Http(url, tls=_tls(pki, certificate="admin")) as transport,
        asyncio.TaskGroup() as group,
    ):
        admin = Client(transport)
        group.create_task(assembled.run())
        group.create_task(run_built_in(settings, manager, clock))
        group.create_task(Scheduler(placing, clock, SystemRandom()).run())
        group.create_task(_pretend(admin))


@contextlib.asynccontextmanager
async def _as_user(pki: Pki, url: str, user: str) -> AsyncIterator[Client]:
    async with Http(url, tls=_tls(pki), headers={"authorization": f"Bearer {pki.tokens[user]}"}) as transport:
        yield Client(transport)


def _tls(pki: Pki, *, certificate: str = "") -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(pki.ca))
    if certificate:
        context.load_cert_chain(pki.crt(certificate), pki.key(certificate))
    return context


# The node that pretends


async def _pretend(admin: Client) -> None:
    clock = SystemClock()
    room = {"cpu": "64", "memory": "256Gi", "pods": "500", "ephemeral-storage": "100Gi"}
    ready = NodeCondition(type="Ready", status="True", reason="KubeletReady", message="kubelet is posting ready status")
    labels = {"kubernetes.io/hostname": NODE_NAME, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    status = NodeStatus(capacity=room, allocatable=room, conditions=(ready,))
    await admin.create(NODE, Node(metadata=ObjectMeta(name=NODE_NAME, labels=labels), status=status))
    await admin.patch(NODE, NODE_NAME, "", {"spec": {"taints": None}})  # what admission put there until it is ready
    lease = Lease(metadata=ObjectMeta(name=NODE_NAME), spec=LeaseSpec(holder_identity=NODE_NAME))
    await admin.create(LEASE, lease, "kube-node-lease")
    async with asyncio.TaskGroup() as group:
        group.create_task(run_controllers([RUNS], admin, clock, Journal()))
        while True:
            renewal = {"spec": {"renewTime": format_micro_time(clock.now()), "leaseDurationSeconds": 40}}
            await admin.patch(LEASE, NODE_NAME, "kube-node-lease", renewal)
            await asyncio.sleep(LEASE_SECONDS)


async def _observe(key: Key, reads: Reads) -> tuple[Pod, str] | None:
    pod = reads.get(POD, key[1], key[0])
    return None if pod is None or pod.spec.node_name != NODE_NAME else (pod, format_time(reads.now()))


def _decide(seen: tuple[Pod, str]) -> Decision:
    pod, now = seen
    meta = pod.metadata
    if is_ending(pod):
        return Decision("ends", (Delete(POD, key_of(pod), meta.uid, grace_seconds=0),))
    if pod.status.phase in ("Running", "Succeeded"):
        return Decision("runs")
    return Decision("starts", (Patch(POD, key_of(pod), {"status": _status(pod, now)}, subresource="status"),))


def _status(pod: Pod, now: str) -> dict[str, object]:
    ends = pod.spec.restart_policy in ("Never", "OnFailure")
    state = {"terminated": {"exitCode": 0, "reason": "Completed"}} if ends else {"running": {"startedAt": now}}
    kinds = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    truth = {"Ready": not ends, "ContainersReady": not ends}
    return {
        "phase": "Succeeded" if ends else "Running",
        "startTime": now,
        "podIP": "10.244.0.9",
        "podIPs": [{"ip": "10.244.0.9"}],
        "conditions": [
            {"type": kind, "status": str(truth.get(kind, True)), "lastTransitionTime": now} for kind in kinds
        ],
        "containerStatuses": [
            {"name": c.name, "image": c.image, "imageID": "", "ready": not ends, "restartCount": 0, "state": state}
            for c in pod.spec.containers
        ],
    }


RUNS = Controller(name="pretending-node", root=POD, observe=_observe, decide=_decide)


if __name__ == "__main__":
    main()
