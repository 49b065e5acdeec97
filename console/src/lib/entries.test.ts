import { expect, test } from "vitest";
import type { KubeObject } from "@/api/kube";
import { bindingsOf, blobOf, configEntries, secretEntries, sizeOf } from "./entries";

const object = (more: object): KubeObject => ({ apiVersion: "v1", kind: "X", metadata: { name: "a", namespace: "n" }, ...more });

test.each([["", 0], ["YQ==", 1], ["YWI=", 2], ["YWJj", 3], ["YWJjZA==", 4]])("%j in base64 is %d bytes", (text, size) => expect(sizeOf(text)).toBe(size));

test("a secret's values are not decoded by themselves", () =>
  expect(secretEntries(object({ data: { b: "YQ==", a: "" } }))).toEqual([{ key: "a", encoded: "", size: 0 }, { key: "b", encoded: "YQ==", size: 1 }]));

test("a config map's entries are text, or bytes", () =>
  expect(configEntries(object({ data: { t: "é" }, binaryData: { z: "/w==", text: "YQ==" } })).map(({ key, text, size }) => [key, text, size])).toEqual([["t", "é", 2], ["text", "a", 1], ["z", undefined, 1]]));

test.each([[{ text: "abc" }, 3], [{ encoded: "/w==" }, 1], [{}, 0]])("%j is kept as %d bytes", (entry, size) => expect(blobOf({ key: "k", size: 0, ...entry }).size).toBe(size));

const binding = (subject: object, namespace?: string) => ({ ...object({ subjects: [subject], roleRef: { kind: "ClusterRole", name: "view" } }), metadata: { name: "b", namespace } }) as KubeObject;
test.each([
  ["itself", { kind: "ServiceAccount", name: "a", namespace: "n" }, 1],
  ["one of the same name elsewhere", { kind: "ServiceAccount", name: "a", namespace: "m" }, 0],
  ["all accounts here", { kind: "Group", name: "system:serviceaccounts:n" }, 1],
  ["all accounts", { kind: "Group", name: "system:serviceaccounts" }, 1],
  ["all accounts elsewhere", { kind: "Group", name: "system:serviceaccounts:m" }, 0],
  ["a person of that name", { kind: "User", name: "a" }, 0],
])("a binding of %s", (_, subject, count) => expect(bindingsOf(object({}), [binding(subject, "n")])).toHaveLength(count));
