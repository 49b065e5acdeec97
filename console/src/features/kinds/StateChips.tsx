/** How many objects are in which state; each a filter. */
import { Trans } from "@lingui/react/macro";
import { Status } from "@/ui";
import styles from "./StateChips.module.css";

const MOST = 6;

export function StateChips({ counts, chosen, choose }: { counts: Record<string, number>; chosen?: string; choose: (state?: string) => void }) {
  const ranked = Object.entries(counts).sort((one, other) => other[1] - one[1]);
  const shown = ranked.filter(([state], index) => index < MOST || state === chosen);
  if (ranked.length < 2 && !chosen) return null;
  return (
    <div className={styles.chips}>
      <button type="button" aria-pressed={!chosen} onClick={() => choose(undefined)}>
        <Trans>All</Trans>
      </button>
      {shown.map(([state, count]) => (
        <button key={state} type="button" aria-pressed={state === chosen} onClick={() => choose(state === chosen ? undefined : state)}>
          <Status value={state} /> <b>{count}</b>
        </button>
      ))}
    </div>
  );
}
