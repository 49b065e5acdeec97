/** Replicas, rollout and nodes. */
import { Trans, useLingui } from "@lingui/react/macro";
import { SegmentedControl, Switch } from "@/ui";
import { type Place, useMaking } from "../engine/form";
import { SERVICE_ACCOUNTS, useNames } from "../engine/useNames";
import { Entries, Fold, IntOrTextAt, NameAt, NumberAt, PairsAt, PickAt, Row, TextAt } from "../fields";
import styles from "../fields/Layout.module.css";
import { get } from "../model/path";
import { AutoscalerFields } from "../forms/AutoscalerFields";
import { indexOf, placed, type Placement, placementOf, podOf, withAutoscaler } from "./model";

export function PlacementStep() {
  const { docs, edit, editing } = useMaking();
  const workload = docs[0]!;
  const { kind } = workload;
  const scaler = indexOf(docs, "HorizontalPodAutoscaler");
  const counted = kind === "Deployment" || kind === "StatefulSet";
  const spec = (...path: string[]): Place => ({ path: ["spec", ...path] });
  return (
    <>
      {counted && scaler < 0 && (
        <Row>
          <NumberAt at={spec("replicas")} min={0} label={<Trans>Replicas</Trans>} />
        </Row>
      )}
      {counted && !editing && (
        <Switch
          mb={12}
          label={<Trans>Scale by load</Trans>}
          description={<Trans>An autoscaler sets the number of replicas.</Trans>}
          checked={scaler > 0}
          onChange={({ currentTarget: { checked } }) => edit((now) => withAutoscaler(now, checked))}
        />
      )}
      {scaler > 0 && <AutoscalerFields doc={scaler} companion />}
      <Spread />
      {(counted || kind === "DaemonSet") && <Rollout />}
      <Nodes />
    </>
  );
}

function Spread() {
  const { t } = useLingui();
  const { docs, edit } = useMaking();
  return (
    <>
      <div className={styles.legend}>
        <Trans>Pods among the nodes</Trans>
      </div>
      <SegmentedControl
        mb={14}
        aria-label={t`Pods among the nodes`}
        value={placementOf(docs[0]!)}
        onChange={(wanted) => edit((now) => [placed(now[0]!, wanted as Placement), ...now.slice(1)])}
        data={[
          { value: "none", label: t`As the scheduler likes` },
          { value: "spread", label: t`Spread` },
          { value: "pack", label: t`Packed` },
        ]}
      />
    </>
  );
}

function Rollout() {
  const { t } = useLingui();
  const { docs } = useMaking();
  const { kind } = docs[0]!;
  const spec = (...path: string[]): Place => ({ path: ["spec", ...path] });
  const strategy = kind === "Deployment" ? "strategy" : "updateStrategy";
  const type = get<string>(docs[0], ["spec", strategy, "type"]) ?? "RollingUpdate";
  const choices = [
    { value: "RollingUpdate", label: t`Step by step` },
    kind === "Deployment" ? { value: "Recreate", label: t`All stopped, then all new` } : { value: "OnDelete", label: t`Only as pods are deleted` },
  ];
  return (
    <Fold title={<Trans>Rollout</Trans>} summary={choices.find((choice) => choice.value === type)?.label} holds={[spec(strategy), spec("minReadySeconds"), spec("revisionHistoryLimit")]}>
      <Row>
        <PickAt at={spec(strategy, "type")} data={choices} fallback="RollingUpdate" label={<Trans>A new version comes</Trans>} />
        {type === "RollingUpdate" && kind !== "StatefulSet" && <IntOrTextAt at={spec(strategy, "rollingUpdate", "maxUnavailable")} label={<Trans>Missing at most</Trans>} placeholder={kind === "Deployment" ? "25%" : "1"} />}
        {type === "RollingUpdate" && kind !== "StatefulSet" && <IntOrTextAt at={spec(strategy, "rollingUpdate", "maxSurge")} label={<Trans>More than wanted at most</Trans>} placeholder={kind === "Deployment" ? "25%" : "0"} />}
        {type === "RollingUpdate" && kind === "StatefulSet" && <NumberAt at={spec(strategy, "rollingUpdate", "partition")} min={0} label={<Trans>Only from this pod on</Trans>} placeholder="0" />}
      </Row>
      <Row>
        <NumberAt at={spec("minReadySeconds")} min={0} suffix=" s" label={<Trans>Counts as there after</Trans>} placeholder="0 s" />
        {kind === "Deployment" && <NumberAt at={spec("progressDeadlineSeconds")} min={1} suffix=" s" label={<Trans>Counts as failed after</Trans>} placeholder="600 s" />}
        <NumberAt at={spec("revisionHistoryLimit")} min={0} label={<Trans>Revisions kept</Trans>} placeholder="10" />
      </Row>
    </Fold>
  );
}

function Nodes() {
  const { t } = useLingui();
  const { docs } = useMaking();
  const workload = docs[0]!;
  const pod = podOf(workload.kind);
  const at = (...path: string[]): Place => ({ path: [...pod, ...path] });
  const accounts = useNames(SERVICE_ACCOUNTS);
  const selector = get<Record<string, string>>(workload, [...pod, "nodeSelector"]) ?? {};
  const grace = get<number>(workload, [...pod, "terminationGracePeriodSeconds"]);
  const tolerations = get<unknown[]>(workload, [...pod, "tolerations"])?.length ?? 0;
  return (
    <>
      <Fold title={<Trans>Nodes</Trans>} summary={[...Object.entries(selector).map((pair) => pair.join("=")), ...(tolerations ? [t`Tolerations: ${tolerations}`] : [])].join(", ")} holds={[at("nodeSelector"), at("tolerations")]}>
        <PairsAt at={at("nodeSelector")} label={<Trans>Only on nodes with all of these labels</Trans>} add={<Trans>Add a label</Trans>} />
        <Entries<{ operator?: string; effect?: string }> at={at("tolerations")} add={<Trans>Add a toleration</Trans>} blank={() => ({ key: "", operator: "Exists" })}>
          {(each, entry) => (
            <Row>
              <TextAt at={each("key")} label={<Trans>Taint</Trans>} placeholder={t`any`} />
              <PickAt at={each("operator")} data={["Exists", "Equal"]} fallback="Equal" label={<Trans>Operator</Trans>} />
              {entry.operator !== "Exists" && <TextAt at={each("value")} label={<Trans>Value</Trans>} />}
              <PickAt at={each("effect")} data={["NoSchedule", "PreferNoSchedule", "NoExecute"]} clearable label={<Trans>Effect</Trans>} placeholder={t`any`} />
              {entry.effect === "NoExecute" && <NumberAt at={each("tolerationSeconds")} min={0} suffix=" s" label={<Trans>For</Trans>} />}
            </Row>
          )}
        </Entries>
      </Fold>
      <Fold
        title={<Trans>Stopping and identity</Trans>}
        summary={[grace === undefined ? "" : `${grace} s`, get<string>(workload, [...pod, "serviceAccountName"])].filter(Boolean).join(", ")}
        holds={[at("terminationGracePeriodSeconds"), at("serviceAccountName"), at("priorityClassName")]}
      >
        <Row>
          <NumberAt at={at("terminationGracePeriodSeconds")} min={0} suffix=" s" label={<Trans>Time to stop by itself</Trans>} placeholder="30 s" />
          <NameAt at={at("serviceAccountName")} names={accounts} label={<Trans>Service account</Trans>} placeholder="default" />
          <TextAt at={at("priorityClassName")} label={<Trans>Priority class</Trans>} />
        </Row>
      </Fold>
    </>
  );
}
