"""What the API server's own layers cost, without sockets and clients: `python -m benchmarks.apiserver`."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import orjson
import uvloop
from tests.harness.apiserver import Api, api, schemas

from armillary.engine.apiserver.schema.body import Validation, check_kind, conform, duplicates, read_object
from benchmarks.report import Figure, show

PODS = 10_000
WATCHERS = 500
EVENTS = 200
CONFIG_MAPS = "/api/v1/namespaces/bench/configmaps"
CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"key": "value" * 60}}
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"generateName": "pod-", "labels": {"app": "bench"}},
    "spec": {
        "containers": [
            {
                "name": name,
                "image": "registry/image:tag",
                "ports": [{"containerPort": 80, "protocol": "TCP"}],
                "env": [{"name": f"VARIABLE_{i}", "value": "x"} for i in range(10)],
                "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
                "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                "livenessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 3},
            }
            for name in ("app", "sidecar")
        ],
        "volumes": [{"name": "data", "emptyDir": {}}],
        "tolerations": [{"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}],
    },
}


def decoding(obj: dict[str, object], schema: str, runs: int = 3000) -> float:
    """Microseconds from a body to an object that fits its schema."""
    body, node, kind = orjson.dumps(obj), schemas().node(schema), str(obj["kind"])
    began = time.perf_counter()
    for _ in range(runs):
        value = read_object(body, "application/json", kind)
        doubled = duplicates(body, value)
        check_kind(value, "v1", kind, ())
        conform(value, node, Validation.WARN, doubled)
    return (time.perf_counter() - began) / runs * 1e6


async def rate(count: int, work: Callable[[], Awaitable[object]]) -> float:
    """Calls a second, 100 at a time."""
    began = time.perf_counter()
    for _ in range(0, count, 100):
        await asyncio.gather(*(work() for _ in range(100)))
    return count / (time.perf_counter() - began)


async def milliseconds(work: Callable[[], Awaitable[object]], runs: int = 5) -> float:
    best = float("inf")
    for _ in range(runs):
        began = time.perf_counter()
        await work()
        best = min(best, time.perf_counter() - began)
    return best * 1000


async def fan_out(server: Api) -> float:
    """Events a second, over all watchers together."""
    arrived = 0
    ready = asyncio.Semaphore(0)

    async def watch() -> None:
        nonlocal arrived
        query = {"watch": "1", "sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        query |= {"allowWatchBookmarks": "true"}
        async for _ in server.client.transport.lines("GET", CONFIG_MAPS, query=query):
            arrived += 1
            if arrived <= WATCHERS:
                ready.release()
            if arrived == WATCHERS * (EVENTS + 1):
                done.set()

    done = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(watch()) for _ in range(WATCHERS)]
        for _ in range(WATCHERS):
            await ready.acquire()
        began = time.perf_counter()
        for _ in range(EVENTS):
            await server.create(CONFIG_MAPS, CONFIG_MAP | {"metadata": {"generateName": "event-"}})
        await done.wait()
        took = time.perf_counter() - began
        for task in tasks:
            task.cancel()
    return WATCHERS * EVENTS / took


async def main() -> None:
    server = api()
    await server.create("/api/v1/namespaces", {"metadata": {"name": "bench"}})
    figures = [
        Figure("decode a ConfigMap", decoding(CONFIG_MAP, "io.k8s.api.core.v1.ConfigMap"), "us", "less", aim=150),
        Figure("decode a Pod", decoding(POD, "io.k8s.api.core.v1.Pod"), "us", "less", aim=250),
        Figure(f"events to {WATCHERS} watchers", await fan_out(server), "/s", "more"),
    ]
    await server.create(CONFIG_MAPS, CONFIG_MAP)
    figures.append(Figure("GET", await rate(20_000, lambda: server.ask("GET", f"{CONFIG_MAPS}/one")), "/s", "more"))
    body = orjson.dumps(POD)
    creates = await rate(PODS, lambda: server.ask("POST", "/api/v1/namespaces/bench/pods", body))
    figures.append(Figure("create pods, in memory", creates, "/s", "more"))
    as_table = {"accept": "application/json;as=Table;g=meta.k8s.io;v=v1"}
    for name, headers, query in (
        (f"list {PODS:,} pods", {}, {}),
        (f"list {PODS:,} pods by label", {}, {"labelSelector": "app=bench"}),
        ("a page of 500 pods", {}, {"limit": "500"}),
        ("a page of 500 pods as a table", as_table, {"limit": "500"}),
    ):
        took = await milliseconds(lambda h=headers, q=query: server.ask("GET", "/api/v1/pods", headers=h, **q))
        figures.append(Figure(name, took, "ms", "less"))
    show("The API server's layers, in process", figures)


if __name__ == "__main__":
    asyncio.Runner(loop_factory=uvloop.new_event_loop).run(main())
