"""The API of any cluster, measured over TLS with a client certificate: latency, throughput, lists, watches."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
import yaml

from armillary.kube.client import Client
from armillary.kube.kinds.core import CONFIG_MAP, NAMESPACE, POD, ConfigMap, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kubeconfig import http_transport
from benchmarks.report import Figure, percentile

SPACE = "armillary-bench"
SECONDS = 4.0
CLIENTS = 32
POD_TEMPLATE = Path(__file__).with_name("pod.yaml")


async def _rate(clients: int, seconds: float, work: Callable[[int, int], Awaitable[object]]) -> tuple[float, float]:
    """Calls a second with so many callers at once, and the median latency in milliseconds."""
    latencies: list[float] = []
    end = time.perf_counter() + seconds

    async def call(client: int) -> None:
        number = 0
        while (began := time.perf_counter()) < end:
            await work(client, number)
            latencies.append(time.perf_counter() - began)
            number += 1

    began = time.perf_counter()
    await asyncio.gather(*(call(client) for client in range(clients)))
    return len(latencies) / (time.perf_counter() - began), percentile(latencies, 0.5) * 1000


async def measure(kubeconfig: Path) -> list[Figure]:
    """Makes a namespace for itself and removes it."""
    async with http_transport(kubeconfig, connections=CLIENTS) as transport:
        client = Client(transport)
        if await client.find(NAMESPACE, SPACE) is None:
            await client.create(NAMESPACE, Namespace(metadata=ObjectMeta(name=SPACE)))
        try:
            return [
                *await _objects(client),
                *_by_wrk(kubeconfig),
                *await _watch(client),
                *await _lists(client, kubeconfig),
            ]
        finally:
            await client.delete(NAMESPACE, SPACE)


def _config_map(name: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=SPACE), data={"key": "value" * 20})


async def _objects(client: Client) -> list[Figure]:
    await client.create(CONFIG_MAP, _config_map("one"), SPACE)
    path = CONFIG_MAP.path(SPACE, "one")
    _, alone = await _rate(1, SECONDS, lambda c, n: client.call("GET", path))
    stamp = f"{time.time():.0f}"

    async def create(client_number: int, number: int) -> None:
        await client.create(CONFIG_MAP, _config_map(f"b{stamp}-{client_number}-{number}"), SPACE)

    _, create_alone = await _rate(1, SECONDS / 2, lambda c, n: create(99, n))
    return [
        Figure("GET, one client, median", alone, "ms", "less", 0.91),
        Figure("create, one client, median (durable)", create_alone, "ms", "less", 2.2),
    ]


def _by_wrk(kubeconfig: Path) -> list[Figure]:
    """The server's throughput: wrk costs next to nothing, so the figure is not the client's own."""
    config = yaml.safe_load(kubeconfig.read_text())
    server = config["clusters"][0]["cluster"]["server"]
    words = ["kubectl", "--kubeconfig", str(kubeconfig), "-n", SPACE]
    subprocess.run([*words, "create", "clusterrolebinding", SPACE, "--clusterrole=cluster-admin",
                    f"--serviceaccount={SPACE}:default"], check=False, capture_output=True)  # fmt: skip
    try:
        token = subprocess.run(
            [*words, "create", "token", "default"], check=True, capture_output=True, text=True
        ).stdout
        get = _wrk(server + CONFIG_MAP.path(SPACE, "one"), token.strip())
        create = _wrk(server + CONFIG_MAP.path(SPACE), token.strip(), _creates())
    finally:
        subprocess.run([*words, "delete", "clusterrolebinding", SPACE], check=False, capture_output=True)
    return [
        Figure("GET throughput", get, "/s", "more", 2400, 5000),
        Figure("durable creates", create, "/s", "more", 1540, 3000),
    ]


def _creates() -> str:
    """wrk's program for POSTs of ConfigMaps with names of their own."""
    return (
        "local n = 0\nlocal id = math.random(1, 1000000000)\n"
        'local body = \'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"w%d-%d"},"data":{"k":"'
        + "v"
        * 100
        + "\"}}'\n"
        'function setup(thread) thread:set("id", math.random(1, 1000000000)) end\n'
        "function request() n = n + 1\n"
        '  local h = {}\n  for k, v in pairs(wrk.headers) do h[k] = v end\n  h["content-type"] = "application/json"\n'
        "  return wrk.format('POST', nil, h, string.format(body, id, n)) end\n"
        "function response(status) if status ~= 201 then print('status', status) end end\n"
    )


def _wrk(url: str, token: str, script: str = "") -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as program:
        program.write(script)
        program.flush()
        command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS:.0f}s", "-H", f"Authorization: Bearer {token}"]
        command += ["-s", program.name] if script else []
        done = subprocess.run([*command, url], capture_output=True, text=True, check=True)
    if "status" in done.stdout or "Non-2xx" in done.stdout:
        raise RuntimeError(done.stdout)
    line = next(line for line in done.stdout.splitlines() if line.startswith("Requests/sec"))
    return float(line.split()[1])


async def _watch(client: Client) -> list[Figure]:
    """From the moment a change is sent to its arrival at a watcher."""
    seen: dict[str, float] = {}
    sent: dict[str, float] = {}
    ready = asyncio.Event()

    async def watch() -> None:
        async for event in client.watch(CONFIG_MAP, SPACE, fields="metadata.name=one", initial_events=True):
            ready.set()
            if event.object is not None:
                seen[event.object.data.get("n", "")] = time.perf_counter()

    async with asyncio.TaskGroup() as group:
        watcher = group.create_task(watch())
        await ready.wait()
        for number in range(200):
            sent[str(number)] = time.perf_counter()
            await client.patch(CONFIG_MAP, "one", SPACE, {"data": {"n": str(number)}})
        await asyncio.sleep(0.2)
        watcher.cancel()
    delays = [(seen[n] - at) * 1000 for n, at in sent.items() if n in seen]
    return [Figure("patch to watch event, median", percentile(delays, 0.5), "ms", "less")]


async def _lists(client: Client, kubeconfig: Path) -> list[Figure]:
    """Pods that no scheduler touches: they only fill lists."""
    template = yaml.safe_load(POD_TEMPLATE.read_text())
    figures = []
    made = 0
    for total, reference, aim in ((1000, 35.0, 0.0), (10_000, 349.0, 60.0)):
        await _fill(client, template, made, total)
        made = total
        path = POD.path(SPACE)
        times = []
        for _ in range(7):
            began = time.perf_counter()
            await client.call("GET", path)
            times.append((time.perf_counter() - began) * 1000)
        figures.append(Figure(f"list {total:,} pods", percentile(times, 0.5), "ms", "less", reference, aim))
        if total == 1000:
            words = ["kubectl", "--kubeconfig", str(kubeconfig), "get", "pods", "-n", SPACE]
            subprocess.run(words, capture_output=True, check=True)
            began = time.perf_counter()
            subprocess.run(words, capture_output=True, check=True)
            figures.append(Figure("kubectl get pods, 1,000", time.perf_counter() - began, "s", "less", 0.19))
    return figures


async def _fill(client: Client, template: dict[str, object], start: int, end: int) -> None:
    gate = asyncio.Semaphore(CLIENTS)

    async def one(number: int) -> None:
        body = template | {"metadata": {"name": f"p{number:05}", "namespace": SPACE, "labels": {"app": "bench"}}}
        async with gate:
            await client.call("POST", POD.path(SPACE), body=orjson.dumps(body))

    await asyncio.gather(*(one(number) for number in range(start, end)))


def kubectl_path() -> str:
    """With the builds that the tests use in front."""
    root = Path(__file__).parents[1] / ".venv/kubectl/1.35"
    return f"{root}:{os.environ['PATH']}"
