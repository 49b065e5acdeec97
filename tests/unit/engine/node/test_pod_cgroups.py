"""Pods' cgroups are made with their settings and removed with all below them."""

from pathlib import Path

import pytest

from armillary.engine.node.cgroups import Cgroups
from armillary.engine.node.resources import PodResources


@pytest.fixture
def first(tmp_path: Path) -> Cgroups:
    """Version 1, on plain directories."""
    for name in ("cpu", "memory", "pids", "freezer"):
        (tmp_path / name).mkdir()
    (tmp_path / "cpuacct").symlink_to("cpu")
    return Cgroups("/arm", tmp_path)


@pytest.fixture
def second(tmp_path: Path) -> Cgroups:
    """Version 2, on plain directories."""
    (tmp_path / "cgroup.controllers").touch()
    return Cgroups("/arm", tmp_path)


def test_version_1_settings(first: Cgroups):
    first.prepare()
    first.create_pod("/arm/podu", PodResources(512, 50_000, 100_000, 1 << 20, 100))
    read = lambda path: (first.mount / path).read_text()  # noqa: E731
    assert read("cpu/arm/besteffort/cpu.shares") == "2"
    assert read("cpu/arm/podu/cpu.shares") == "512"
    assert read("cpu/arm/podu/cpu.cfs_quota_us") == "50000"
    assert read("memory/arm/podu/memory.limit_in_bytes") == str(1 << 20)
    assert read("pids/arm/podu/pids.max") == "100"


def test_version_2_settings(second: Cgroups):
    second.prepare()
    second.create_pod("/arm/burstable/podu", PodResources(1024))
    read = lambda name: (second.mount / "arm/burstable/podu" / name).read_text()  # noqa: E731
    assert read("cpu.weight") == "39"
    assert read("cpu.max") == "max 100000"
    assert read("memory.max") == "max"
    assert (second.mount / "arm/cgroup.subtree_control").read_text() == "+cpu +memory +pids"


def test_pods_are_found_in_every_tier_and_hierarchy(first: Cgroups):
    first.prepare()
    (first.mount / "cpu/arm/burstable/poda").mkdir()
    (first.mount / "freezer/arm/podb").mkdir(parents=True)
    assert first.pods() == {"a": "/arm/burstable/poda", "b": "/arm/podb"}


def test_a_cgroup_goes_with_all_below_it(first: Cgroups):
    (first.mount / "cpu/arm/poda/container").mkdir(parents=True)
    (first.mount / "freezer/arm/poda").mkdir(parents=True)
    assert first.remove("/arm/poda")
    assert first.pods() == {}
    assert first.remove("/arm/poda")


@pytest.mark.machine
def test_the_kernel_takes_the_settings():
    groups = Cgroups("/arm-node-io-test")
    try:
        groups.prepare()
        groups.create_pod("/arm-node-io-test/podu", PodResources(512, 50_000, 100_000, 64 << 20, 100))
        assert (groups.directory("pids", "/arm-node-io-test/podu") / "pids.max").read_text().strip() == "100"
        groups.create_pod("/arm-node-io-test/podu", PodResources(2))
        assert not groups.kill("/arm-node-io-test/podu")
        assert groups.remove("/arm-node-io-test/podu")
        assert groups.pods() == {}
    finally:
        assert groups.remove("/arm-node-io-test")
