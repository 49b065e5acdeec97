/** A map of texts as rows of key and value. */
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import { ActionIcon, Button, IconPlus, IconTrash, Textarea, TextInput } from "@/ui";
import { type Place, useAt } from "../engine/form";
import { same } from "../model/path";
import { Problem } from "./Layout";
import styles from "./Layout.module.css";

type Pairs = [string, string][];

/** The last of two with the same key stands. */
const mapOf = (rows: Pairs) => Object.fromEntries(rows.filter(([key]) => key !== ""));

interface Props {
  at: Place;
  label?: ReactNode;
  add?: ReactNode;
  /** Values of several lines. */
  tall?: boolean;
  /** For values that stand encoded in the object. */
  decode?: (value: string) => string;
  encode?: (text: string) => string;
  keyLabel?: string;
}

const asItIs = (text: string) => text;

export function PairsAt({ at, label, add, tall, decode = asItIs, encode = asItIs, keyLabel }: Props) {
  const { t } = useLingui();
  const [value, change, error] = useAt<Record<string, string>>(at, true);
  const [rows, setRows] = useState<Pairs>(() => Object.entries(value ?? {}));
  if (!same(mapOf(rows), value ?? {})) setRows(Object.entries(value ?? {}));
  const put = (next: Pairs) => {
    const map = mapOf(next);
    setRows(next);
    change(Object.keys(map).length ? map : undefined);
  };
  const replace = (index: number, pair: [string, string]) => put(rows.map((row, each) => (each === index ? pair : row)));
  const Value = tall ? Textarea : TextInput;
  return (
    <>
      {label && <div className={styles.legend}>{label}</div>}
      {rows.map(([key, text], index) => (
        <div key={index} className={styles.pair} data-tall={tall || undefined}>
          <TextInput aria-label={keyLabel ?? t`Key`} placeholder={keyLabel ?? t`Key`} value={key} onChange={(event) => replace(index, [event.currentTarget.value, text])} />
          <Value
            aria-label={t`Value`}
            placeholder={t`Value`}
            value={decode(text ?? "")}
            {...(tall ? { autosize: true, minRows: 1, maxRows: 14, styles: { input: { fontFamily: "var(--mono)" } } } : {})}
            onChange={(event: { currentTarget: { value: string } }) => replace(index, [key, encode(event.currentTarget.value)])}
          />
          <ActionIcon aria-label={t`Remove`} onClick={() => put(rows.filter((_, each) => each !== index))}>
            <IconTrash size={14} />
          </ActionIcon>
        </div>
      ))}
      {error && <Problem>{error}</Problem>}
      <Button variant="default" size="compact-xs" mb={10} leftSection={<IconPlus size={13} />} onClick={() => setRows([...rows, ["", ""]])}>
        {add ?? <Trans>Add</Trans>}
      </Button>
    </>
  );
}
