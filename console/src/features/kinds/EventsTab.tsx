/** What has happened to one object, the newest first. */
import { Trans } from "@lingui/react/macro";
import { Loading } from "@/app/Loading";
import type { KubeObject } from "@/api/kube";
import { useLive } from "@/api/useLive";
import type { Shown } from "@/kinds";
import { Age, Empty, Fault, IconClipboardList, Status } from "@/ui";
import styles from "./Table.module.css";

const last = (event: KubeObject): string => event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? "";

export function EventsTab({ scope, object }: Shown) {
  const { uid = "", namespace } = object.metadata;
  // Events of what is in no namespace are kept in the default one.
  const ask = { op: "events" as const, cluster: scope.cluster, namespace: namespace || "default", involved: { uid } };
  const { events, error } = useLive(ask, uid);
  if (error) return <Fault error={error} />;
  if (!events) return <Loading />;
  if (events.length === 0)
    return (
      <Empty icon={IconClipboardList} title={<Trans>No events</Trans>}>
        <Trans>Kubernetes keeps events for an hour.</Trans>
      </Empty>
    );
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th><Trans>Type</Trans></th>
          <th><Trans>Reason</Trans></th>
          <th><Trans>Message</Trans></th>
          <th><Trans>Count</Trans></th>
          <th><Trans>Last</Trans></th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.metadata.uid}>
            <td><Status value={event.type} /></td>
            <td>{event.reason}</td>
            <td>{event.message ?? event.note}</td>
            <td>{event.series?.count ?? event.count ?? 1}</td>
            <td><Age since={last(event)} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
