import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { BLOCK, END, entryOf, header, onlyFile, padding } from "./tar";

function archive(name: string, content: string): Uint8Array {
  const bytes = new TextEncoder().encode(content);
  return Uint8Array.from([...header(name, bytes.length, 1_700_000_000), ...bytes, ...padding(bytes.length), ...END]);
}

test.each(["a.txt", "订单 2024.csv", `${"long".repeat(40)}.log`, `${"x".repeat(100)}`])("tar itself reads %s", (name) => {
  const input = archive(name, "never out of stock\n");
  expect(input.length % BLOCK).toBe(0);
  const run = (...words: string[]) => execFileSync("tar", words, { input: Buffer.from(input), env: { ...process.env, LC_ALL: "C.UTF-8" } }).toString();
  expect(run("-tf", "-", "--quoting-style=literal").trim()).toBe(name);
  expect(run("-xOf", "-")).toBe("never out of stock\n");
});

test.each(["a.txt", `${"long".repeat(40)}.log`])("the one file %s is found in its archive", (name) => {
  const whole = archive(name, "blue");
  const found = onlyFile(whole, whole.length);
  expect(found && new TextDecoder().decode(whole.subarray(found.from, found.to))).toBe("blue");
});

test("a directory is no file, and neither is half of one", () => {
  const whole = archive("a", "blue");
  expect(onlyFile(whole, BLOCK)).toBeUndefined();
  const directory = header("d/", 0, 0);
  directory[156] = "5".charCodeAt(0);
  expect(onlyFile(directory, directory.length)).toBeUndefined();
});

test.each([[END, undefined], [new Uint8Array(3), undefined], [header("f", 7, 0), { name: "f", size: 7, type: "0" }]])("a header is read", (bytes, entry) =>
  expect(entryOf(bytes)).toEqual(entry));

test("sizes beyond octal digits are read", () => {
  const large = header("f", 0, 0);
  large.set([0x80, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 1], 124);
  expect(entryOf(large)?.size).toBe(4 * 2 ** 24 + 1);
});
