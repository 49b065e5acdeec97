/** What was done last at a place, on its overview. */
import { Trans, useLingui } from "@lingui/react/macro";
import { type Schemas, useAsked } from "@/api/ask";
import type { Query } from "@/api/client";
import { Go } from "@/router/Go";
import { Age, Card } from "@/ui";
import { ACTIONS, objectOf } from "./words";
import styles from "../tenancy/Tenancy.module.css";

const SHOWN = 8;

export function RecentAudit({ query, to }: { query: Query; to: string }) {
  const { t } = useLingui();
  const { data } = useAsked<Schemas["AuditPage"]>("/audit", { ...query, limit: SHOWN });
  return (
    <Card title={<Trans>Done last</Trans>} actions={<Go to={to}><Trans>All</Trans></Go>} flush>
      <ul className={styles.lines}>
        {data?.items.map((event) => (
          <li key={event.id}>
            <span><strong>{event.user}</strong> {ACTIONS[event.action] ? t(ACTIONS[event.action]!) : event.action} <span className="dim">{objectOf(event)}</span></span>
            <Age since={event.time} />
          </li>
        ))}
        {data?.items.length === 0 && <li className="dim"><Trans>Nothing that you may see</Trans></li>}
      </ul>
    </Card>
  );
}
