import { expect, test } from "vitest";
import { bytes, cores, quantity } from "./quantity";

test.each([["500m", 0.5], ["4Gi", 4 * 2 ** 30], ["1e3", 1000], ["2", 2], [".5", 0.5], ["4 GB", undefined], ["", undefined], ["Gi", undefined]])("%s", (text, expected) =>
  expect(quantity(text)).toBe(expected),
);
test.each([[0, "0"], [1536, "1.5 Ki"], [4 * 2 ** 30, "4 Gi"]])("%d bytes", (amount, expected) => expect(bytes(amount)).toBe(expected));
test("cores keep two digits", () => expect(cores(1.2345)).toBe("1.23"));
