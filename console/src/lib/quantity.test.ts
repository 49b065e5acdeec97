import { expect, test } from "vitest";
import { amountOf, shortQuantity } from "./quantity";

test.each([["250m", 0.25], ["1", 1], ["1.5Gi", 1.5 * 2 ** 30], ["2e3", 2000], ["100M", 1e8], [3, 3], [".5", 0.5], ["1E", 1e18]])("%s is %d", (text, value) =>
  expect(amountOf(text)).toBeCloseTo(value as number),
);
test.each(["", "Gi", "1 Gi", "1KiB", "x"])("%j is none", (text) => expect(amountOf(text)).toBeNaN());
test("shown short", () => {
  expect(shortQuantity(1536 * 2 ** 20, true)).toBe("1.5Gi");
  expect(shortQuantity(0.1 + 0.2, false)).toBe("0.3");
});
