/** Default limits: what containers get that ask for nothing, and between which bounds they may ask. */
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import type { Shown } from "@/kinds";
import { Card } from "@/ui";
import tables from "@/features/kinds/Table.module.css";

type Amounts = Record<string, string>;

interface Limit {
  type: string;
  min?: Amounts;
  max?: Amounts;
  default?: Amounts;
  defaultRequest?: Amounts;
  maxLimitRequestRatio?: Amounts;
}

const TYPES: Record<string, ReturnType<typeof msg>> = { Container: msg`Each container`, Pod: msg`Each pod`, PersistentVolumeClaim: msg`Each volume claim` };

export function LimitsSummary({ object }: Shown) {
  const { t } = useLingui();
  const limits = (object.spec?.limits ?? []) as Limit[];
  const rows = limits.flatMap((limit) => {
    const { type, ...amounts } = limit;
    const names = new Set(Object.values(amounts).flatMap((each) => Object.keys(each)));
    return [...names].sort().map((name) => ({ type, name, limit }));
  });
  return (
    <Card title={<Trans>Default limits</Trans>} flush>
      <table className={tables.table}>
        <thead>
          <tr>
            <th><Trans>Applies to</Trans></th>
            <th><Trans>Resource</Trans></th>
            <th><Trans>Request if none is given</Trans></th>
            <th><Trans>Limit if none is given</Trans></th>
            <th><Trans>At least</Trans></th>
            <th><Trans>At most</Trans></th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ type, name, limit }) => (
            <tr key={`${type}/${name}`}>
              <td>{TYPES[type] ? t(TYPES[type]) : type}</td>
              <td>{name}</td>
              {[limit.defaultRequest, limit.default, limit.min, limit.max].map((amounts, index) => <td key={index} className="mono">{amounts?.[name] ?? "–"}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
