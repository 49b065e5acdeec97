"""A pod's volumes are made, kept current, and taken away without touching what is not theirs."""

import asyncio
import os
import stat
from pathlib import Path

import pytest
from tests.unit.engine.node.build import config_map, pod, secret
from tests.unit.engine.node.clock import TestClock
from tests.unit.engine.node.volume_sources import HandSources

from armillary.base.clock import SystemClock
from armillary.engine.node.faults import ConfigError, MountError
from armillary.engine.node.runtime.port import Mount
from armillary.engine.node.volumes.lifecycle import VolumeManager
from armillary.engine.node.volumes.mounts import bind, mounts_below, unmount
from armillary.engine.node.volumes.plan import memory_volume_bytes

MIB = 1 << 20


@pytest.fixture
def sources() -> HandSources:
    return HandSources()


@pytest.fixture
def volumes(tmp_path: Path, sources: HandSources):
    """Below a mount of its own: what a test leaves mounted goes with it."""
    place = tmp_path / "pods"
    place.mkdir()
    yield VolumeManager(place, sources, TestClock(), allocatable=lambda: {"memory": "64Mi", "cpu": "2"})
    for mount in mounts_below(place):
        unmount(mount.point)


def with_volume(source: dict, *mounts: dict, uid: str = "u1", **spec):
    """A pod with volume `v`, mounted at /v, or as `mounts` say."""
    container = {"name": "main", "volumeMounts": [{"name": "v", "mountPath": "/v", **m} for m in mounts or ({},)]}
    return pod({"containers": [container], "volumes": [{"name": "v", **source}], **spec}, uid=uid)


async def mounts_of(volumes: VolumeManager, the_pod, **env: str) -> tuple[Mount, ...]:
    await volumes.mount(the_pod)
    return await volumes.container_mounts(the_pod, the_pod.spec.containers[0], env)


async def path_of(volumes: VolumeManager, the_pod) -> Path:
    return Path((await volumes.mount(the_pod))["v"])


async def test_an_empty_dir_is_open_to_all_and_goes_with_its_pod(volumes):
    the_pod = with_volume({"emptyDir": {}})
    path = await path_of(volumes, the_pod)
    assert path == volumes.pod_directory("u1") / "volumes/kubernetes.io~empty-dir/v"
    assert stat.S_IMODE(path.stat().st_mode) == 0o777
    (path / "f").write_text("kept")
    assert await path_of(volumes, the_pod) == path
    assert (path / "f").read_text() == "kept"
    await volumes.remove("u1")
    assert volumes.mounted_pods() == set()


async def test_unused_volumes_are_not_made(volumes):
    assert await volumes.mount(pod({"volumes": [{"name": "v", "configMap": {"name": "missing"}}]})) == {}


async def test_config_maps_are_updated_in_place_and_read_only(volumes, sources):
    sources.config_maps["m"] = config_map("m", a="1")
    the_pod = with_volume({"configMap": {"name": "m", "defaultMode": 0o600}})
    path = await path_of(volumes, the_pod)
    assert (path / "a").read_text() == "1"
    assert stat.S_IMODE((path / "a").stat().st_mode) == 0o600
    (mount,) = await volumes.container_mounts(the_pod, the_pod.spec.containers[0], {})
    assert mount == Mount("/v", str(path), True, "private")
    sources.config_maps["m"] = config_map("m", b="2")
    await volumes.refresh(the_pod)
    assert (path / "b").read_text() == "2"
    assert not (path / "a").exists()


async def test_running_pods_follow_changes(volumes, sources):
    sources.config_maps["m"] = config_map("m", a="1")
    path = await path_of(volumes, with_volume({"configMap": {"name": "m"}}))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(volumes.run())
        sources.config_maps["m"] = config_map("m", a="2")
        sources.listeners[0]("u1")
        async with asyncio.timeout(5):
            while (path / "a").read_text() != "2":
                await asyncio.sleep(0.005)
        task.cancel()


@pytest.mark.machine
async def test_labels_are_told_anew(volumes):
    told = {"downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels['a']"}}]}}
    spec = {
        "containers": [{"name": "main", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
        "volumes": [{"name": "v", **told}],
    }
    path = await path_of(volumes, pod(spec, labels={"a": "1"}))
    await volumes.refresh(pod(spec, labels={"a": "2"}))
    assert (path / "l").read_text() == "2"


TOKEN = {
    "projected": {
        "defaultMode": 0o644,
        "sources": [
            {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
        ],
    }
}


@pytest.mark.machine
async def test_a_projected_volume_joins_its_sources_in_memory(volumes, sources):
    sources.config_maps["kube-root-ca.crt"] = config_map("kube-root-ca.crt", ca="CERT")
    the_pod = with_volume(TOKEN, serviceAccountName="sa", securityContext={"runAsUser": 7, "fsGroup": 8})
    path = await path_of(volumes, the_pod)
    assert {p.name: p.read_text() for p in path.iterdir() if not p.name.startswith("..")} == {
        "token": "token for sa",
        "ca.crt": "CERT",
        "namespace": "shop",
    }
    assert [m.type for m in mounts_below(path)] == ["tmpfs"]
    token = (path / "token").stat()
    assert (token.st_uid, token.st_gid, stat.S_IMODE(token.st_mode)) == (7, 8, 0o640)
    wish = sources.tokens[0]
    assert (wish.namespace, wish.account, wish.seconds, wish.pod_name) == ("shop", "sa", 3607, "web")


async def test_what_a_projection_lacks_is_said(volumes, sources):
    with pytest.raises(MountError) as failed:
        await volumes.mount(with_volume(TOKEN))
    assert str(failed.value) == 'MountVolume.SetUp failed for volume "v" : configmap "kube-root-ca.crt" not found'


async def test_a_secret_that_comes_later_is_mounted_then(volumes, sources):
    the_pod = with_volume({"configMap": {"name": "m"}})
    with pytest.raises(MountError):
        await volumes.mount(the_pod)
    assert sources.followed == {"u1"}
    sources.config_maps["m"] = config_map("m", a="1")
    assert ((await path_of(volumes, the_pod)) / "a").read_text() == "1"


@pytest.mark.machine
async def test_secrets_stay_in_memory_and_are_found_again(volumes, sources, tmp_path):
    sources.secrets["s"] = secret("s", key="hush")
    the_pod = with_volume({"secret": {"secretName": "s"}})
    path = await path_of(volumes, the_pod)
    assert (path / "key").read_text() == "hush"
    restarted = VolumeManager(tmp_path / "pods", sources, TestClock(), allocatable=dict)
    assert await path_of(restarted, the_pod) == path
    assert len(mounts_below(path)) == 1
    await restarted.remove("u1")
    assert mounts_below(tmp_path) == []
    assert restarted.mounted_pods() == set()


@pytest.mark.machine
async def test_a_volume_in_memory_has_a_size(volumes):
    path = await path_of(volumes, with_volume({"emptyDir": {"medium": "Memory", "sizeLimit": "8Mi"}}))
    found = os.statvfs(path)
    assert found.f_blocks * found.f_frsize == 8 * MIB
    with pytest.raises(OSError, match="No space left"):
        (path / "big").write_bytes(bytes(9 * MIB))


@pytest.mark.parametrize(
    ("size_limit", "spec", "expected"),
    [
        ("", {}, 64 * MIB),
        ("8Mi", {}, 8 * MIB),
        ("1Gi", {}, 64 * MIB),
        ("", {"containers": [{"name": "c", "resources": {"limits": {"memory": "16Mi"}}}]}, 16 * MIB),
        ("8Mi", {"containers": [{"name": "c", "resources": {"limits": {"memory": "16Mi"}}}]}, 8 * MIB),
    ],
)
def test_the_size_of_a_volume_in_memory(size_limit, spec, expected):
    assert memory_volume_bytes(size_limit, pod(spec), {"memory": "64Mi"}) == expected


async def test_a_host_path_is_used_as_it_is_and_never_deleted(volumes, tmp_path):
    (tmp_path / "host").mkdir()
    (tmp_path / "host/f").write_text("mine")
    the_pod = with_volume(
        {"hostPath": {"path": str(tmp_path / "host"), "type": "Directory"}},
        {"readOnly": True, "mountPropagation": "HostToContainer"},
    )
    (mount,) = await mounts_of(volumes, the_pod)
    assert mount == Mount("/v", str(tmp_path / "host"), True, "host-to-container")
    await volumes.remove("u1")
    assert (tmp_path / "host/f").read_text() == "mine"


async def test_a_host_path_of_the_wrong_type_is_refused(volumes, tmp_path):
    with pytest.raises(MountError) as refused:
        await volumes.mount(with_volume({"hostPath": {"path": f"{tmp_path}/no", "type": "Directory"}}))
    assert str(refused.value) == (
        f'MountVolume.SetUp failed for volume "v" : hostPath type check failed: {tmp_path}/no is not a directory'
    )


CLAIM = {"persistentVolumeClaim": {"claimName": "data"}}


@pytest.mark.machine
async def test_a_local_volume_is_bound_in_and_outlives_its_pod(volumes, sources, tmp_path):
    (tmp_path / "disk").mkdir()
    sources.bind("data", {"local": {"path": str(tmp_path / "disk")}})
    the_pod = with_volume(CLAIM, {}, {"subPath": "part", "mountPath": "/p"}, securityContext={"fsGroup": 5})
    whole, part = await mounts_of(volumes, the_pod)
    Path(whole.host_path, "f").write_text("data")
    Path(part.host_path, "g").write_text("part")
    assert (tmp_path / "disk/part/g").read_text() == "part"
    assert (tmp_path / "disk").stat().st_gid == 5
    await volumes.remove("u1")
    assert mounts_below(tmp_path) == []
    assert (tmp_path / "disk/f").read_text() == "data"
    assert (tmp_path / "disk/part/g").read_text() == "part"


@pytest.mark.machine
async def test_a_read_only_claim_is_bound_read_only(volumes, sources, tmp_path):
    (tmp_path / "disk").mkdir()
    sources.bind("data", {"local": {"path": str(tmp_path / "disk")}})
    the_pod = with_volume({"persistentVolumeClaim": {"claimName": "data", "readOnly": True}})
    (mount,) = await mounts_of(volumes, the_pod)
    assert mount.read_only
    with pytest.raises(OSError, match="Read-only"):
        Path(mount.host_path, "f").write_text("x")


SETUP = 'MountVolume.SetUp failed for volume "pv-data" : '


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"local": {"path": "/nowhere"}}, SETUP + 'path "/nowhere" does not exist'),
        ({"nfs": {"path": "/x", "server": "s"}}, SETUP + "nfs volumes are not supported on this node"),
        (
            {"csi": {"driver": "d.io", "volumeHandle": "h"}},
            'MountVolume.MountDevice failed for volume "pv-data" : kubernetes.io/csi: attacher.MountDevice failed to'
            " create newCsiDriverClient: driver name d.io not found in the list of registered CSI drivers",
        ),
        (
            {"hostPath": {"path": "/nowhere"}, "volumeMode": "Block"},
            'MapVolume.SetUpDevice failed for volume "pv-data" : block volumes are not supported',
        ),
    ],
)
async def test_volumes_that_cannot_be_had_say_why(volumes, sources, source, message):
    sources.bind("data", source)
    with pytest.raises(MountError) as refused:
        await volumes.mount(with_volume(CLAIM))
    assert str(refused.value) == message


async def test_a_claim_that_is_not_bound_says_so(volumes):
    with pytest.raises(MountError) as refused:
        await volumes.mount(with_volume(CLAIM))
    assert str(refused.value) == (
        "Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process"
        " volumes=[v]: error processing PVC shop/data: failed to fetch PVC from API server:"
        ' persistentvolumeclaims "data" not found'
    )


@pytest.mark.machine
async def test_a_sub_path_is_expanded_made_and_bound(volumes):
    the_pod = with_volume({"emptyDir": {}}, {"subPathExpr": "logs/$(POD)"})
    (mount,) = await mounts_of(volumes, the_pod, POD="web")
    assert mount.host_path.endswith("/volume-subpaths/v/main/0")
    Path(mount.host_path, "f").write_text("x")
    empty = volumes.pod_directory("u1") / "volumes/kubernetes.io~empty-dir/v"
    assert (empty / "logs/web/f").read_text() == "x"
    assert stat.S_IMODE((empty / "logs").stat().st_mode) == 0o777


@pytest.mark.machine
async def test_a_sub_path_of_a_config_map_is_the_newest_when_a_container_starts(volumes, sources):
    sources.config_maps["m"] = config_map("m", a="1")
    the_pod = with_volume({"configMap": {"name": "m"}}, {"subPath": "a"})
    (mount,) = await mounts_of(volumes, the_pod)
    assert Path(mount.host_path).read_text() == "1"
    assert await mounts_of(volumes, the_pod) == (mount,)
    assert len(mounts_below(volumes.pod_directory("u1"))) == 1
    sources.config_maps["m"] = config_map("m", a="2")
    (again,) = await mounts_of(volumes, the_pod)
    assert Path(again.host_path).read_text() == "2"
    assert len(mounts_below(volumes.pod_directory("u1"))) == 1


@pytest.mark.machine
@pytest.mark.parametrize("target", ["/etc", "../../../../etc", "/etc/passwd"])
async def test_no_link_leads_out_of_a_volume(volumes, target):
    the_pod = with_volume({"emptyDir": {}}, {"subPath": "way/out"})
    path = await path_of(volumes, the_pod)
    (path / "way").mkdir()
    (path / "way/out").symlink_to(target)
    with pytest.raises(ConfigError) as refused:
        await volumes.container_mounts(the_pod, the_pod.spec.containers[0], {})
    assert str(refused.value) == 'failed to prepare subPath for volumeMount "v" of container "main"'
    assert mounts_below(volumes.pod_directory("u1")) == []


@pytest.mark.machine
async def test_no_directory_is_made_through_a_link(volumes, tmp_path):
    the_pod = with_volume({"emptyDir": {}}, {"subPath": "way/new"})
    ((await path_of(volumes, the_pod)) / "way").symlink_to(tmp_path)
    with pytest.raises(ConfigError):
        await volumes.container_mounts(the_pod, the_pod.spec.containers[0], {})
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("sub_path", "message"),
    [
        ("/a", "error SubPath `/a` must not be an absolute path"),
        ("a/../..", "unable to provision SubPath `a/../..`: must not contain '..'"),
    ],
)
async def test_bad_sub_paths_are_refused(volumes, sub_path, message):
    the_pod = with_volume({"emptyDir": {}}, {"subPath": sub_path})
    with pytest.raises(ConfigError) as refused:
        await mounts_of(volumes, the_pod)
    assert str(refused.value) == message


@pytest.mark.machine
async def test_what_is_mounted_inside_is_not_deleted(volumes, tmp_path):
    """Whatever a pod bound below its volume, even hidden under another mount."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/f").write_text("x")
    path = await path_of(volumes, with_volume({"emptyDir": {}}))
    (path / "inner with space").mkdir()
    for _ in range(2):
        bind(str(tmp_path / "precious"), path / "inner with space")
    await volumes.remove("u1")
    assert (tmp_path / "precious/f").read_text() == "x"
    assert not path.exists()


async def test_an_ephemeral_claim_must_be_the_pods_own(volumes, sources, tmp_path):
    sources.bind("web-v", {"hostPath": {"path": str(tmp_path)}})
    with pytest.raises(MountError, match=r"PVC shop/web-v was not created for pod shop/web \(pod is not owner\)"):
        await volumes.mount(with_volume({"ephemeral": {}}))


async def test_a_minute_passes_and_all_is_looked_at(tmp_path, sources, monkeypatch):
    monkeypatch.setattr("armillary.engine.node.volumes.lifecycle.REFRESH_SECONDS", 0.01)
    told: list[str] = []
    volumes = VolumeManager(
        tmp_path, sources, SystemClock(), allocatable=dict, failed=lambda pod, message: told.append(message)
    )
    sources.config_maps["m"] = config_map("m", a="1")
    await volumes.mount(with_volume({"configMap": {"name": "m"}}))
    del sources.config_maps["m"]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(volumes.run())
        async with asyncio.timeout(5):
            while not told:
                await asyncio.sleep(0.005)
        task.cancel()
    assert told[0] == 'MountVolume.SetUp failed for volume "v" : configmap "m" not found'
