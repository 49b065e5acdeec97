import { expect, test } from "vitest";
import { arrange } from "./table";

const columns = [{ id: "name", value: (row: { name: string; size?: number }) => row.name }, { id: "size", value: (row: { size?: number }) => row.size }];
const rows = [{ name: "web-10", size: 3 }, { name: "web-9" }, { name: "Blog", size: 20 }];
const names = (words: string, order?: { column: string; descending: boolean }) => arrange(rows, columns, words, order).map((row) => row.name);

test.each([
  ["keeps the order it was given", "", undefined, ["web-10", "web-9", "Blog"]],
  ["counts numbers in texts as numbers", "", { column: "name", descending: false }, ["Blog", "web-9", "web-10"]],
  ["sorts numbers, with what is empty last", "", { column: "size", descending: true }, ["Blog", "web-10", "web-9"]],
  ["keeps what is empty last the other way round", "", { column: "size", descending: false }, ["web-10", "Blog", "web-9"]],
  ["finds all words in any column, whatever their case", "BLOG 20", undefined, ["Blog"]],
  ["finds nothing where a word is missing", "web 20", undefined, []],
])("%s", (_, words, order, expected) => expect(names(words, order)).toEqual(expected));
