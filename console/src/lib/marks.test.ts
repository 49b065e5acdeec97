import { describe, expect, it, test } from "vitest";
import { isWorthKeeping, type Mark, marksOf, toggled, visited } from "./marks";

const mark = (to: string): Mark => ({ to, name: to, place: "shop" });

test("the page looked at last comes first, once", () => {
  expect(visited([mark("/a"), mark("/b")], mark("/b")).map((each) => each.to)).toEqual(["/b", "/a"]);
  const many = Array.from({ length: 20 }, (_, index) => mark(`/${index}`));
  expect(visited(many, mark("/new"))).toHaveLength(12);
});

test("a page is pinned and unpinned", () => {
  const pinned = toggled([mark("/a")], mark("/b"));
  expect(pinned.map((each) => each.to)).toEqual(["/a", "/b"]);
  expect(toggled(pinned, mark("/a")).map((each) => each.to)).toEqual(["/b"]);
});

test.each([
  ["/home", false],
  ["/", false],
  ["/me", false],
  ["/w/shop/c/host/p/web/deployments/create", false],
  ["/w/shop/c/host/p/web/deployments/web/edit", false],
  ["/w/shop/c/host/p/web/deployments/web", true],
  ["/platform/users", true],
])("%s is kept: %s", (path, kept) => expect(isWorthKeeping(path)).toBe(kept));

describe("what was stored", () => {
  it.each([
    ["nothing", undefined, []],
    ["something else", { to: "/a" }, []],
    ["marks", [mark("/a"), { to: "https://elsewhere", name: "x" }, null, 3], [mark("/a")]],
    ["marks without a place", [{ to: "/a", name: "a" }], [{ to: "/a", name: "a", place: "" }]],
  ])("%s", (_, stored, wanted) => expect(marksOf(stored)).toEqual(wanted));
});
