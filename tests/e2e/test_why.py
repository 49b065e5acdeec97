"""A catalogue of faults, each brought about on a real cluster: the explanation must name its cause.

Each file of `faults/` begins with what is asked and what must be answered: `# why deployment/web: image-missing`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from tests.harness.cluster import Cluster, eventually

from armillary.base.pki_files import load_pki
from armillary.base.words import Language
from armillary.kube.client import Client
from armillary.kube.transport.unix import UnixHttp
from armillary.platform.capabilities.why.decide.explain import explain, paragraph
from armillary.platform.capabilities.why.finding import Explanation
from armillary.platform.capabilities.why.observe import observe, subject_kind

FAULTS = sorted(Path(__file__).parent.joinpath("faults").glob("*.yaml"))
SECURED = {"pod-security": "baseline"}  # namespaces that hold pods to a standard
DELETED = {"held-by-finalizer": "pvc/data"}  # what must be asked to go for the fault to show

T = TypeVar("T")


def asked(path: Path) -> tuple[str, str, str]:
    """Kind, name and the expected cause."""
    subject, _, code = path.read_text().splitlines()[0].removeprefix("# why ").partition(": ")
    kind, _, name = subject.partition("/")
    return kind, name, code


def with_client(cluster: Cluster, work: Callable[[Client], Awaitable[T]]) -> T:
    """As an administrator, by the socket: it needs no way into the cluster's network."""
    tokens = load_pki(cluster.data_dir / "pki", "node-1").tokens

    async def run() -> T:
        headers = {"authorization": f"Bearer {tokens['system:kube-controller-manager']}"}
        client = Client(UnixHttp(str(cluster.data_dir / "run/api.sock"), headers))
        try:
            return await work(client)
        finally:
            await client.transport.close()

    return asyncio.run(run())


@pytest.fixture(scope="module")
def seeded(cluster: Cluster) -> Iterator[None]:
    """All of them at once, each in a namespace of its own: most need a while to show."""
    for path in FAULTS:
        name = namespace_of(path)
        labels = [f"pod-security.kubernetes.io/enforce={SECURED[path.stem]}"] if path.stem in SECURED else []
        cluster.kubectl("create", "namespace", name)
        for label in labels:
            cluster.kubectl("label", "namespace", name, label)
        eventually(lambda name=name: cluster.kubectl("-n", name, "get", "serviceaccount", "default"), "the account")
        cluster.kubectl("-n", name, "apply", "-f", str(path))
    for stem, what in DELETED.items():
        cluster.kubectl("-n", f"fault-{stem}", "delete", what, "--wait=false")
    yield
    for stem, what in DELETED.items():
        cluster.kubectl("-n", f"fault-{stem}", "patch", what, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    cluster.kubectl("delete", "namespace", "--wait=false", *map(namespace_of, FAULTS))
    cluster.kubectl("delete", "ingressclass", "there", "--ignore-not-found")


def namespace_of(path: Path) -> str:
    return f"fault-{path.stem}"


def test_there_are_many_faults() -> None:
    assert len({asked(path)[2] for path in FAULTS}) >= 45


@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.stem)
@pytest.mark.usefixtures("seeded")
def test_the_cause_is_found(cluster: Cluster, path: Path) -> None:
    kind, name, code = asked(path)
    last: list[Explanation] = []

    async def look(client: Client) -> Explanation:
        return explain(await observe(client, subject_kind(kind), namespace_of(path), name))

    def found() -> bool:
        last[:] = [with_client(cluster, look)]
        cause = last[0].cause
        assert cause is not None, "nothing wrong was found"
        assert cause.code == code, f"{cause.code}: {paragraph(last[0], Language.ENGLISH)} {cause.evidence}"
        return True

    eventually(found, f"the cause is {code}", timeout=60)
    for language in Language:
        text = paragraph(last[0], language)
        assert "{" not in text.replace("${", "")
        assert name in text


def test_what_works_is_left_alone(cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("-n", namespace, "create", "deployment", "fine", "--image=busybox", "--", "sleep", "1000")
    cluster.kubectl("-n", namespace, "rollout", "status", "deployment/fine", "--timeout=60s")

    async def look(client: Client) -> Explanation:
        return explain(await observe(client, subject_kind("deploy"), namespace, "fine"))

    assert with_client(cluster, look).findings == ()


def test_what_is_not_there_is_said_to_be_absent(cluster: Cluster, namespace: str) -> None:
    async def look(client: Client) -> Explanation:
        return explain(await observe(client, subject_kind("pod"), namespace, "nobody"))

    cause = with_client(cluster, look).cause
    assert cause is not None
    assert cause.code == "absent"
