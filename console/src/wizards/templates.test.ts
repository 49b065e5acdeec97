import { expect, test } from "vitest";
import { KINDS, kindById } from "@/kinds";
import { begin, missing, named, serviceOf } from "./templates";

test("a workload's labels follow its name, until somebody chose their own", () => {
  const made = named(named(begin(kindById("deployments")!, "shop"), "we"), "web");
  expect(made.spec.selector.matchLabels).toEqual({ "app.kubernetes.io/name": "web" });
  expect(made.spec.template.metadata.labels).toEqual({ "app.kubernetes.io/name": "web" });
  const own = { ...made, spec: { ...made.spec, selector: { matchLabels: { app: "mine" } } } };
  expect(named(own, "other").spec.selector.matchLabels).toEqual({ app: "mine" });
});

test("a service stands on the ports of its workload", () => {
  const web = named(begin(kindById("deployments")!, "shop"), "web");
  web.spec.template.spec.containers[0].ports = [{ name: "http", containerPort: 8080 }];
  expect(serviceOf(web).spec).toEqual({ selector: { "app.kubernetes.io/name": "web" }, ports: [{ name: "http", port: 8080, targetPort: "http" }] });
});

test("what is missing is told by field", () => {
  const web = begin(kindById("deployments")!, "shop");
  expect(missing([web])).toEqual(["0.metadata.name", "0.containers.0.image"]);
  expect(missing([named({ ...web, spec: { ...web.spec, template: { spec: { containers: [{ image: "nginx" }] } } } }, "web")])).toEqual([]);
});

test.each(KINDS.filter((kind) => kind.made !== false))("a new $kind has a kind, a version and a place", (kind) => {
  const object = begin(kind, "shop");
  expect(object.apiVersion && object.kind).toBeTruthy();
  expect(object.metadata.namespace).toBe(kind.namespaced ? "shop" : undefined);
});
