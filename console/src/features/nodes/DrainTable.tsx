/** The pods of a node that is drained: their fate, and how it stands. */
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import type { Fate, Progress, Step } from "@/lib/drain";
import type { Tone } from "@/lib/tone";
import { Status } from "@/ui";
import tables from "@/features/kinds/Table.module.css";
import styles from "./Nodes.module.css";

const STEPS = { waiting: msg`Waiting`, going: msg`Going`, held: msg`Held back`, refused: msg`Refused`, gone: msg`Gone` };
const TONES: Record<Step, Tone> = { waiting: "idle", going: "busy", held: "warn", refused: "bad", gone: "ok" };
const STAYS = { daemonset: msg`Stays: of a daemon set`, mirror: msg`Stays: of the node itself` };
const LOSES = { "not made again": msg`is not made again`, "local data": msg`loses its local data` };

interface Props {
  fates: Fate[];
  progress: ReadonlyMap<string, Progress>;
  begun: boolean;
}

export function DrainTable({ fates, progress, begun }: Props) {
  const { t } = useLingui();
  const said = (fate: Fate) => {
    if (fate.stays) return <span className="dim">{t(STAYS[fate.stays])}</span>;
    const { step, reason } = progress.get(fate.pod.metadata.uid!) ?? { step: "waiting" as const };
    if (begun) return <><Status value={t(STEPS[step])} tone={TONES[step]} />{reason && <div className="dim">{reason}</div>}</>;
    if (fate.loses.length === 0) return <Trans>Goes</Trans>;
    return <Status value={[t`Goes`, ...fate.loses.map((loss) => t(LOSES[loss]))].join(" · ")} tone="warn" />;
  };
  const sorted = [...fates].sort((a, b) => Number(Boolean(a.stays)) - Number(Boolean(b.stays)));
  return (
    <div className={styles.pods} role="region" aria-label={t`Pods`} tabIndex={0}>
      <table className={tables.table}>
        <thead>
          <tr>
            <th><Trans>Namespace</Trans></th>
            <th><Trans>Pod</Trans></th>
            <th><Trans>What becomes of it</Trans></th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((fate) => (
            <tr key={fate.pod.metadata.uid}>
              <td>{fate.pod.metadata.namespace}</td>
              <td>{fate.pod.metadata.name}</td>
              <td>{said(fate)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
