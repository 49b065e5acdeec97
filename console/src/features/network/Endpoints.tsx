/** What stands behind a service, and whether it takes requests; if nothing does, that is a problem. */
import { Plural, Trans } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import { pathOf } from "@/api/kube";
import { useKube } from "@/api/useKube";
import { ObjectLink } from "@/features/kinds/ObjectLink";
import type { Shown } from "@/kinds";
import { endpointsOf } from "@/lib/service";
import { Alert, Badge, Card, Group, IconAlertTriangle, Status } from "@/ui";
import tables from "@/features/kinds/Table.module.css";

const SLICES = { group: "discovery.k8s.io", version: "v1", plural: "endpointslices", namespaced: true };
const MOST = 100;

export function Endpoints({ object, scope }: Shown) {
  const { name, namespace = "" } = object.metadata;
  const slices = useKube(scope.cluster, pathOf(SLICES, namespace), { labelSelector: `kubernetes.io/service-name=${name}` }, 3000);
  const selector = Object.entries((object.spec?.selector ?? {}) as Record<string, string>);
  return (
    <Card title={<Trans>Endpoints</Trans>} flush>
      <div style={{ padding: "10px 16px", display: "flex", gap: 8, alignItems: "center", flexWrap: "wrap" }}>
        {selector.length === 0 ? (
          <span className="dim"><Trans>It selects no pods: its endpoints are written by somebody else.</Trans></span>
        ) : (
          <>
            <span className="dim"><Trans>Pods with these labels:</Trans></span>
            <Group gap={4}>
              {selector.map(([key, value]) => (
                <Badge key={key} variant="default" tt="none" fw={450} radius="sm">{key}={value}</Badge>
              ))}
            </Group>
          </>
        )}
      </div>
      <Answer of={slices}>{({ items }) => <Rows all={endpointsOf(items)} isSelecting={selector.length > 0} scope={scope} namespace={namespace} />}</Answer>
    </Card>
  );
}

interface RowsProps extends Pick<Shown, "scope"> {
  all: ReturnType<typeof endpointsOf>;
  isSelecting: boolean;
  namespace: string;
}

function Rows({ all, isSelecting, scope, namespace }: RowsProps) {
  const ready = all.filter(({ state }) => state === "Ready").length;
  const [shown, total] = [Math.min(all.length, MOST), all.length];
  return (
    <>
      {ready === 0 && (
        <Alert role="status" color="red" variant="light" mx="md" mb="sm" icon={<IconAlertTriangle size={18} />} title={<Trans>Nobody answers</Trans>}>
          {all.length > 0 ? (
            <Plural value={total} one="# pod has these labels, but it is not ready." other="# pods have these labels, but none of them is ready." />
          ) : isSelecting ? (
            <Trans>No pod has all of these labels.</Trans>
          ) : (
            <Trans>Nobody has written endpoints for it.</Trans>
          )}
        </Alert>
      )}
      {all.length > 0 && (
        <table className={tables.table}>
          <thead>
            <tr>
              <th><Trans>Address</Trans></th>
              <th><Trans>Status</Trans></th>
              <th><Trans>Pod</Trans></th>
              <th><Trans>Node</Trans></th>
              <th><Trans>Ports</Trans></th>
            </tr>
          </thead>
          <tbody>
            {all.slice(0, MOST).map(({ address, state, pod, node, ports }) => (
              <tr key={`${address}/${ports}`}>
                <td className="mono">{address}</td>
                <td><Status value={state} /></td>
                <td>{pod ? <ObjectLink scope={scope} plural="pods" namespace={namespace} name={pod} /> : "–"}</td>
                <td>{node || "–"}</td>
                <td className="mono">{ports}</td>
              </tr>
            ))}
            {shown < total && (
              <tr>
                <td colSpan={5} className="dim"><Trans>The first {shown} of {total}</Trans></td>
              </tr>
            )}
          </tbody>
        </table>
      )}
    </>
  );
}
