"""Stats are those of the files read, in the shapes that clients of a kubelet know."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.engine.node.clock import TestClock

from armillary.engine.apiserver.subresources.metrics_api import metrics_list, node_metrics, pod_metrics
from armillary.engine.node.cgroups import Cgroups
from armillary.engine.node.resources import PodResources
from armillary.engine.node.stats.collect import NodeStats
from armillary.engine.node.stats.disk import directory_usage, file_system_usage
from armillary.engine.node.stats.prometheus import Machine
from armillary.engine.node.stats.rates import Rate, Rates
from armillary.engine.node.stats.readings import (
    CpuDetail,
    Interface,
    Usage,
    cgroup_files,
    read_interfaces,
    read_machine_usage,
)
from armillary.engine.node.stats.subjects import ContainerSubject, PodSubject, VolumeSubject

MIB = 1 << 20
MACHINE = Machine(2, 8 << 30, "b", "m", "s")

V1 = {
    "cpuacct/pod/cpuacct.usage": "3000000000\n",
    "cpuacct/pod/cpuacct.stat": "user 150\nsystem 50\n",
    "cpu/pod/cpu.stat": "nr_periods 10\nnr_throttled 4\nthrottled_time 500000000\n",
    "cpu/pod/cpu.shares": "512\n",
    "cpu/pod/cpu.cfs_quota_us": "50000\n",
    "cpu/pod/cpu.cfs_period_us": "100000\n",
    "memory/pod/memory.usage_in_bytes": f"{10 * MIB}\n",
    "memory/pod/memory.stat": "cache 1\ntotal_cache 4194304\ntotal_rss 5242880\ntotal_mapped_file 7\ntotal_pgfault 8\n"
    f"total_pgmajfault 9\ntotal_inactive_file {2 * MIB}\nhierarchical_memory_limit {64 * MIB}\n",
    "pids/pod/pids.current": "3\n",
}
V2 = {
    "cgroup.controllers": "cpu memory pids",
    "pod/cpu.stat": "usage_usec 3000000\nuser_usec 1500000\nsystem_usec 500000\nnr_periods 10\nnr_throttled 4\n"
    "throttled_usec 500000\n",
    "pod/cpu.weight": "20\n",
    "pod/cpu.max": "50000 100000\n",
    "pod/memory.current": f"{10 * MIB}\n",
    "pod/memory.stat": f"anon 5242880\nfile 4194304\nfile_mapped 7\npgfault 8\npgmajfault 9\ninactive_file {2 * MIB}\n",
    "pod/memory.max": f"{64 * MIB}\n",
    "pod/pids.current": "3\n",
}
EXPECTED = Usage(3 * 10**9, 10 * MIB, 8 * MIB, 5 * MIB, 4 * MIB, 7, 0, 8, 9, 64 * MIB, 3)
DETAIL = CpuDetail(1_500_000_000, 500_000_000, 10, 4, 500_000_000, 512, 50_000, 100_000)


def lay(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def test_both_versions_of_cgroups_say_the_same(tmp_path: Path):
    first, second = cgroup_files(lay(tmp_path / "1", V1)), cgroup_files(lay(tmp_path / "2", V2))
    assert first.usage("/pod") == second.usage("/pod") == EXPECTED
    assert first.cpu("/pod") == second.cpu("/pod") == 3 * 10**9
    assert first.detail("/pod") == DETAIL
    assert second.detail("/pod") == CpuDetail(1_500_000_000, 500_000_000, 10, 4, 500_000_000, 500, 50_000, 100_000)
    for files in (first, second):
        assert files.usage("/gone") is files.cpu("/gone") is files.detail("/gone") is None


def test_no_limit_is_none(tmp_path: Path):
    no_limit = V1["memory/pod/memory.stat"].replace(str(64 * MIB), str(2**63 - 4096))
    found = cgroup_files(lay(tmp_path, V1 | {"memory/pod/memory.stat": no_limit})).usage("/pod")
    assert found is not None
    assert found.memory_limit_bytes is None


def test_this_machine_can_be_read():
    usage = read_machine_usage()
    assert 0 < usage.working_set_bytes <= usage.memory_bytes <= (usage.memory_limit_bytes or 0)
    assert usage.cpu_nanoseconds > 0
    assert usage.processes > 1
    assert all(isinstance(one, Interface) and one.name != "lo" for one in read_interfaces(os.getpid()))
    assert read_interfaces(2**22 + 1) == ()


def test_rates():
    now, rates = TestClock().now(), Rates()
    second = timedelta(seconds=1)
    assert rates.note("a", 10**9, now, None) is None
    assert rates.note("a", 2 * 10**9, now + 2 * second, None) == Rate(500_000_000, 2.0)
    assert rates.note("a", 9 * 10**9, now + 2.5 * second, None) == Rate(500_000_000, 2.0)
    assert rates.note("a", 3 * 10**9, now + 4 * second, None) == Rate(500_000_000, 2.0)


def test_what_has_just_started_has_a_rate_at_once():
    now, rates = TestClock().now(), Rates()
    assert rates.note("a", 10**9, now + timedelta(seconds=4), now) == Rate(250_000_000, 4.0)
    assert rates.note("a", 0, now + timedelta(seconds=8), now + timedelta(seconds=6)) == Rate(0, 2.0)
    rates.keep_only(set())
    assert rates.note("a", 10**9, now + timedelta(seconds=4), None) is None


def test_the_size_of_a_directory(tmp_path: Path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/f").write_bytes(bytes(MIB))
    (tmp_path / "d/same").hardlink_to(tmp_path / "d/f")
    (tmp_path / "link").symlink_to("/")
    usage = directory_usage(tmp_path)
    assert MIB <= usage.used_bytes < MIB + 65536
    assert usage.inodes_used == 4
    assert usage.capacity_bytes == file_system_usage(tmp_path).capacity_bytes


@pytest.fixture
def stats(tmp_path: Path):
    """One pod `web` whose two containers have the numbers of V1."""
    clock = TestClock()
    own = {name.replace("/pod/", f"/arm/podu/{sub}"): text for name, text in V1.items() for sub in ("", "c1/", "c2/")}
    root = {name.replace("/pod/", "/arm/"): text for name, text in V1.items()}
    lay(tmp_path / "cgroup", own | root)
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "0.log").write_bytes(bytes(8192))
    started = clock.now() - timedelta(seconds=10)
    containers = tuple(
        ContainerSubject(name, own_id, f"/arm/podu/{own_id}", "nginx", started, logs)
        for name, own_id in (("a", "c1"), ("b", "c2"))
    )
    pod = PodSubject(
        "web", "shop", "u", "/arm/podu", started, containers, os.getpid(),
        (VolumeSubject("scratch", logs, ephemeral=True), VolumeSubject("data", tmp_path, whole=True, claim="c")),
    )  # fmt: skip
    return NodeStats(
        "n1", clock, cgroup_files(tmp_path / "cgroup"), pods=lambda: [pod], pods_cgroup="/arm", data=tmp_path,
        images=tmp_path, machine=MACHINE, booted=started, network_pid=os.getpid(),
    )  # fmt: skip


async def test_summary(stats: NodeStats):
    found = await stats.summary()
    (pod,) = found["pods"]
    assert pod["podRef"] == {"name": "web", "namespace": "shop", "uid": "u"}
    container = pod["containers"][0]
    assert container["name"] == "a"
    assert container["cpu"] == {
        "time": "2026-01-01T00:00:00Z",
        "usageCoreNanoSeconds": 3_000_000_000,
        "usageNanoCores": 300_000_000,
    }
    assert container["memory"] == {
        "time": "2026-01-01T00:00:00Z",
        "usageBytes": 10 * MIB,
        "workingSetBytes": 8 * MIB,
        "rssBytes": 5 * MIB,
        "pageFaults": 8,
        "majorPageFaults": 9,
        "availableBytes": 56 * MIB,
    }
    assert container["logs"]["usedBytes"] >= 8192
    assert pod["process_stats"] == {"process_count": 3}
    assert pod["ephemeral-storage"]["usedBytes"] == 2 * container["logs"]["usedBytes"]
    node = found["node"]
    assert (node["nodeName"], node["startTime"]) == ("n1", "2025-12-31T23:59:50Z")
    assert node["systemContainers"][0]["name"] == "pods"
    assert node["fs"]["capacityBytes"] > 0
    assert node["runtime"]["imageFs"] == node["fs"]
    assert node["rlimit"]["maxpid"] > 1


async def test_volumes_are_measured_in_the_background(stats: NodeStats):
    assert "volume" not in (await stats.summary())["pods"][0]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(stats.run())
        async with asyncio.timeout(5):
            while "volume" not in (await stats.summary())["pods"][0]:
                await asyncio.sleep(0.005)
        task.cancel()
    scratch, data = (await stats.summary())["pods"][0]["volume"]
    assert (scratch["name"], data["name"], data["pvcRef"]) == (
        "scratch",
        "data",
        {"name": "c", "namespace": "shop"},
    )
    assert scratch["usedBytes"] >= 8192


async def test_cpu_and_memory_alone(stats: NodeStats):
    pod = (await stats.summary(only_cpu_and_memory=True))["pods"][0]
    assert set(pod) == {"podRef", "startTime", "containers", "cpu", "memory", "swap", "process_stats"}


async def test_the_metrics_api(stats: NodeStats):
    found = await stats.summary(only_cpu_and_memory=True)
    (pod,) = pod_metrics(found, {("shop", "web"): {"app": "web"}})
    assert pod == {
        "kind": "PodMetrics",
        "apiVersion": "metrics.k8s.io/v1beta1",
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": {"app": "web"},
        },
        "timestamp": "2026-01-01T00:00:00Z",
        "window": "10s",
        "containers": [
            {"name": "a", "usage": {"cpu": "300000000n", "memory": "8192Ki"}},
            {"name": "b", "usage": {"cpu": "300000000n", "memory": "8192Ki"}},
        ],
    }
    assert metrics_list("PodMetrics", [pod])["kind"] == "PodMetricsList"
    assert node_metrics(found) is None
    found["node"]["cpu"]["usageNanoCores"] = 0
    node = node_metrics(found)
    assert node is not None
    assert (node["kind"], node["metadata"]["name"], node["usage"]["cpu"]) == ("NodeMetrics", "n1", "0")
    del found["pods"][0]["containers"][1]["cpu"]["usageNanoCores"]
    assert pod_metrics(found) == []


def families(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            found.setdefault(line.partition("{")[0].split(" ")[0], []).append(line)
        elif line.startswith("# TYPE"):
            assert line.split(" ")[2] not in found, "a family must stand in one place"
    return found


async def test_resource_metrics(stats: NodeStats):
    found = families(await stats.resource_metrics())
    assert found["container_cpu_usage_seconds_total"][0] == (
        'container_cpu_usage_seconds_total{container="a",namespace="shop",pod="web"} 3 1767225600000'
    )
    assert found["pod_memory_working_set_bytes"] == [
        f'pod_memory_working_set_bytes{{namespace="shop",pod="web"}} {8 * MIB} 1767225600000'
    ]
    assert found["container_start_time_seconds"][0].endswith(" 1767225590")
    assert found["scrape_error"] == ["scrape_error 0"]
    assert "node_cpu_usage_seconds_total" in found


async def test_cadvisor_metrics(stats: NodeStats):
    found = families(await stats.cadvisor_metrics())
    assert found["container_cpu_usage_seconds_total"][2] == (
        'container_cpu_usage_seconds_total{container="a",cpu="total",id="/arm/podu/c1",image="nginx",name="c1",'
        'namespace="shop",pod="web"} 3 1767225600000'
    )
    assert found["container_cpu_cfs_throttled_seconds_total"][0].endswith("} 0.5 1767225600000")
    assert found["machine_cpu_cores"] == ['machine_cpu_cores{boot_id="b",machine_id="m",system_uuid="s"} 2']
    assert len(found["container_memory_working_set_bytes"]) == 4
    interfaces = len(read_interfaces(os.getpid()))
    assert len(found.get("container_network_receive_bytes_total", [])) == 2 * interfaces


@pytest.mark.machine
def test_a_real_cgroup_can_be_read():
    groups = Cgroups("/arm-node-io-stats")
    try:
        groups.prepare()
        groups.create_pod("/arm-node-io-stats/podu", PodResources(2, memory_limit_bytes=64 * MIB))
        (groups.directory("cpuacct", "/arm-node-io-stats/podu")).mkdir(parents=True, exist_ok=True)
        found = cgroup_files().usage("/arm-node-io-stats/podu")
        assert found is not None
        assert found.memory_limit_bytes == 64 * MIB
        assert cgroup_files().detail("/arm-node-io-stats/podu") is not None
    finally:
        assert groups.remove("/arm-node-io-stats")
