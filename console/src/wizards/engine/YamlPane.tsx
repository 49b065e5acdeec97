/** The text of the objects beside the form: either can be edited. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useCallback } from "react";
import { schemasOf } from "@/api/openapi";
import { IconAlertTriangle, IconCheck, Loader, YamlEditor } from "@/ui";
import { useMaking } from "./form";
import styles from "./Wizard.module.css";

export type Verdict = "waiting" | "asking" | "passed" | "refused" | "unreadable";

export function YamlPane({ text, onChange, verdict, error }: { text: string; onChange: (text: string) => void; verdict: Verdict; error?: string }) {
  const { t } = useLingui();
  const { cluster } = useMaking().scope;
  const schemas = useCallback((version: string) => schemasOf(cluster, version), [cluster]);
  return (
    <section className={styles.yaml} aria-label={t`YAML`}>
      <header>
        <Trans>YAML: edit either side</Trans>
        <span aria-live="polite" title={error} className="clip">
          <Said verdict={verdict} error={error} />
        </span>
      </header>
      <div className={styles.editor}>
        <YamlEditor label={t`YAML of what is made`} value={text} onChange={onChange} schemas={schemas} />
      </div>
    </section>
  );
}

function Said({ verdict, error }: { verdict: Verdict; error?: string }) {
  if (verdict === "asking") return <Loader size={14} />;
  if (verdict === "passed")
    return (
      <span className={styles.ok}>
        <IconCheck size={14} aria-hidden /> <Trans>The server accepts this</Trans>
      </span>
    );
  if (verdict === "waiting") return null;
  return (
    <span className={styles.bad}>
      <IconAlertTriangle size={14} aria-hidden /> {verdict === "refused" ? <Trans>The server objects</Trans> : <Trans>Not readable: {error}</Trans>}
    </span>
  );
}
