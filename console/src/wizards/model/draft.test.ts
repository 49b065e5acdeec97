import { describe, expect, test } from "vitest";
import { draftOf, reread, rewritten } from "./draft";
import { asKubectl } from "./code";
import { copied, editable, nameFault } from "./object";
import { fieldOf, get, isWithin, set } from "./path";

const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas: 2, template: { spec: { containers: [{ name: "web", image: "nginx" }] } } } };

describe("a place in an object", () => {
  test("is set without touching others", () => {
    const after = set(deployment, ["spec", "template", "spec", "containers", 0, "image"], "redis");
    expect(get(after, ["spec", "template", "spec", "containers", 0])).toEqual({ name: "web", image: "redis" });
    expect(deployment.spec.template.spec.containers[0]!.image).toBe("nginx");
  });
  test("takes what it leaves empty with it, but never an entry of a list or what means something empty", () => {
    expect(set({ a: { b: { c: 1 } }, d: 1 }, ["a", "b", "c"], undefined)).toEqual({ d: 1 });
    expect(set({ list: [{ x: 1 }] }, ["list", 0, "x"], undefined)).toEqual({ list: [{}] });
    expect(set({ volumes: [{ name: "v", emptyDir: { medium: "Memory" } }] }, ["volumes", 0, "emptyDir", "medium"], undefined)).toEqual({ volumes: [{ name: "v", emptyDir: {} }] });
    expect(set({ a: 1 }, ["b", "c", "d"], undefined)).toEqual({ a: 1 });
    expect(set({ list: [1, 2] }, ["list", 0], undefined)).toEqual({ list: [2] });
  });
  test("is named as the API names it", () => {
    expect(fieldOf(["spec", "containers", 0, "image"])).toBe("spec.containers[0].image");
    expect(isWithin("spec.containers[0].image", "spec.containers")).toBe(true);
    expect(isWithin("spec.replicasMore", "spec.replicas")).toBe(false);
  });
});

describe("text and objects", () => {
  const text = "# ours\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web # short\nspec:\n  replicas: 2 # for the sale\n  future: {kept: yes}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n";
  const draft = reread(draftOf([]), text);
  test("a change of the form leaves comments and unknown fields alone", () => {
    const after = rewritten(draft, [set(draft.docs[0]!, ["spec", "replicas"], 3), draft.docs[1]!]);
    expect(after.text).toContain("# ours");
    expect(after.text).toContain("name: web # short");
    expect(after.text).toContain("replicas: 3 # for the sale");
    expect(get(after.docs[0], ["spec", "future", "kept"])).toBe("yes");
    expect(reread(after, after.text).docs).toEqual(after.docs);
  });
  test.each([
    ["taken out", [draft.docs[0]!]],
    ["added", [...draft.docs, { apiVersion: "v1", kind: "Secret", metadata: { name: "new" }, list: [{ a: 1 }] }]],
    ["replaced", [{ ...draft.docs[0]!, spec: {} }, draft.docs[1]!]],
  ])("an object that is %s is so in the text", (_, docs) => {
    const after = rewritten(draft, docs);
    expect(reread(after, after.text).docs).toEqual(docs);
  });
  test("lists grow and shrink", () => {
    const now = reread(draftOf([]), "apiVersion: v1\nkind: List\nmetadata: {}\nitems: [a, b, c]\n");
    for (const items of [["a"], ["a", "b", "c", { d: 1 }], []]) {
      const after = rewritten(now, [{ ...now.docs[0]!, items }]);
      expect(reread(after, after.text).docs[0]!.items).toEqual(items);
    }
  });
  test("a text that cannot be read keeps the last objects", () => {
    const broken = reread(draft, "a: [");
    expect(broken.error).toBeTruthy();
    expect(broken.docs).toBe(draft.docs);
    expect(reread(draft, "just words").error).toBeTruthy();
  });
});

test("an object to edit keeps its version, a copy has nothing of its own", () => {
  const served = { ...deployment, metadata: { name: "web", uid: "u", resourceVersion: "7", managedFields: [], creationTimestamp: "x" }, status: { replicas: 2 } };
  expect(editable(served).metadata).toEqual({ name: "web", uid: "u", resourceVersion: "7" });
  expect(copied(served).metadata).toEqual({ name: "web-copy" });
  expect(copied(served).status).toBeUndefined();
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"], ports: [{ port: 80, nodePort: 30000 }] } };
  expect(copied(service).spec).toEqual({ ports: [{ port: 80 }] });
});

test.each([["", "empty"], ["Web", "shape"], ["-a", "shape"], ["a".repeat(64), "long"], ["web-1", ""]])("name %j: %j", (name, fault) => expect(nameFault(name)).toBe(fault));

test("a command carries its text whatever is in it", () => {
  expect(asKubectl("a: 1\nEOF\n", false)).toBe("kubectl create -f - <<'EOF_'\na: 1\nEOF\nEOF_\n");
});

test("labels that are used twice are written out twice", () => {
  const labels = { app: "web" };
  const { text } = draftOf([{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", labels }, spec: { selector: { matchLabels: labels } } }]);
  expect(text).not.toContain("&");
  expect(text.match(/app: web/g)).toHaveLength(2);
});
