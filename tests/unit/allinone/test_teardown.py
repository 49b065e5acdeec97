"""What on the machine belongs to a data directory."""

import base64
import json
import subprocess
from pathlib import Path

import pytest

from armillary.allinone import teardown
from armillary.allinone.teardown import mounts_below, network_namespaces, parse_mounts, remove_cgroups, unmount_below

INFO = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 22 0:30 / /data/pods rw shared:5 - ext4 /dev/vda rw
41 40 0:31 / /data/pods/a\\040b/tmp rw - tmpfs tmpfs rw
42 22 0:32 / /data-other rw - tmpfs tmpfs rw
43 22 0:4 net:[4026532] /run/netns/cni-1 rw - nsfs nsfs rw
"""


def test_only_what_is_below_and_the_last_first() -> None:
    mounts = parse_mounts(INFO)
    assert mounts_below(mounts, Path("/data")) == ("/data/pods/a b/tmp", "/data/pods")


def test_a_network_namespace_is_known_by_its_number() -> None:
    (namespace,) = (m for m in parse_mounts(INFO) if m.kind == "nsfs")
    assert (namespace.path, namespace.root) == ("/run/netns/cni-1", "net:[4026532]")


def cni_result(config: str) -> bytes:
    interfaces = [{"name": "cni0"}, {"name": "eth0", "sandbox": "/run/netns/cni-1"}]
    encoded = base64.b64encode(config.encode()).decode()
    return json.dumps({"config": encoded, "result": {"interfaces": interfaces}}).encode()


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (cni_result('{"dataDir": "/data/containerd/leases"}'), ("/run/netns/cni-1",)),
        (cni_result('{"dataDir": "/data-other/containerd/leases"}'), None),
        (b"not even JSON", None),
        (b"{}", None),
    ],
    ids=["ours", "another cluster's", "damaged", "of another kind"],
)
def test_network_namespaces_by_what_libcni_remembers(result: bytes, found: tuple[str, ...] | None) -> None:
    assert network_namespaces(result, Path("/data")) == found


@pytest.mark.parametrize("hierarchies", [("",), ("cpu", "memory", "unified")], ids=["v2", "v1"])
def test_cgroups_go_the_deepest_first_and_only_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hierarchies: tuple[str, ...]
) -> None:
    monkeypatch.setattr(teardown, "CGROUPS", tmp_path)
    for hierarchy in hierarchies:
        for name in ("armillary-1/pod-a/container", "armillary-1/pod-b", "armillary-12/pod-c", "other"):
            (tmp_path / hierarchy / name).mkdir(parents=True)
    remove_cgroups("armillary-1")
    for hierarchy in hierarchies:
        assert sorted(path.name for path in (tmp_path / hierarchy).iterdir()) == ["armillary-12", "other"]
        assert (tmp_path / hierarchy / "armillary-12/pod-c").is_dir()
    remove_cgroups("armillary-1")  # what is gone needs no removing


@pytest.mark.machine
def test_mounts_below_are_undone_and_those_beside_stay(tmp_path: Path) -> None:
    ours, other = tmp_path / "data", tmp_path / "data-other"
    points = [ours, ours / "pods", ours / "pods/a b", other]
    try:
        for point in points:
            point.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(point)], check=True)
        unmount_below(ours)
        mounted = {mount.path for mount in parse_mounts(Path("/proc/self/mountinfo").read_text())}
        assert {str(point) for point in points} & mounted == {str(other)}
    finally:
        for point in reversed(points):
            subprocess.run(["umount", "-l", str(point)], check=False, stderr=subprocess.DEVNULL)
