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

export async function formFor(cluster: string, kind: KindInfo): Promise<Form> {
  const own = FORMS[kind.id];
  if (own) return own();
  const { isShort, shortForm } = await import("./forms/kinds");
  if (isShort(kind.id)) return shortForm(kind.id);
  return (await import("./schema/form")).schemaForm(cluster, kind);
}
