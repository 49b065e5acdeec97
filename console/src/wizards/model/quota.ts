/** What a workload adds to the quotas of its namespace. Pure. */
import type { KubeObject } from "@/api/kube";
import { amountOf } from "@/lib/quantity";
import { get } from "./path";
import { podOf, WORKLOADS } from "../workload/model";

export interface QuotaLine {
  quota: string;
  resource: string;
  hard: number;
  used: number;
  adds: number;
}

type Amounts = Record<string, number>;

function plus(sum: Amounts, name: string, amount: number) {
  if (amount > 0) sum[name] = (sum[name] ?? 0) + amount;
}

function podsOf({ kind, spec }: KubeObject): number {
  if (kind === "Job") return Math.min(spec?.parallelism ?? 1, spec?.completions ?? Infinity);
  if (kind === "CronJob") return spec?.jobTemplate?.spec?.parallelism ?? 1;
  return spec?.replicas ?? 1;
}

/** What all objects need together; pods of a daemon set depend on the nodes and are counted as one. */
export function needs(docs: KubeObject[]): Amounts {
  const sum: Amounts = {};
  for (const doc of docs) {
    plus(sum, `count/${doc.kind}`, 1);
    if (doc.kind === "PersistentVolumeClaim") {
      plus(sum, "persistentvolumeclaims", 1);
      plus(sum, "requests.storage", amountOf(get<string>(doc, ["spec", "resources", "requests", "storage"]) ?? "0"));
    }
    const counted = { Service: "services", Secret: "secrets", ConfigMap: "configmaps" }[doc.kind];
    if (counted) plus(sum, counted, 1);
    if (!(WORKLOADS as readonly string[]).includes(doc.kind)) continue;
    const pods = podsOf(doc);
    plus(sum, "pods", pods);
    for (const container of get<object[]>(doc, [...podOf(doc.kind), "containers"]) ?? [])
      for (const side of ["requests", "limits"] as const)
        for (const [name, amount] of Object.entries(get<Record<string, string>>(container, ["resources", side]) ?? {})) {
          plus(sum, `${side}.${name}`, pods * amountOf(amount));
          if (side === "requests") plus(sum, name, pods * amountOf(amount));
        }
  }
  return sum;
}

/** Only what a quota limits and the objects add to, beyond what they need already. */
export function quotaAfter(quotas: KubeObject[], docs: KubeObject[], before: KubeObject[] = []): QuotaLine[] {
  const [wanted, had] = [needs(docs), needs(before)];
  return quotas.flatMap((quota) =>
    Object.entries((quota.status?.hard ?? quota.spec?.hard ?? {}) as Record<string, string>).flatMap(([resource, hard]) => {
      const adds = (wanted[resource] ?? 0) - (had[resource] ?? 0);
      const used = amountOf(quota.status?.used?.[resource] ?? "0");
      return adds === 0 ? [] : [{ quota: quota.metadata.name, resource, hard: amountOf(hard), used, adds }];
    }),
  );
}
