"""Containers: from the wish for pods to pods that are Ready, as a watcher sees it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from armillary.base.tasks import gather_limited
from armillary.kube.cache import Cache
from armillary.kube.client import Client
from armillary.kube.kinds.apps import DEPLOYMENT, Deployment
from armillary.kube.kinds.core import POD, Pod
from armillary.kube.kubeconfig import http_transport
from benchmarks.direct import Direct, own_namespace
from benchmarks.report import Figure, percentile

RUNS = 10
DEPLOYMENTS = 5
AT_ONCE = 50
DEADLINE_SECONDS = 180.0
SPEC = {
    "terminationGracePeriodSeconds": 1,
    "containers": [
        {
            "name": "main",
            "image": "busybox",
            "imagePullPolicy": "IfNotPresent",
            "command": ["sleep", "3600"],
            "resources": {"requests": {"cpu": "1m", "memory": "4Mi"}},
        }
    ],
}


def measure(kubeconfig: Path) -> list[Figure]:
    with own_namespace(Direct(kubeconfig)) as namespace:
        return asyncio.run(_measure(kubeconfig, namespace))


async def _measure(kubeconfig: Path, namespace: str) -> list[Figure]:
    async with http_transport(kubeconfig) as transport:
        client = Client(transport)
        stage = _Stage(
            client, namespace, Cache(client, POD, namespace=namespace), Cache(client, DEPLOYMENT, namespace=namespace)
        )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(cache.run()) for cache in (stage.pods, stage.deployments)]
            await stage.pods.wait_synced()
            await stage.deployments.wait_synced()
            await stage.start_pods(["first"])  # the image is pulled
            alone = [await stage.start_pods([f"p{number}"]) for number in range(RUNS)]
            threes = [await stage.start_deployment(f"d{number}") for number in range(DEPLOYMENTS)]
            many = await stage.start_pods([f"m{number}" for number in range(AT_ONCE)])
            for task in tasks:
                task.cancel()
    return [
        Figure("pod created to Ready, median", percentile(alone, 0.5), "s", "less", 0.79, 0.4),
        Figure("deployment of 3 created to Available, median", percentile(threes, 0.5), "s", "less", 1.08),
        Figure(f"{AT_ONCE} pods at once created to Ready", many, "s", "less", aim=4.0),
    ]


@dataclass(frozen=True, slots=True)
class _Stage:
    """A namespace that is empty before and after each of these."""

    client: Client
    namespace: str
    pods: Cache[Pod]
    deployments: Cache[Deployment]

    async def start_pods(self, names: Sequence[str]) -> float:
        """Seconds from the first wish to the last pod's readiness."""

        async def create(name: str) -> None:
            body = {"metadata": {"name": name}, "spec": SPEC}
            await self.client.call("POST", POD.path(self.namespace), body=orjson.dumps(body))

        began = time.perf_counter()
        await gather_limited(AT_ONCE, [create(name) for name in names])
        await self._wait(lambda: sum(map(_is_ready, self.pods.list())) == len(names))
        took = time.perf_counter() - began
        await gather_limited(AT_ONCE, [self.client.delete(POD, name, self.namespace) for name in names])
        await self._wait(lambda: not len(self.pods))
        return took

    async def start_deployment(self, name: str) -> float:
        """Seconds from the wish to the deployment's availability."""
        labels = {"app": name}
        template = {"metadata": {"labels": labels}, "spec": SPEC}
        spec = {"replicas": 3, "selector": {"matchLabels": labels}, "template": template}
        body = orjson.dumps({"metadata": {"name": name}, "spec": spec})
        began = time.perf_counter()
        await self.client.call("POST", DEPLOYMENT.path(self.namespace), body=body)
        await self._wait(lambda: any(map(_is_available, self.deployments.list())), self.deployments)
        took = time.perf_counter() - began
        await self.client.delete(DEPLOYMENT, name, self.namespace, propagation="Foreground")
        await self._wait(lambda: not len(self.deployments), self.deployments)
        await self._wait(lambda: not len(self.pods))
        return took

    async def _wait(self, holds: Callable[[], bool], cache: Cache[Pod] | Cache[Deployment] | None = None) -> None:
        watched = cache if cache is not None else self.pods
        if not await watched.wait_until(holds, DEADLINE_SECONDS):
            raise RuntimeError(f"{self.namespace}: not within {DEADLINE_SECONDS:.0f} s; see kubectl describe")


def _is_ready(pod: Pod) -> bool:
    return any(condition.type == "Ready" and condition.status == "True" for condition in pod.status.conditions)


def _is_available(deployment: Deployment) -> bool:
    """All of it: the condition alone allows for a quarter missing."""
    return deployment.status.available_replicas == 3
