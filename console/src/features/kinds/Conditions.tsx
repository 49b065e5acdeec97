/** An object's conditions, as its controllers tell them. */
import { Trans } from "@lingui/react/macro";
import type { KubeObject } from "@/api/kube";
import { Age, Card, Status } from "@/ui";
import styles from "./Table.module.css";

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

/** Conditions that are good when they are false. */
const BAD_IF_TRUE = /Pressure$|Unavailable$|Failure$|Failed$|^Disrupt|Terminating/;

export function Conditions({ object }: { object: KubeObject }) {
  const conditions = (object.status?.conditions ?? []) as Condition[];
  if (!Array.isArray(conditions) || conditions.length === 0) return null;
  return (
    <Card title={<Trans>Conditions</Trans>} flush>
      <table className={styles.table}>
        <thead>
          <tr>
            <th><Trans>Condition</Trans></th>
            <th><Trans>Status</Trans></th>
            <th><Trans>Reason</Trans></th>
            <th><Trans>Since</Trans></th>
          </tr>
        </thead>
        <tbody>
          {conditions.map((each) => {
            const good = (each.status === "True") !== BAD_IF_TRUE.test(each.type);
            return (
              <tr key={each.type}>
                <td>{each.type}</td>
                <td><Status value={each.status} tone={each.status === "Unknown" ? "warn" : good ? "ok" : "bad"} /></td>
                <td>{[each.reason, each.message].filter(Boolean).join(": ")}</td>
                <td><Age since={each.lastTransitionTime} /></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Card>
  );
}
