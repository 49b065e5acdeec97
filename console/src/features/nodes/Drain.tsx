/** Empty a node: first what would go and what that loses, then how far it is. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import { useKube } from "@/api/useKube";
import { pathOf } from "@/api/kube";
import { type Fate, fateOf } from "@/lib/drain";
import { Button, Checkbox, Fault, Group, Progress, useAskBeforeLeaving, Warning } from "@/ui";
import { setCordoned } from "./cordon";
import { DrainTable } from "./DrainTable";
import styles from "./Nodes.module.css";
import { onNode, PODS, useDrain } from "./useDrain";

interface Props {
  cluster: string;
  node: string;
  /** Does something, then closes. */
  end: (run: () => Promise<unknown>) => void;
}

const nothing = () => Promise.resolve();

export function Drain({ cluster, node, end }: Props) {
  const pods = useKube(cluster, pathOf(PODS), onNode(node), false);
  return (
    <Answer of={pods}>
      {({ items }) => <Planned cluster={cluster} node={node} end={end} fates={items.map(fateOf)} />}
    </Answer>
  );
}

function Planned({ cluster, node, end, fates: found }: Props & { fates: Fate[] }) {
  const { t } = useLingui();
  const [fates] = useState(found); // what was agreed to, whatever comes to the node meanwhile
  const [agreed, setAgreed] = useState(false);
  const { progress, phase, error, start, stop } = useDrain(cluster, node);
  useAskBeforeLeaving(phase === "running");
  const going = fates.filter((fate) => !fate.stays);
  const losing = going.filter((fate) => fate.loses.length > 0);
  const gone = [...progress.values()].filter(({ step }) => step === "gone").length;
  const refused = [...progress.values()].filter(({ step }) => step === "refused").length;
  const [all, staying] = [going.length, fates.length - going.length];
  return (
    <>
      <p style={{ marginTop: 0 }}>
        <Trans>No new pods come to {node}, and those that can go are asked to; their controllers make them again elsewhere. Disruption budgets are kept to.</Trans>
      </p>
      <p className="dim">
        <Plural value={all} one="# pod goes" other="# pods go" /> · <Plural value={staying} one="# stays" other="# stay" />
      </p>
      <DrainTable fates={fates} progress={progress} begun={phase !== "before"} />
      {phase === "before" && losing.length > 0 && (
        <Warning title={<Plural value={losing.length} one="# pod loses something" other="# pods lose something" />}>
          <p style={{ marginTop: 0 }}><Trans>Pods without a controller are not made again; local data (emptyDir) is deleted with its pod.</Trans></p>
          <Checkbox checked={agreed} onChange={(event) => setAgreed(event.currentTarget.checked)} label={<Trans>These may be lost</Trans>} />
        </Warning>
      )}
      {phase !== "before" && (
        <div aria-live="polite" className={styles.notes}>
          <Progress value={all ? (gone / all) * 100 : 100} aria-label={t`Gone`} />
          <span>
            {phase === "done" && refused === 0 ? <Trans>The node is empty.</Trans> : <Trans>{gone} of {all} gone</Trans>}
            {phase === "running" && <span className="dim"> · <Trans>Closing this window stops it.</Trans></span>}
          </span>
        </div>
      )}
      {error !== null && <Fault error={error} />}
      <Group justify="flex-end" mt="md">
        {phase === "before" && (
          <>
            <Button variant="default" onClick={() => end(nothing)}><Trans>Cancel</Trans></Button>
            <Button color="red" disabled={losing.length > 0 && !agreed} onClick={() => void start(going.map(({ pod }) => pod))}><Trans>Drain</Trans></Button>
          </>
        )}
        {phase === "running" && <Button variant="default" onClick={stop}><Trans>Stop</Trans></Button>}
        {(phase === "stopped" || phase === "done") && (
          <>
            <Button variant="default" onClick={() => end(() => setCordoned(cluster, node, false))}><Trans>Let pods come again</Trans></Button>
            <Button onClick={() => end(nothing)}><Trans>Close</Trans></Button>
          </>
        )}
      </Group>
    </>
  );
}
