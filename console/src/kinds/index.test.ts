import { expect, test } from "vitest";
import { isCustom } from "./index";

test.each([
  ["", false],
  ["apps", false],
  ["networking.k8s.io", false],
  ["flowcontrol.apiserver.k8s.io", false],
  ["tenancy.armillary.io", false],
  ["gateway.networking.k8s.io", true],
  ["cert-manager.io", true],
  ["snapshot.storage.k8s.io", true],
])("kinds of the group %j are custom: %s", (group, custom) => expect(isCustom({ group })).toBe(custom));
