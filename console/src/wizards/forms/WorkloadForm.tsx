/** A workload: what runs, how often, and how it is reached. */
import { Trans, useLingui } from "@lingui/react/macro";
import { get, set } from "@/lib/path";
import { containersAt } from "@/lib/workload";
import { Button, Checkbox, IconPlus } from "@/ui";
import { serviceOf } from "../templates";
import { ContainerForm } from "./ContainerForm";
import { ChoiceAt, NameField, NumberAt, placeOf, TextAt } from "./fields";
import { Columns, Section } from "./Section";
import type { FormProps } from ".";

const SERVED = new Set(["Deployment", "StatefulSet", "DaemonSet"]);

export function WorkloadForm(form: FormProps) {
  const { t } = useLingui();
  const place = placeOf(form, 0);
  const { kind } = place.object;
  const at = [...containersAt(kind), "containers"];
  const containers = get<unknown[]>(place.object, at) ?? [];
  return (
    <>
      <Section title={<Trans>Basics</Trans>}>
        <Columns>
          <NameField form={form} />
          {(kind === "Deployment" || kind === "StatefulSet") && <NumberAt place={place} path={["spec", "replicas"]} label={t`Replicas`} max={1000} />}
          {kind === "CronJob" && <TextAt place={place} path={["spec", "schedule"]} label={t`Schedule`} description={t`Minute, hour, day, month, weekday`} mono required />}
          {kind === "Job" && <NumberAt place={place} path={["spec", "completions"]} label={t`Completions`} min={1} />}
          {kind === "Job" && <NumberAt place={place} path={["spec", "backoffLimit"]} label={t`Retries`} />}
        </Columns>
      </Section>
      {containers.map((_, index) => (
        <ContainerForm key={index} form={form} place={place} path={[...at, index]} remove={containers.length > 1 ? () => place.write([...at, index], undefined) : undefined} />
      ))}
      <Button
        variant="default"
        mb="md"
        leftSection={<IconPlus size={15} />}
        onClick={() => place.write([...at, containers.length], { name: `container-${containers.length + 1}`, image: "" })}
      >
        <Trans>Add a container</Trans>
      </Button>
      {SERVED.has(kind) && <ServiceChoice {...form} />}
      <Section folded title={<Trans>Placement and roll-out</Trans>} note={<Trans>where its pods may run, how they are replaced</Trans>}>
        <Columns>
          {kind === "Deployment" && (
            <ChoiceAt
              place={place}
              path={["spec", "strategy", "type"]}
              label={t`Strategy`}
              choices={[{ value: "RollingUpdate", label: t`One after the other` }, { value: "Recreate", label: t`All at once, with an interruption` }]}
            />
          )}
          <NumberAt place={place} path={[...containersAt(kind), "terminationGracePeriodSeconds"]} label={t`Seconds to end`} placeholder="30" />
          <TextAt place={place} path={[...containersAt(kind), "serviceAccountName"]} label={t`Service account`} placeholder="default" />
          <TextAt place={place} path={[...containersAt(kind), "nodeSelector", "kubernetes.io/hostname"]} label={t`Only on node`} />
        </Columns>
      </Section>
    </>
  );
}

/** The Service is a second object, which follows the ports of the first. */
function ServiceChoice({ objects, change }: FormProps) {
  const { t } = useLingui();
  const [workload, ...others] = objects;
  const index = others.findIndex((object) => object.kind === "Service");
  return (
    <Section title={<Trans>Network</Trans>}>
      <Checkbox
        label={t`Also create a service, by which others reach it`}
        checked={index >= 0}
        onChange={(event) => change(event.currentTarget.checked ? [...objects, serviceOf(workload!)] : objects.filter((object) => object !== others[index]))}
      />
      {index >= 0 && (
        <Columns>
          <ChoiceAt
            place={placeOf({ objects, change } as FormProps, index + 1)}
            path={["spec", "type"]}
            label={t`Reachable`}
            choices={[
              { value: "ClusterIP", label: t`inside the cluster` },
              { value: "NodePort", label: t`from outside, by a port of the nodes` },
              { value: "LoadBalancer", label: t`from outside, by a load balancer` },
            ]}
          />
          <Button variant="default" mt={22} onClick={() => change(objects.map((object, at) => (at === index + 1 ? set(object, ["spec", "ports"], serviceOf(workload!).spec.ports) : object)))}>
            <Trans>Take the containers’ ports</Trans>
          </Button>
        </Columns>
      )}
    </Section>
  );
}
