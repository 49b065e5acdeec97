/** A gateway at a glance: where it listens, and whether that works. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ObjectLink } from "@/features/kinds/ObjectLink";
import type { Shown } from "@/kinds";
import { listenersOf } from "@/lib/gateway";
import { Card, Copyable, Facts, Status } from "@/ui";
import tables from "@/features/kinds/Table.module.css";

export function GatewaySummary({ object, scope }: Shown) {
  const { t } = useLingui();
  const addresses = ((object.status?.addresses ?? []) as { value: string }[]).map(({ value }) => value);
  const gatewayClass = object.spec?.gatewayClassName as string;
  return (
    <Card title={<Trans>Listeners</Trans>} flush>
      <div style={{ padding: "14px 16px" }}>
        <Facts
          items={[
            [<Trans>Class</Trans>, <ObjectLink scope={scope} group="gateway.networking.k8s.io" plural="gatewayclasses" name={gatewayClass} />],
            [<Trans>Address</Trans>, addresses.length ? addresses.map((each) => <Copyable key={each} value={each} />) : <span className="dim"><Trans>None yet</Trans></span>],
          ]}
        />
      </div>
      <table className={tables.table}>
        <thead>
          <tr>
            <th><Trans>Name</Trans></th>
            <th><Trans>Hosts</Trans></th>
            <th><Trans>Port</Trans></th>
            <th><Trans>Protocol</Trans></th>
            <th><Trans>Routes</Trans></th>
            <th><Trans>Status</Trans></th>
          </tr>
        </thead>
        <tbody>
          {listenersOf(object).map(({ name, hostname, port, protocol, routes, problem }) => (
            <tr key={name}>
              <td>{name}</td>
              <td className="mono">{hostname}</td>
              <td className="mono">{port}</td>
              <td>{protocol}</td>
              <td>{routes}</td>
              <td>{problem ? <Status value={problem} tone="bad" /> : <Status value={t`No problem known`} tone="ok" />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
