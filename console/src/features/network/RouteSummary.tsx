/** An ingress at a glance: which requests it takes, and where they go. */
import { Trans } from "@lingui/react/macro";
import { ObjectLink } from "@/features/kinds/ObjectLink";
import type { Shown } from "@/kinds";
import { pathsOf } from "@/lib/service";
import { Card, Copyable, Facts } from "@/ui";
import tables from "@/features/kinds/Table.module.css";

export function RouteSummary({ object, scope }: Shown) {
  const { namespace = "" } = object.metadata;
  const paths = pathsOf(object);
  const given = (object.status?.loadBalancer?.ingress ?? []) as { ip?: string; hostname?: string }[];
  const addresses = given.map((each) => each.hostname ?? each.ip ?? "").filter(Boolean);
  return (
    <Card title={<Trans>Paths</Trans>} flush>
      <div style={{ padding: "14px 16px" }}>
        <Facts
          items={[
            [<Trans>Class</Trans>, object.spec?.ingressClassName],
            [<Trans>Address</Trans>, addresses.length ? addresses.map((each) => <Copyable key={each} value={each} />) : <span className="dim"><Trans>None yet</Trans></span>],
          ]}
        />
      </div>
      <table className={tables.table}>
        <thead>
          <tr>
            <th><Trans>Host and path</Trans></th>
            <th><Trans>Match</Trans></th>
            <th><Trans>Service</Trans></th>
            <th><Trans>Port</Trans></th>
            <th><Trans>Certificate</Trans></th>
          </tr>
        </thead>
        <tbody>
          {paths.map(({ host, path, pathType, service, port, secret, link }) => (
            <tr key={`${host}${path}`}>
              <td>
                {path === "*" ? <Trans>Everything else</Trans> : <Copyable value={link ?? `${host}${path}`} link={link}>{link ?? `${host}${path}`}</Copyable>}
              </td>
              <td>{pathType || "–"}</td>
              <td>{service.includes("/") ? service : <ObjectLink scope={scope} plural="services" namespace={namespace} name={service} />}</td>
              <td className="mono">{port || "–"}</td>
              <td>{secret ? <ObjectLink scope={scope} plural="secrets" namespace={namespace} name={secret} /> : <span className="dim"><Trans>none: plain HTTP</Trans></span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
