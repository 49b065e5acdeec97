import { expect, test } from "vitest";
import { historyPath } from "./path";

test.each([
  [{ group: "apps", version: "v1", resource: "deployments", namespace: "a", name: "web" }, "/clusters/host/history/apps/v1/deployments/a/web"],
  [{ group: "", version: "v1", resource: "nodes", namespace: "", name: "n 1" }, "/clusters/host/history/-/v1/nodes/-/n%201"],
])("%j", (of, path) => expect(historyPath("host", of)).toBe(path));
