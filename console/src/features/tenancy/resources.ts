/** What quotas can limit, in words. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

export const RESOURCES: Record<string, MessageDescriptor> = {
  "requests.cpu": msg`CPU requested (cores)`,
  "limits.cpu": msg`CPU limit (cores)`,
  "requests.memory": msg`Memory requested`,
  "limits.memory": msg`Memory limit`,
  "requests.storage": msg`Storage`,
  pods: msg`Pods`,
  persistentvolumeclaims: msg`Volume claims`,
  services: msg`Services`,
  configmaps: msg`Config maps`,
  secrets: msg`Secrets`,
  "count/deployments.apps": msg`Deployments`,
  "count/statefulsets.apps": msg`Stateful sets`,
  "count/jobs.batch": msg`Jobs`,
};
