import { expect, test } from "vitest";
import { nextRuns, parseCron } from "./cron";

const from = new Date("2026-11-23T10:07:30Z"); // a Monday
const runs = (text: string, count = 2, zone?: string) => nextRuns(text, from, count, zone).map((run) => run.toISOString().slice(0, 16));

test.each([
  ["*/15 * * * *", ["2026-11-23T10:15", "2026-11-23T10:30"]],
  ["0 3 * * *", ["2026-11-24T03:00", "2026-11-25T03:00"]],
  ["30 8 * * mon-fri", ["2026-11-24T08:30", "2026-11-25T08:30"]],
  ["0 0 1 jan *", ["2027-01-01T00:00", "2028-01-01T00:00"]],
  ["0 0 29 2 *", ["2028-02-29T00:00", "2032-02-29T00:00"]],
  ["0 0 1,15 * sun", ["2026-11-29T00:00", "2026-12-01T00:00"]],
  ["5/20 10 * * *", ["2026-11-23T10:25", "2026-11-23T10:45"]],
  ["@weekly", ["2026-11-29T00:00", "2026-12-06T00:00"]],
])("%s", (text, expected) => expect(runs(text)).toEqual(expected));

test("a zone's clocks count, through the change to summer time", () => {
  expect(runs("0 9 * * *", 1, "Asia/Shanghai")).toEqual(["2026-11-24T01:00"]);
  const spring = nextRuns("0 9 * * *", new Date("2027-03-27T12:00:00Z"), 2, "Europe/Berlin").map((run) => run.toISOString());
  expect(spring).toEqual(["2027-03-28T07:00:00.000Z", "2027-03-29T07:00:00.000Z"]);
});

test.each(["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "5-1 * * * *", "*/0 * * * *", "a * * * *", "* * * * 7", "@often"])(
  "%j is no schedule",
  (text) => expect(parseCron(text)).toBeUndefined(),
);

test("what never comes has no runs", () => expect(nextRuns("0 0 31 2 *", from)).toEqual([]));
