/** When a schedule runs: five fields as in crontab(5), names of months and days, and the macros of Kubernetes. Pure. */

const MACROS: Record<string, string> = {
  "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
};
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

export interface Schedule {
  minutes: Set<number>;
  hours: Set<number>;
  days: Set<number>;
  months: Set<number>;
  weekdays: Set<number>;
  /** Whether both days of the month and of the week are restricted: then either is enough. */
  either: boolean;
}

function field(text: string, low: number, high: number, names: string[] = [], base = 0): Set<number> | undefined {
  const number = (word: string) => {
    const named = names.indexOf(word.toLowerCase());
    return named >= 0 ? named + base : /^\d+$/.test(word) ? Number(word) : NaN;
  };
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const [range, step, more] = part.split("/");
    const stride = step === undefined ? 1 : number(step);
    if (!range || more !== undefined || !(stride >= 1)) return undefined;
    const any = range === "*" || range === "?";
    const [first, last, rest] = any ? [] : range.split("-");
    const from = any ? low : number(first!);
    const to = any ? high : last !== undefined ? number(last) : step === undefined ? from : high;
    if (rest !== undefined || !(from >= low && to <= high && from <= to)) return undefined;
    for (let value = from; value <= to; value += stride) found.add(value);
  }
  return found;
}

/** Undefined if it is not a schedule. */
export function parseCron(text: string): Schedule | undefined {
  const fields = (MACROS[text.trim()] ?? text.trim()).split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  const minutes = field(minute, 0, 59);
  const hours = field(hour, 0, 23);
  const days = field(day, 1, 31);
  const months = field(month, 1, 12, MONTHS, 1);
  const weekdays = field(weekday, 0, 6, DAYS);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  const starred = (word: string) => /^[*?]/.test(word);
  return { minutes, hours, days, months, weekdays, either: !starred(day) && !starred(weekday) };
}

const DAYS_AHEAD = 366 * 8; // 29 February may be skipped at the turn of a century

/** The next runs after `after`, as instants; `zone` is an IANA name, UTC by default. Fewer if there are no more in eight years. */
export function nextRuns(text: string, after: Date, count = 5, zone = "UTC"): Date[] {
  const schedule = parseCron(text);
  if (!schedule) return [];
  const wall = new Date(after.getTime() + offsetOf(after, zone));
  const runs: Date[] = [];
  const day = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate()));
  for (let days = 0; days < DAYS_AHEAD && runs.length < count; days++, day.setUTCDate(day.getUTCDate() + 1)) {
    if (!runsOn(schedule, day)) continue;
    for (const hour of [...schedule.hours].sort((one, other) => one - other))
      for (const minute of [...schedule.minutes].sort((one, other) => one - other)) {
        const at = instant(day.getTime() + (hour * 60 + minute) * 60_000, zone);
        if (at > after && runs.length < count && at.getTime() !== runs.at(-1)?.getTime()) runs.push(at);
      }
  }
  return runs;
}

function runsOn({ days, months, weekdays, either }: Schedule, day: Date): boolean {
  if (!months.has(day.getUTCMonth() + 1)) return false;
  const [byDay, byWeekday] = [days.has(day.getUTCDate()), weekdays.has(day.getUTCDay())];
  return either ? byDay || byWeekday : byDay && byWeekday;
}

/** How far the zone's clocks are ahead of UTC then, in milliseconds. Throws RangeError for a zone that there is not. */
function offsetOf(at: Date, zone: string): number {
  if (zone === "UTC") return 0;
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(at);
  const of = (type: string) => Number(parts.find((part) => part.type === type)!.value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) - Math.floor(at.getTime() / 1000) * 1000;
}

/** When clocks of the zone show this. */
function instant(wall: number, zone: string): Date {
  const guess = wall - offsetOf(new Date(wall), zone);
  return new Date(wall - offsetOf(new Date(guess), zone));
}
