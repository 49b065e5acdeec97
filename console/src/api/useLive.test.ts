import { expect, test } from "vitest";
import type { Row, Told } from "./live";
import { heard } from "./useLive";

const row = (uid: string): Row => ({ name: uid, uid, cells: [] });
const snapshot: Told = { type: "snapshot", columns: [], items: [row("a")], offset: 0, total: 1, counts: {} };

test("a snapshot replaces what was known, an error keeps it", () => {
  const known = heard({}, snapshot);
  expect(known.window?.rows).toHaveLength(1);
  const broken = heard(known, { type: "error", status: { message: "away", code: 503 } });
  expect(broken.window?.rows).toHaveLength(1);
  expect(broken.error?.code).toBe(503);
  expect(heard(broken, snapshot).error).toBeUndefined();
});

test("a delta before its snapshot is none", () => {
  expect(heard({}, { type: "delta", set: [row("b")], total: 2, counts: {} })).toEqual({});
});

test("an object that is gone is told from one that is not known yet", () => {
  expect(heard({}, { type: "object", object: null }).object).toBeNull();
  expect(heard({ object: null }, "forget").object).toBeUndefined();
});
