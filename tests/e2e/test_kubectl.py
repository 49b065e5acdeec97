"""Stock kubectl, in two versions, does its everyday work."""

import json
import re
import time
from pathlib import Path

import pytest
from tests.harness.cluster import VERSIONS, Cluster, eventually

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: shell
        image: busybox
        command: [sh, -c, "echo started; trap 'exit 0' TERM; while true; do echo tick; sleep 1; done"]
        resources: {requests: {cpu: 10m, memory: 8Mi}, limits: {memory: 64Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
"""


@pytest.fixture(params=VERSIONS)
def kubectl(request: pytest.FixtureRequest, cluster: Cluster, namespace: str):  # type: ignore[no-untyped-def]
    """kubectl of one version, in the test's namespace."""
    versioned = Cluster(cluster.namespace, cluster.data_dir, kubectl_version=request.param)

    def call(*words: str, check: bool = True, stdin: str | None = None) -> str:
        return versioned.kubectl("-n", namespace, *words, check=check, stdin=stdin)

    call.cluster, call.namespace = versioned, namespace  # type: ignore[attr-defined]
    return call


@pytest.mark.timeout(300)
def test_everyday_work(kubectl, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "created" in kubectl("apply", "-f", "-", stdin=WEB)
    assert "successfully rolled out" in kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    assert "unchanged" in kubectl("apply", "-f", "-", stdin=WEB)
    assert re.search(r"web +2/2 +2 +2 ", kubectl("get", "deployments"))
    pod = kubectl("get", "pods", "-o", "jsonpath={.items[0].metadata.name}")

    assert "started" in kubectl("logs", pod)
    assert kubectl("logs", pod, "--tail=1").strip() == "tick"
    assert re.match(r"20\d\d-.*Z tick", kubectl("logs", pod, "--tail=1", "--timestamps"))
    assert kubectl("exec", pod, "--", "sh", "-c", "echo out; echo err >&2; exit 0").split() == ["out", "err"]
    assert "exit code 3" in kubectl("exec", pod, "--", "sh", "-c", "exit 3", check=False)
    assert kubectl("exec", "-i", pod, "--", "cat", stdin="through\n") == "through\n"

    (tmp_path / "file").write_text("copied\n")
    kubectl("cp", str(tmp_path / "file"), f"{pod}:/tmp/file")
    assert kubectl("exec", pod, "--", "cat", "/tmp/file") == "copied\n"
    kubectl("cp", f"{pod}:/tmp/file", str(tmp_path / "back"))
    assert (tmp_path / "back").read_text() == "copied\n"

    described = kubectl("describe", "pod", pod)
    for word in (
        "Successfully assigned",
        "Started container" if "Started container" in described else "Started",
        "Burstable",
    ):
        assert word in described
    kubectl("scale", "deployment/web", "--replicas=3")
    kubectl("wait", "--for=jsonpath={.status.readyReplicas}=3", "deployment/web", "--timeout=60s")
    changed = WEB.replace("cpu: 10m", "cpu: 11m")
    kubectl("diff", "-f", "-", stdin=WEB, check=False)
    assert "+            cpu: 11m" in kubectl("diff", "-f", "-", stdin=changed, check=False)
    kubectl("apply", "-f", "-", stdin=changed)
    kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    assert re.search(r"^2 ", kubectl("rollout", "history", "deployment/web"), re.MULTILINE)
    assert "rolled back" in kubectl("rollout", "undo", "deployment/web")
    kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    cpu = "jsonpath={.spec.template.spec.containers[0].resources.requests.cpu}"
    assert kubectl("get", "deployment/web", "-o", cpu) == "10m"
    assert "FIELD: strategy" in kubectl("explain", "deployment.spec.strategy")
    assert kubectl("auth", "can-i", "delete", "pods").strip() == "yes"
    assert "kubernetes-admin" in kubectl("auth", "whoami")
    assert kubectl("auth", "can-i", "list", "secrets", "--as=system:serviceaccount:x:y", check=False).strip() == "no"
    assert "web" in kubectl("get", "all", "-o", "name")
    assert json.loads(kubectl("get", "pods", "-o", "json"))["kind"] == "List"
    eventually(lambda: "web" in kubectl("top", "pods", check=False), "usage figures")
    eventually(lambda: "node-1" in kubectl("top", "nodes", check=False), "usage figures of the node")
    ending = "jsonpath={.items[*].metadata.deletionTimestamp}"
    eventually(lambda: not kubectl("get", "pods", "-o", ending), "the pods of before are gone")
    pod = kubectl("get", "pods", "-o", "jsonpath={.items[0].metadata.name}")
    kubectl("label", "pod", pod, "color=red")
    assert pod in kubectl("get", "pods", "-l", "color=red", "-o", "name")
    kubectl("annotate", "pod", pod, "note=x")
    assert "deleted" in kubectl("delete", "deployment,service", "web", "--timeout=60s")


@pytest.mark.timeout(120)
def test_following_logs_and_forwarding_a_port(kubectl) -> None:  # type: ignore[no-untyped-def]
    kubectl(
        "run",
        "server",
        "--image=busybox",
        "--",
        "sh",
        "-c",
        "mkdir /w; echo hello > /w/index.html; httpd -f -p 8080 -h /w",
    )
    kubectl("wait", "--for=condition=Ready", "pod/server", "--timeout=60s")
    cluster, namespace = kubectl.cluster, kubectl.namespace
    forward = cluster.spawn(str(cluster.kubectl_binary), "-n", namespace, "port-forward", "pod/server", "18080:8080")
    try:
        eventually(
            lambda: cluster.run("curl", "-s", "http://127.0.0.1:18080/", check=False).stdout == "hello\n", "an answer"
        )
        assert cluster.run("curl", "-s", "http://127.0.0.1:18080/").stdout == "hello\n", "and another"
    finally:
        forward.terminate()
        forward.wait(10)
        forward.stdout.close()
    kubectl(
        "run",
        "talker",
        "--image=busybox",
        "--restart=Never",
        "--",
        "sh",
        "-c",
        "for i in 1 2 3; do echo $i; sleep 1; done",
    )
    eventually(lambda: "1" in kubectl("logs", "talker", check=False), "the first line")
    began = time.monotonic()
    assert kubectl("logs", "-f", "talker").split() == ["1", "2", "3"]
    assert time.monotonic() - began < 60, "it ends with the container"


@pytest.mark.timeout(180)
def test_server_side_apply(kubectl) -> None:  # type: ignore[no-untyped-def]
    assert "serverside-applied" in kubectl("apply", "--server-side", "-f", "-", stdin=WEB)
    again = WEB.replace("replicas: 2", "replicas: 1")
    assert "serverside-applied" in kubectl("apply", "--server-side", "-f", "-", stdin=again)
    assert kubectl("get", "deployment/web", "-o", "jsonpath={.spec.replicas}") == "1"
    managers = kubectl(
        "get", "deployment/web", "--show-managed-fields", "-o", "jsonpath={.metadata.managedFields[*].manager}"
    )
    assert "kubectl" in managers


@pytest.mark.timeout(180)
def test_cordon_and_drain(kubectl) -> None:  # type: ignore[no-untyped-def]
    kubectl("create", "deployment", "web", "--image=busybox", "--", "sleep", "1000")
    kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}}
    budget["spec"] = {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}  # type: ignore[assignment]
    kubectl("apply", "-f", "-", stdin=json.dumps(budget))
    eventually(lambda: kubectl("get", "pdb", "web", "-o", "jsonpath={.status.currentHealthy}") == "1", "the budget")
    try:
        drain = (
            "drain",
            "node-1",
            "--ignore-daemonsets",
            "--delete-emptydir-data",
            "--force",
            "--pod-selector=app=web",
        )
        assert "disruption budget" in kubectl(*drain, "--timeout=3s", check=False)
        kubectl("delete", "pdb", "web")
        assert "drained" in kubectl(*drain, "--timeout=60s")
        assert "SchedulingDisabled" in kubectl("get", "node", "node-1")
        eventually(lambda: "unschedulable" in kubectl("get", "events"), "the scheduler says why")
    finally:
        kubectl("uncordon", "node-1")
    kubectl("rollout", "status", "deployment/web", "--timeout=60s")
