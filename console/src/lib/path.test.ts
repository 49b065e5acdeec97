import { expect, test } from "vitest";
import { split } from "./path";

test.each([
  ["/etc/hosts", "/etc", "hosts"],
  ["/etc/", "/", "etc"],
  ["log.txt", ".", "log.txt"],
  ["a/b//", "a", "b"],
  ["/", ".", ""],
])("%s is in %s as %s", (path, directory, name) => expect(split(path)).toEqual({ directory, name }));
