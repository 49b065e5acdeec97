/** Two texts, and what is different. */
import { Trans, useLingui } from "@lingui/react/macro";
import { difference, hunks } from "@/lib/difference";
import styles from "./Difference.module.css";

export function Difference({ before, after }: { before: string; after: string }) {
  const { t } = useLingui();
  if (before === after) return <p className="dim"><Trans>No difference</Trans></p>;
  return (
    <div className={styles.difference} role="region" aria-label={t`Difference`} tabIndex={0}>
      {hunks(difference(before, after)).map((line, index) =>
        line === null ? (
          <div key={index} className={styles.gap}>⋯</div>
        ) : (
          <div key={index} data-sign={line.sign}>
            <span aria-hidden>{line.sign}</span>
            {line.sign === "-" ? <del>{line.text}</del> : line.sign === "+" ? <ins>{line.text}</ins> : line.text}
          </div>
        ),
      )}
    </div>
  );
}
