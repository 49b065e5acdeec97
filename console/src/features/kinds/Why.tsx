/** Why an object does not work, with the evidence: the answer of `armillary why`. Nothing where all is well. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { platform, segment } from "@/api/client";
import type { components } from "@/api/gen";
import type { Shown } from "@/kinds";
import { IconAlertTriangle } from "@/ui";
import styles from "./Why.module.css";

type Explained = components["schemas"]["Why"];

const Mend = lazy(() => import("./Mend"));
const EVERY = 5000;

export function Why({ kind, object, scope }: Shown) {
  const { i18n } = useLingui();
  const { data } = useQuery({
    queryKey: ["why", scope.cluster, kind.id, object.metadata.uid, i18n.locale],
    queryFn: () =>
      platform<Explained>("GET", `/clusters/${segment(scope.cluster)}/why/${segment(kind.plural)}/${segment(object.metadata.name)}`, {
        query: { namespace: object.metadata.namespace, language: i18n.locale },
      }),
    refetchInterval: EVERY,
    retry: false,
  });
  const [cause, ...others] = data?.faults ?? [];
  if (!cause) return null;
  return (
    <section className={styles.why} aria-label={cause.code}>
      <h2>
        <IconAlertTriangle size={17} aria-hidden /> <Trans>Why does this not work?</Trans>
      </h2>
      <p className={styles.says}>{sentence(cause.says)}</p>
      <p>
        <b><Trans>What helps:</Trans></b> {sentence(cause.fix)}
      </p>
      {cause.mending && (
        <Suspense>
          <Mend cluster={scope.cluster} mending={cause.mending} />
        </Suspense>
      )}
      {cause.command && <code className={styles.command}>{cause.command}</code>}
      {(cause.evidence.length > 0 || others.length > 0) && (
        <details>
          <summary><Trans>Evidence</Trans></summary>
          <ul>
            <li>{cause.about}</li>
            {[...cause.evidence, ...others.map((other) => `${other.about}: ${other.says}`)].map((line, index) => (
              <li key={index} className="mono">{line}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** The server's clauses stand in a paragraph; here each is a sentence of its own. */
function sentence(clause: string): string {
  const text = clause.trim();
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.。!！?？]$/.test(text) ? "" : ".");
}
