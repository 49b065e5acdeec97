"""Lists of 1,000 and 10,000 pods: as JSON, as the table that kubectl asks for, and by kubectl itself."""

import asyncio
import os
import shutil
import subprocess
import time
from pathlib import Path

import orjson
import yaml

from armillary.base.tasks import gather_limited
from armillary.kube.client import Client
from armillary.kube.kinds.core import POD
from armillary.kube.kubeconfig import http_transport
from benchmarks.direct import Direct, own_namespace
from benchmarks.report import Figure, percentile

ROOT = Path(__file__).parents[1]
RUNS = 7
CLIENTS = 32


def measure(kubeconfig: Path) -> list[Figure]:
    direct, made = Direct(kubeconfig), 0
    figures = []
    with own_namespace(direct) as namespace:
        path = POD.path(namespace)
        for total, reference, aim in ((1000, 35.0, 0.0), (10_000, 349.0, 60.0)):
            asyncio.run(fill(kubeconfig, namespace, made, total))
            made = total
            times = [direct.fetch(path) for _ in range(RUNS)]
            figures.append(Figure(f"list {total:,} pods", percentile(times, 0.5), "ms", "less", reference, aim))
            if total == 1000:
                figures += _by_kubectl(kubeconfig)
    return figures


async def fill(kubeconfig: Path, namespace: str, start: int, end: int) -> None:
    """Pods that no scheduler touches: they only fill lists."""
    template = yaml.safe_load(Path(__file__).with_name("pod.yaml").read_text())
    async with http_transport(kubeconfig, connections=CLIENTS) as transport:
        client = Client(transport)

        async def create(number: int) -> None:
            body = template | {"metadata": {"name": f"p{number:05}", "labels": {"app": "bench"}}}
            await client.call("POST", POD.path(namespace), body=orjson.dumps(body))

        await gather_limited(CLIENTS, [create(number) for number in range(start, end)])


def _by_kubectl(kubeconfig: Path) -> list[Figure]:
    kubectl = shutil.which("kubectl", path=f"{ROOT / '.venv/kubectl/1.35'}:{os.environ['PATH']}")
    if kubectl is None:
        return []
    command = [kubectl, "--kubeconfig", str(kubeconfig), "get", "pods", "-A"]
    times = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - began)
    return [Figure("kubectl get pods -A, 1,000 pods", percentile(times[1:], 0.5), "s", "less", 0.19)]
