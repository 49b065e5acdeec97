"""Objects as rows: named columns, and cells that stay true."""

from typing import Any

import pytest

from armillary.platform.capabilities.resources.decide.grammar import column_name
from armillary.platform.capabilities.resources.decide.moments import moments_of, steps_of
from armillary.platform.capabilities.resources.decide.rows import columns_of, row_of


@pytest.mark.parametrize(
    ("title", "name"),
    [("Nominated Node", "nominated-node"), ("Port(s)", "ports"), ("Up-to-date", "up-to-date"), ("就绪", "就绪")],
)
def test_a_columns_name_can_be_asked_for(title: str, name: str) -> None:
    assert column_name(title) == name


def test_columns_of_one_title_are_told_apart() -> None:
    columns = columns_of([{"name": name} for name in ("Name", "State", "State", "state")])
    assert list(columns.index) == ["state", "state-1", "state-2"]


JOB = {"status": {"completionTime": "2026-01-01T00:01:00Z"}}


@pytest.mark.parametrize(
    ("kind", "title", "obj", "type_", "cell"),
    [
        (("batch", "cronjobs"), "Last Schedule", {"status": {"lastScheduleTime": "2026-01-01T00:00:00Z"}}, "date",
         "2026-01-01T00:00:00Z"),
        (("batch", "cronjobs"), "Last Schedule", {}, "date", ""),
        (("batch", "jobs"), "Duration", JOB, "string", "5m"),
        (("batch", "jobs"), "Duration", {"status": {}}, "string", ""),
        (("", "events"), "Last Seen", {"lastTimestamp": "2026-01-01T00:00:02Z"}, "date", "2026-01-01T00:00:02Z"),
        (("", "events"), "First Seen", {"eventTime": "2026-01-01T00:00:01Z"}, "date", "2026-01-01T00:00:01Z"),
        (("", "pods"), "Restarts", {}, "string", "5m"),
    ],
)  # fmt: skip
def test_what_was_true_only_when_it_was_said_is_not_kept(
    kind: tuple[str, str], title: str, obj: dict[str, Any], type_: str, cell: str
) -> None:
    columns = columns_of([{"name": "Name", "type": "string"}, {"name": title, "type": "string"}], kind)
    assert columns.types == (type_,)
    assert row_of(columns, {"object": {"metadata": {"name": "a"}, **obj}, "cells": ["a", "5m"]}).cells == (cell,)


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        (".status.lastRun", ("status", "lastRun")),
        (".status.runs[0].at", ("status", "runs", 0, "at")),
        (r".metadata.annotations.example\.org/at", ("metadata", "annotations", "example.org/at")),
        (".metadata.annotations['example.org/at']", ("metadata", "annotations", "example.org/at")),
        ('.status.conditions[?(@.type=="Ready")].lastTransitionTime', None),
        ("status", None),
        ("", None),
    ],
)
def test_a_path_to_one_place_is_taken_apart(path: str, steps: tuple[str | int, ...] | None) -> None:
    assert steps_of(path) == steps


@pytest.mark.parametrize(
    ("obj", "cell"),
    [
        ({"status": {"lastRun": "2026-01-01T00:00:00Z"}}, "2026-01-01T00:00:00Z"),
        ({"status": {"lastRun": None}}, ""),
        ({"status": {}}, ""),
        ({"status": ["odd"]}, ""),
        ({}, ""),
    ],
)
def test_a_custom_resources_moments_are_kept_as_such(obj: dict[str, Any], cell: str) -> None:
    shown = [{"name": "Last Run", "type": "date", "jsonPath": ".status.lastRun"}]
    versions = [{"name": "v1", "additionalPrinterColumns": shown}, {"name": "v2"}]
    definition = {"spec": {"versions": versions}}
    columns = columns_of(shown, ("example.org", "backups"), moments_of(definition, "v1"))
    assert (columns.titles, columns.types) == (("Last Run",), ("date",))
    assert row_of(columns, {"object": {"metadata": {"name": "a"}, **obj}, "cells": ["5m"]}).cells == (cell,)
    assert columns_of(shown, ("example.org", "backups"), moments_of(definition, "v2")).titles == ()
