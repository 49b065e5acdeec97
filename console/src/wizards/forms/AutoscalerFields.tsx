/** What is scaled, between which numbers, by what. */
import { Trans, useLingui } from "@lingui/react/macro";
import { type Place, useAt } from "../engine/form";
import { useNames } from "../engine/useNames";
import { kindById } from "@/kinds";
import { Entries, Fold, NameAt, NumberAt, PickAt, Row, SuggestAt } from "../fields";

interface Metric {
  resource?: { target?: { type?: string } };
}

export function AutoscalerFields({ doc = 0, companion }: { doc?: number; companion?: boolean }) {
  const at = (...path: (string | number)[]): Place => ({ doc, path: ["spec", ...path] });
  return (
    <>
      {!companion && <Target at={at} />}
      <Row>
        <NumberAt at={at("minReplicas")} min={1} label={<Trans>Replicas at least</Trans>} placeholder="1" />
        <NumberAt at={at("maxReplicas")} min={1} required label={<Trans>Replicas at most</Trans>} />
      </Row>
      <Entries<Metric>
        at={at("metrics")}
        add={<Trans>Add a metric</Trans>}
        blank={() => ({ type: "Resource", resource: { name: "memory", target: { type: "Utilization", averageUtilization: 70 } } })}
      >
        {(metric, entry) =>
          entry.resource ? <ResourceMetric at={metric} type={entry.resource.target?.type ?? ""} /> : <p><Trans>This kind of metric is edited in the YAML.</Trans></p>
        }
      </Entries>
      <Fold title={<Trans>Behaviour</Trans>} holds={[at("behavior")]}>
        <Row>
          <NumberAt at={at("behavior", "scaleDown", "stabilizationWindowSeconds")} min={0} max={3600} suffix=" s" label={<Trans>Wait before scaling down</Trans>} placeholder="300 s" />
          <NumberAt at={at("behavior", "scaleUp", "stabilizationWindowSeconds")} min={0} max={3600} suffix=" s" label={<Trans>Wait before scaling up</Trans>} placeholder="0 s" />
        </Row>
      </Fold>
    </>
  );
}

function ResourceMetric({ at, type }: { at: (...path: (string | number)[]) => Place; type: string }) {
  const { t } = useLingui();
  const data = [
    { value: "Utilization", label: t`Share of the request` },
    { value: "AverageValue", label: t`Amount a pod` },
  ];
  return (
    <Row>
      <PickAt at={at("resource", "name")} data={["cpu", "memory"]} label={<Trans>Resource</Trans>} />
      <PickAt at={at("resource", "target", "type")} data={data} label={<Trans>Measured as</Trans>} />
      {type === "Utilization" ? (
        <NumberAt at={at("resource", "target", "averageUtilization")} min={1} suffix=" %" required label={<Trans>On average</Trans>} />
      ) : (
        <SuggestAt amount at={at("resource", "target", "averageValue")} data={["500m", "1", "256Mi", "1Gi"]} required label={<Trans>On average</Trans>} />
      )}
    </Row>
  );
}

const TARGETS = ["Deployment", "StatefulSet"];

function Target({ at }: { at: (...path: (string | number)[]) => Place }) {
  const { t } = useLingui();
  const [kind = "Deployment"] = useAt<string>(at("scaleTargetRef", "kind"));
  const names = useNames(kindById(kind === "StatefulSet" ? "statefulsets" : "deployments")!);
  return (
    <Row>
      <PickAt at={at("scaleTargetRef", "kind")} data={TARGETS} label={<Trans>Kind of workload</Trans>} />
      <NameAt at={at("scaleTargetRef", "name")} names={names} required label={<Trans>Workload</Trans>} placeholder={t`Choose or type`} />
    </Row>
  );
}
