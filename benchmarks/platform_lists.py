"""Pages out of 30,000 pods, as the platform gives them, beside the whole list of the cluster's own API."""

import asyncio
import os
import tempfile
import time
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from tests.harness.platform import KUBECONFIG, Asking, Running, running_platform

from armillary.base.clock import SystemClock
from armillary.kube.client import Client
from armillary.kube.kinds.core import POD
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import CLUSTER_ROLE_BINDING, ClusterRoleBinding, RoleRef, Subject
from armillary.platform.capabilities.resources.capability import RESOURCES
from benchmarks.direct import Direct, own_namespace
from benchmarks.lists import fill
from benchmarks.report import Figure, percentile

TOTAL = 30_000
RUNS = 100
WRITES_PER_SECOND = 50
PODS = "/platform/v1/clusters/host/resources/core/v1/pods"
USER = "bench"
PAGES: Mapping[str, str] = {
    "page of 100": "limit=100",
    "page of 100, sorted": "limit=100&sort=-created,name&page=7",
    "page of 100, searched": "limit=100&q=p01+bench",
    "page of 100, filtered, sorted, counted": "limit=100&filter=status!%3DRunning&sort=-name&countBy=status",
}


def measure(kubeconfig: Path) -> list[Figure]:
    os.environ[KUBECONFIG] = str(kubeconfig.absolute())
    direct = Direct(kubeconfig)
    with own_namespace(direct) as namespace, tempfile.TemporaryDirectory() as directory:
        asyncio.run(fill(kubeconfig, namespace, 0, TOTAL))
        whole = percentile([direct.fetch(POD.path(namespace)) for _ in range(3)], 0.5)
        figures = [Figure("the API's own list of all of them", whole, "ms", "less")]
        return figures + asyncio.run(_pages(Path(directory), namespace, whole))


async def _pages(directory: Path, namespace: str, whole: float) -> list[Figure]:
    async with running_platform(directory, RESOURCES) as platform:
        await _let_in(platform.admin)
        try:
            return await _measured(platform, namespace, whole)
        finally:
            await platform.admin.delete(CLUSTER_ROLE_BINDING, USER)


async def _let_in(admin: Client) -> None:
    subject = Subject(api_group="rbac.authorization.k8s.io", kind="User", name=f"armillary:{USER}")
    role = RoleRef(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name="cluster-admin")
    binding = ClusterRoleBinding(metadata=ObjectMeta(name=USER), role_ref=role, subjects=(subject,))
    await admin.create(CLUSTER_ROLE_BINDING, binding)


async def _measured(platform: Running, namespace: str, whole: float) -> list[Figure]:
    asking, before = platform.as_user(USER), _memory_mib()
    await asking.get(f"{PODS}?limit=1")
    figures = [Figure(f"memory for {TOTAL:,} pods", _memory_mib() - before, "MiB", "less", aim=500.0)]
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(_write(platform.admin, namespace))
        for name, query in PAGES.items():
            times = [await _took(asking, f"{PODS}?namespace={namespace}&{query}") for _ in range(RUNS)]
            figures.append(Figure(f"{name}, median", percentile(times, 0.5), "ms", "less", reference=whole, aim=100.0))
            figures.append(Figure(f"{name}, p99", percentile(times, 0.99), "ms", "less", reference=whole, aim=100.0))
        writing.cancel()
    return figures


async def _took(asking: Asking, path: str) -> float:
    """Milliseconds; a little apart, so that changes come in between."""
    await asyncio.sleep(0.01)
    began = time.perf_counter()
    answer = await asking.get(path)
    took = (time.perf_counter() - began) * 1000
    if answer.status != 200 or len(answer.json["items"]) != 100:
        raise RuntimeError(f"GET {path}: {answer.status}")
    return took


async def _write(admin: Client, namespace: str) -> None:
    """Changes that stream in meanwhile."""
    clock = SystemClock()
    for number in count():
        patch = {"metadata": {"labels": {"turn": str(number)}}}
        await admin.patch(POD, f"p{number % TOTAL:05}", namespace, patch)
        await clock.sleep(1 / WRITES_PER_SECOND)


def _memory_mib() -> float:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
