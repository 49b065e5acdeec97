/** The last step: what the server would do with each object, what changes, and what is left of the quota. */
import { Trans, useLingui } from "@lingui/react/macro";
import { stringify } from "yaml";
import type { KubeObject } from "@/api/kube";
import { Difference, Fault, IconAlertTriangle, Status } from "@/ui";
import { Fold } from "../fields/Layout";
import { editable } from "../model/object";
import { Code } from "./Code";
import { useMaking } from "./form";
import { QuotaAfter } from "./QuotaAfter";
import type { Applied } from "./send";
import styles from "./Wizard.module.css";

interface Props {
  text: string;
  items: Applied[];
  error: unknown;
  /** To the step that shows a field. */
  find: (doc: number, field: string) => void;
}

const textOf = (object: KubeObject | null) => {
  if (!object) return "";
  const { metadata, ...rest } = editable(object);
  return stringify({ ...rest, metadata: { ...metadata, resourceVersion: undefined, uid: undefined } }, { lineWidth: 0, keepUndefined: false });
};

export function Review({ text, items, error, find }: Props) {
  const { editing } = useMaking();
  return (
    <>
      {error !== null && <Fault error={error} />}
      <ul className={styles.items}>
        {items.map((item, index) => (
          <li key={index}>
            <Item item={item} find={(field) => find(index, field)} />
          </li>
        ))}
      </ul>
      <QuotaAfter before={editing ? items.flatMap((item) => item.before ?? []) : []} />
      <Code text={text} />
    </>
  );
}

function Item({ item, find }: { item: Applied; find: (field: string) => void }) {
  const { t } = useLingui();
  const { editing } = useMaking();
  const words = { created: t`Will be created`, configured: t`Will be changed`, unchanged: t`Stays as it is`, refused: t`Refused` };
  const causes = item.status?.details?.causes ?? [];
  return (
    <>
      <h3>
        {item.ref.kind} {item.ref.name}
        <Status value={words[item.outcome]} tone={item.outcome === "refused" ? "bad" : item.outcome === "unchanged" ? "idle" : "ok"} />
      </h3>
      {item.warnings.map((warning) => (
        <p key={warning} className={styles.warning}>
          <IconAlertTriangle size={14} aria-hidden /> {warning}
        </p>
      ))}
      {item.status && causes.length === 0 && <p className={styles.refusal}>{item.status.message}</p>}
      {causes.map((cause, index) => (
        <p key={index} className={styles.refusal}>
          {cause.field && (
            <button type="button" onClick={() => find(cause.field!)}>
              <code>{cause.field}</code>
            </button>
          )}{" "}
          {cause.message}
        </p>
      ))}
      {editing && item.after && <Difference before={textOf(item.before)} after={textOf(item.after)} />}
      {!editing && item.after && (
        <Fold title={<Trans>As the server would keep it</Trans>} summary={<Trans>with its defaults</Trans>}>
          <pre className={`mono ${styles.code}`} tabIndex={0}>
            {textOf(item.after)}
          </pre>
        </Fold>
      )}
    </>
  );
}
