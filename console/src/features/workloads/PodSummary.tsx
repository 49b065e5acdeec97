/** A pod at a glance: where it runs, and what each of its containers does. */
import { Trans } from "@lingui/react/macro";
import type { KubeObject } from "@/api/kube";
import { addressOf, type Shown } from "@/kinds";
import { stateOf } from "@/lib/workload";
import { Go } from "@/router/Go";
import { Age, Card, Facts, Status } from "@/ui";
import tables from "@/features/kinds/Table.module.css";

interface ContainerStatus {
  name: string;
  image: string;
  restartCount: number;
  ready: boolean;
  state?: Record<string, { reason?: string; exitCode?: number; startedAt?: string }>;
  lastState?: { terminated?: { reason?: string; exitCode: number; finishedAt?: string } };
}

export function PodSummary({ object, scope }: Shown) {
  const { spec, status = {} } = object;
  const node = spec.nodeName as string | undefined;
  return (
    <>
      <Card title={<Trans>Where it runs</Trans>}>
        <Facts
          items={[
            [<Trans>Node</Trans>, node && <Go to={addressOf(scope, "", "nodes", "", node)}>{node}</Go>],
            [<Trans>IP address</Trans>, status.podIP && <span className="mono">{status.podIP}</span>],
            [<Trans>Phase</Trans>, status.phase],
            [<Trans>Quality of service</Trans>, status.qosClass],
            [<Trans>Service account</Trans>, spec.serviceAccountName],
            [<Trans>Restart policy</Trans>, spec.restartPolicy],
          ]}
        />
      </Card>
      <Card title={<Trans>Containers</Trans>} flush>
        <Containers object={object} />
      </Card>
    </>
  );
}

function Containers({ object }: { object: KubeObject }) {
  const { spec, status = {} } = object;
  const known = new Map<string, ContainerStatus>(
    [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map((each: ContainerStatus) => [each.name, each]),
  );
  const all = [
    ...(spec.initContainers ?? []).map((each: { name: string; image: string }) => ({ ...each, init: true })),
    ...spec.containers.map((each: { name: string; image: string }) => ({ ...each, init: false })),
  ];
  return (
    <table className={tables.table}>
      <thead>
        <tr>
          <th><Trans>Name</Trans></th>
          <th><Trans>Status</Trans></th>
          <th><Trans>Image</Trans></th>
          <th><Trans>Restarts</Trans></th>
          <th><Trans>Last end</Trans></th>
        </tr>
      </thead>
      <tbody>
        {all.map(({ name, image, init }) => {
          const told = known.get(name);
          const ended = told?.lastState?.terminated;
          const { reason = "", exitCode = 0 } = ended ?? {};
          return (
            <tr key={name}>
              <td>
                {name} {init && <span className="dim">(<Trans>init</Trans>)</span>}
              </td>
              <td><Status value={stateOf(told)} /></td>
              <td className="mono">{image}</td>
              <td>{told?.restartCount ?? 0}</td>
              <td>
                {ended ? (
                  <>
                    <Trans>{reason} with code {exitCode}</Trans> · <Age since={ended.finishedAt} />
                  </>
                ) : (
                  "–"
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
