/** What has happened to one object, the newest first. */
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Loading } from "@/app/Loading";
import { kubernetes } from "@/api/client";
import { type KubeObject, pathOf } from "@/api/kube";
import type { Shown } from "@/kinds";
import { Age, Empty, Fault, IconClipboardList, Status } from "@/ui";
import styles from "./Table.module.css";

const EVENTS = { group: "", version: "v1", plural: "events", namespaced: true };
const EVERY = 3000;
const MOST = 200;

const last = (event: KubeObject): string => event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? "";

export function EventsTab({ scope, object }: Shown) {
  const { uid, namespace } = object.metadata;
  const { data, error } = useQuery({
    queryKey: ["events", scope.cluster, uid],
    queryFn: () =>
      kubernetes<{ items: KubeObject[] }>(scope.cluster, "GET", pathOf(EVENTS, namespace || "default"), {
        query: { fieldSelector: `involvedObject.uid=${uid}`, limit: MOST },
      }),
    refetchInterval: EVERY,
  });
  if (error) return <Fault error={error} />;
  if (!data) return <Loading />;
  const events = [...data.items].sort((one, other) => last(other).localeCompare(last(one)));
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
