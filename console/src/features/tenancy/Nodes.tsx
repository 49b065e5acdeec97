/** A cluster's nodes: what they have, and how much of it is requested. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Answer } from "@/app/Answer";
import { kubernetes, segment } from "@/api/client";
import type { KubeObject } from "@/api/kube";
import { loadOf, type NodeLoad, type Share } from "@/lib/nodes";
import { Go } from "@/router/Go";
import { Card, Empty, IconServer, Status, Table, Usage } from "@/ui";

type List = { metadata: { continue?: string }; items: KubeObject[] };

/** The browser never holds a large cluster: with more pods than this, only what nodes have is shown. */
const MOST_PODS = 1000;

export function Nodes({ cluster, base }: { cluster: string; base: string }) {
  const { t } = useLingui();
  const asked = useQuery({
    queryKey: ["nodeload", cluster],
    queryFn: async (): Promise<{ rows: NodeLoad[]; whole: boolean }> => {
      const query = { fieldSelector: "status.phase!=Succeeded,status.phase!=Failed", limit: MOST_PODS };
      const [nodes, pods] = await Promise.all([kubernetes<List>(cluster, "GET", "/api/v1/nodes"), kubernetes<List>(cluster, "GET", "/api/v1/pods", { query })]);
      const whole = !pods.metadata.continue;
      return { rows: loadOf(nodes.items, whole ? pods.items : []), whole };
    },
    refetchInterval: 30_000,
  });
  return (
    <Card title={<Trans>Nodes</Trans>} flush>
      <Answer of={asked}>
        {({ rows, whole }) => (
          <Table
            label={t`Nodes`}
            rows={rows}
            keyOf={(row) => row.name}
            columns={[
              { id: "name", title: t`Name`, value: (row) => row.name, cell: (row) => <Go to={`${base}/nodes/${segment(row.name)}`}>{row.name}</Go> },
              { id: "state", title: t`Status`, value: (row) => row.state, cell: (row) => <Status value={row.state} /> },
              { id: "cpu", title: t`CPU requested (cores)`, value: (row) => row.cpu.used, cell: (row) => <Load label="CPU" share={row.cpu} whole={whole} /> },
              { id: "memory", title: t`Memory requested`, value: (row) => row.memory.used, cell: (row) => <Load label={t`Memory`} share={row.memory} whole={whole} /> },
              { id: "pods", title: t`Pods`, value: (row) => row.pods.used, cell: (row) => <Load label={t`Pods`} share={row.pods} whole={whole} /> },
            ]}
            empty={<Empty icon={IconServer} title={<Trans>There are no nodes</Trans>} />}
          />
        )}
      </Answer>
    </Card>
  );
}

/** Without the pods: only how much there is. */
function Load({ label, share, whole }: { label: string; share: Share; whole: boolean }) {
  return whole ? <Usage label={label} {...share} /> : <span className="mono">{share.text.split(" / ")[1]}</span>;
}
