"""A kopf operator for a kind of its own: created, updated, deleted with a finalizer, events."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.harness.cluster import VERSIONS, eventually
from tests.harness.served import Kubectl, Served

DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: copiers.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: copiers, singular: copier, kind: Copier, shortNames: [cp]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns: [{name: Text, type: string, jsonPath: .spec.text}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [text]
            properties:
              text: {type: string, minLength: 2}
              times: {type: integer, default: 1, minimum: 1}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""
COPIER = """
apiVersion: example.com/v1
kind: Copier
metadata: {name: one}
spec: {text: hello}
"""


@pytest.fixture(scope="module")
def defined(served: Served) -> Iterator[Kubectl]:
    """With the kind served."""
    admin = served.kubectl(VERSIONS[-1])
    admin("create", "-f", "-", stdin=DEFINITION)
    admin("wait", "crd/copiers.example.com", "--for=condition=Established", "--timeout=30s")
    yield admin
    admin("delete", "crd", "copiers.example.com", "--timeout=30s")


@pytest.fixture
def operated(defined: Kubectl, namespace: str, tmp_path: Path) -> Iterator[Kubectl]:
    """With the operator at work in the test's namespace."""
    command = [sys.executable, "-m", "kopf", "run", "--namespace", namespace, "--standalone"]
    script, log = Path(__file__).with_name("kopf_operator.py"), tmp_path / "operator.log"
    env = {**os.environ, "KUBECONFIG": str(defined.kubeconfig)}
    with log.open("w") as out:
        running = subprocess.Popen([*command, str(script)], env=env, stdout=out, stderr=subprocess.STDOUT)
    yield replace(defined, namespace=namespace)
    running.terminate()
    running.wait(30)
    said = log.read_text()
    assert "Traceback" not in said, said


def test_a_custom_kind_is_served(defined: Kubectl, namespace: str) -> None:
    kubectl = replace(defined, namespace=namespace)
    assert kubectl("create", "-f", "-", stdin=COPIER) == "copier.example.com/one created\n"
    assert [line.split() for line in kubectl("get", "cp").splitlines()] == [["NAME", "TEXT"], ["one", "hello"]]
    assert kubectl("get", "copier", "one", "-o", "jsonpath={.spec.times}") == "1"
    assert kubectl("patch", "cp", "one", "--type=merge", "-p", '{"spec": {"text": "bye"}}').endswith("patched\n")
    assert kubectl("apply", "-f", "-", stdin=COPIER) == "copier.example.com/one configured\n"
    assert "text\t<string> -required-" in kubectl("explain", "copiers.spec")
    why = kubectl.fails("patch", "cp", "one", "--type=merge", "-p", '{"spec": {"times": 0}}')
    assert "spec.times in body should be greater than or equal to 1" in why
    assert 'unknown field "spec.x"' in kubectl.fails("apply", "-f", "-", stdin=COPIER.replace("text", "x: 1, text"))
    kubectl("delete", "cp", "one")


def test_an_operator_follows_its_kind(operated: Kubectl) -> None:
    operated("create", "-f", "-", stdin=COPIER)
    operated("wait", "cp/one", "--for=jsonpath={.status.create.copy}=copy-of-one", "--timeout=30s")
    made = json.loads(operated("get", "cm", "copy-of-one", "-o", "json"))
    assert made["data"] == {"text": "hello"}
    assert made["metadata"]["ownerReferences"][0]["kind"] == "Copier"
    assert json.loads(operated("get", "cp", "one", "-o", "json"))["metadata"]["finalizers"] == ["example.com/copier"]
    told = ("get", "events", "--field-selector", "reason=Copied", "-o", "jsonpath={.items[*].message}")
    eventually(lambda: operated(*told) == "there is a copy of one", "the event")

    operated("patch", "cp", "one", "--type=merge", "-p", '{"spec": {"text": "bye"}}')
    operated("wait", "cp/one", "--for=jsonpath={.status.text}=bye", "--timeout=30s")
    assert operated("get", "cm", "copy-of-one", "-o", "jsonpath={.data.text}") == "bye"

    operated("delete", "cp", "one", "--timeout=30s")
    assert operated("get", "cm", "left-by-one", "-o", "name") == "configmap/left-by-one\n"
    eventually(lambda: not operated("get", "cm", "copy-of-one", "--ignore-not-found"), "its copy is collected")
