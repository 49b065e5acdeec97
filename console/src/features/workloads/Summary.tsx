/** A workload at a glance: how many replicas run, and each of its pods with its containers. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useCan } from "@/api/session";
import type { Shown } from "@/kinds";
import { toneOfReady } from "@/lib/tone";
import { replicasOf, selectorText, templateOf } from "@/lib/workload";
import { ActionIcon, Card, Facts, IconChevronDown, IconChevronUp } from "@/ui";
import { scaleTo } from "./actions";
import { PodTable } from "./PodTable";
import styles from "./Summary.module.css";

const SCALED = new Set(["Deployment", "StatefulSet", "ReplicaSet"]);

export function WorkloadSummary(shown: Shown) {
  const { object } = shown;
  const template = templateOf(object);
  return (
    <>
      <Card title={<Trans>State</Trans>}>
        <div className={styles.state}>
          {object.kind !== "Job" && object.kind !== "CronJob" && <Replicas {...shown} />}
          <Facts
            items={[
              [<Trans>Images</Trans>, lines(template?.spec.containers.map((each) => each.image) ?? [])],
              [<Trans>Ports</Trans>, lines(ports(template))],
              [<Trans>Requests</Trans>, lines(resources(template, "requests"))],
              [<Trans>Limits</Trans>, lines(resources(template, "limits"))],
              [<Trans>Schedule</Trans>, object.spec?.schedule],
              [<Trans>Strategy</Trans>, object.spec?.strategy?.type ?? object.spec?.updateStrategy?.type],
            ]}
          />
        </div>
      </Card>
      {object.kind !== "CronJob" && <Pods {...shown} />}
    </>
  );
}

const lines = (of: string[]) => (of.length === 0 ? null : of.map((line) => <div key={line} className="mono">{line}</div>));

const ports = (template: ReturnType<typeof templateOf>) =>
  (template?.spec.containers ?? []).flatMap((container) =>
    (container.ports ?? []).map((port) => [port.name, `${port.containerPort}/${port.protocol ?? "TCP"}`].filter(Boolean).join(" ")),
  );

const resources = (template: ReturnType<typeof templateOf>, which: "requests" | "limits") =>
  (template?.spec.containers ?? []).flatMap((container) =>
    Object.entries(container.resources?.[which] ?? {}).map(([name, amount]) => `${container.name}: ${name} ${amount}`),
  );

function Replicas(shown: Shown) {
  const { t } = useLingui();
  const { kind, object, scope } = shown;
  const { wanted, ready } = replicasOf(object);
  const [may] = useCan(scope.cluster, object.metadata.namespace ?? "", [{ verb: "patch", group: kind.group, resource: kind.plural, name: object.metadata.name }]);
  return (
    <div className={styles.replicas}>
      <div className={styles.ring} role="img" aria-label={t`${ready} of ${wanted} replicas are ready`} style={{ ["--share" as string]: wanted ? ready / wanted : 0 }} data-tone={toneOfReady(`${ready}/${wanted}`)}>
        <b>{ready}</b>
        <span>/ {wanted}</span>
      </div>
      {SCALED.has(object.kind) && (
        <div className={styles.buttons}>
          <ActionIcon variant="default" aria-label={t`One replica more`} disabled={!may?.allowed} onClick={() => void scaleTo(shown, wanted + 1)}>
            <IconChevronUp size={16} />
          </ActionIcon>
          <ActionIcon variant="default" aria-label={t`One replica less`} disabled={!may?.allowed || wanted === 0} onClick={() => void scaleTo(shown, wanted - 1)}>
            <IconChevronDown size={16} />
          </ActionIcon>
        </div>
      )}
    </div>
  );
}

function Pods({ scope, object }: Shown) {
  return <PodTable scope={scope} query={{ namespace: object.metadata.namespace, labelSelector: selectorText(object.spec?.selector) }} />;
}
