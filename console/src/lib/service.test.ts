import { expect, test } from "vitest";
import type { KubeObject } from "@/api/kube";
import { addressesOf, endpointsOf, pathsOf } from "./service";

const service = (spec: object, status = {}): KubeObject => ({ apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "shop" }, spec, status });
const node = (type: string, address: string): KubeObject => ({ apiVersion: "v1", kind: "Node", metadata: { name: "n" }, status: { addresses: [{ type: "Hostname", address: "n" }, { type, address }] } });
const ports = [{ port: 80, nodePort: 30080 }];

test.each([
  ["inside", service({ clusterIPs: ["10.0.0.1"], ports }), [], ["node :30080", "cluster web.shop.svc:80", "cluster 10.0.0.1:80"]],
  ["of six", service({ clusterIPs: ["fd00::1"], ports: [{ port: 80 }] }), [], ["cluster web.shop.svc:80", "cluster [fd00::1]:80"]],
  ["without one of its own", service({ clusterIPs: ["None"], ports: [{ port: 80 }] }), [], ["cluster web.shop.svc:80"]],
  ["at nodes", service({ ports }), [node("InternalIP", "192.0.2.1")], ["node 192.0.2.1:30080", "cluster web.shop.svc:80"]],
  ["from a balancer", service({ ports: [{ port: 443 }] }, { loadBalancer: { ingress: [{ ip: "198.51.100.7" }] } }), [], ["outside 198.51.100.7:443", "cluster web.shop.svc:443"]],
  ["elsewhere", service({ type: "ExternalName", externalName: "db.example.org" }), [], ["cluster web.shop.svc → db.example.org"]],
])("addresses %s", (_, given, nodes, expected) => expect(addressesOf(given, nodes).map(({ from, address }) => `${from} ${address}`)).toEqual(expected));

test.each([
  [{ port: 80, nodePort: 30080 }, "http://192.0.2.1:30080"],
  [{ port: 443, nodePort: 30443 }, "https://192.0.2.1:30443"],
  [{ port: 80, nodePort: 30080, name: "https" }, "https://192.0.2.1:30080"],
  [{ port: 53, nodePort: 30053, protocol: "UDP" }, undefined],
])("%j is opened at %s", (port, link) => expect(addressesOf(service({ ports: [port] }), [node("InternalIP", "192.0.2.1")])[0]!.link).toBe(link));

test.each([
  [{ ready: true }, "Ready"],
  [{}, "Ready"],
  [{ ready: false }, "NotReady"],
  [{ ready: true, terminating: true }, "Terminating"],
])("an endpoint that is %j is %s", (conditions, state) => {
  const slice = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name: "s" }, ports: [{ name: "http", port: 80 }], endpoints: [{ addresses: ["10.1.0.1"], conditions, targetRef: { kind: "Pod", name: "p" } }] };
  expect(endpointsOf([slice])).toEqual([{ address: "10.1.0.1", state, ports: "http 80/TCP", node: "", pod: "p" }]);
});

const backend = { service: { name: "web", port: { number: 80 } } };
const ingress = (spec: object): KubeObject => ({ apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "i" }, spec });
const rule = (host: string | undefined, path: string) => ({ ...(host && { host }), http: { paths: [{ path, pathType: "Prefix", backend }] } });

test.each([
  ["a host", { rules: [rule("a.example", "/x")] }, "http://a.example/x"],
  ["a host with a certificate", { rules: [rule("a.example", "/")], tls: [{ hosts: ["a.example"], secretName: "s" }] }, "https://a.example/"],
  ["a host with a certificate for many", { rules: [rule("a.example", "/")], tls: [{ hosts: ["*.example"], secretName: "s" }] }, "https://a.example/"],
  ["many hosts", { rules: [rule("*.example", "/")] }, undefined],
  ["every host", { rules: [rule(undefined, "/")] }, undefined],
])("%s is opened", (_, spec, link) => expect(pathsOf(ingress(spec))[0]!.link).toBe(link));

test("the default stands last", () => expect(pathsOf(ingress({ rules: [rule("a.example", "/")], defaultBackend: backend })).map((each) => each.host)).toEqual(["a.example", "*"]));
