/** A network policy in words. */
import { Trans, useLingui } from "@lingui/react/macro";
import { PodTable } from "@/features/workloads/PodTable";
import type { Shown } from "@/kinds";
import { meaningOf } from "@/lib/policy";
import { selectorText } from "@/lib/workload";
import { Card } from "@/ui";
import tables from "@/features/kinds/Table.module.css";

export function PolicySummary({ object, scope }: Shown) {
  const { i18n } = useLingui();
  const { pods, ingress, egress } = meaningOf(object, i18n);
  const lines = (sentences: string[]) => sentences.map((sentence, index) => <div key={index}>{sentence}</div>);
  return (
    <>
      <Card title={<Trans>What it means</Trans>} flush>
        <table className={tables.table}>
          <tbody>
            <tr>
              <th scope="row"><Trans>Applies to</Trans></th>
              <td>{pods}</td>
            </tr>
            <tr>
              <th scope="row"><Trans>Incoming</Trans></th>
              <td>{lines(ingress)}</td>
            </tr>
            <tr>
              <th scope="row"><Trans>Outgoing</Trans></th>
              <td>{lines(egress)}</td>
            </tr>
          </tbody>
        </table>
        <p className="dim" style={{ padding: "0 16px" }}><Trans>Other policies for the same pods may allow more: what any of them allows gets through.</Trans></p>
      </Card>
      <PodTable scope={scope} title={<Trans>Pods it is about</Trans>} query={{ namespace: object.metadata.namespace, labelSelector: selectorText(object.spec?.podSelector) }} />
    </>
  );
}
