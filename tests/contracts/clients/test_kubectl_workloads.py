"""What stock kubectl asks of a cluster at work: rollouts, scale, wait, delete in its modes, nodes."""

import json
import re
from collections.abc import Iterator

import pytest
from tests.harness.cluster import eventually
from tests.harness.served import NODE_NAME, Kubectl

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: "busybox:1"}]}
"""
HELD = """
apiVersion: v1
kind: ConfigMap
metadata: {name: held, finalizers: [example.com/hold]}
"""


@pytest.fixture
def web(kubectl: Kubectl) -> Kubectl:
    kubectl("apply", "-f", "-", stdin=WEB)
    kubectl("rollout", "status", "deploy/web", "--timeout=30s")
    return kubectl


def images(kubectl: Kubectl) -> str:
    return kubectl("get", "deploy", "web", "-o", "jsonpath={..containers[*].image}")


def test_a_rollout_and_the_way_back(web: Kubectl) -> None:
    web("set", "image", "deploy/web", "c=busybox:2")
    assert "successfully rolled out" in web("rollout", "status", "deploy/web", "--timeout=30s")
    web("annotate", "deploy/web", "kubernetes.io/change-cause=second")
    eventually(lambda: re.search(r"2 +second", web("rollout", "history", "deploy/web")), "the cause is kept")
    assert "busybox:1" in web("rollout", "history", "deploy/web", "--revision=1")
    assert web("rollout", "undo", "deploy/web") == "deployment.apps/web rolled back\n"
    web("rollout", "status", "deploy/web", "--timeout=30s")
    assert images(web) == "busybox:1"
    revisions = [line.split()[0] for line in web("rollout", "history", "deploy/web").splitlines()[2:] if line]
    assert revisions == ["2", "3"]
    assert web("rollout", "undo", "deploy/web", "--to-revision=2") == "deployment.apps/web rolled back\n"
    assert images(web) == "busybox:2"
    assert web("rollout", "restart", "deploy/web") == "deployment.apps/web restarted\n"
    assert web("rollout", "pause", "deploy/web") == "deployment.apps/web paused\n"
    assert "already paused" in web.fails("rollout", "pause", "deploy/web")
    assert web("rollout", "resume", "deploy/web") == "deployment.apps/web resumed\n"
    assert "successfully rolled out" in web("rollout", "status", "deploy/web", "--timeout=30s")


def test_scale(web: Kubectl) -> None:
    assert web("scale", "deploy/web", "--replicas=3") == "deployment.apps/web scaled\n"
    web("wait", "deploy/web", "--for=jsonpath={.status.readyReplicas}=3", "--timeout=30s")
    assert "Expected replicas to be 9, was 3" in web.fails(
        "scale", "deploy/web", "--replicas=1", "--current-replicas=9"
    )
    assert web("get", "deploy", "web", "--no-headers").split()[:4] == ["web", "3/3", "3", "3"]


def test_wait(web: Kubectl) -> None:
    assert (
        web("wait", "deploy/web", "--for=condition=Available", "--timeout=30s") == "deployment.apps/web condition met\n"
    )
    assert web("wait", "pods", "-l", "app=web", "--for=condition=Ready", "--timeout=30s").count("condition met") == 2
    assert "timed out waiting" in web.fails("wait", "deploy/web", "--for=condition=Never", "--timeout=100ms")
    web("delete", "deploy", "web", "--wait=false")
    web("wait", "pods", "-l", "app=web", "--for=delete", "--timeout=30s")


def test_a_job_completes(kubectl: Kubectl) -> None:
    kubectl("create", "job", "j", "--image=busybox", "--", "true")
    kubectl("wait", "job/j", "--for=condition=Complete", "--timeout=30s")
    assert kubectl("get", "job", "j", "--no-headers").split()[:3] == ["j", "Complete", "1/1"]


@pytest.mark.parametrize("cascade", ["background", "foreground"])
def test_deleting_takes_the_dependents_along(web: Kubectl, cascade: str) -> None:
    web("delete", "deploy", "web", f"--cascade={cascade}", "--timeout=30s")
    eventually(lambda: web("get", "rs,pods", "-o", "name") == "", "replica sets and pods are gone")


def test_deleting_can_leave_orphans(web: Kubectl) -> None:
    web("delete", "deploy", "web", "--cascade=orphan")
    eventually(lambda: web("get", "rs", "-o", "jsonpath={.items[*].metadata.ownerReferences}") == "", "orphaned")
    assert len(web("get", "pods", "-o", "name").split()) == 2
    web("apply", "-f", "-", stdin=WEB)
    web("rollout", "status", "deploy/web", "--timeout=30s")
    assert len(web("get", "rs", "-o", "name").split()) == 1  # adopted, not made anew


def test_a_finalizer_holds_a_deletion(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", stdin=HELD)
    assert "timed out waiting for the condition" in kubectl.fails("delete", "cm", "held", "--timeout=200ms")
    assert json.loads(kubectl("get", "cm", "held", "-o", "json"))["metadata"]["deletionTimestamp"]
    why = kubectl.fails("patch", "cm", "held", "-p", '{"metadata": {"finalizers": ["example.com/new"]}}')
    assert "no new finalizers can be added if the object is being deleted" in why
    kubectl("patch", "cm", "held", "--type=merge", "-p", '{"metadata": {"finalizers": null}}')
    kubectl("wait", "cm/held", "--for=delete", "--timeout=10s")


def test_deleting_by_selector_and_all(kubectl: Kubectl) -> None:
    for name, app in (("a", "x"), ("b", "x"), ("c", "y")):
        kubectl("create", "secret", "generic", name)
        kubectl("label", "secret", name, f"app={app}")
    kubectl("delete", "secrets", "-l", "app=x")
    assert kubectl("get", "secrets", "-o", "name") == "secret/c\n"
    kubectl("delete", "secrets", "--all")
    assert kubectl("get", "secrets", "-o", "name") == ""
    assert 'secrets "c" not found' in kubectl.fails("delete", "secret", "c")


def test_a_namespace_goes_with_everything_in_it(web: Kubectl) -> None:
    name = f"{web.namespace}-2"
    web("create", "namespace", name)
    web("-n", name, "apply", "-f", "-", stdin=WEB.replace("replicas: 2", "replicas: 1"))
    web("delete", "namespace", name, "--timeout=30s")
    assert f'namespaces "{name}" not found' in web.fails("get", "namespace", name)
    assert f'namespaces "{name}" not found' in web.fails("-n", name, "create", "configmap", "x")


@pytest.fixture
def node(kubectl: Kubectl) -> Iterator[Kubectl]:
    yield kubectl
    kubectl("uncordon", NODE_NAME)
    kubectl.run("taint", "nodes", NODE_NAME, "test-")


def test_nodes_are_tainted_cordoned_and_drained(node: Kubectl) -> None:
    assert node("taint", "nodes", NODE_NAME, "test=1:PreferNoSchedule") == f"node/{NODE_NAME} tainted\n"
    assert "already has test taint(s) with same effect(s)" in node.fails(
        "taint", "nodes", NODE_NAME, "test=2:PreferNoSchedule"
    )
    assert node("taint", "nodes", NODE_NAME, "test-") == f"node/{NODE_NAME} untainted\n"
    assert node("cordon", NODE_NAME) == f"node/{NODE_NAME} cordoned\n"
    assert node("get", "node", NODE_NAME, "--no-headers").split()[1] == "Ready,SchedulingDisabled"
    assert node("cordon", NODE_NAME) == f"node/{NODE_NAME} already cordoned\n"
    node("run", "waits", "--image=busybox")
    told = ("get", "events", "--field-selector", "involvedObject.name=waits,reason=FailedScheduling", "-o", "name")
    eventually(lambda: node(*told), "it can't be scheduled")
    assert node("uncordon", NODE_NAME) == f"node/{NODE_NAME} uncordoned\n"
    node("wait", "pod/waits", "--for=condition=Ready", "--timeout=30s")
    selector = "--pod-selector=run=waits"
    assert "declare no controller" in node.fails("drain", NODE_NAME, selector)
    assert "evicted" in node("drain", NODE_NAME, selector, "--force", "--timeout=30s")
