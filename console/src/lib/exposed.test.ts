import { expect, test } from "vitest";
import { addressesOf } from "./exposed";

const object = (kind: string, spec: object, status = {}) => ({ apiVersion: "v1", kind, metadata: { name: "web" }, spec, status });
const addresses = (services: object[], ingresses: object[] = []) =>
  addressesOf(services as never, ingresses as never).map(({ address, link }) => (link ? `${address} ${link}` : address));

test.each([
  [[object("Service", { type: "ClusterIP", ports: [{ port: 80 }] })], []],
  [[object("Service", { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] })], [":30080"]],
  [[object("Service", { type: "LoadBalancer", ports: [{ port: 80 }] }, { loadBalancer: { ingress: [{ ip: "10.1.1.1" }] } })], ["10.1.1.1:80"]],
  [[object("Service", { type: "LoadBalancer", ports: [{ port: 80 }] })], []],
])("services %j", (services, expected) => expect(addresses(services)).toEqual(expected));

test("routes have a link where their host is one", () =>
  expect(addresses([], [object("Ingress", { tls: [{ hosts: ["a.example"] }], rules: [{ host: "a.example", http: { paths: [{ path: "/x" }] } }, { host: "*.b.example" }] })])).toEqual([
    "a.example/x https://a.example/x",
    "*.b.example/",
  ]));
