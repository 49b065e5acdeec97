import { expect, test } from "vitest";
import { toneOf, toneOfReady } from "./tone";

test.each([
  ["Running", "ok"], ["Init:0/2", "busy"], ["CrashLoopBackOff", "bad"], ["ImagePullBackOff", "bad"], ["OOMKilled", "bad"], ["Completed", "idle"],
  ["Ready,SchedulingDisabled", "warn"], ["Init:Error", "bad"], ["SomethingNew", "idle"],
])("%s is %s", (state, tone) => expect(toneOf(state)).toBe(tone));

test.each([["3/3", "ok"], ["1/3", "warn"], ["0/3", "bad"], ["0/0", "idle"], ["", "idle"]])("%s ready is %s", (text, tone) =>
  expect(toneOfReady(text)).toBe(tone));
