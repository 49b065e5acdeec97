/** A table whose rows the server holds: only those in view are here. A link in each row opens it. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { Trans, useLingui } from "@lingui/react/macro";
import { Checkbox } from "@mantine/core";
import { memo, type ReactNode, useEffect, useRef } from "react";
import { IconChevronDown, IconChevronUp } from "./icons";
import styles from "./DataTable.module.css";

export interface Column<R> {
  id: string;
  title: string;
  /** A track of a CSS grid: `120px`, `minmax(160px, 2fr)`. */
  width: string;
  align?: "end";
  sortable?: boolean;
  /** Left out where the table is narrower than this many pixels. */
  from?: number;
  cell: (row: R) => ReactNode;
}

export interface Sort {
  column: string;
  descending: boolean;
}

interface Props<R> {
  label: string;
  columns: Column<R>[];
  rows: R[];
  /** Where in the whole `rows` begins, and how many there are in all. */
  offset: number;
  total: number;
  loading?: boolean;
  width: number;
  keyOf: (row: R) => string;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  onRange?: (start: number, end: number) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (key: string, chosen: boolean) => void;
  onSelectAll?: (chosen: boolean) => void;
  current?: string;
  empty: ReactNode;
  /** Changes when another list is shown: then it begins at the top. */
  resetKey?: string;
}

const ROW = 34;

export function DataTable<R>(props: Props<R>) {
  const { label, columns: all, rows, offset, total, loading, width, onRange, selected, empty, resetKey } = props;
  const { t } = useLingui();
  const scroller = useRef<HTMLDivElement>(null);
  const columns = all.filter((column) => !column.from || width === 0 || width >= column.from);
  const virtual = useVirtualizer({ count: total, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 8 });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onRange?.(first, last), [first, last, onRange]);
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [resetKey]);
  const grid = `${selected ? "34px " : ""}${columns.map((column) => column.width).join(" ")}`;
  return (
    <div className={styles.scroller} ref={scroller} tabIndex={-1}>
      <div role="table" aria-label={label} aria-rowcount={total} aria-busy={loading} className={styles.table} style={{ ["--grid" as string]: grid }}>
        <div role="row" className={styles.head}>
          {selected && (
            <span role="columnheader">
              <Checkbox
                aria-label={t`Select all in view`}
                checked={rows.length > 0 && rows.every((row) => selected.has(props.keyOf(row)))}
                onChange={(event) => props.onSelectAll?.(event.currentTarget.checked)}
              />
            </span>
          )}
          {columns.map((column) => (
            <Head key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
          ))}
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {items.map((item) => {
            const row = rows[item.index - offset];
            const key = row && props.keyOf(row);
            return (
              <div
                key={key ?? `empty-${item.index}`}
                role="row"
                aria-rowindex={item.index + 1}
                className={styles.row}
                data-current={key !== undefined && key === props.current ? true : undefined}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {row && selected && (
                  <span role="cell">
                    <Checkbox
                      aria-label={t`Select`}
                      checked={selected.has(props.keyOf(row))}
                      onChange={(event) => props.onSelect?.(props.keyOf(row), event.currentTarget.checked)}
                    />
                  </span>
                )}
                {row ? (
                  <Cells row={row as unknown} columns={columns as Column<unknown>[]} />
                ) : (
                  <span role="cell" className={styles.waiting} aria-label={t`Loading`} />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {total === 0 && !loading && empty}
      <div aria-live="polite" className="sr-only">
        {!loading && <Trans>{total} found</Trans>}
      </div>
    </div>
  );
}

const Cells = memo(function Cells({ row, columns }: { row: unknown; columns: Column<unknown>[] }) {
  return columns.map((column) => (
    <span role="cell" key={column.id} className="clip" data-align={column.align}>
      {column.cell(row)}
    </span>
  ));
});

function Head<R>({ column, sort, onSort }: { column: Column<R>; sort?: Sort; onSort?: (sort: Sort) => void }) {
  const active = sort?.column === column.id ? sort : undefined;
  const order = active ? (active.descending ? "descending" : "ascending") : "none";
  if (!column.sortable || !onSort)
    return (
      <span role="columnheader" className="clip" data-align={column.align}>
        {column.title}
      </span>
    );
  return (
    <span role="columnheader" aria-sort={order} data-align={column.align}>
      <button type="button" onClick={() => onSort({ column: column.id, descending: active ? !active.descending : false })}>
        <span className="clip">{column.title}</span>
        {active && (active.descending ? <IconChevronDown size={14} aria-hidden /> : <IconChevronUp size={14} aria-hidden />)}
      </button>
    </span>
  );
}
