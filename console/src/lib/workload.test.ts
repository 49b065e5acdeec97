import { expect, test } from "vitest";
import type { KubeObject } from "@/api/kube";
import { containersAt, nested, replicasOf, selectorText, stateOf, templateOf } from "./workload";

const object = (kind: string, spec: object, status = {}): KubeObject => ({ apiVersion: "v1", kind, metadata: { name: "x" }, spec, status });

test.each([
  [{ matchLabels: { a: "b", c: "d" } }, "a=b,c=d"],
  [{ matchExpressions: [{ key: "a", operator: "In", values: ["b", "c"] }, { key: "d", operator: "DoesNotExist" }] }, "a in (b,c),!d"],
  [undefined, ""],
])("%j reads %s", (selector, text) => expect(selectorText(selector)).toBe(text));

test("a cron job's containers stand deeper than a deployment's", () => {
  expect(nested(containersAt("CronJob"), 1)).toEqual({ spec: { jobTemplate: { spec: { template: { spec: 1 } } } } });
  expect(nested(containersAt("Deployment"), 1)).toEqual({ spec: { template: { spec: 1 } } });
  const template = { spec: { containers: [] } };
  expect(templateOf(object("CronJob", { jobTemplate: { spec: { template } } }))).toBe(template);
});

test("replicas are counted as each kind counts them", () => {
  expect(replicasOf(object("Deployment", { replicas: 3 }, { readyReplicas: 1 }))).toEqual({ wanted: 3, ready: 1, updated: 0 });
  expect(replicasOf(object("DaemonSet", {}, { desiredNumberScheduled: 2, numberReady: 2 }))).toEqual({ wanted: 2, ready: 2, updated: 0 });
});

test.each([
  [{ state: { running: {} } }, "Running"],
  [{ state: { waiting: { reason: "CrashLoopBackOff" } } }, "CrashLoopBackOff"],
  [{ state: { terminated: { exitCode: 0 } } }, "Completed"],
  [undefined, "Pending"],
])("the container state %j is %s", (status, said) => expect(stateOf(status)).toBe(said));
