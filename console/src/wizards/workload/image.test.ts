import { expect, test } from "vitest";
import { isRoot, portsOf } from "./image";

test.each([
  [["80/tcp"], [{ name: "http", containerPort: 80 }]],
  [["80/tcp", "8080/tcp"], [{ name: "http", containerPort: 80 }, { name: "tcp-8080", containerPort: 8080 }]],
  [["53/udp", "53/tcp"], [{ name: "port-53", containerPort: 53, protocol: "UDP" }, { name: "tcp-53", containerPort: 53 }]],
  [["6379"], [{ name: "port-6379", containerPort: 6379 }]],
  [["odd", "0/tcp", "70000/tcp"], []],
])("ports %j", (ports, wanted) => expect(portsOf({ ports })).toEqual(wanted));

test.each([["", true], ["0", true], ["root:root", true], ["0:1000", true], ["1000", false], ["web", false]])("user %j is root: %s", (user, wanted) => expect(isRoot({ user })).toBe(wanted));
