import { expect, test } from "vitest";
import { HIDDEN, masked } from "./masked";

const secret = {
  apiVersion: "v1",
  kind: "Secret",
  type: "Opaque",
  metadata: { name: "key", annotations: { note: "kept", "kubectl.kubernetes.io/last-applied-configuration": '{"data":{"password":"aHVudGVyMg=="}}' } },
  data: { password: "aHVudGVyMg==" },
  stringData: { user: "ann" },
};

test("no value of a secret is left anywhere, its keys are", () => {
  const shown = masked(secret);
  expect(JSON.stringify(shown)).not.toMatch(/aHVudGVyMg|ann"/);
  expect(shown.data).toEqual({ password: HIDDEN });
  expect(shown.metadata.annotations?.note).toBe("kept");
  expect(secret.data.password).toBe("aHVudGVyMg==");
});

test.each([
  { ...secret, kind: "ConfigMap" },
  { ...secret, apiVersion: "example.com/v1" },
])("what is no secret stays as it is", (object) => expect(masked(object)).toBe(object));

test("one without values stays without them", () => {
  const empty = { apiVersion: "v1", kind: "Secret", metadata: { name: "empty" } };
  expect(masked(empty)).toEqual(empty);
});
