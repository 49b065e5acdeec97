import { setupI18n } from "@lingui/core";
import { expect, test } from "vitest";
import { messages as en } from "@/locales/en.po";
import { messages as zh } from "@/locales/zh.po";
import { meaningOf } from "./policy";

const speakers = { en: setupI18n({ locale: "en", messages: { en } }), zh: setupI18n({ locale: "zh", messages: { zh } }) };
const policy = (spec: object) => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "p" }, spec });
const labels = (matchLabels: Record<string, string>) => ({ matchLabels });
const here = { podSelector: labels({ app: "web" }) };
const elsewhere = { namespaceSelector: labels({ "kubernetes.io/metadata.name": "shop" }), podSelector: labels({ app: "web" }) };
const free = "It does not restrict whom they may reach.";

test.each([
  ["closed", { podSelector: {} }, "All pods here", ["Nobody may reach them."], [free]],
  ["of some", { podSelector: labels({ app: "db" }) }, "Pods here with app=db", ["Nobody may reach them."], [free]],
  ["open", { ingress: [{}] }, "All pods here", ["Anybody may reach them."], [free]],
  ["open on a port", { ingress: [{ ports: [{ port: 80 }, { port: 8000, endPort: 8010, protocol: "UDP" }] }] }, "All pods here", ["Anybody may reach them on TCP 80 and UDP 8000–8010."], [free]],
  ["for pods", { ingress: [{ from: [here] }] }, "All pods here", ["They may be reached on all ports by pods here with app=web."], [free]],
  ["for a namespace", { ingress: [{ from: [elsewhere], ports: [{ port: "http" }] }] }, "All pods here", ["They may be reached on TCP http by pods with app=web in the namespace shop."], [free]],
  ["for all namespaces", { ingress: [{ from: [{ namespaceSelector: {} }] }] }, "All pods here", ["They may be reached on all ports by all pods in all namespaces."], [free]],
  ["for namespaces", { ingress: [{ from: [{ namespaceSelector: labels({ team: "a" }) }] }] }, "All pods here", ["They may be reached on all ports by all pods in namespaces with team=a."], [free]],
  ["for addresses", { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }] }] }, "All pods here", ["They may be reached on all ports by addresses in 10.0.0.0/8 but not in 10.1.0.0/16."], [free]],
  ["of two rules", { ingress: [{ from: [here] }, { ports: [{ protocol: "SCTP" }] }] }, "All pods here", ["They may be reached on all ports by pods here with app=web.", "Anybody may reach them on every port of SCTP."], [free]],
  ["outwards, closed", { policyTypes: ["Egress"] }, "All pods here", ["It does not restrict who may reach them."], ["They may reach nobody, not even the name service."]],
  ["outwards", { policyTypes: ["Egress"], egress: [{ to: [here], ports: [{ port: 5432 }] }] }, "All pods here", ["It does not restrict who may reach them."], ["They may reach, on TCP 5432, pods here with app=web."]],
  ["both ways, without saying so", { egress: [{}] }, "All pods here", ["Nobody may reach them."], ["They may reach anybody."]],
])("a policy that is %s", (_, spec, pods, ingress, egress) => expect(meaningOf(policy(spec), speakers.en)).toEqual({ pods, ingress, egress }));

test("in Chinese", () =>
  expect(meaningOf(policy({ podSelector: labels({ app: "db" }), ingress: [{ from: [here, elsewhere], ports: [{ port: 80 }] }], egress: [{}] }), speakers.zh)).toEqual({
    pods: "此处带有 app=db 标签的容器组",
    ingress: ["此处带有 app=web 标签的容器组和命名空间 shop中带有 app=web 标签的容器组可以通过 TCP 80 访问它们。"],
    egress: ["它们可以访问任何对象。"],
  }));
