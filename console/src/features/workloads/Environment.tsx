/** Which environment variables containers get, and where their values come from. */
import { Trans } from "@lingui/react/macro";
import { addressOf, type Shown } from "@/kinds";
import { templateOf } from "@/lib/workload";
import { Go } from "@/router/Go";
import { Card, Empty, IconAdjustments } from "@/ui";
import tables from "@/features/kinds/Table.module.css";

export default function Environment({ object, scope }: Shown) {
  const containers = templateOf(object)?.spec.containers ?? [];
  const namespace = object.metadata.namespace ?? "";
  if (!containers.some((each) => each.env?.length || each.envFrom?.length))
    return <Empty icon={IconAdjustments} title={<Trans>No environment variables</Trans>} />;
  const link = (plural: string, name = "") => {
    const [path, search] = addressOf(scope, "", plural, namespace, name).split("?");
    return <Go to={path!} search={Object.fromEntries(new URLSearchParams(search))}>{name}</Go>;
  };
  return containers.map((container) => (
    <Card key={container.name} title={container.name} flush>
      <table className={tables.table}>
        <thead>
          <tr>
            <th><Trans>Name</Trans></th>
            <th><Trans>Value</Trans></th>
          </tr>
        </thead>
        <tbody>
          {(container.envFrom ?? []).map((from, index) => (
            <tr key={`from-${index}`}>
              <td>{from.prefix ?? ""}*</td>
              <td>
                {from.configMapRef && <><Trans>all entries of config map</Trans> {link("configmaps", from.configMapRef.name)}</>}
                {from.secretRef && <><Trans>all entries of secret</Trans> {link("secrets", from.secretRef.name)}</>}
              </td>
            </tr>
          ))}
          {(container.env ?? []).map((each) => {
            const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = each.valueFrom ?? {};
            return (
              <tr key={each.name}>
                <td className="mono">{each.name}</td>
                <td>
                  {each.value !== undefined && <span className="mono">{each.value}</span>}
                  {configMapKeyRef && <>{link("configmaps", configMapKeyRef.name)} · <span className="mono">{configMapKeyRef.key}</span></>}
                  {secretKeyRef && <>{link("secrets", secretKeyRef.name)} · <span className="mono">{secretKeyRef.key}</span></>}
                  {fieldRef && <span className="mono">{fieldRef.fieldPath}</span>}
                  {resourceFieldRef && <span className="mono">{resourceFieldRef.resource}</span>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Card>
  ));
}
