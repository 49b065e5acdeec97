"""Stock kubectl through the platform, on real containers: everything that streams."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from tests.harness.cluster import ROOT, VERSIONS, Cluster, eventually

SERVER = "mkdir /w; echo hello > /w/index.html; echo started; httpd -f -p 8080 -h /w"


@dataclass(frozen=True)
class Front:
    url: str
    ca: str


@pytest.fixture(scope="module")
def front(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """A platform beside the cluster, which it knows by a kubeconfig only."""
    directory = tmp_path_factory.mktemp("platform")
    env = {
        **cluster.env(),
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "ARMILLARY_TEST_KUBECONFIG": str(cluster.data_dir / "pki/admin.kubeconfig"),
    }
    command = cluster.command(sys.executable, "-m", "tests.harness.platform", str(directory))
    child = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        url, ca = child.stdout.readline().split()
        yield Front(url, ca)
    finally:
        child.stdin.close()
        child.wait(60)
        child.stdout.close()


@pytest.fixture(params=VERSIONS)
def ann(request: pytest.FixtureRequest, cluster: Cluster, front: Front, namespace: str, tmp_path: Path) -> Cluster:
    """Commands of a user who may edit one namespace."""
    binding = ("create", "rolebinding", "ann", "--clusterrole=edit", "--user=armillary:ann")
    cluster.kubectl("-n", namespace, *binding)
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "c", "cluster": {"server": f"{front.url}/clusters/host", "certificate-authority": front.ca}}
        ],
        "users": [{"name": "u", "user": {"token": "ann"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": namespace}}],
        "current-context": "x",
    }
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return Cluster(
        cluster.namespace, cluster.data_dir, kubectl_version=request.param, environment={"KUBECONFIG": str(path)}
    )


@pytest.mark.timeout(300)
def test_everything_that_streams(ann: Cluster, tmp_path: Path) -> None:
    ann.kubectl("run", "server", "--image=busybox", "--", "sh", "-c", SERVER)
    ann.kubectl("wait", "--for=condition=Ready", "pod/server", "--timeout=60s")
    assert ann.kubectl("exec", "server", "--", "sh", "-c", "echo out; echo err >&2").split() == ["out", "err"]
    assert "exit code 3" in ann.kubectl("exec", "server", "--", "sh", "-c", "exit 3", check=False)
    assert ann.kubectl("exec", "-i", "server", "--", "cat", stdin="through\n" * 20_000) == "through\n" * 20_000
    (tmp_path / "file").write_text("copied\n")
    ann.kubectl("cp", str(tmp_path / "file"), "server:/tmp/file")
    ann.kubectl("cp", "server:/tmp/file", str(tmp_path / "back"))
    assert (tmp_path / "back").read_text() == "copied\n"
    assert "started" in ann.kubectl("logs", "server")
    following = ann.spawn(str(ann.kubectl_binary), "logs", "-f", "server")
    watching = ann.spawn(str(ann.kubectl_binary), "get", "pods", "--watch", "-o", "name")
    forwarding = ann.spawn(str(ann.kubectl_binary), "port-forward", "pod/server", "18081:8080")
    try:
        eventually(lambda: ann.run("curl", "-s", "http://127.0.0.1:18081/", check=False).stdout == "hello\n", "a page")
        ann.kubectl("delete", "pod", "server", "--grace-period=1")
        assert following.stdout is not None
        assert following.stdout.read() == "started\n"
        assert watching.stdout is not None
        assert watching.stdout.readline() == "pod/server\n"
    finally:
        for process in (following, watching, forwarding):
            process.terminate()
            process.wait(10)
            assert process.stdout is not None
            process.stdout.close()


@pytest.mark.timeout(120)
def test_attaching_to_a_container(ann: Cluster) -> None:
    words = ("run", "cat", "--image=busybox", "--restart=Never", "--rm", "-i", "--quiet", "--", "cat")
    assert "attached\n" in ann.kubectl(*words, stdin="attached\n")


@pytest.mark.timeout(120)
def test_nothing_of_others(ann: Cluster) -> None:
    assert "forbidden" in ann.kubectl("exec", "-n", "kube-system", "any", "--", "sh", check=False).lower()
    assert ann.kubectl("auth", "can-i", "create", "pods", "-n", "kube-system", check=False).strip() == "no"
    assert "armillary:ann" in ann.kubectl("auth", "whoami")
