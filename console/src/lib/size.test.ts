import { expect, test } from "vitest";
import { sizeText } from "./size";

test.each([
  [0, "0 B"], [1023, "1,023 B"], [1024, "1 KiB"], [1_500_000, "1.4 MiB"], [512 * 2 ** 20, "512 MiB"], [8 * 2 ** 30, "8 GiB"], [2 ** 33 - 1, "8 GiB"],
])("%d bytes are %s", (bytes, said) => expect(sizeText(bytes, "en")).toBe(said));
