import { expect, test } from "vitest";
import { addressOfExec, endOf } from "./exec";

test("a terminal's address names the container and each word of the command", () => {
  expect(addressOfExec({ cluster: "host", namespace: "shop", pod: "web-1", container: "a b", command: ["sh", "-c", "x & y"] })).toBe(
    "/clusters/host/api/v1/namespaces/shop/pods/web-1/exec?container=a+b&stdin=true&stdout=true&tty=true&command=sh&command=-c&command=x%20%26%20y",
  );
});

test.each([
  ['{"status":"Success"}', ""],
  ['{"status":"Failure","message":"command terminated with exit code 3"}', "command terminated with exit code 3"],
  ["no such file", "no such file"],
])("the last frame %s says %s", (text, said) => expect(endOf(text)).toBe(said));

test("a command without a terminal has its errors apart", () => {
  const address = addressOfExec({ cluster: "host", namespace: "shop", pod: "web-1", command: ["tar"], plain: true });
  expect(address).toContain("stderr=true");
  expect(address).not.toContain("tty");
});
