"""When a cron job is due: schedules in cron's five fields, by nickname, or every so often. Pure.

Grammar of upstream's parser (robfig/cron, ParseStandard).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)")
_ZONE = re.compile(r"^(?:CRON_TZ|TZ)=(\S+)\s+(.*)$")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Either cron fields in a time zone, or an interval."""

    fields: str
    zone: ZoneInfo
    every: timedelta | None = None

    def after(self, moment: datetime, anchor: datetime) -> datetime | None:
        """The next time due after `moment`; intervals count from `anchor`. None if there is none."""
        if self.every is not None:
            passed = max(0, (moment - anchor) // self.every)
            return anchor + self.every * (passed + 1)
        return next(CronSim(self.fields, moment.astimezone(self.zone)), None)

    def latest(self, moment: datetime, anchor: datetime) -> datetime | None:
        """The last time due up to and with `moment`, if there is one after `anchor`."""
        if self.every is not None:
            passed = (moment - anchor) // self.every
            return anchor + self.every * passed if passed > 0 else None
        # Backwards, the library leaves out the very moment it starts at, unless that has a fraction.
        start = moment if moment.microsecond else moment + timedelta(microseconds=1)
        found = next(CronSim(self.fields, start.astimezone(self.zone), reverse=True), None)
        return found if found is not None and found > anchor else None

    def missed(self, since: datetime, until: datetime) -> int:
        """About how many times were due in between, from the distance of the first two."""
        first = self.after(since, since)
        second = self.after(first, since) if first is not None else None
        if first is None or second is None or first > until:
            return 0
        return int((until - first) / (second - first)) + 1


def parse_schedule(text: str, zone: str) -> Schedule:
    """Raises ValueError with what is wrong. A zone inside the text, as was once usual, goes before `zone`."""
    inside = _ZONE.match(text)
    if inside:
        zone, text = inside[1], inside[2]
    where = ZoneInfo(zone or "UTC")
    text = text.strip()
    if text.startswith("@every "):
        return Schedule("", where, _interval(text.removeprefix("@every ").strip()))
    if text.startswith("@"):
        if text not in _NICKNAMES:
            raise ValueError(f"unrecognized descriptor: {text}")
        text = _NICKNAMES[text]
    fields = text.replace("?", "*")
    if len(fields.split()) != 5:
        raise ValueError(f"expected exactly 5 fields, found {len(fields.split())}: [{text}]")
    try:
        CronSim(fields, datetime(2000, 1, 1, tzinfo=where))
    except CronSimError as exc:
        raise ValueError(str(exc)) from exc
    return Schedule(fields, where)


def _interval(text: str) -> timedelta:
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"failed to parse duration @every {text}")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    return timedelta(seconds=max(1, int(seconds)))  # robfig/cron rounds to seconds, and never below one
