import { expect, test } from "vitest";
import { decode, encode, encodeBytes } from "@/lib/base64";
import { registryOf, typed, withRegistry } from "./secret";

test("values are text in base64, whatever the letters", () => {
  expect(encode("密钥 ü")).toBe("5a+G6ZKlIMO8");
  for (const text of ["", "密钥 ü", "a\n\u0000b", "\uFEFFbom"]) expect(decode(encode(text))).toBe(text);
  expect(decode(encodeBytes(new Uint8Array([0xff, 0xfe])))).toBeUndefined();
  expect(decode("no base64!")).toBeUndefined();
});

test("a type brings its keys", () => {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { own: "eA==" } };
  expect(typed(secret, "kubernetes.io/tls")).toMatchObject({ type: "kubernetes.io/tls", data: { "tls.crt": "", "tls.key": "" } });
  expect(typed(secret, "Opaque").data).toBeUndefined();
});

test("a registry's login is read and written as docker does", () => {
  const login = { server: "registry.example.org", username: "ann", password: "a:b" };
  const value = withRegistry("", login);
  expect(registryOf(value)).toEqual(login);
  expect(registryOf(encode(JSON.stringify({ auths: { r: { auth: encode("bob:x:y") } } })))).toEqual({ server: "r", username: "bob", password: "x:y" });
  const other = encode(JSON.stringify({ credsStore: "x", auths: { one: { email: "e" }, two: { auth: "z" } } }));
  const changed = JSON.parse(decode(withRegistry(other, { ...login, server: "one" }))!);
  expect(changed.credsStore).toBe("x");
  expect(changed.auths.two).toEqual({ auth: "z" });
  expect(changed.auths.one.email).toBe("e");
  expect(registryOf("broken")).toEqual({ server: "", username: "", password: "" });
});
