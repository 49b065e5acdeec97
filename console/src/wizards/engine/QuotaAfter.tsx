/** How much of the namespace's quotas is left once this is there. */
import { Trans } from "@lingui/react/macro";
import type { KubeObject } from "@/api/kube";
import { kindById } from "@/kinds";
import { shortQuantity } from "@/lib/quantity";
import { Progress } from "@/ui";
import { quotaAfter } from "../model/quota";
import { useMaking } from "./form";
import { useObjects } from "./useNames";
import styles from "./Wizard.module.css";

const QUOTAS = kindById("resourcequotas")!;

export function QuotaAfter({ before }: { before: KubeObject[] }) {
  const { docs } = useMaking();
  const lines = quotaAfter(useObjects(QUOTAS), docs, before);
  if (lines.length === 0) return null;
  return (
    <>
      <div className={styles.block}>
        <Trans>Quota after this</Trans>
      </div>
      {lines.map(({ quota, resource, hard, used, adds }) => {
        const binary = /memory|storage/.test(resource);
        const [after, most] = [used + adds, Math.max(hard, used + adds)];
        return (
          <div key={`${quota}/${resource}`} className={styles.quota} data-over={after > hard || undefined} title={quota}>
            <span className="clip">{resource}</span>
            <Progress.Root size="lg" aria-label={resource}>
              <Progress.Section value={(Math.min(used, after) / most) * 100} color="brand" aria-label={resource} />
              <Progress.Section value={(Math.max(0, adds) / most) * 100} color={after > hard ? "red" : "teal"} aria-label={resource} />
            </Progress.Root>
            <span>
              {shortQuantity(used, binary)} → {shortQuantity(after, binary)} / {shortQuantity(hard, binary)}
            </span>
          </div>
        );
      })}
    </>
  );
}
