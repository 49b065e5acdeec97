import { expect, test } from "vitest";
import type { KubeObject } from "@/api/kube";
import { defaultPatch, growthOf, isDefault, nodesOf, sizeOf, sourceOf } from "./storage";

const object = (spec: object, more: object = {}): KubeObject => ({ apiVersion: "v1", kind: "X", metadata: { name: "x" }, spec, ...more });
const claim = (asked: string, has?: string) => object({ resources: { requests: { storage: asked } } }, has ? { status: { capacity: { storage: has } } } : {});

test.each([
  [claim("1Gi"), { asked: "1Gi", has: "", grows: false }],
  [claim("1Gi", "1Gi"), { asked: "1Gi", has: "1Gi", grows: false }],
  [claim("2Gi", "1Gi"), { asked: "2Gi", has: "1Gi", grows: true }],
])("size %#", (given, size) => expect(sizeOf(given)).toEqual(size));

test.each([["2Gi", "grows"], ["1Gi", "not larger"], ["500Mi", "not larger"], ["much", "not an amount"], ["", "not an amount"], ["-1", "not an amount"]])("from 1Gi to %j: %s", (wanted, growth) =>
  expect(growthOf(claim("1Gi"), wanted)).toBe(growth),
);

test.each([
  [{ csi: { driver: "d", volumeHandle: "h" }, capacity: {} }, "csi: d, h"],
  [{ hostPath: { path: "/srv" } }, "hostPath: /srv"],
  [{ nfs: { server: "s", path: "/p" } }, "nfs: s, /p"],
  [{ capacity: {} }, ""],
])("the source of %j", (spec, source) => expect(sourceOf(object(spec))).toBe(source));

test("a local volume says on which node it is", () =>
  expect(nodesOf(object({ nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["vm"] }] }] } } }))).toEqual(["vm"]));

const marked = (key: string) => ({ ...object({}), metadata: { name: "x", annotations: { [key]: "true" } } }) as KubeObject;
test.each(["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"])("%s makes a class the default, and can be taken away", (key) => {
  expect(isDefault(marked(key))).toBe(true);
  expect(defaultPatch(marked(key), false).metadata.annotations).toHaveProperty([key], null);
});
