/** A node's taints: which pods it keeps away, unless they tolerate it. */
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { EFFECTS, isKey, isValue, type Taint } from "@/lib/labels";
import { ActionIcon, Button, IconPlus, IconX, Select, SmallForm, TextInput } from "@/ui";
import styles from "./Nodes.module.css";

const WORDS = {
  NoSchedule: msg`No new pods (NoSchedule)`,
  PreferNoSchedule: msg`Rather no new pods (PreferNoSchedule)`,
  NoExecute: msg`No pods: those here go too (NoExecute)`,
};

export function TaintsForm({ taints, send }: { taints: Taint[]; send: (taints: Taint[]) => void }) {
  const { t } = useLingui();
  const [rows, setRows] = useState(taints);
  const set = (at: number, change: Partial<Taint>) => setRows(rows.map((each, index) => (index === at ? { ...each, ...change } : each)));
  const isTwice = (row: Taint) => rows.filter((other) => other.key === row.key && other.effect === row.effect).length > 1;
  const problem = (row: Taint) => (!isKey(row.key) ? t`Not a taint's key` : isTwice(row) ? t`This key stands twice` : undefined);
  const fits = rows.every((row) => !problem(row) && isValue(row.value ?? ""));
  const effects = EFFECTS.map((value) => ({ value, label: t(WORDS[value as keyof typeof WORDS]) }));
  return (
    <SmallForm action={<Trans>Save</Trans>} disabled={!fits} send={() => send(rows)}>
      {rows.length === 0 && <p className="dim"><Trans>No taints: every pod may run here.</Trans></p>}
      {rows.map((row, at) => {
        const { key } = row;
        return (
          <div key={at} className={styles.taint}>
            <TextInput aria-label={t`Key`} placeholder={t`Key`} value={row.key} error={row.key && problem(row)} onChange={(event) => set(at, { key: event.currentTarget.value })} />
            <TextInput aria-label={t`Value of ${key}`} placeholder={t`Value`} value={row.value ?? ""} error={isValue(row.value ?? "") ? undefined : t`Not a label's value`} onChange={(event) => set(at, { value: event.currentTarget.value || undefined })} />
            <Select aria-label={t`Effect of ${key}`} data={effects} value={row.effect} allowDeselect={false} onChange={(effect) => set(at, { effect: effect ?? row.effect })} />
            <ActionIcon aria-label={t`Remove ${key}`} onClick={() => setRows(rows.filter((_, index) => index !== at))}>
              <IconX size={15} />
            </ActionIcon>
          </div>
        );
      })}
      <Button variant="default" leftSection={<IconPlus size={14} />} style={{ alignSelf: "start" }} onClick={() => setRows([...rows, { key: "", effect: "NoSchedule" }])}>
        <Trans>Add a taint</Trans>
      </Button>
    </SmallForm>
  );
}
