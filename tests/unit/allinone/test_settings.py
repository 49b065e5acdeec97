"""Settings: what is kept, what is refused, and in which words."""

import os
from pathlib import Path

import pytest

from armillary.allinone.settings import data_dir_of, load_settings
from armillary.allinone.up import start_cluster
from armillary.base.errors import SetupError
from armillary.base.words import Language


def test_defaults_and_what_follows_from_them(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {"node_name": "n1"})
    assert (settings.gateway, settings.api_service_ip, settings.dns_service_ip) == (
        "10.244.0.1",
        "10.96.0.1",
        "10.96.0.10",
    )


def test_what_up_was_told_is_kept(tmp_path: Path) -> None:
    load_settings(tmp_path, {"node_name": "n1", "api_port": 7443, "bridge": None}).save()
    again = load_settings(tmp_path)
    assert (again.node_name, again.api_port, again.bridge) == ("n1", 7443, "cni0")
    assert load_settings(tmp_path, {"api_port": 8443}).api_port == 8443


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"node_name": "No Such"}, "node_name: 'No Such': use lower-case"),
        ({"api_port": 70000}, "api_port: 70000: a port is between"),
        ({"pod_cidr": "10.0.0.0/33"}, "pod_cidr: '10.0.0.0/33'"),
        ({"pod_cidr": "10.0.0.0/28"}, "too small"),
        ({"service_cidr": "10.244.1.0/24"}, "service_cidr: 10.244.1.0/24: overlaps pod_cidr"),
        ({"runtime": "docker"}, "choose crun or runc"),
        ({"mirrors": ["https://mirror.example.com"]}, "write it as REGISTRY=URL"),
        ({"bridge": "a-name-that-is-too-long"}, "at most 15"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(SetupError, match=said):
        load_settings(tmp_path, {"node_name": "n1"} | changes)


def test_mirrors_are_kept_in_order(tmp_path: Path) -> None:
    given = ["docker.io=https://one.example.com", "docker.io=http://two:5000", "quay.io=https://three"]
    load_settings(tmp_path, {"node_name": "n1", "mirrors": given}).save()
    assert load_settings(tmp_path).mirrors_by_registry == {
        "docker.io": ["https://one.example.com", "http://two:5000"],
        "quay.io": ["https://three"],
    }


def test_a_data_directory_too_long_for_a_socket(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="at most 80 bytes"):
        load_settings(Path("/" + "x" * 100))


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{")
    with pytest.raises(SetupError, match=r"settings\.json: .*mend or remove it"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("given", "environment", "meant"),
    [
        (Path("/a"), {"ARMILLARY_DATA_DIR": "/b"}, "/a"),
        (None, {"ARMILLARY_DATA_DIR": "/b"}, "/b"),
        (None, {}, "/var/lib/armillary"),
    ],
)
def test_which_data_directory(given: Path | None, environment: dict[str, str], meant: str) -> None:
    assert data_dir_of(given, environment) == Path(meant)


def test_without_root_up_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SetupError, match="this needs root: it makes network interfaces"):
        start_cluster(tmp_path / "none", {}, detach=True, language=Language.ENGLISH)
    assert not (tmp_path / "none").exists()
