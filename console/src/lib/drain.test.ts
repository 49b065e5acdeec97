import { expect, test } from "vitest";
import type { KubeObject } from "@/api/kube";
import { type Answer, drain, fateOf, type Hands, type Progress } from "./drain";

const pod = (name: string, more: object = {}, owner?: string): KubeObject => ({
  apiVersion: "v1", kind: "Pod",
  metadata: { name, uid: name, ...(owner ? { ownerReferences: [{ apiVersion: "apps/v1", kind: owner, name: "o", uid: "o", controller: true }] } : {}) },
  spec: {}, ...more,
});

test.each([
  ["of a replica set", pod("p", {}, "ReplicaSet"), undefined, []],
  ["of a daemon set", pod("p", {}, "DaemonSet"), "daemonset", []],
  ["of a daemon set that is done", pod("p", { status: { phase: "Failed" } }, "DaemonSet"), undefined, []],
  ["of the node itself", { ...pod("p"), metadata: { name: "p", annotations: { "kubernetes.io/config.mirror": "" } } }, "mirror", []],
  ["of nobody", pod("p"), undefined, ["not made again"]],
  ["of nobody that is done", pod("p", { status: { phase: "Succeeded" } }), undefined, []],
  ["with data of its own", pod("p", { spec: { volumes: [{ emptyDir: {} }] } }, "ReplicaSet"), undefined, ["local data"]],
])("a pod %s", (_, given, stays, loses) => expect(fateOf(given)).toEqual({ pod: given, stays, loses }));

/** A node whose pods answer in turn with what is given for each; an accepted one is gone the next time one looks. */
function node(answers: Record<string, Answer[]>) {
  const here = new Set(Object.keys(answers));
  const asked: string[] = [];
  const hands: Hands = {
    evict: async ({ metadata: { name } }) => {
      asked.push(name);
      const answer = answers[name]!.shift()!;
      if (answer.is === "accepted") here.delete(name);
      return answer;
    },
    left: async () => new Set(here),
    pause: async () => undefined,
  };
  return { hands, asked, pods: Object.keys(answers).map((name) => pod(name)) };
}

async function stood(answers: Record<string, Answer[]>) {
  const { hands, pods, asked } = node(answers);
  let last = new Map<string, Progress>();
  await drain(pods, hands, (progress) => (last = progress), new AbortController().signal);
  return { steps: Object.fromEntries([...last].map(([name, { step }]) => [name, step])), asked };
}

test("all go", async () => {
  const { steps } = await stood({ a: [{ is: "accepted" }], b: [{ is: "gone" }] });
  expect(steps).toEqual({ a: "gone", b: "gone" });
});

test("what a budget holds is asked for again", async () => {
  const { steps, asked } = await stood({ a: [{ is: "later", reason: "budget" }, { is: "later", reason: "budget" }, { is: "accepted" }] });
  expect([steps, asked]).toEqual([{ a: "gone" }, ["a", "a", "a"]]);
});

test("one that is refused keeps no other", async () => {
  const { steps, asked } = await stood({ a: [{ is: "refused", reason: "no" }], b: [{ is: "accepted" }] });
  expect([steps, asked]).toEqual([{ a: "refused", b: "gone" }, ["a", "b"]]);
});

test("nothing more is asked once it is stopped", async () => {
  const stop = new AbortController();
  const { hands, pods, asked } = node({ a: [{ is: "later", reason: "budget" }, { is: "accepted" }] });
  await drain(pods, { ...hands, pause: async () => stop.abort() }, () => undefined, stop.signal);
  expect(asked).toEqual(["a"]);
});
