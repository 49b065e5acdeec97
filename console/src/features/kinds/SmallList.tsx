/** Some objects of a kind on another's page, with the kind's own columns. */
import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { KindInfo } from "@/kinds";
import type { Scope } from "@/router/scope";
import { Age, Card, Fault } from "@/ui";
import { shownAs } from "./columns";
import { ObjectLink } from "./ObjectLink";
import tables from "./Table.module.css";
import { type ListQuery, useList } from "./useList";

interface Props {
  scope: Scope;
  kind: KindInfo;
  query: ListQuery;
  title: ReactNode;
  none: ReactNode;
  /** Which of its columns; all of them if left out. */
  columns?: string[];
}

const MOST_COLUMNS = 6;

export function SmallList({ scope, kind, query, title, none, columns }: Props) {
  const { t } = useLingui();
  const list = useList(scope.cluster, kind, { sort: "name", ...query });
  const own = kind.columns.length
    ? kind.columns.filter(({ id }) => list.at.has(id) && (columns?.includes(id) ?? true)).map(({ title, ...rest }) => ({ ...rest, title: t(title) }))
    : list.columns.slice(0, MOST_COLUMNS).map(({ name, title, type }) => ({ id: name, title, show: (value: string) => shownAs(type, value) }));
  const [shown, total] = [list.rows.length, list.total];
  const isSpread = kind.namespaced && !query.namespace;
  const width = own.length + (isSpread ? 3 : 2);
  if (list.error) return <Card title={title}><Fault error={list.error} /></Card>;
  return (
    <Card title={title} actions={total > 0 && <span className="dim">{total}</span>} flush>
      <table className={tables.table}>
        <thead>
          <tr>
            <th><Trans>Name</Trans></th>
            {isSpread && <th><Trans>Namespace</Trans></th>}
            {own.map((column) => <th key={column.id}>{column.title}</th>)}
            <th><Trans>Age</Trans></th>
          </tr>
        </thead>
        <tbody>
          {list.rows.map((row) => {
            const cell = (id: string) => String(row.cells[list.at.get(id) ?? -1] ?? "");
            return (
              <tr key={row.uid}>
                <td><ObjectLink scope={scope} group={kind.group} plural={kind.plural} namespace={row.namespace} name={row.name} /></td>
                {isSpread && <td>{row.namespace}</td>}
                {own.map(({ id, show }) => <td key={id}>{show ? show(cell(id), row, cell) : cell(id)}</td>)}
                <td><Age since={row.created} /></td>
              </tr>
            );
          })}
          {!list.loading && shown === 0 && (
            <tr>
              <td colSpan={width} className="dim">{none}</td>
            </tr>
          )}
          {shown < total && (
            <tr>
              <td colSpan={width} className="dim"><Trans>The first {shown} of {total}</Trans></td>
            </tr>
          )}
        </tbody>
      </table>
    </Card>
  );
}
