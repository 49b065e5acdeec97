/** A short list that is here as a whole: sorted and filtered without asking. Long ones are the DataTable's. */
import { Trans, useLingui } from "@lingui/react/macro";
import { TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { arrange, type Order, type Value } from "@/lib/table";
import { Empty } from "./Empty";
import { IconChevronDown, IconChevronUp, IconSearch } from "./icons";
import styles from "./Table.module.css";

export interface TableColumn<R> {
  id: string;
  title: ReactNode;
  /** What it is sorted and searched by; also its text where there is no `cell`. */
  value?: (row: R) => Value;
  cell?: (row: R) => ReactNode;
  align?: "end";
  narrow?: boolean;
}

interface Props<R> {
  label: string;
  columns: TableColumn<R>[];
  rows: readonly R[];
  keyOf: (row: R) => string;
  empty: ReactNode;
  sort?: Order;
  /** From how many rows on there is a field to filter by. */
  filterFrom?: number;
}

const MANY = 8;

export function Table<R>({ label, columns, rows, keyOf, empty, sort, filterFrom = MANY }: Props<R>) {
  const { t } = useLingui();
  const [words, setWords] = useState("");
  const [order, setOrder] = useState(sort);
  if (rows.length === 0) return empty;
  const shown = arrange(rows, columns, words, order);
  return (
    <>
      {rows.length >= filterFrom && (
        <div className={styles.filter}>
          <TextInput w={280} maw="100%" aria-label={t`Filter`} placeholder={t`Filter`} leftSection={<IconSearch size={14} />} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
        </div>
      )}
      <div className={styles.scroll} role="region" aria-label={label} tabIndex={0}>
        <table className={styles.table} aria-label={label}>
          <thead>
            <tr>
              {columns.map((column) => (
                <Head key={column.id} column={column} order={order} onOrder={setOrder} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map((column) => (
                  <td key={column.id} data-align={column.align} data-narrow={column.narrow || undefined}>
                    {column.cell ? column.cell(row) : column.value?.(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <Empty icon={IconSearch} title={<Trans>Nothing matches</Trans>} />}
      </div>
    </>
  );
}

function Head<R>({ column, order, onOrder }: { column: TableColumn<R>; order?: Order; onOrder: (order: Order) => void }) {
  const active = order?.column === column.id ? order : undefined;
  if (!column.value) return <th scope="col" data-align={column.align}>{column.title}</th>;
  return (
    <th scope="col" data-align={column.align} aria-sort={active ? (active.descending ? "descending" : "ascending") : "none"}>
      <button type="button" onClick={() => onOrder({ column: column.id, descending: active ? !active.descending : false })}>
        {column.title}
        {active && (active.descending ? <IconChevronDown size={14} aria-hidden /> : <IconChevronUp size={14} aria-hidden />)}
      </button>
    </th>
  );
}
