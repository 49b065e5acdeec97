"""How commands print: aligned tables for people, JSON and YAML for programs."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
import yaml

from armillary.base.errors import ApiError
from armillary.base.words import Language, Words


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


class ListFormat(StrEnum):
    """What `-o` takes where things have names."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, and what it shows of an item."""

    title: Words
    value: Callable[[Any], object]


def show(items: Sequence[Any], columns: Sequence[Column], how: ListFormat, language: Language, *, empty: Words) -> None:
    """A list to standard output; `-o name` prints the first column. `empty` is said instead of a bare header."""
    if how is ListFormat.NAME:
        for item in items:
            write(_text(columns[0].value(item)))
    elif how is not ListFormat.TABLE:
        write(structured(list(items), Format(how.value)))
    elif not items:
        write_error(empty.say(language))
    else:
        rows = [[_text(column.value(item)) for column in columns] for item in items]
        write(table([column.title.say(language) for column in columns], rows))


def show_one(item: Any, columns: Sequence[Column], how: ListFormat, language: Language) -> None:
    """One thing to standard output: as a table, a line for each column."""
    if how is ListFormat.NAME:
        write(_text(columns[0].value(item)))
    elif how is not ListFormat.TABLE:
        write(structured(item, Format(how.value)))
    else:
        titles = [column.title.say(language) for column in columns]
        widest = max(map(_width, titles))
        for title, column in zip(titles, columns, strict=True):
            write(f"{title}{' ' * (widest - _width(title))}   {_text(column.value(item))}".rstrip())


def _text(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or "-"
    if isinstance(value, Mapping):
        return ",".join(f"{key}={item}" for key, item in value.items()) or "-"
    return str(value)


def explained(error: ApiError) -> str:
    """An API's refusal as one line: each fault with its field."""
    if not error.causes:
        return error.message
    return "; ".join(f"{cause.field}: {cause.message}" if cause.field else cause.message for cause in error.causes)
