import { expect, test } from "vitest";
import { ago } from "./time";

test.each([
  [-5, "en", "0 sec"],
  [59_999, "en", "59 sec"],
  [60_000, "en", "1 min"],
  [7_200_000, "en", "2 hr"],
  [86_400_000 * 3, "en", "3 days"],
  [86_400_000 * 3, "zh", "3天"],
])("%d ms in %s is %s", (span, locale, said) => expect(ago(span, locale)).toBe(said));
