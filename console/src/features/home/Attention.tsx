/** What does not work, in all places that one sees; the newest first. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useAttention } from "@/api/attention";
import { Age, Card, Empty, Fault, IconCircleCheck, Status, Table } from "@/ui";
import { keyOf, Needing } from "./Needing";

export function Attention({ cluster = "", workspace = "", project = "" }: { cluster?: string; workspace?: string; project?: string }) {
  const { t } = useLingui();
  const { data, error } = useAttention();
  const items = (data?.items ?? []).filter((item) => (!cluster || item.cluster === cluster) && (!workspace || item.workspace === workspace) && (!project || item.project === project));
  return (
    <Card title={<Trans>What needs attention</Trans>} flush>
      {error && <Fault error={error} />}
      {data && (
        <Table
          label={t`What needs attention`}
          rows={items}
          keyOf={keyOf}
          empty={<Empty icon={IconCircleCheck} title={<Trans>All is well</Trans>} />}
          columns={[
            { id: "object", title: <Trans>Object</Trans>, value: (item) => item.ref.name, cell: (item) => <Needing item={item} /> },
            { id: "status", title: <Trans>Status</Trans>, value: (item) => item.status, cell: (item) => <Status value={item.status} /> },
            { id: "reason", title: <Trans>Reason</Trans>, value: (item) => item.reason, cell: (item) => <span className="clamp" title={item.reason}>{item.reason}</span> },
            { id: "since", title: <Trans>Since</Trans>, value: (item) => item.since, cell: (item) => <Age since={item.since} />, align: "end" },
          ]}
        />
      )}
    </Card>
  );
}
