"""What containerd is configured with, and the images made by hand."""

import io
import json
import struct
import tarfile
import tomllib
from pathlib import Path

import pytest

from armillary.engine.node.pause import IMAGE, pause_archive, pause_program
from armillary.engine.node.runtime.containerd import (
    ContainerdSettings,
    PodNetwork,
    cni_conflist,
    containerd_config,
    hides_unified,
    hosts_toml,
    registry_files,
    start_command,
)

SETTINGS = ContainerdSettings(Path("/data/containerd"), Path("/data/run/c.sock"), Path("/data/run/state"))


def test_the_configuration_keeps_everything_below_the_data_directory() -> None:
    config = tomllib.loads(containerd_config(SETTINGS, may_protect_from_oom=False))
    cri = config["plugins"]["io.containerd.grpc.v1.cri"]
    assert (config["root"], config["state"]) == ("/data/containerd/root", "/data/run/state")
    assert config["grpc"]["address"] == "/data/run/c.sock"
    assert cri["sandbox_image"] == IMAGE
    assert cri["restrict_oom_score_adj"]
    assert cri["containerd"]["default_runtime_name"] == "crun"
    assert cri["containerd"]["runtimes"]["runc"]["options"]["BinaryName"] == "/usr/sbin/runc"
    assert cri["registry"]["config_path"] == "/data/containerd/certs.d"


def test_the_network_gives_pods_addresses_behind_the_node() -> None:
    network = json.loads(cni_conflist(PodNetwork("cni0", "10.244.0.0/16", "10.244.0.1", Path("/data/leases"))))
    plugin = network["plugins"][0]
    assert plugin["hairpinMode"]
    assert plugin["ipam"]["ranges"] == [
        [{"subnet": "10.244.0.0/16", "rangeStart": "10.244.0.10", "gateway": "10.244.0.1"}]
    ]


def test_every_name_is_looked_for_nearby_first() -> None:
    files = registry_files("127.0.0.1:5000", {"docker.io": ["https://mirror.example"]})
    hub = tomllib.loads(files["docker.io/hosts.toml"])
    assert list(hub["host"]) == ["http://127.0.0.1:5000", "https://mirror.example"]
    assert hub["server"] == "https://registry-1.docker.io"
    assert list(tomllib.loads(files["_default/hosts.toml"])["host"]) == ["http://127.0.0.1:5000"]


def test_a_registry_of_its_own() -> None:
    assert tomllib.loads(hosts_toml([], "http://r:5000")) == {"server": "http://r:5000"}


@pytest.mark.parametrize(
    ("mounts", "hides"),
    [
        ("cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n", True),
        ("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n", False),
        ("", False),
    ],
)
def test_when_the_second_version_of_cgroups_is_hidden(mounts: str, hides: bool) -> None:
    assert hides_unified(mounts) is hides
    assert (start_command(SETTINGS, hide_unified_cgroups=hides)[0] == "unshare") is hides


def test_the_pause_program_is_an_executable() -> None:
    program = pause_program()
    assert program[:4] == b"\x7fELF"
    entry, sizes = struct.unpack_from("<Q", program, 24)[0], struct.unpack_from("<QQ", program, 64 + 32)
    assert entry == 0x400078
    assert sizes == (len(program), len(program))


def test_the_pause_image_is_whole_and_always_the_same() -> None:
    archive = pause_archive()
    assert archive == pause_archive()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        assert manifest[0]["RepoTags"] == [IMAGE]
        assert set(tar.getnames()) == {"layer.tar", "manifest.json", manifest[0]["Config"]}
