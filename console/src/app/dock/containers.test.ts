import { expect, test } from "vitest";
import type { KubeObject } from "@/api/kube";
import { containersOf, debugPatch, faultOf, freshName } from "./containers";

const POD: KubeObject = {
  apiVersion: "v1", kind: "Pod", metadata: { name: "web-1" },
  spec: { containers: [{ name: "web", image: "nginx" }], initContainers: [{ name: "setup", image: "busybox" }], ephemeralContainers: [{ name: "debug-1", image: "tools" }] },
  status: {
    containerStatuses: [{ name: "web", state: { running: {} } }], initContainerStatuses: [{ name: "setup", state: { terminated: { reason: "Completed" } } }],
    ephemeralContainerStatuses: [{ name: "debug-1", state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } } }],
  },
};

test("every container of a pod can be chosen, if it runs", () => {
  expect(containersOf(POD).map(({ name, sort, isRunning }) => [name, sort, isRunning])).toEqual([
    ["web", "containers", true], ["setup", "initContainers", false], ["debug-1", "ephemeralContainers", false],
  ]);
  expect(containersOf(undefined)).toEqual([]);
});

test.each([[POD, "debug-2"], [undefined, "debug-1"]])("a new container has a name of its own", (pod, name) => expect(freshName(pod)).toBe(name));

test.each([["debug-1", "ImagePullBackOff: no such image"], ["debug-2", ""]])("why %s does not run: %s", (name, why) => expect(faultOf(POD, name)).toBe(why));

test.each([["web", "web"], [undefined, undefined]])("it looks into %s", (target, said) => {
  expect(debugPatch("debug-1", "busybox", target).spec.ephemeralContainers[0]!.targetContainerName).toBe(said);
});
