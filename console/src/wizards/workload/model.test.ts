import { expect, test } from "vitest";
import { get } from "../model/path";
import { fromOrigin, lineOf, originOf, probed, probeKind, variablesOf, wordsOf } from "./container";
import { blankWorkload, placed, placementOf, renamed, sourceOf, volumesOf, withAutoscaler, withoutVolume, withRoute, withService, withVolume, WORKLOADS } from "./model";

const named = (kind: (typeof WORKLOADS)[number] = "Deployment") => renamed(blankWorkload(kind, "ns"), "web");

test.each(WORKLOADS)("%s: what is called after it follows its name", (kind) => {
  const docs = renamed(withRoute(named(kind), true), "shop");
  expect(docs.map((doc) => doc.metadata.name)).toEqual(["shop", "shop", "shop"]);
  expect(JSON.stringify(docs)).not.toContain("web");
});

test("a name of one's own stays when the workload's changes", () => {
  const docs = withService(named(), true);
  const own = [docs[0]!, { ...docs[1]!, metadata: { name: "front" } }];
  expect(renamed(own, "shop")[1]!.metadata.name).toBe("front");
});

test("a service takes over the containers' ports", () => {
  const workload = named()[0]!;
  workload.spec.template.spec.containers[0].ports = [{ name: "http", containerPort: 8080 }, { containerPort: 9090, protocol: "UDP" }];
  const service = withService([workload], true)[1]!;
  expect(service.spec.ports).toEqual([
    { name: "http", port: 8080, targetPort: "http" },
    { name: "port-9090", port: 9090, targetPort: 9090, protocol: "UDP" },
  ]);
  expect(service.spec.selector).toEqual(workload.spec.selector.matchLabels);
});

test("a service and a route come and go, the route with its service", () => {
  const both = withRoute(named(), true);
  expect(both.map((doc) => doc.kind)).toEqual(["Deployment", "Service", "Ingress"]);
  expect(withRoute(both, true)).toEqual(both);
  expect(withRoute(both, false).map((doc) => doc.kind)).toEqual(["Deployment", "Service"]);
  expect(withService(both, false)).toEqual(named());
  expect(withService(named("StatefulSet"), true)[1]!.spec.clusterIP).toBe("None");
});

test("an autoscaler takes the replicas over and gives them back", () => {
  const scaled = withAutoscaler(named(), true);
  expect(scaled[0]!.spec.replicas).toBeUndefined();
  expect(get(scaled[1], ["spec", "scaleTargetRef", "name"])).toBe("web");
  expect(withAutoscaler(scaled, false)[0]!.spec.replicas).toBe(1);
});

test("volumes are mounted when added and unmounted when taken away", () => {
  const one = withVolume(named()[0]!, "configMap", "/etc/app");
  const two = withVolume(one, "emptyDir", "/tmp");
  expect(volumesOf(two).map((volume) => [volume.name, sourceOf(volume)])).toEqual([["data", "configMap"], ["data-2", "emptyDir"]]);
  expect(two.spec.template.spec.containers[0].volumeMounts).toEqual([{ name: "data", mountPath: "/etc/app" }, { name: "data-2", mountPath: "/tmp" }]);
  expect(withoutVolume(withoutVolume(two, "data"), "data-2")).toEqual(named()[0]);
  const set = named("StatefulSet")[0]!;
  expect(withoutVolume(withVolume(set, "claimTemplate", "/data"), "data")).toEqual(set);
});

test("placement leaves rules of one's own alone", () => {
  const workload = named()[0]!;
  workload.spec.template.spec.topologySpreadConstraints = [{ topologyKey: "zone", maxSkew: 1 }];
  for (const wanted of ["spread", "pack", "none"] as const) {
    const after = placed(workload, wanted);
    expect(placementOf(after)).toBe(wanted);
    expect(after.spec.template.spec.topologySpreadConstraints[0]).toEqual({ topologyKey: "zone", maxSkew: 1 });
    expect(placed(after, "none")).toEqual(workload);
  }
});

test("a probe keeps its timing in another way of asking", () => {
  const http = probed(undefined, "httpGet", "http")!;
  const tcp = probed({ ...http, periodSeconds: 3 }, "tcpSocket", 80)!;
  expect([probeKind(http), probeKind(tcp), probeKind(undefined)]).toEqual(["httpGet", "tcpSocket", "none"]);
  expect(tcp).toEqual({ tcpSocket: { port: 80 }, periodSeconds: 3, failureThreshold: 3 });
  expect(probed(tcp, "none", 80)).toBeUndefined();
});

test("a variable's origin", () => {
  expect(originOf(fromOrigin({ name: "A", value: "1" }, "secretKeyRef"))).toBe("secretKeyRef");
  expect(fromOrigin({ name: "A", valueFrom: {} }, "value")).toEqual({ name: "A", value: "" });
  expect(originOf({ name: "A", valueFrom: { resourceFieldRef: {} } })).toBe("other");
});

test("a .env file is variables", () => {
  expect(variablesOf("# x\nA=1\nexport B = \"two words\"\n\nnonsense\nC=a=b")).toEqual([
    { name: "A", value: "1" },
    { name: "B", value: "two words" },
    { name: "C", value: "a=b" },
  ]);
});

test.each([["sh -c \"echo 'a b'\"", ["sh", "-c", "echo 'a b'"]], ["a  b", ["a", "b"]], ["'x y' z", ["x y", "z"]], ['"q\\"q"', ['q"q']]])("%s as words and back", (line, words) => {
  expect(wordsOf(line)).toEqual(words);
  expect(wordsOf(lineOf(words))).toEqual(words);
});
