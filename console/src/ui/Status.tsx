/** A state by shape, word and colour: never by colour alone. */
import { Trans, useLingui } from "@lingui/react/macro";
import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";
import { type Tone, toneOf } from "@/lib/tone";
import styles from "./Status.module.css";

/** Plain states are translated; Kubernetes' reasons stay as they are, since people search for them. */
const WORDS: Record<string, MessageDescriptor> = {
  Running: msg`Running`, Pending: msg`Pending`, Succeeded: msg`Succeeded`, Failed: msg`Failed`, Completed: msg`Completed`, Unknown: msg`Unknown`,
  Terminating: msg`Terminating`, Active: msg`Active`, Bound: msg`Bound`, Available: msg`Available`, Released: msg`Released`, Ready: msg`Ready`,
  NotReady: msg`Not ready`, Lost: msg`Lost`, Complete: msg`Complete`, Suspended: msg`Suspended`, Updating: msg`Updating`, Stopped: msg`Stopped`,
  Unavailable: msg`Unavailable`, Normal: msg`Normal`, Warning: msg`Warning`, ContainerCreating: msg`Creating`, failing: msg`Failing`, progressing: msg`Under way`,
};

export function Status({ value, tone }: { value: string; tone?: Tone }) {
  const { t } = useLingui();
  const known = WORDS[value];
  return (
    <span className={styles.status} data-tone={tone ?? toneOf(value)}>
      <i aria-hidden />
      <span className="clip">{known ? t(known) : value || <Trans>Unknown</Trans>}</span>
    </span>
  );
}
