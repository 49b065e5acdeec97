/** The pods that a question finds, kept up to date. */
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { ObjectLink } from "@/features/kinds/ObjectLink";
import { type ListQuery, useList } from "@/features/kinds/useList";
import { kindById } from "@/kinds";
import type { Scope } from "@/router/scope";
import { Age, Card, Fault, Status } from "@/ui";
import tables from "@/features/kinds/Table.module.css";

interface Props {
  scope: Scope;
  query: ListQuery;
  title?: ReactNode;
  /** Those of several namespaces say which; those of one node need not say that. */
  namespaces?: boolean;
  without?: "node";
}

export function PodTable({ scope, query, title = <Trans>Pods</Trans>, namespaces, without }: Props) {
  const list = useList(scope.cluster, kindById("pods")!, { sort: "name", ...query });
  const cell = (row: (typeof list.rows)[number], column: string) => String(row.cells[list.at.get(column) ?? -1] ?? "");
  const [shown, total] = [list.rows.length, list.total];
  if (list.error) return <Fault error={list.error} />;
  return (
    <Card title={title} actions={total > 0 && <span className="dim">{total}</span>} flush>
      <table className={tables.table}>
        <thead>
          <tr>
            <th><Trans>Name</Trans></th>
            {namespaces && <th><Trans>Namespace</Trans></th>}
            <th><Trans>Status</Trans></th>
            <th><Trans>Ready</Trans></th>
            <th><Trans>Restarts</Trans></th>
            {without !== "node" && <th><Trans>Node</Trans></th>}
            <th><Trans>Age</Trans></th>
          </tr>
        </thead>
        <tbody>
          {list.rows.map((row) => (
            <tr key={row.uid}>
              <td><ObjectLink scope={scope} plural="pods" namespace={row.namespace} name={row.name} /></td>
              {namespaces && <td>{row.namespace}</td>}
              <td><Status value={cell(row, "status")} /></td>
              <td>{cell(row, "ready")}</td>
              <td>{cell(row, "restarts")}</td>
              {without !== "node" && <td>{cell(row, "node")}</td>}
              <td><Age since={row.created} /></td>
            </tr>
          ))}
          {!list.loading && shown === 0 && (
            <tr>
              <td colSpan={7} className="dim"><Trans>No pods</Trans></td>
            </tr>
          )}
          {shown < total && (
            <tr>
              <td colSpan={7} className="dim"><Trans>The first {shown} of {total}</Trans></td>
            </tr>
          )}
        </tbody>
      </table>
    </Card>
  );
}
