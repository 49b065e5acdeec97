"""Schedules in cron's notation: `*/5 8-18 * jan mon-fri`, `@daily`, `@every 1h30m`.

Grammar and complaints: github.com/robfig/cron/v3, parser.go, with five fields and descriptors.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@dataclass(frozen=True, slots=True)
class _Bounds:
    least: int
    most: int
    names: Mapping[str, int] = field(default_factory=dict)


_FIELDS = (
    _Bounds(0, 59),
    _Bounds(0, 23),
    _Bounds(1, 31),
    _Bounds(1, 12, {name: i + 1 for i, name in enumerate(_MONTHS)}),
    _Bounds(0, 6, {name: i for i, name in enumerate(_DAYS)}),
)
_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DURATION = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+|[+-]?0")
_AMOUNT = re.compile(r"([0-9]*\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Schedule:
    """The minutes at which something is due; or, when `every_seconds` is set, how far apart the moments are.

    A day is due when both its number and its weekday are, if either was left open (`*`), and else when one is.
    """

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()  # 0 is Sunday
    any_day: bool = False
    any_weekday: bool = False
    zone: tzinfo | None = None  # when the schedule itself names one
    every_seconds: int = 0


def load_zone(name: str) -> tzinfo:
    """The time zone of that name. Raises ValueError."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise ValueError(f"unknown time zone {name}") from exc


def parse_cron(text: str) -> Schedule:
    """The schedule meant. Raises ValueError with a message fit for a user."""
    if not text:
        raise ValueError("empty spec string")
    zone: tzinfo | None = None
    if text.startswith(("TZ=", "CRON_TZ=")):
        head, space, rest = text.partition(" ")
        if not space:
            raise ValueError("invalid schedule format: no field follows the time zone")
        name = head.partition("=")[2]
        try:
            zone = load_zone(name)
        except ValueError as exc:
            raise ValueError(f"provided bad location {name}: {exc}") from exc
        text = rest.strip()
    if text.startswith("@"):
        return _parse_descriptor(text, zone)
    return _parse_fields(text, zone)


def _parse_descriptor(text: str, zone: tzinfo | None) -> Schedule:
    if text in _DESCRIPTORS:
        return _parse_fields(_DESCRIPTORS[text], zone)
    if text.startswith("@every "):
        duration = text.removeprefix("@every ")
        if not _DURATION.fullmatch(duration):
            raise ValueError(f'failed to parse duration {text}: time: invalid duration "{duration}"')
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in _AMOUNT.findall(duration))
        return Schedule(every_seconds=max(1, 0 if duration.startswith("-") else int(seconds)), zone=zone)
    raise ValueError(f"unrecognized descriptor: {text}")


def _parse_fields(text: str, zone: tzinfo | None) -> Schedule:
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    parsed = [_parse_field(part, bounds) for part, bounds in zip(fields, _FIELDS, strict=True)]
    (minutes, _), (hours, _), (days, any_day), (months, _), (weekdays, any_weekday) = parsed
    return Schedule(minutes, hours, days, months, weekdays, any_day, any_weekday, zone)


def _parse_field(text: str, bounds: _Bounds) -> tuple[frozenset[int], bool]:
    """The numbers meant, and whether the field was left open."""
    found: set[int] = set()
    is_open = False
    for expression in filter(None, text.split(",")):
        numbers, star = _parse_range(expression, bounds)
        found.update(numbers)
        is_open = is_open or star
    return frozenset(found), is_open


def _parse_range(text: str, bounds: _Bounds) -> tuple[range, bool]:
    span, *steps = text.split("/")
    low, *high = span.split("-")
    star = low in ("*", "?")
    if star:
        start, end = bounds.least, bounds.most
    else:
        start = _parse_number(low, bounds.names)
        if len(high) > 1:
            raise ValueError(f"too many hyphens: {text}")
        end = _parse_number(high[0], bounds.names) if high else start
    step = 1
    if len(steps) > 1:
        raise ValueError(f"too many slashes: {text}")
    if steps:
        step = _parse_number(steps[0], {})
        end = end if high else bounds.most
    if start < bounds.least:
        raise ValueError(f"beginning of range ({start}) below minimum ({bounds.least}): {text}")
    if end > bounds.most:
        raise ValueError(f"end of range ({end}) above maximum ({bounds.most}): {text}")
    if start > end:
        raise ValueError(f"beginning of range ({start}) beyond end of range ({end}): {text}")
    if step == 0:
        raise ValueError(f"step of range should be a positive number: {text}")
    return range(start, end + 1, step), star and step == 1


def _parse_number(text: str, words: Mapping[str, int]) -> int:
    if text.lower() in words:
        return words[text.lower()]
    if not _INTEGER.fullmatch(text) or len(text) > 19:
        what = "value out of range" if _INTEGER.fullmatch(text) else "invalid syntax"
        raise ValueError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": {what}')
    if int(text) < 0:
        raise ValueError(f"negative number ({int(text)}) not allowed: {text}")
    return int(text)
