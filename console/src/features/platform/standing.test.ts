import { expect, test } from "vitest";
import { standing } from "./standing";

const user = { disabled: false, lockedUntil: "", mustChangePassword: false };
const now = Date.parse("2026-01-01T12:00:00Z");
test.each([
  [{}, "active"],
  [{ mustChangePassword: true }, "new"],
  [{ lockedUntil: "2026-01-01T12:05:00Z", mustChangePassword: true }, "locked"],
  [{ lockedUntil: "2026-01-01T11:55:00Z" }, "active"],
  [{ disabled: true, lockedUntil: "2026-01-01T12:05:00Z" }, "disabled"],
])("%j is %s", (change, expected) => expect(standing({ ...user, ...change }, now)).toBe(expected));
