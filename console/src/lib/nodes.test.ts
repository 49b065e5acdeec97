import { expect, test } from "vitest";
import { loadOf } from "./nodes";

const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n" }, spec: {}, status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110" }, conditions: [{ type: "Ready", status: "True" }] } };
const container = (cpu: string, more = {}) => ({ resources: { requests: { cpu, memory: "1Gi" } }, ...more });
const pod = (spec: object) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { nodeName: "n", ...spec } });
const cpuOf = (...specs: object[]) => loadOf([node], specs.map(pod))[0]!.cpu.used;

test.each([
  ["nothing", [], 0],
  ["containers together", [{ containers: [container("500m"), container("1")] }], 1.5],
  ["a larger init container instead", [{ containers: [container("500m")], initContainers: [container("2")] }], 2],
  ["a sidecar with both", [{ containers: [container("500m")], initContainers: [container("250m", { restartPolicy: "Always" }), container("1")] }], 1.25],
  ["the overhead too", [{ containers: [container("1")], overhead: { cpu: "100m" } }], 1.1],
  ["not what is elsewhere", [{ nodeName: "other", containers: [container("1")] }], 0],
])("requests count %s", (_, specs, expected) => expect(cpuOf(...specs)).toBeCloseTo(expected));

test("amounts are told in units for people", () => expect(loadOf([node], [pod({ containers: [container("1")] })])[0]!.memory.text).toBe("1 / 8 Gi"));
test("a cordoned node says so", () => expect(loadOf([{ ...node, spec: { unschedulable: true } }], [])[0]!.state).toBe("Ready,SchedulingDisabled"));
