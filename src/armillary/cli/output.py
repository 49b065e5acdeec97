"""How commands print: aligned tables for people, JSON and YAML for programs."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import orjson
import yaml


class Format(StrEnum):
    """What `-o` takes."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, three spaces apart, as kubectl aligns them."""
    lines = [header, *rows]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(header))]
    return "\n".join(
        "   ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if "⺀" <= c <= "￠" else 1 for c in text)


def structured(value: Any, how: Format) -> str:
    """A value as JSON or YAML."""
    if how is Format.YAML:
        return yaml.safe_dump(value, sort_keys=False, allow_unicode=True).rstrip()
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def write(text: str) -> None:
    """To standard output, at once: progress must not wait in a buffer."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def write_error(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
