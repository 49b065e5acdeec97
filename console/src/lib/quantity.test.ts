import { expect, test } from "vitest";
import { amountOf } from "./quantity";

test.each([["500m", 0.5], ["2", 2], ["1.5Gi", 1.5 * 2 ** 30], ["1k", 1000], ["1e3", 1000], ["12E", 12e18]])("%s is %d", (text, amount) => expect(amountOf(text)).toBe(amount));
test.each(["", "five", "1 Gi", "1Kb"])("%s is no amount", (text) => expect(amountOf(text)).toBeNaN());
