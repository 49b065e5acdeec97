"""Certificates are made once, renewed in time, and answer to the names they are asked for."""

import stat
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from armillary.base.pki import PLATFORM_USER, admin_kubeconfig, ensure_pki
from armillary.base.pki_files import Pki

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def made(
    directory: Path, *, now: datetime = NOW, names: tuple[str, ...] = ("localhost",), ip: str = "127.0.0.1"
) -> Pki:
    return ensure_pki(directory, names, [ip], now, node="one")


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in before | after if before.get(name) != after.get(name)}


def certificate(pki: Pki, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pki.crt(name).read_bytes())


def test_everything_is_there_and_private(tmp_path: Path) -> None:
    pki = made(tmp_path / "pki")
    assert set(contents(pki.directory)) == {
        "ca.crt", "ca.key", "apiserver.crt", "apiserver.key", "apiserver-kubelet-client.crt",
        "apiserver-kubelet-client.key", "kubelet.crt", "kubelet.key", "platform.crt", "platform.key", "admin.crt",
        "admin.key", "sa.key", "sa.pub", "tokens.csv",
    }  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in pki.directory.iterdir()} == {0o600}
    assert stat.S_IMODE(pki.directory.stat().st_mode) == 0o700
    assert set(pki.tokens) == {
        "system:kube-controller-manager", "system:kube-scheduler", "system:node:one", PLATFORM_USER,
    }  # fmt: skip
    assert '"system:nodes"' in pki.token_file.read_text()


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    before = contents(made(tmp_path).directory)
    again = made(tmp_path)
    assert changed(before, contents(tmp_path)) == set()
    assert again.tokens["system:kube-scheduler"] in before["tokens.csv"].decode()


@pytest.mark.parametrize(
    ("leaf", "common_name", "groups"),
    [
        ("apiserver", "kube-apiserver", []),
        ("apiserver-kubelet-client", "kube-apiserver", []),
        ("kubelet", "system:node:one", ["system:nodes"]),
        ("admin", "kubernetes-admin", ["system:masters"]),
    ],
)
def test_certificates_name_users_and_groups(tmp_path: Path, leaf: str, common_name: str, groups: list[str]) -> None:
    pki = made(tmp_path)
    found = certificate(pki, leaf)
    found.verify_directly_issued_by(certificate(pki, "ca"))
    names = found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    assert [str(name.value) for name in names] == [common_name]
    assert [str(g.value) for g in found.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)] == groups


def test_other_names_and_addresses_make_other_server_certificates_of_the_same_keys(tmp_path: Path) -> None:
    before = contents(made(tmp_path).directory)
    pki = made(tmp_path, names=("localhost", "example.test"), ip="10.0.0.1")
    assert changed(before, contents(tmp_path)) == {"apiserver.crt", "kubelet.crt", "platform.crt"}
    names = certificate(pki, "kubelet").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["one", "localhost", "example.test"]
    assert names.get_values_for_type(x509.IPAddress) == [ip_address("10.0.0.1")]


@pytest.mark.parametrize(("days", "renewed"), [(300, False), (310, True), (400, True)])
def test_certificates_are_renewed_before_they_end(tmp_path: Path, days: int, renewed: bool) -> None:
    before = contents(made(tmp_path).directory)
    made(tmp_path, now=NOW + timedelta(days=days))
    leaves = {"apiserver.crt", "apiserver-kubelet-client.crt", "kubelet.crt", "platform.crt", "admin.crt"}
    assert changed(before, contents(tmp_path)) == (leaves if renewed else set())


def test_a_renewed_ca_still_vouches_for_what_it_issued(tmp_path: Path) -> None:
    old = certificate(made(tmp_path), "admin")
    later = made(tmp_path, now=NOW + timedelta(days=3640))
    assert certificate(later, "ca").not_valid_after_utc > NOW + timedelta(days=7000)
    old.verify_directly_issued_by(certificate(later, "ca"))


def test_a_new_signing_key_leaves_the_old_one_believed(tmp_path: Path) -> None:
    old = made(tmp_path).verification_keys.read_bytes()
    (tmp_path / "sa.key").unlink()
    keys = made(tmp_path).verification_keys.read_bytes()
    assert keys.endswith(old)
    assert keys.count(b"BEGIN PUBLIC KEY") == 2


def test_the_kubeconfig_carries_its_certificates(tmp_path: Path) -> None:
    config = yaml.safe_load(admin_kubeconfig(made(tmp_path), "https://127.0.0.1:6443"))
    assert config["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"
    assert set(config["users"][0]["user"]) == {"client-certificate-data", "client-key-data"}
    assert config["current-context"] == config["contexts"][0]["name"]
