import { expect, test, vi } from "vitest";
import { addressOfExec, endOf, openShell } from "./exec";

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

class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static last: FakeSocket;
  readyState = FakeSocket.CONNECTING;
  sent: string[] = [];
  onopen = () => undefined;
  constructor() {
    FakeSocket.last = this;
  }
  send(frame: Uint8Array) {
    this.sent.push(new TextDecoder().decode(frame));
  }
}

test("what is typed before the shell is there reaches it, in order, after its size", () => {
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("location", { host: "console.example" });
  const shell = openShell(
    { cluster: "host", namespace: "shop", pod: "web-1", command: ["sh"] },
    { opened: () => shell.resize(80, 24), output: () => undefined, ended: () => undefined },
  );
  shell.write("l");
  shell.write("s");
  expect(FakeSocket.last.sent).toEqual([]);
  FakeSocket.last.readyState = FakeSocket.OPEN;
  FakeSocket.last.onopen();
  shell.write("\r");
  expect(FakeSocket.last.sent).toEqual(['\u0004{"Width":80,"Height":24}', "\0l", "\0s", "\0\r"]);
  vi.unstubAllGlobals();
});
