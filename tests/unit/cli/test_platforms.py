"""What the commands remember: only for its owner's eyes, and the environment goes first."""

import stat
from pathlib import Path

import pytest

from armillary.base.errors import SetupError
from armillary.cli.platforms import Platform, platform_file

A = Platform(origin="https://a:9443", user="ann", access_token="t1", refresh_token="r1")
B = Platform(origin="https://b:9443", user="bo", access_token="t2")


def test_the_last_kept_is_the_current_one_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    file = platform_file({"HOME": str(tmp_path)})
    assert file.current() is None
    file.keep(A)
    file.keep(B)
    assert file.current() == B
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [p.name for p in file.path.parent.iterdir()] == ["config.json"]


def test_forgetting_one_leaves_the_others(tmp_path: Path) -> None:
    file = platform_file({"XDG_CONFIG_HOME": str(tmp_path)})
    file.keep(A)
    file.keep(B)
    file.forget(B.origin)
    assert file.current() is None
    assert file.load().platforms == (A,)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    ca = tmp_path / "ca.crt"
    ca.write_text("PEM")
    environment = {"ARMILLARY_CONFIG": str(tmp_path / "c.json"), "ARMILLARY_URL": "https://a:9443/"}
    platform_file(environment).keep(A)
    assert platform_file(environment).current() == A
    given = environment | {"ARMILLARY_TOKEN": "arm_x", "ARMILLARY_CA_FILE": str(ca)}
    assert platform_file(given).current() == Platform(origin=A.origin, user="ann", access_token="arm_x", ca="PEM")
    assert platform_file(given | {"ARMILLARY_URL": "https://c"}).current() == Platform(
        origin="https://c", access_token="arm_x", ca="PEM"
    )


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{")
    with pytest.raises(SetupError, match=r"c\.json.*mend or remove it"):
        platform_file({"ARMILLARY_CONFIG": str(tmp_path / "c.json")}).current()
