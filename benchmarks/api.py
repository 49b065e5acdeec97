"""The API: reads and durable writes over TLS, their latency from one client, their throughput from many."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from armillary.kube.kubeconfig import access_of
from benchmarks.direct import NAMESPACES, Direct, own_namespace
from benchmarks.report import Figure, percentile

SECONDS = 4
CLIENTS = 32
CALLS = 1000
ROLE_BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"


def measure(kubeconfig: Path) -> list[Figure]:
    direct = Direct(kubeconfig)
    with own_namespace(direct) as namespace:
        maps = f"{NAMESPACES}/{namespace}/configmaps"
        direct.call("POST", maps, _config_map("one"))
        gets = [direct.fetch(f"{maps}/one") for _ in range(CALLS)]
        creates = [direct.send("POST", maps, _config_map(f"b-{number}")) for number in range(CALLS)]
        patches = [
            direct.send("PUT", f"{maps}/one", _config_map("one") | {"data": {"n": str(number)}})
            for number in range(CALLS)
        ]
        return [
            Figure("GET, one client, median", percentile(gets, 0.5), "ms", "less", 0.91),
            Figure("GET, one client, 99 %", percentile(gets, 0.99), "ms", "less"),
            Figure("durable create, one client, median", percentile(creates, 0.5), "ms", "less", 2.2),
            Figure("durable update, one client, median", percentile(patches, 0.5), "ms", "less"),
            *_throughput(kubeconfig, direct, namespace),
        ]


def _config_map(name: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"key": "value" * 20}}


def _throughput(kubeconfig: Path, direct: Direct, namespace: str) -> list[Figure]:
    """By wrk, which speaks no client certificates: it gets a service account's token."""
    if shutil.which("wrk") is None:
        return []
    account = {"kind": "ServiceAccount", "namespace": namespace, "name": "default"}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    direct.call("POST", ROLE_BINDINGS, {"metadata": {"name": namespace}, "roleRef": role, "subjects": [account]})
    try:
        path = f"{NAMESPACES}/{namespace}/serviceaccounts/default/token"
        token = direct.call("POST", path, {"spec": {"expirationSeconds": 3600}})["status"]["token"]
        maps = f"{access_of(kubeconfig).server}{NAMESPACES}/{namespace}/configmaps"
        get = _wrk(f"{maps}/one", token)
        create = _wrk(maps, token, _creates())
    finally:
        direct.call("DELETE", f"{ROLE_BINDINGS}/{namespace}")
    return [
        Figure(f"GET, {CLIENTS} clients", get, "/s", "more", 2400, 5000),
        Figure(f"durable creates, {CLIENTS} clients", create, "/s", "more", 1540, 3000),
    ]


def _creates() -> str:
    """wrk's program: POSTs of ConfigMaps with names of their own."""
    value = "v" * 100
    return f"""
        local n, id = 0, {time.time_ns()}
        local body = '{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"w%d-%d"}},"data":{{"k":"{value}"}}}}'
        function request()
          n = n + 1
          local headers = {{}}
          for k, v in pairs(wrk.headers) do headers[k] = v end
          headers["content-type"] = "application/json"
          return wrk.format("POST", nil, headers, string.format(body, id, n))
        end
        function response(status) if status ~= 201 then print("status", status) end end
    """


def _wrk(url: str, token: str, program: str = "") -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(program)
        file.flush()
        command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "-H", f"Authorization: Bearer {token}"]
        command += ["-s", file.name] if program else []
        said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if "status" in said or "Non-2xx" in said:
        raise RuntimeError(said)
    return float(next(line for line in said.splitlines() if line.startswith("Requests/sec")).split()[1])
