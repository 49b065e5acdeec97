"""Files of a volume change all at once, hold what was asked for, and belong to whom they should."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from tests.unit.engine.node.build import config_map, pod, secret

from armillary.engine.node.faults import MountError
from armillary.engine.node.volumes.atomic import File, write_files
from armillary.engine.node.volumes.hostpath import check_host_path
from armillary.engine.node.volumes.ownership import give_to_group, user_of_files
from armillary.engine.node.volumes.payload import config_map_files, downward_files, secret_files
from armillary.engine.node.volumes.setup import nested_mount_points
from armillary.kube.kinds.core import DownwardAPIVolumeFile, KeyToPath

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def files(**contents: str) -> dict[str, File]:
    return {path.replace("__", "/"): File(text.encode(), 0o640) for path, text in contents.items()}


def visible(volume: Path) -> dict[str, str]:
    return {
        str(path.relative_to(volume / "..data")): path.read_text()
        for path in (volume / "..data/").rglob("*")
        if path.is_file()
    }


def test_files_are_seen_through_links(tmp_path: Path):
    assert write_files(tmp_path, files(a="1", sub__b="2"), NOW)
    assert (tmp_path / "a").read_text() == "1"
    assert (tmp_path / "sub/b").read_text() == "2"
    assert str((tmp_path / "a").readlink()) == "..data/a"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640
    assert str((tmp_path / "..data").readlink()).startswith("..2026_01_01_")


def test_a_change_replaces_all_files_and_leaves_nothing_behind(tmp_path: Path):
    write_files(tmp_path, files(a="1", gone="x", sub__b="2"), NOW)
    assert write_files(tmp_path, files(a="2", new="y"), NOW)
    assert visible(tmp_path) == {"a": "2", "new": "y"}
    assert sorted(p.name for p in tmp_path.iterdir() if not p.name.startswith("..")) == ["a", "new"]
    assert len([p for p in tmp_path.iterdir() if p.name.startswith("..2026")]) == 1


def test_the_same_files_are_not_written_again(tmp_path: Path):
    write_files(tmp_path, files(a="1"), NOW)
    before = (tmp_path / "..data").readlink()
    (tmp_path / "a").unlink()
    assert not write_files(tmp_path, files(a="1"), NOW)
    assert (tmp_path / "..data").readlink() == before
    assert (tmp_path / "a").read_text() == "1"


def test_what_a_crash_left_does_not_hinder(tmp_path: Path):
    (tmp_path / "..data_tmp").symlink_to("nowhere")
    assert write_files(tmp_path, files(a="1"), NOW)
    assert visible(tmp_path) == {"a": "1"}


def test_an_empty_volume_is_one(tmp_path: Path):
    assert write_files(tmp_path, {}, NOW)
    assert not write_files(tmp_path, {}, NOW)


def test_other_entries_of_the_volume_stay(tmp_path: Path):
    (tmp_path / "nested").mkdir()
    write_files(tmp_path, files(a="1"), NOW)
    write_files(tmp_path, files(b="1"), NOW)
    assert (tmp_path / "nested").is_dir()


@pytest.mark.parametrize("path", ["", "/a", "a/../b", "..a", "x" * 256, "a/" * 2049 + "a"])
def test_paths_out_of_the_volume_are_refused(tmp_path: Path, path: str):
    with pytest.raises(MountError, match="invalid path"):
        write_files(tmp_path, {path: File(b"", 0o644)}, NOW)
    assert list(tmp_path.iterdir()) == []


def items(*chosen):
    return msgspec.convert([dict(zip(("key", "path", "mode"), c, strict=False)) for c in chosen], type=list[KeyToPath])


def test_a_config_map_gives_all_its_keys_or_those_chosen():
    found = config_map("m", {"bin": b"\0\1"}, a="1", b="2")
    every = config_map_files(found, [], 0o644, name="m", optional=False)
    assert every == {"a": File(b"1", 0o644), "b": File(b"2", 0o644), "bin": File(b"\0\1", 0o644)}
    some = config_map_files(found, items(("a", "x/y", 0o600), ("bin", "z")), 0o644, name="m", optional=False)
    assert some == {"x/y": File(b"1", 0o600), "z": File(b"\0\1", 0o644)}


@pytest.mark.parametrize(
    ("collect", "found", "message"),
    [
        (config_map_files, None, 'configmap "m" not found'),
        (secret_files, None, 'secret "m" not found'),
        (config_map_files, config_map("m"), "configmap references non-existent config key: k"),
        (secret_files, secret("m"), "references non-existent secret key: k"),
    ],
)
def test_what_is_missing_is_named_unless_optional(collect, found, message):
    with pytest.raises(MountError) as failed:
        collect(found, items(("k", "p")), 0o644, name="m", optional=False)
    assert str(failed.value) == message
    assert collect(found, items(("k", "p")), 0o644, name="m", optional=True) == {}


def test_downward_files_tell_of_the_pod():
    wanted = msgspec.convert(
        [
            {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
            {"path": "cpu", "mode": 0o400, "resourceFieldRef": {"containerName": "main", "resource": "limits.cpu"}},
        ],
        type=list[DownwardAPIVolumeFile],
    )
    found = downward_files(wanted, pod(labels={"b": "2\n", "a": '"1"'}), 0o644, {"cpu": "3"})
    assert found == {"labels": File(b'a="\\"1\\""\nb="2\\n"', 0o644), "cpu": File(b"3", 0o400)}


@pytest.mark.parametrize(
    ("type", "name", "message"),
    [
        ("", "nothing", ""),
        ("Directory", "dir", ""),
        ("Directory", "file", "hostPath type check failed: {} is not a directory"),
        ("Directory", "nothing", "hostPath type check failed: {} is not a directory"),
        ("DirectoryOrCreate", "new/deep", ""),
        ("DirectoryOrCreate", "file", "hostPath type check failed: {} is not a directory"),
        ("File", "file", ""),
        ("File", "dir", "hostPath type check failed: {} is not a file"),
        ("FileOrCreate", "newfile", ""),
        ("FileOrCreate", "no/newfile", "no such file or directory: {}"),
        ("Socket", "file", "hostPath type check failed: {} is not a socket file"),
        ("CharDevice", "file", "hostPath type check failed: {} is not a character device"),
        ("BlockDevice", "file", "hostPath type check failed: {} is not a block device"),
        ("Nonsense", "file", "Nonsense is an invalid volume type"),
    ],
)
def test_host_paths(tmp_path: Path, type: str, name: str, message: str):
    (tmp_path / "dir").mkdir()
    (tmp_path / "file").touch()
    path = str(tmp_path / name)
    if not message:
        check_host_path(path, type)
        assert "OrCreate" not in type or Path(path).exists()
        return
    with pytest.raises(MountError) as refused:
        check_host_path(path, type)
    assert str(refused.value) == message.format(path)


def test_host_paths_do_not_go_back(tmp_path: Path):
    with pytest.raises(MountError, match="must not contain"):
        check_host_path(f"{tmp_path}/../x", "")


@pytest.mark.machine
def test_a_group_gets_its_share_and_links_are_not_followed(tmp_path: Path):
    volume, outside = tmp_path / "v", tmp_path / "outside"
    (volume / "d").mkdir(parents=True)
    (volume / "d/f").touch(0o600)
    outside.touch(0o600)
    (volume / "link").symlink_to(outside)
    give_to_group(volume, 4242, read_only=False)
    assert (volume / "d/f").stat().st_gid == 4242
    assert stat.S_IMODE((volume / "d/f").stat().st_mode) == 0o660
    assert stat.S_IMODE((volume / "d").stat().st_mode) & 0o2770 == 0o2770
    assert (outside.stat().st_gid, stat.S_IMODE(outside.stat().st_mode)) == (0, 0o600)


@pytest.mark.machine
def test_a_volume_whose_root_fits_is_left_alone(tmp_path: Path):
    give_to_group(tmp_path, 4242, read_only=False)
    (tmp_path / "f").touch()
    os.chown(tmp_path / "f", 0, 0)
    give_to_group(tmp_path, 4242, read_only=False, only_if_root_differs=True)
    assert (tmp_path / "f").stat().st_gid == 0


@pytest.mark.parametrize(("users", "expected"), [([1, 1], 1), ([1, 2], None), ([1, None], None), ([None, None], None)])
def test_the_user_of_files_is_that_of_all_containers(users, expected):
    containers = [
        {"name": f"c{n}", "securityContext": {"runAsUser": user} if user is not None else {}}
        for n, user in enumerate(users)
    ]
    assert user_of_files(pod({"containers": containers})) == expected


def test_points_of_nested_mounts():
    paths = {"/etc": "cfg", "/etc/inner": "x", "/etc/inner/deep": "y", "/etc-not": "z", "/etc/a/b": "w"}
    mounts = [{"mountPath": path, "name": name} for path, name in paths.items()]
    assert nested_mount_points(pod({"containers": [{"name": "c", "volumeMounts": mounts}]}), "cfg") == {"inner", "a/b"}
