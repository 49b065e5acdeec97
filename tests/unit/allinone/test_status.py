"""What `status` says, of whatever it finds."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fakes.apiserver import StillClock

from armillary.allinone.instance import PartReport, Report, memory_of, report, stop
from armillary.allinone.layout import Layout
from armillary.allinone.show import show_kubeconfig, show_status, status_table
from armillary.base.errors import SetupError
from armillary.base.words import Language
from armillary.cli.output import Format

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def part(name: str = "node", state: str = "ready", **more: object) -> PartReport:
    values = {"pid": 7, "started_at": NOW.timestamp() - 3661, "ready_seconds": 0.5, "restarts": 0, "last_exit": ""}
    return PartReport(name=name, state=state, **{**values, "memory_bytes": 5 << 20, **more})


def test_a_line_for_each_part() -> None:
    crashed = part("apiserver", "backing off", pid=0, started_at=0.0, restarts=3, last_exit="signal 9", memory_bytes=0)
    lines = status_table(Report(1, (part(), crashed)), StillClock(NOW), Language.ENGLISH).splitlines()
    assert [line.split("   ")[0] for line in lines] == ["PART", "node", "apiserver"]
    assert lines[1].split() == ["node", "ready", "7", "5Mi", "1:01:01", "0", "-"]
    assert lines[2].split() == ["apiserver", "backing", "off", "-", "-", "-", "3", "signal", "9"]


@pytest.mark.parametrize(
    ("parts", "ready"),
    [((), False), ((part(),), True), ((part(), part("x", "starting")), False)],
    ids=["no parts", "all ready", "one is not"],
)
def test_ready_is_when_every_part_is(parts: tuple[PartReport, ...], ready: bool) -> None:
    assert Report(1, parts).ready is ready


def test_where_nothing_ever_ran(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_status(tmp_path, Format.TABLE, language=Language.ENGLISH) == 3
    assert capsys.readouterr().out == "The cluster is not running.\n"
    assert show_status(tmp_path, Format.JSON, language=Language.CHINESE) == 3
    told = json.loads(capsys.readouterr().out)
    assert told == {"pid": 0, "parts": [], "ready": False, "data_dir": str(tmp_path)}
    assert stop(Layout(tmp_path)) is False


def test_what_a_killed_supervisor_left_misleads_nobody(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.make()
    layout.supervisor_lock.write_text("1\n")
    layout.status.write_text(json.dumps({"pid": 1, "parts": [{"name": "node", "state": "ready"}]}))
    assert report(layout) == Report(0, ())


def test_memory_of_a_process() -> None:
    assert memory_of(1 << 30) == 0, "it has ended"


def test_no_kubeconfig_without_a_cluster(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"there is no cluster in .*; start one with: armillary up"):
        show_kubeconfig(tmp_path, language=Language.ENGLISH)
