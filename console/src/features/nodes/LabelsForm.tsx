/** An object's labels, to be changed. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { isKey, isValue, type Labels } from "@/lib/labels";
import { ActionIcon, Button, IconPlus, IconX, SmallForm, TextInput } from "@/ui";
import styles from "./Nodes.module.css";

export function LabelsForm({ labels, send }: { labels: Labels; send: (labels: Labels) => void }) {
  const { t } = useLingui();
  const [rows, setRows] = useState(() => Object.entries(labels));
  const set = (at: number, row: [string, string]) => setRows(rows.map((each, index) => (index === at ? row : each)));
  const isTwice = (key: string) => rows.filter(([other]) => other === key).length > 1;
  const problem = (key: string) => (!isKey(key) ? t`Not a label's key` : isTwice(key) ? t`This key stands twice` : undefined);
  const fits = rows.every(([key, value]) => !problem(key) && isValue(value));
  return (
    <SmallForm action={<Trans>Save</Trans>} disabled={!fits} send={() => send(Object.fromEntries(rows))}>
      {rows.map(([key, value], at) => (
        <div key={at} className={styles.pair}>
          <TextInput aria-label={t`Key`} placeholder={t`Key`} value={key} error={key && problem(key)} onChange={(event) => set(at, [event.currentTarget.value, value])} />
          <TextInput aria-label={t`Value of ${key}`} placeholder={t`Value`} value={value} error={isValue(value) ? undefined : t`Not a label's value`} onChange={(event) => set(at, [key, event.currentTarget.value])} />
          <ActionIcon aria-label={t`Remove ${key}`} onClick={() => setRows(rows.filter((_, index) => index !== at))}>
            <IconX size={15} />
          </ActionIcon>
        </div>
      ))}
      <Button variant="default" leftSection={<IconPlus size={14} />} style={{ alignSelf: "start" }} onClick={() => setRows([...rows, ["", ""]])}>
        <Trans>Add a label</Trans>
      </Button>
    </SmallForm>
  );
}
