/** By which addresses a project can be reached from outside. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { kubernetes, segment } from "@/api/client";
import type { KubeObject } from "@/api/kube";
import { addressesOf, type Reachable } from "@/lib/exposed";
import { Go } from "@/router/Go";
import { Card, Empty, IconRoute, Table } from "@/ui";

type List = { items: KubeObject[] };

export function Exposed({ cluster, namespace, base }: { cluster: string; namespace: string; base: string }) {
  const { t } = useLingui();
  const { data } = useQuery({
    queryKey: ["exposed", cluster, namespace],
    // Who may not list one of them sees the others.
    queryFn: async (): Promise<Reachable[]> => {
      const asked = [`/api/v1/namespaces/${segment(namespace)}/services`, `/apis/networking.k8s.io/v1/namespaces/${segment(namespace)}/ingresses`];
      const lists = await Promise.allSettled(asked.map((path) => kubernetes<List>(cluster, "GET", path)));
      const [services = [], ingresses = []] = lists.map((list) => (list.status === "fulfilled" ? list.value.items : []));
      return addressesOf(services, ingresses);
    },
    refetchInterval: 15_000,
  });
  if (!data) return null;
  return (
    <Card title={<Trans>Reachable from outside</Trans>} flush>
      <Table
        label={t`Reachable from outside`}
        rows={data}
        keyOf={(row) => `${row.plural}/${row.name}/${row.address}`}
        columns={[
          { id: "name", title: t`Name`, value: (row) => row.name, cell: (row) => <Go to={`${base}/${row.plural}/${segment(row.name)}`}>{row.name}</Go> },
          { id: "type", title: t`Type`, value: (row) => row.type },
          { id: "address", title: t`Address`, value: (row) => row.address, cell: (row) => (row.link ? <a href={row.link} target="_blank" rel="noreferrer">{row.address}</a> : <span className="mono">{row.address}</span>) },
        ]}
        empty={<Empty icon={IconRoute} title={<Trans>Nothing is reachable from outside</Trans>}><Trans>A route, or a service of type NodePort or LoadBalancer, gives an address.</Trans></Empty>}
      />
    </Card>
  );
}
