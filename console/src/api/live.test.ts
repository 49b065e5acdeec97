import { expect, test } from "vitest";
import { applyDelta, Live, type Row, type Told } from "./live";

const row = (uid: string, cell = ""): Row => ({ name: uid, uid, cells: [cell] });

test("a delta changes, moves, adds and removes rows and leaves others as they are", () => {
  const before = [row("a"), row("b"), row("c")];
  const after = applyDelta(before, { type: "delta", order: ["c", "a", "d"], set: [row("d"), row("a", "new")], total: 3, counts: {} });
  expect(after.map((each) => each.uid)).toEqual(["c", "a", "d"]);
  expect(after[0]).toBe(before[2]);
  expect(after[1]?.cells).toEqual(["new"]);
});

test("a delta without an order changes rows in place", () => {
  const after = applyDelta([row("a"), row("b")], { type: "delta", set: [row("b", "new")], total: 2, counts: {} });
  expect(after.map((each) => [each.uid, each.cells[0]])).toEqual([["a", ""], ["b", "new"]]);
});

class FakeSocket {
  readyState = 0;
  sent: string[] = [];
  onopen = () => {};
  onclose = () => {};
  onmessage = (_: { data: string }) => {};
  send(text: string) {
    this.sent.push(text);
  }
}

test("what was asked before the connection stood is asked when it does, and answers find who asked", () => {
  const socket = new FakeSocket();
  const live = new Live(() => socket as unknown as WebSocket);
  const told: Told[] = [];
  const subscription = live.subscribe({ op: "object", name: "x" }, (message) => told.push(message));
  expect(socket.sent).toEqual([]);
  socket.readyState = 1;
  socket.onopen();
  expect(JSON.parse(socket.sent[0]!)).toEqual({ id: 1, op: "object", name: "x" });
  socket.onmessage({ data: '{"id":1,"type":"object","object":null}' });
  socket.onmessage({ data: '{"id":7,"type":"object","object":null}' });
  expect(told).toHaveLength(1);
  subscription.end();
  expect(JSON.parse(socket.sent[1]!)).toEqual({ id: 1, op: "close" });
});
