/** Which form a kind is made by. Its code is loaded when it is wanted. */
import type { KindInfo } from "@/kinds";
import type { Form } from "./engine/form";
import type { WorkloadKind } from "./workload/model";

const workload = (kind: WorkloadKind) => async () => (await import("./workload/form")).workloadForm(kind);

const FORMS: Record<string, () => Promise<Form>> = {
  deployments: workload("Deployment"),
  statefulsets: workload("StatefulSet"),
  daemonsets: workload("DaemonSet"),
  jobs: workload("Job"),
  cronjobs: workload("CronJob"),
};

export async function formFor(_cluster: string, kind: KindInfo): Promise<Form> {
  const own = FORMS[kind.id];
  if (own) return own();
  return (await import("./forms/plain")).plainForm(kind);
}
