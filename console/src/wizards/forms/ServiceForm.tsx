/** A service: which pods, on which ports, reachable from where. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useList } from "@/features/kinds/useList";
import { kindById } from "@/kinds";
import { get } from "@/lib/path";
import { ActionIcon, Button, Group, IconPlus, IconTrash } from "@/ui";
import { APP } from "../templates";
import { ChoiceAt, NameField, NumberAt, placeOf, TextAt } from "./fields";
import { Columns, Section } from "./Section";
import type { FormProps } from ".";

export function ServiceForm(form: FormProps) {
  const { t } = useLingui();
  const place = placeOf(form, 0);
  const ports = get<unknown[]>(place.object, ["spec", "ports"]) ?? [];
  const selector = get<Record<string, string>>(place.object, ["spec", "selector"]) ?? {};
  const labelSelector = Object.entries(selector).filter(([, value]) => value).map(([key, value]) => `${key}=${value}`).join(",");
  const { namespace = "" } = place.object.metadata;
  const pods = useList(form.scope.cluster, kindById("pods")!, { namespace, labelSelector: labelSelector || "no-such-label=none" });
  const count = pods.total;
  return (
    <>
      <Section title={<Trans>Basics</Trans>}>
        <Columns>
          <NameField form={form} />
          <ChoiceAt
            place={place}
            path={["spec", "type"]}
            label={t`Reachable`}
            choices={[
              { value: "ClusterIP", label: t`inside the cluster` },
              { value: "NodePort", label: t`from outside, by a port of the nodes` },
              { value: "LoadBalancer", label: t`from outside, by a load balancer` },
              { value: "ExternalName", label: t`a name outside of the cluster` },
            ]}
          />
        </Columns>
      </Section>
      <Section title={<Trans>Pods</Trans>} note={<Trans>{count} pods are chosen now</Trans>}>
        <TextAt place={place} path={["spec", "selector", APP]} label={t`Application label`} description={APP} />
      </Section>
      <Section title={<Trans>Ports</Trans>}>
        {ports.map((_, index) => (
          <Group key={index} align="flex-end" wrap="nowrap">
            <TextAt place={place} path={["spec", "ports", index, "name"]} label={t`Port name`} />
            <NumberAt place={place} path={["spec", "ports", index, "port"]} label={t`Port`} min={1} max={65535} />
            <NumberAt place={place} path={["spec", "ports", index, "targetPort"]} label={t`Port of the pods`} min={1} max={65535} />
            <ActionIcon aria-label={t`Remove the port`} onClick={() => place.write(["spec", "ports", index], undefined)}>
              <IconTrash size={15} />
            </ActionIcon>
          </Group>
        ))}
        <div>
          <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={14} />} onClick={() => place.write(["spec", "ports", ports.length], { name: `port-${ports.length + 1}`, port: 80, targetPort: 80 })}>
            <Trans>Add a port</Trans>
          </Button>
        </div>
      </Section>
    </>
  );
}
