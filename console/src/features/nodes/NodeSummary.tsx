/** A node at a glance: what it is, what it has, how much of it is spoken for, and its pods. */
import { Trans, useLingui } from "@lingui/react/macro";
import { pathOf } from "@/api/kube";
import { useKube } from "@/api/useKube";
import { PodTable } from "@/features/workloads/PodTable";
import type { Shown } from "@/kinds";
import { loadOf, rolesOf } from "@/lib/nodes";
import { amountOf, shortQuantity } from "@/lib/quantity";
import { Badge, Card, Facts, Group, Status, Usage } from "@/ui";
import tables from "@/features/kinds/Table.module.css";
import styles from "./Nodes.module.css";
import { PODS, onNode } from "./useDrain";

interface Taint {
  key: string;
  value?: string;
  effect: string;
}

export function NodeSummary({ object, scope }: Shown) {
  const { name } = object.metadata;
  const { nodeInfo = {}, addresses = [] } = object.status ?? {};
  const taints = (object.spec?.taints ?? []) as Taint[];
  const [load] = loadOf([object], []);
  return (
    <>
      <Card title={<Trans>Node</Trans>}>
        <Facts
          items={[
            [<Trans>Status</Trans>, <Status value={load!.state} />],
            [<Trans>Roles</Trans>, rolesOf(object).join(", ")],
            ...addresses.map(({ type, address }: { type: string; address: string }) => [type, <span className="mono">{address}</span>] as [string, React.ReactNode]),
            [<Trans>Pod network</Trans>, object.spec?.podCIDR && <span className="mono">{object.spec.podCIDR}</span>],
            [<Trans>Version</Trans>, nodeInfo.kubeletVersion],
            [<Trans>Container runtime</Trans>, nodeInfo.containerRuntimeVersion],
            [<Trans>System</Trans>, nodeInfo.osImage],
            [<Trans>Kernel</Trans>, nodeInfo.kernelVersion],
            [<Trans>Architecture</Trans>, nodeInfo.architecture],
            [<Trans>Taints</Trans>, taints.length ? <Taints of={taints} /> : null],
          ]}
        />
      </Card>
      <Load object={object} scope={scope} />
      <PodTable scope={scope} query={{ filter: `node=${name}`, sort: "namespace" }} without="node" />
    </>
  );
}

function Taints({ of }: { of: Taint[] }) {
  return (
    <Group gap={4}>
      {of.map(({ key, value, effect }) => (
        <Badge key={`${key}${effect}`} variant="default" tt="none" fw={450} radius="sm" maw="100%">
          {key}{value && `=${value}`}:{effect}
        </Badge>
      ))}
    </Group>
  );
}

/** Bytes are told in large units. */
const readable = (name: string, amount = "–") => (/memory|storage|hugepages/.test(name) && amountOf(amount) > 0 ? shortQuantity(amountOf(amount), true) : amount);

function Load({ object, scope }: Pick<Shown, "object" | "scope">) {
  const { t } = useLingui();
  const { capacity = {}, allocatable = {} } = (object.status ?? {}) as { capacity?: Record<string, string>; allocatable?: Record<string, string> };
  const pods = useKube(scope.cluster, pathOf(PODS), { fieldSelector: `${onNode(object.metadata.name).fieldSelector},status.phase!=Succeeded,status.phase!=Failed` });
  const [load] = loadOf([object], pods.data?.items ?? []);
  return (
    <Card title={<Trans>Capacity</Trans>} flush>
      {pods.data && (
        <div className={styles.load} style={{ padding: "14px 16px" }}>
          <Usage label={t`CPU requested (cores)`} {...load!.cpu} />
          <Usage label={t`Memory requested`} {...load!.memory} />
          <Usage label={t`Pods`} {...load!.pods} />
        </div>
      )}
      <table className={tables.table}>
        <thead>
          <tr>
            <th><Trans>Resource</Trans></th>
            <th><Trans>Capacity</Trans></th>
            <th><Trans>For pods</Trans></th>
          </tr>
        </thead>
        <tbody>
          {Object.keys(capacity).filter((name) => capacity[name] !== "0").sort().map((name) => (
            <tr key={name}>
              <td>{name}</td>
              <td className="mono">{readable(name, capacity[name])}</td>
              <td className="mono">{readable(name, allocatable[name])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
