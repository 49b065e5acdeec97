import { describe, expect, it } from "vitest";
import { merge } from "./merge";
import { fieldsOf, nodeAt, rootOf, type Schemas } from "./schema";
import { apiVersionsOf, check } from "./yamlCheck";
import { placeOf } from "./yamlPlace";

const SCHEMAS: Schemas = {
  components: {
    schemas: {
      Deployment: {
        type: "object",
        "x-kubernetes-group-version-kind": [{ group: "apps", version: "v1", kind: "Deployment" }],
        properties: { apiVersion: { type: "string" }, kind: { type: "string" }, spec: { allOf: [{ $ref: "#/components/schemas/Spec" }], description: "what is wanted" } },
      },
      Spec: {
        type: "object",
        required: ["containers"],
        properties: {
          replicas: { type: "integer", description: "how many" },
          labels: { type: "object", additionalProperties: { type: "string" } },
          containers: { type: "array", items: { $ref: "#/components/schemas/Container" } },
          size: { $ref: "#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity" },
        },
      },
      Container: { type: "object", required: ["name"], properties: { name: { type: "string" }, pull: { type: "string", enum: ["Always", "Never"] }, args: { type: "array", items: { type: "string" } } } },
      "io.k8s.apimachinery.pkg.api.resource.Quantity": { type: "string" },
    },
  },
};
const HEAD = "apiVersion: apps/v1\nkind: Deployment\n";

describe("where a line of YAML stands", () => {
  it.each([
    ["a key of the object itself", "sp|", [], "sp"],
    ["a key below another", "spec:\n  rep|", ["spec"], "rep"],
    ["an empty line, by how far it is indented", "spec:\n  replicas: 1\n  |", ["spec"], ""],
    ["the first key of an item", "spec:\n  containers:\n    - na|", ["spec", "containers", 0], "na"],
    ["a later key of an item", "spec:\n  containers:\n    - name: a\n      im|", ["spec", "containers", 0], "im"],
    ["an item whose dash is not indented", "spec:\n  containers:\n  - name: a\n    im|", ["spec", "containers", 0], "im"],
    ["after another item", "spec:\n  containers:\n    - name: a\n    - na|", ["spec", "containers", 0], "na"],
    ["a list in a list", "a:\n  - b:\n      - c|", ["a", 0, "b", 0], "c"],
    ["not in what is above a separator", "spec:\n---\n  me|", [], "me"],
  ])("%s", (_, text, parent, key) => {
    const lines = text.split("\n");
    const row = lines.findIndex((line) => line.includes("|"));
    const place = placeOf(lines.map((line) => line.replace("|", "")), row);
    expect([place.parent, place.key]).toEqual([parent, key]);
  });

  it("knows the object around it, not its neighbours", () => {
    const text = `kind: Service\napiVersion: v1\n---\n${HEAD}spec:\n  replicas: 2`;
    const place = placeOf(text.split("\n"), 6);
    expect([place.apiVersion, place.kind, place.key, place.valueFrom]).toEqual(["apps/v1", "Deployment", "replicas", 11]);
  });
});

describe("schemas by path", () => {
  const root = rootOf(SCHEMAS, "apps/v1", "Deployment");

  it("follows references, lists and free keys", () => {
    expect(nodeAt(SCHEMAS, root, ["spec", "containers", 3, "pull"])?.enum).toEqual(["Always", "Never"]);
    expect(nodeAt(SCHEMAS, root, ["spec", "labels", "any"])?.type).toBe("string");
    expect(nodeAt(SCHEMAS, root, ["spec"])?.description).toBe("what is wanted");
    expect(nodeAt(SCHEMAS, root, ["nothing", "below"])).toBeUndefined();
  });

  it("tells what must stand first", () => {
    const fields = fieldsOf(SCHEMAS, nodeAt(SCHEMAS, root, ["spec"]));
    expect(fields.map(({ name, type }) => `${name} ${type}`)).toEqual(["containers object[]", "labels object", "replicas integer", "size any"]);
    expect(fields[0]!.required).toBe(true);
  });
});

describe("what the API would refuse", () => {
  const found = (text: string) => check(text, (version) => (version === "apps/v1" ? SCHEMAS : undefined)).map((problem) => [problem.what, text.slice(problem.from, problem.to)]);

  it.each([
    ["nothing", `${HEAD}spec:\n  replicas: 2\n  size: 3\n  containers:\n    - name: a\n`, []],
    ["an unknown field", `${HEAD}spec:\n  replics: 2\n  containers: []\n`, [["unknown", "replics"]]],
    ["a wrong type", `${HEAD}spec:\n  replicas: two\n  containers: []\n`, [["type", "two"]]],
    ["a list where none is", `${HEAD}spec:\n  - 1\n`, [["type", "- 1\n"]]],
    ["no such choice", `${HEAD}spec:\n  containers:\n    - name: a\n      pull: Often\n`, [["choice", "Often"]]],
    ["what is missing", `${HEAD}spec:\n  containers:\n    - pull: Never\n`, [["missing", "pull"]]],
    ["kinds nobody knows", "apiVersion: x/v1\nkind: X\nanything: [1]\n", []],
    ["a field that is empty still", `${HEAD}spec:\n  containers:\n`, []],
  ])("%s", (_, text, wanted) => expect(found(text)).toEqual(wanted));

  it("is told of broken YAML with its place, in any document", () => {
    const [problem] = check("a: 1\n---\nb: [1\n", () => undefined);
    expect(problem).toMatchObject({ what: "syntax" });
    expect(problem!.from).toBeGreaterThan(8);
  });

  it("asks for each version once", () => expect(apiVersionsOf(`${HEAD}---\n${HEAD}---\napiVersion: v1`)).toEqual(["apps/v1", "v1"]));
});

describe("changes of two people", () => {
  it.each([
    ["mine alone", { a: 1 }, { a: 2 }, { a: 1 }, { a: 2 }, []],
    ["theirs alone", { a: 1 }, { a: 1 }, { a: 2 }, { a: 2 }, []],
    ["both, in different fields", { a: 1, b: 1 }, { a: 2, b: 1 }, { a: 1, b: 2 }, { a: 2, b: 2 }, []],
    ["both, the same", { a: 1 }, { a: 2 }, { a: 2 }, { a: 2 }, []],
    ["both, differently: mine, and it is told", { a: { b: 1 } }, { a: { b: 2 } }, { a: { b: 3 } }, { a: { b: 2 } }, [["a", "b"]]],
    ["what they took away", { a: 1, b: 1 }, { a: 2, b: 1 }, { a: 1 }, { a: 2 }, []],
    ["what I took away", { a: 1, b: 1 }, { a: 1 }, { a: 2, b: 1 }, { a: 2 }, []],
    ["what both added", {}, { a: 1 }, { b: 1 }, { a: 1, b: 1 }, []],
    ["what both began", {}, { a: { b: 1 } }, { a: { c: 1 } }, { a: { b: 1, c: 1 } }, []],
    ["items by name", [{ name: "a", x: 1, y: 1 }], [{ name: "a", x: 2, y: 1 }], [{ name: "a", x: 1, y: 2 }], [{ name: "a", x: 2, y: 2 }], []],
    ["other lists as a whole", [1], [1, 2], [1, 3], [1, 2], [[]]],
  ])("%s", (_, base, mine, theirs, merged, conflicts) => expect(merge<unknown>(base, mine, theirs)).toEqual({ merged, conflicts }));
});
