/** A route: which address leads to which service. */
import { Trans, useLingui } from "@lingui/react/macro";
import { get } from "@/lib/path";
import { ActionIcon, Button, Group, IconPlus, IconTrash } from "@/ui";
import { NameField, NumberAt, placeOf, TextAt } from "./fields";
import { Columns, Section } from "./Section";
import type { FormProps } from ".";

export function RouteForm(form: FormProps) {
  const { t } = useLingui();
  const place = placeOf(form, 0);
  const rules = get<unknown[]>(place.object, ["spec", "rules"]) ?? [];
  return (
    <>
      <Section title={<Trans>Basics</Trans>}>
        <Columns>
          <NameField form={form} />
          <TextAt place={place} path={["spec", "ingressClassName"]} label={t`Class`} />
          <TextAt place={place} path={["spec", "tls", 0, "secretName"]} label={t`TLS secret`} description={t`None: without HTTPS`} />
        </Columns>
      </Section>
      {rules.map((_, index) => {
        const at = ["spec", "rules", index, "http", "paths"];
        const paths = get<unknown[]>(place.object, at) ?? [];
        return (
          <Section key={index} title={<Trans>Host</Trans>}>
            <TextAt place={place} path={["spec", "rules", index, "host"]} label={t`Host name`} placeholder="shop.example.org" mono />
            {paths.map((__, number) => (
              <Group key={number} align="flex-end" wrap="nowrap">
                <TextAt place={place} path={[...at, number, "path"]} label={t`Path`} mono />
                <TextAt place={place} path={[...at, number, "backend", "service", "name"]} label={t`Service`} required />
                <NumberAt place={place} path={[...at, number, "backend", "service", "port", "number"]} label={t`Port`} min={1} max={65535} />
                <ActionIcon aria-label={t`Remove the path`} onClick={() => place.write([...at, number], undefined)}>
                  <IconTrash size={15} />
                </ActionIcon>
              </Group>
            ))}
            <div>
              <Button
                variant="subtle"
                size="compact-xs"
                leftSection={<IconPlus size={14} />}
                onClick={() => place.write([...at, paths.length], { path: "/", pathType: "Prefix", backend: { service: { name: "", port: { number: 80 } } } })}
              >
                <Trans>Add a path</Trans>
              </Button>
            </div>
          </Section>
        );
      })}
    </>
  );
}
