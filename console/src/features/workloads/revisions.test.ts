import { expect, test } from "vitest";
import type { KubeObject } from "@/api/kube";
import { revisionsOf } from "./Revisions";

const owner: KubeObject = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", uid: "u1" } };
const set = (revision: string, uid = "u1"): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  metadata: { name: `web-${revision}`, annotations: { "deployment.kubernetes.io/revision": revision }, ownerReferences: [{ apiVersion: "", kind: "", name: "", uid }] },
  spec: { template: { metadata: { labels: { app: "web", "pod-template-hash": "abc" } }, spec: { containers: [] } } },
});

test("revisions are the owner's own, the newest first, without what the controller adds", () => {
  const found = revisionsOf(owner, [set("2"), set("10"), set("3", "another")]);
  expect(found.map((revision) => revision.number)).toEqual([10, 2]);
  expect(found[0]?.template.metadata.labels).toEqual({ app: "web" });
});
