"""Stock kubectl through the front door, as a user of the platform."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from tests.harness.platform import Running, listening_platform
from tests.harness.served import Kubectl, kubectl_binary

from armillary.base.errors import AlreadyExists
from armillary.kube.kinds.core import SERVICE_ACCOUNT, ServiceAccount
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import ROLE_BINDING, RoleBinding, RoleRef, Subject

pytestmark = pytest.mark.kubectl
RBAC = "rbac.authorization.k8s.io"
VERSIONS = ("1.32", "1.35")


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with listening_platform(tmp_path) as found:
        who = Subject(api_group=RBAC, kind="User", name="armillary:ann")
        ref = RoleRef(api_group=RBAC, kind="ClusterRole", name="edit")
        binding = RoleBinding(metadata=ObjectMeta(name="ann"), role_ref=ref, subjects=(who,))
        await found.admin.create(ROLE_BINDING, binding, "default")
        with suppress(AlreadyExists):  # a cluster with controllers has made it
            await found.admin.create(SERVICE_ACCOUNT, ServiceAccount(metadata=ObjectMeta(name="default")), "default")
        yield found


def kubectl(running: Running, version: str, directory: Path, user: str) -> Kubectl:
    assert running.pki is not None
    cluster = {"server": f"{running.url}/clusters/host", "certificate-authority": str(running.pki.ca)}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": user}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path = directory / f"{user}.yaml"
    path.write_text(yaml.safe_dump(config))
    return Kubectl(kubectl_binary(version), path)


MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: '1'}\n"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_user_works_with_stock_kubectl(running: Running, tmp_path: Path, version: str) -> None:
    await asyncio.to_thread(_work, kubectl(running, version, tmp_path, "ann"))
    deeds = [(d.action, d.resource, d.outcome) for d in running.audit.noted]
    assert ("create", "configmaps", "success") in deeds
    assert ("patch", "configmaps", "success") in deeds
    assert ("delete", "configmaps", "success") in deeds


def _work(ann: Kubectl) -> None:
    assert ann("apply", "-f", "-", stdin=MAP) == "configmap/one created\n"
    assert (
        '+  b: "2"'
        in ann.run("diff", "-f", "-", stdin=MAP.replace("}\n", ", b: '2'}\n").replace("one, b: '2'", "one")).stdout
    )
    assert ann("apply", "-f", "-", stdin=MAP.replace("'1'", "'2'")) == "configmap/one configured\n"
    assert ann("get", "configmap", "one", "-o", "jsonpath={.data.a}") == "2"
    assert "armillary:ann" in ann("auth", "whoami")
    assert ann("auth", "can-i", "create", "configmaps").strip() == "yes"
    assert ann.run("auth", "can-i", "create", "clusterroles").stdout.strip() == "no"
    assert "ConfigMap holds configuration data" in ann("explain", "configmap")
    assert "configmaps" in ann("api-resources")
    assert "Server Version: v1." in ann("version")
    assert ann("wait", "configmap/one", "--for=jsonpath={.data.a}=2", "--timeout=20s").endswith("condition met\n")
    assert ann("delete", "configmap", "one") == 'configmap "one" deleted' + ann_suffix(ann)
    refused = ann.fails("get", "secrets", "-n", "kube-system")
    assert 'User "armillary:ann" cannot list resource "secrets"' in refused
    assert "can't be impersonated" in ann.fails("get", "pods", "--as=system:admin")


def ann_suffix(ann: Kubectl) -> str:
    return " from default namespace\n" if "1.35" in str(ann.binary) else "\n"
