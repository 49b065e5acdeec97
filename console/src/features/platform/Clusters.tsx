/** The clusters behind the platform. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { platform, segment } from "@/api/client";
import type { Schema } from "@/api/types";
import { Go } from "@/router/Go";
import { Age, Card, Empty, Fault, IconServer2, Page, Rows, Status } from "@/ui";

export default function Clusters() {
  const { t } = useLingui();
  const { data, error } = useQuery({ queryKey: ["clusters"], queryFn: () => platform<Schema<"ClusterList">>("GET", "/clusters"), refetchInterval: 5000 });
  return (
    <Page title={t`Clusters`}>
      {error && <Fault error={error} />}
      {data && (
        <Card flush>
          <Rows
            label={t`Clusters`}
            items={data.items}
            keyOf={(each) => each.name}
            text={(each) => each.name}
            empty={<Empty icon={IconServer2} title={<Trans>You may see no cluster</Trans>} />}
            columns={[
              { title: <Trans>Name</Trans>, cell: (each) => <Go to={`/c/${segment(each.name)}`}>{each.displayName || each.name}</Go> },
              { title: <Trans>Status</Trans>, cell: (each) => <Status value={each.state.ready ? "Ready" : "NotReady"} /> },
              { title: <Trans>Version</Trans>, cell: (each) => each.version },
              { title: <Trans>Nodes</Trans>, cell: (each) => each.nodes, end: true },
              { title: <Trans>Created</Trans>, cell: (each) => <Age since={each.created} />, end: true },
            ]}
          />
        </Card>
      )}
    </Page>
  );
}
