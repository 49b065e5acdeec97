/** An HTTP route at a glance: which gateways take it, and which requests go where. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ObjectLink } from "@/features/kinds/ObjectLink";
import type { Shown } from "@/kinds";
import { parentsOf, rulesOf } from "@/lib/gateway";
import { Card, Facts, Status } from "@/ui";
import tables from "@/features/kinds/Table.module.css";

export function HttpRouteSummary({ object, scope }: Shown) {
  const { t } = useLingui();
  const hosts = (object.spec?.hostnames ?? []) as string[];
  return (
    <Card title={<Trans>Paths</Trans>} flush>
      <div style={{ padding: "14px 16px" }}>
        <Facts
          items={[
            [<Trans>Hosts</Trans>, <span className="mono">{hosts.join(", ") || "*"}</span>],
            [
              <Trans>Gateways</Trans>,
              parentsOf(object).map(({ name, namespace, accepted, problem }) => (
                <div key={`${namespace}/${name}`}>
                  <ObjectLink scope={scope} group="gateway.networking.k8s.io" plural="gateways" namespace={namespace} name={name} />
                  <Status value={problem || (accepted ? t`Accepted` : t`Nothing said yet`)} tone={problem ? "bad" : accepted ? "ok" : "idle"} />
                </div>
              )),
            ],
          ]}
        />
      </div>
      <table className={tables.table}>
        <thead>
          <tr>
            <th><Trans>Requests</Trans></th>
            <th><Trans>Go to</Trans></th>
          </tr>
        </thead>
        <tbody>
          {rulesOf(object).map(({ matches, backends }, index) => (
            <tr key={index}>
              <td className="mono">{matches.map((match) => <div key={match}>{match}</div>)}</td>
              <td>
                {backends.map(({ name, namespace, kind, port, weight }) => (
                  <div key={`${name}/${port}`}>
                    {kind === "Service" ? <ObjectLink scope={scope} plural="services" namespace={namespace} name={name} /> : `${kind}/${name}`}
                    {port && `:${port}`} {backends.length > 1 && <span className="dim"><Trans>share {weight}</Trans></span>}
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
