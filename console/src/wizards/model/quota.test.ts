import { expect, test } from "vitest";
import { quotaAfter } from "./quota";

const workload = (replicas: number) => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" },
  spec: { replicas, template: { spec: { containers: [{ resources: { requests: { cpu: "250m", memory: "1Gi" }, limits: { memory: "2Gi" } } }, {}] } } },
});
const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "all" }, status: { hard: { pods: "10", "requests.cpu": "2", "limits.memory": "16Gi", services: "5" }, used: { pods: "4", "requests.cpu": "500m" } } };

test("replicas times what their containers ask for is added to what is used", () => {
  expect(quotaAfter([quota], [workload(3)])).toEqual([
    { quota: "all", resource: "pods", hard: 10, used: 4, adds: 3 },
    { quota: "all", resource: "requests.cpu", hard: 2, used: 0.5, adds: 0.75 },
    { quota: "all", resource: "limits.memory", hard: 16 * 2 ** 30, used: 0, adds: 6 * 2 ** 30 },
  ]);
});

test("an edit adds only the difference", () => {
  expect(quotaAfter([quota], [workload(3)], [workload(2)])[0]).toMatchObject({ resource: "pods", adds: 1 });
  expect(quotaAfter([quota], [workload(3)], [workload(3)])).toEqual([]);
});
