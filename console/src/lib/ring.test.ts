import { expect, test } from "vitest";
import { Lines, Ring } from "./ring";

test("a ring keeps the last lines and counts what it forgot", () => {
  const ring = new Ring<number>(10);
  for (let number = 0; number < 100; number++) ring.add([number]);
  expect(ring.all.at(-1)).toBe(99);
  expect(ring.all.length).toBeGreaterThanOrEqual(10);
  expect(ring.all.length).toBeLessThanOrEqual(12);
  expect(ring.all[0]).toBe(ring.dropped);
});

test("more than fits at once", () => {
  const ring = new Ring<number>(3);
  ring.add([1, 2, 3, 4, 5, 6]);
  expect(ring.all).toEqual([4, 5, 6]);
  expect(ring.dropped).toBe(3);
});

test("lines are cut where they end, however the text comes", () => {
  const lines = new Lines();
  expect(lines.cut("a\nb")).toEqual(["a"]);
  expect(lines.cut("c\r\n\nd")).toEqual(["bc", ""]);
  expect(lines.end()).toEqual(["d"]);
  expect(lines.end()).toEqual([]);
});
