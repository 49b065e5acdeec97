import { expect, test } from "vitest";
import type { KubeObject } from "@/api/kube";
import { listenersOf, parentsOf, rulesOf } from "./gateway";

const object = (spec: object, status = {}): KubeObject => ({ apiVersion: "gateway.networking.k8s.io/v1", kind: "X", metadata: { name: "x", namespace: "n" }, spec, status });
const listeners = [{ name: "web", port: 80, protocol: "HTTP" }];

test.each([
  ["told nothing of", undefined, ""],
  ["that works", [{ type: "Accepted", status: "True" }, { type: "Conflicted", status: "False" }], ""],
  ["that is refused", [{ type: "Accepted", status: "False", message: "no such port" }], "no such port"],
  ["in conflict", [{ type: "Conflicted", status: "True", reason: "HostnameConflict" }], "HostnameConflict"],
])("a listener %s", (_, conditions, problem) =>
  expect(listenersOf(object({ listeners }, { listeners: [{ name: "web", attachedRoutes: 2, conditions }] }))).toEqual([{ name: "web", port: 80, protocol: "HTTP", hostname: "*", routes: 2, problem }]),
);

test.each([
  [{}, "/…"],
  [{ path: { type: "PathPrefix", value: "/api" } }, "/api…"],
  [{ path: { type: "Exact", value: "/api" }, method: "GET" }, "GET /api"],
  [{ headers: [{ name: "version", value: "2" }] }, "/… version: 2"],
])("the match %j is %s", (match, text) => expect(rulesOf(object({ rules: [{ matches: [match] }] }))[0]!.matches).toEqual([text]));

test("a backend is a service here unless it says else", () =>
  expect(rulesOf(object({ rules: [{ backendRefs: [{ name: "web", port: 80 }] }] }))[0]!.backends).toEqual([{ name: "web", namespace: "n", kind: "Service", port: "80", weight: 1 }]));

test.each([
  [undefined, undefined],
  [[{ type: "Accepted", status: "True" }], true],
  [[{ type: "ResolvedRefs", status: "False", message: "no backend" }], false],
])("a parent that says %j", (conditions, accepted) => {
  const parents = conditions ? [{ parentRef: { name: "g" }, conditions }] : [];
  expect(parentsOf(object({ parentRefs: [{ name: "g" }] }, { parents }))[0]!.accepted).toBe(accepted);
});
