import { expect, test } from "vitest";
import { consequencesOf } from "./going";

const object = (kind: string, spec: object) => ({ apiVersion: "v1", kind, metadata: { name: "x" }, spec });
const volumeClaimTemplates = [{}];

test.each([
  ["StatefulSet", {}, []],
  ["StatefulSet", { volumeClaimTemplates }, ["claims stay"]],
  ["StatefulSet", { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } }, ["claims go"]],
  ["CustomResourceDefinition", {}, ["instances go"]],
  ["Node", {}, ["pods end"]],
  ["PersistentVolume", { persistentVolumeReclaimPolicy: "Delete" }, ["data goes"]],
  ["PersistentVolume", { persistentVolumeReclaimPolicy: "Retain" }, ["data stays"]],
  ["ConfigMap", {}, []],
])("deleting a %s of %j: %j", (kind, spec, consequences) => expect(consequencesOf(object(kind, spec))).toEqual(consequences));
