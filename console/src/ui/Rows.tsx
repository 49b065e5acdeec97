/** A short list as a table; long ones that the server holds are a DataTable. */
import { type ReactNode, useState } from "react";
import { useLingui } from "@lingui/react/macro";
import { TextInput } from "@mantine/core";
import { IconSearch } from "./icons";
import styles from "./Rows.module.css";

export interface RowsColumn<T> {
  title: ReactNode;
  cell: (item: T) => ReactNode;
  end?: boolean;
}

interface Props<T> {
  label: string;
  columns: RowsColumn<T>[];
  items: T[];
  keyOf: (item: T) => string;
  /** What a filter looks in; without it there is none. */
  text?: (item: T) => string;
  empty: ReactNode;
}

const FILTERED_FROM = 8;

export function Rows<T>({ label, columns, items, keyOf, text, empty }: Props<T>) {
  const { t } = useLingui();
  const [words, setWords] = useState("");
  const low = words.toLowerCase();
  const shown = text && low ? items.filter((item) => text(item).toLowerCase().includes(low)) : items;
  if (items.length === 0) return empty;
  return (
    <>
      {text && items.length >= FILTERED_FROM && (
        <TextInput m="sm" w={260} aria-label={t`Filter`} placeholder={t`Filter`} leftSection={<IconSearch size={14} />} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
      )}
      <div className={styles.scroll} tabIndex={-1}>
        <table className={styles.rows} aria-label={label}>
          <thead>
            <tr>
              {columns.map((column, index) => (
                <th key={index} data-end={column.end || undefined}>{column.title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((item) => (
              <tr key={keyOf(item)}>
                {columns.map((column, index) => (
                  <td key={index} data-end={column.end || undefined}>{column.cell(item)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
