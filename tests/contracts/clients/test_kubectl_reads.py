"""What stock kubectl asks to show something: get in all its forms, explain, discovery, describe, events."""

import json
import re
import subprocess

import pytest
import yaml
from tests.harness.served import Kubectl

THREE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: a, labels: {tier: web, rank: "3"}}
data: {k: one}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b, labels: {tier: web, rank: "1"}}
data: {k: two}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, labels: {tier: db, rank: "2"}}
data: {k: three}
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: p, labels: {app: p}}
spec: {containers: [{name: c, image: busybox}]}
"""


@pytest.fixture
def three(kubectl: Kubectl) -> Kubectl:
    kubectl("create", "-f", "-", stdin=THREE)
    return kubectl


def test_get_prints_every_form(three: Kubectl) -> None:
    def row(name: str) -> str:
        return next(line for line in three("get", "cm").splitlines() if line.startswith(name))

    assert re.fullmatch(r"a +1 +\d+s", row("a "))
    assert three("get", "cm", "a", "--no-headers", "-o", "wide").split()[:2] == ["a", "1"]
    assert json.loads(three("get", "cm", "a", "-o", "json"))["data"] == {"k": "one"}
    assert yaml.safe_load(three("get", "cm", "a", "-o", "yaml"))["data"] == {"k": "one"}
    assert three("get", "cm", "a", "-o", "name") == "configmap/a\n"
    assert three("get", "cm", "-l", "tier", "-o", "jsonpath={.items[*].data.k}") == "one two three"
    assert three("get", "cm", "a", "-o", "go-template={{.data.k}}") == "one"
    columns = three("get", "cm", "a", "-o", "custom-columns=N:.metadata.name,K:.data.k")
    assert [line.split() for line in columns.splitlines()] == [["N", "K"], ["a", "one"]]
    assert three("get", "cm", "a", "--show-labels").splitlines()[1].split()[-1] == "rank=3,tier=web"
    assert three("get", "cm", "a", "-L", "tier").splitlines()[0].split()[-1] == "TIER"


def test_get_selects_and_sorts(three: Kubectl) -> None:
    def names(*words: str) -> list[str]:
        return [line.removeprefix("configmap/") for line in three("get", "cm", "-o", "name", *words).split()]

    assert names("-l", "tier=web") == ["a", "b"]
    assert names("-l", "tier in (db),rank!=9") == ["c"]
    assert names("-l", "tier notin (db),tier") == ["a", "b"]
    assert names("-l", "tier,!absent") == ["a", "b", "c"]
    assert names("--field-selector", "metadata.name=b") == ["b"]
    assert names("--field-selector", "metadata.name!=b", "-l", "tier") == ["a", "c"]
    assert names("-l", "tier", "--sort-by", ".metadata.labels.rank") == ["b", "c", "a"]
    assert names("-l", "tier", "--chunk-size=1") == ["a", "b", "c"]
    assert three.namespace in three("get", "cm", "-A", "-l", "rank=3", "--no-headers")
    assert '"data.k" is not a known field selector: only "metadata.name", "metadata.namespace"' in three.fails(
        "get", "cm", "--field-selector", "data.k=one"
    )


def test_pods_are_found_by_their_fields(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=POD)
    kubectl("wait", "pod/p", "--for=condition=Ready", "--timeout=30s")
    selectors = ("status.phase=Running", "spec.nodeName=node-1", "spec.restartPolicy=Always", "metadata.name=p")
    for selector in selectors:
        assert kubectl("get", "pods", "-o", "name", "--field-selector", selector) == "pod/p\n"
    wide = kubectl("get", "pods", "-o", "wide").splitlines()
    assert wide[0].split() == [
        "NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "NOMINATED", "NODE", "READINESS", "GATES",
    ]  # fmt: skip
    assert wide[1].split()[:4] == ["p", "1/1", "Running", "0"]
    assert wide[1].split()[5:] == ["10.244.0.9", "node-1", "<none>", "<none>"]


def test_what_is_not_there_is_said_as_upstream_says_it(kubectl: Kubectl) -> None:
    assert kubectl.fails("get", "cm", "x") == 'Error from server (NotFound): configmaps "x" not found\n'
    assert kubectl.fails("get", "nonsense") == 'error: the server doesn\'t have a resource type "nonsense"\n'
    assert kubectl.run("get", "pods").stderr == f"No resources found in {kubectl.namespace} namespace.\n"
    assert kubectl("get", "cm", "x", "--ignore-not-found") == ""


def test_get_watches(three: Kubectl) -> None:
    watching = subprocess.Popen(
        three.command("get", "cm", "-w", "--output-watch-events", "-l", "tier=db", "--no-headers"),
        env=three.env(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert watching.stdout is not None
    try:
        assert watching.stdout.readline().split()[:2] == ["ADDED", "c"]
        three("patch", "cm", "c", "-p", '{"data": {"k": "four"}}')
        assert watching.stdout.readline().split()[:2] == ["MODIFIED", "c"]
        three("label", "cm", "a", "tier=db", "--overwrite")
        assert watching.stdout.readline().split()[:2] == ["ADDED", "a"]
        three("label", "cm", "a", "tier-")
        assert watching.stdout.readline().split()[:2] == ["DELETED", "a"]
        three("delete", "cm", "c")
        assert watching.stdout.readline().split()[:2] == ["DELETED", "c"]
    finally:
        watching.terminate()
        watching.wait()


def test_a_watch_prints_rows_of_a_table(three: Kubectl) -> None:
    watching = subprocess.Popen(
        three.command("get", "cm", "c", "-w"), env=three.env(), stdout=subprocess.PIPE, text=True
    )
    assert watching.stdout is not None
    try:
        assert watching.stdout.readline().split() == ["NAME", "DATA", "AGE"]
        assert watching.stdout.readline().split()[:2] == ["c", "1"]
        three("patch", "cm", "c", "-p", '{"data": {"more": "x"}}')
        assert watching.stdout.readline().split()[:2] == ["c", "2"]
    finally:
        watching.terminate()
        watching.wait()


def test_explain_tells_fields(kubectl: Kubectl) -> None:
    told = kubectl("explain", "deployment.spec.strategy")
    assert "GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n" in told
    assert "FIELD: strategy <DeploymentStrategy>" in told
    assert re.search(r"rollingUpdate\t<RollingUpdateDeployment>\n +Rolling update config params", told)
    recursive = kubectl("explain", "pods", "--recursive")
    assert re.search(r"containers\t<\[\]Container> -required-\n +args\t<\[\]string>", recursive)
    assert 'field "nonsense" does not exist' in kubectl.fails("explain", "pods.spec.nonsense")
    every = kubectl("api-resources", "-o", "name", "--verbs=list,get").split()
    for name in (*every[:3], "ingresses.networking.k8s.io", "customresourcedefinitions.apiextensions.k8s.io"):
        assert "FIELDS:" in kubectl("explain", name)


def test_every_kind_that_is_discovered_can_be_listed(kubectl: Kubectl) -> None:
    listable = kubectl("api-resources", "--verbs=list,get", "-o", "name").split()
    assert {"pods", "deployments.apps", "events.events.k8s.io", "leases.coordination.k8s.io"} <= set(listable)
    kubectl("get", ",".join(listable), "-A", "-o", "name")
    kubectl("get", ",".join(listable), "-A", "-o", "wide")
    assert not kubectl.run("get", "all", "-A").returncode


def test_api_resources_and_versions(kubectl: Kubectl) -> None:
    rows = {tuple(line.split()) for line in kubectl("api-resources", "--no-headers").splitlines()}
    assert ("pods", "po", "v1", "true", "Pod") in rows
    assert ("deployments", "deploy", "apps/v1", "true", "Deployment") in rows
    assert (
        "customresourcedefinitions",
        "crd,crds",
        "apiextensions.k8s.io/v1",
        "false",
        "CustomResourceDefinition",
    ) in rows
    assert "pods" not in kubectl("api-resources", "--namespaced=false", "-o", "name").split()
    wide = kubectl("api-resources", "-o", "wide", "--api-group=apps")
    assert re.search(r"deployments .* create,delete,deletecollection,get,list,patch,update,watch +all", wide)
    versions = kubectl("api-versions").split()
    assert versions == sorted(versions)
    assert {"v1", "apps/v1", "batch/v1", "autoscaling/v1", "autoscaling/v2", "events.k8s.io/v1"} <= set(versions)


def test_version_and_cluster_info(kubectl: Kubectl) -> None:
    assert json.loads(kubectl("version", "-o", "json"))["serverVersion"]["gitVersion"].startswith("v1.36.")
    told = re.sub("\x1b\\[[0-9;]*m", "", kubectl("cluster-info", "--namespace=kube-system"))
    assert re.search(r"Kubernetes control plane is running at https://127\.0\.0\.1:\d+\n", told)
    assert re.search(
        r"CoreDNS is running at https://.*/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy", told
    )
    assert kubectl("get", "--raw", "/readyz") == "ok"
    assert "[+]ping ok" in kubectl("get", "--raw", "/livez?verbose")


def test_config_names_the_cluster(kubectl: Kubectl) -> None:
    assert kubectl("config", "current-context") == "armillary\n"
    assert kubectl("config", "get-contexts", "-o", "name") == "armillary\n"
    shown = yaml.safe_load(kubectl("config", "view", "--minify"))
    assert shown["users"][0]["user"] == {"client-certificate-data": "DATA+OMITTED", "client-key-data": "DATA+OMITTED"}


def test_who_am_i_and_what_may_i(kubectl: Kubectl) -> None:
    assert "kubernetes-admin" in kubectl("auth", "whoami")
    assert kubectl("auth", "can-i", "delete", "nodes") == "yes\n"
    assert kubectl("auth", "can-i", "--list").splitlines()[1].split() == ["*.*", "[]", "[]", "[*]"]
    refused = kubectl.run("auth", "can-i", "get", "pods", "--as=jane")
    assert (refused.stdout, refused.returncode) == ("no\n", 1)
    kubectl("create", "role", "reader", "--verb=get,list", "--resource=pods,pods/log")
    kubectl("create", "rolebinding", "jane", "--role=reader", "--user=jane")
    assert kubectl("auth", "can-i", "get", "pods", "--as=jane") == "yes\n"
    listed = kubectl("auth", "can-i", "--list", "--as=jane")
    assert re.search(r"pods/log +\[\] +\[\] +\[get list\]", listed)
    why = kubectl.fails("get", "secrets", "--as=jane")
    assert why == (
        'Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API '
        f'group "" in the namespace "{kubectl.namespace}"\n'
    )


def test_describe_tells_what_happened(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=POD)
    kubectl("wait", "pod/p", "--for=condition=Ready", "--timeout=30s")
    told = kubectl("describe", "pod", "p")
    assert re.search(r"Node: +node-1/", told)
    assert re.search(r"Normal +Scheduled +\S+ +default-scheduler +Successfully assigned \S+/p to node-1", told)
    events = kubectl("get", "events", "--field-selector", "involvedObject.name=p,reason=Scheduled", "--no-headers")
    assert events.split()[1:4] == ["Normal", "Scheduled", "pod/p"]
    assert "Successfully assigned" in kubectl("events", "--for", "pod/p")
    assert "Name:               node-1" in kubectl("describe", "node", "node-1")
    for kind in ("namespace", "serviceaccount", "endpointslices", "storageclass", "clusterrole", "service"):
        assert "Name:" in kubectl("-n", "default", "describe", kind)
