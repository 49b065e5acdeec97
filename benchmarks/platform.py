"""The platform in front of a cluster: pages of lists out of 30,000 pods, what the front door adds, its memory."""

import asyncio
import hashlib
import http.client
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import orjson

from armillary.kube.kinds.core import POD
from armillary.kube.kubeconfig import access_of
from benchmarks.direct import Direct, own_namespace
from benchmarks.lists import fill
from benchmarks.report import Figure, percentile

PORT = 9443
PODS, PAGE = 30_000, 100
RUNS, GETS = 15, 400
LISTS = "/platform/v1/clusters/host/resources/core/v1/pods"
TOKENS = "/apis/iam.armillary.io/v1/accesstokens"
SETTLE_SECONDS = 120.0


class Door:
    """One connection to the platform, as its first administrator."""

    def __init__(self, kubeconfig: Path, token: str) -> None:
        self._connection = http.client.HTTPSConnection("127.0.0.1", PORT, context=access_of(kubeconfig).tls)
        self._headers = {"authorization": f"Bearer {token}", "accept": "application/json"}

    def get(self, path: str) -> tuple[float, bytes]:
        """Milliseconds until the whole answer was read, and the answer. Raises RuntimeError."""
        began = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.status} {body[:200]!r}")
        return took, body


def measure(kubeconfig: Path) -> list[Figure]:
    direct = Direct(kubeconfig)
    with _token(direct) as token:
        door = Door(kubeconfig, token)
        figures = _overhead(direct, door)
        with own_namespace(direct) as namespace:
            asyncio.run(fill(kubeconfig, namespace, 0, PODS))
            figures += _pages(door)
            figures.append(Figure("platform with 30,000 pods in its lists", _memory(kubeconfig), "MiB", "less", 0, 500))
    return figures


@contextmanager
def _token(direct: Direct) -> Iterator[str]:
    """An access token of the first administrator, made as the cluster's."""
    token = f"arm_{secrets.token_urlsafe(24)}"
    spec = {"user": "admin", "hash": hashlib.sha256(token.encode()).hexdigest(), "scopes": ["all"]}
    uid = direct.call("GET", "/apis/iam.armillary.io/v1/users/admin")["metadata"]["uid"]
    owner = {"apiVersion": "iam.armillary.io/v1", "kind": "User", "name": "admin", "uid": uid}
    meta = {"name": f"bench-{secrets.token_hex(4)}", "ownerReferences": [owner]}
    direct.call(
        "POST", TOKENS, {"apiVersion": "iam.armillary.io/v1", "kind": "AccessToken", "metadata": meta, "spec": spec}
    )
    user_without_first_password(direct)
    try:
        time.sleep(1)  # a benchmark may wait for watches to bring it
        yield token
    finally:
        direct.call("DELETE", f"{TOKENS}/{meta['name']}")


def user_without_first_password(direct: Direct) -> None:
    """Who signs in need not change the password that the platform made."""
    admin = "/apis/iam.armillary.io/v1/users/admin/status"
    direct.call("PATCH", admin, {"status": {"mustChangePassword": False}}, "application/merge-patch+json")


def _overhead(direct: Direct, door: Door) -> list[Figure]:
    path = "/api/v1/namespaces/kube-system/services/kube-dns"
    bare, through = [], []
    for _ in range(GETS):  # side by side: what else the machine does lowers both
        bare.append(direct.fetch(path))
        through.append(door.get(f"/clusters/host{path}")[0])
    added = percentile(through, 0.5) - percentile(bare, 0.5)
    return [
        Figure("GET at the API server, p50", percentile(bare, 0.5), "ms", "less"),
        Figure("the same through the platform, p50", percentile(through, 0.5), "ms", "less"),
        Figure("what the platform adds", added, "ms", "less", 0, 1),
    ]


def _pages(door: Door) -> list[Figure]:
    _settled(door)
    asked = {
        "first page": {},
        "sorted by restarts": {"sort": "-restarts,name"},
        "searched": {"q": "p2999"},
        "filtered": {"filter": "status=Pending", "sort": "-created"},
        "last page": {"page": str(PODS // PAGE)},
    }
    figures = []
    for name, query in asked.items():
        path = f"{LISTS}?{urlencode({'limit': str(PAGE), **query})}"
        times = [door.get(path)[0] for _ in range(RUNS)]
        figures.append(Figure(f"{PAGE} of 30,000 pods, {name}, p50", percentile(times, 0.5), "ms", "less", 0, 100))
    whole = [door.get(f"/clusters/host{POD.path()}?limit=5000")[0] for _ in range(3)]
    figures.append(Figure("5,000 of them listed by the API, for comparison", percentile(whole, 0.5), "ms", "less"))
    return figures


def _settled(door: Door) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        if orjson.loads(door.get(f"{LISTS}?limit=1")[1])["total"] >= PODS:
            return
        time.sleep(0.2)
    raise RuntimeError(f"the platform has not seen {PODS} pods in {SETTLE_SECONDS:.0f} s")


def _memory(kubeconfig: Path) -> float:
    """MiB of the platform's process, by the status that the supervisor keeps beside the kubeconfig."""
    parts = orjson.loads((kubeconfig.parent.parent / "run/status.json").read_bytes())["parts"]
    pid = next(part["pid"] for part in parts if part["name"] == "platform")
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has no memory")
