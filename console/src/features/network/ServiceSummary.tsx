/** A service at a glance: where it answers, which pods it means, and what stands behind it. */
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useKube } from "@/api/useKube";
import { pathOf } from "@/api/kube";
import type { Shown } from "@/kinds";
import { addressesOf, type From, type ServicePort } from "@/lib/service";
import { Card, Copyable } from "@/ui";
import tables from "@/features/kinds/Table.module.css";
import { Endpoints } from "./Endpoints";

const FROM: Record<From, ReturnType<typeof msg>> = { outside: msg`From outside`, node: msg`At every node`, cluster: msg`Inside the cluster` };

export function ServiceSummary(shown: Shown) {
  const { object } = shown;
  const spec = object.spec ?? {};
  const ports = (spec.ports ?? []) as ServicePort[];
  return (
    <>
      <Addresses {...shown} />
      <Card title={<Trans>Ports</Trans>} flush>
        <table className={tables.table}>
          <thead>
            <tr>
              <th><Trans>Name</Trans></th>
              <th><Trans>Port</Trans></th>
              <th><Trans>Port of the pods</Trans></th>
              <th><Trans>Port of the nodes</Trans></th>
              <th><Trans>Protocol</Trans></th>
            </tr>
          </thead>
          <tbody>
            {ports.map((port) => (
              <tr key={`${port.name}/${port.port}/${port.protocol}`}>
                <td>{port.name ?? "–"}</td>
                <td className="mono">{port.port}</td>
                <td className="mono">{port.targetPort ?? port.port}</td>
                <td className="mono">{port.nodePort ?? "–"}</td>
                <td>{[port.protocol ?? "TCP", port.appProtocol].filter(Boolean).join(", ")}</td>
              </tr>
            ))}
            {ports.length === 0 && (
              <tr>
                <td colSpan={5} className="dim"><Trans>No ports</Trans></td>
              </tr>
            )}
          </tbody>
        </table>
      </Card>
      {spec.type !== "ExternalName" && <Endpoints {...shown} />}
    </>
  );
}

function Addresses({ object, scope }: Shown) {
  const { t } = useLingui();
  const spec = object.spec ?? {};
  const type = spec.type as string;
  const isOnNodes = ((spec.ports ?? []) as ServicePort[]).some((port) => port.nodePort);
  // Who may not see nodes sees the port alone.
  const nodes = useKube(scope.cluster, isOnNodes ? pathOf({ group: "", version: "v1", plural: "nodes", namespaced: false }) : "", undefined, false);
  const all = addressesOf(object, nodes.data?.items);
  const isWaiting = type === "LoadBalancer" && !all.some(({ from }) => from === "outside");
  return (
    <Card title={<Trans>Addresses</Trans>} flush>
      <table className={tables.table}>
        <tbody>
          <tr>
            <th scope="row"><Trans>Type</Trans></th>
            <td>{spec.clusterIP === "None" ? <Trans>{type} without an address of its own (headless)</Trans> : type}</td>
          </tr>
          {isWaiting && (
            <tr>
              <th scope="row"><Trans>From outside</Trans></th>
              <td><Trans>No load balancer has given it an address yet</Trans></td>
            </tr>
          )}
          {(Object.keys(FROM) as From[]).map((from) => {
            const found = all.filter((each) => each.from === from);
            if (found.length === 0) return null;
            return (
              <tr key={from}>
                <th scope="row">{t(FROM[from])}</th>
                <td>{found.map(({ address, link }) => <Copyable key={address} value={link ?? address} link={link}>{address}</Copyable>)}</td>
              </tr>
            );
          })}
          {spec.sessionAffinity === "ClientIP" && (
            <tr>
              <th scope="row"><Trans>Session affinity</Trans></th>
              <td><Trans>One client always reaches the same pod</Trans></td>
            </tr>
          )}
        </tbody>
      </table>
    </Card>
  );
}
