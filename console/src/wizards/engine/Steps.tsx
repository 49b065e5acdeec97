/** The steps in their order; one may go to any. */
import { Trans, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle, IconCheck } from "@/ui";
import type { MessageDescriptor } from "@lingui/core";
import styles from "./Wizard.module.css";

interface Props {
  steps: { id: string; title: MessageDescriptor }[];
  current: string;
  seen: ReadonlySet<string>;
  bad: ReadonlySet<string>;
  go: (id: string) => void;
}

export function Steps({ steps, current, seen, bad, go }: Props) {
  const { t } = useLingui();
  return (
    <nav className={styles.steps} aria-label={t`Steps`}>
      <ol>
        {steps.map(({ id, title }, index) => {
          const name = t(title);
          const [isBad, isDone] = [bad.has(id), seen.has(id) && id !== current];
          return (
            <li key={id}>
              <button type="button" aria-current={id === current ? "step" : undefined} data-bad={isBad || undefined} data-done={(isDone && !isBad) || undefined} onClick={() => go(id)}>
                <i aria-hidden>{isBad ? <IconAlertTriangle size={13} /> : isDone ? <IconCheck size={13} /> : index + 1}</i>
                <span>{name}</span>
                {isBad && (
                  <span className="sr-only">
                    <Trans>has an error</Trans>
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
