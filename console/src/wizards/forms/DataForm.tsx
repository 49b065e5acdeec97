/** Entries of a config map or a secret; values of secrets are encoded by the server. */
import { Trans, useLingui } from "@lingui/react/macro";
import { get } from "@/lib/path";
import { ActionIcon, Button, FileButton, Group, IconPlus, IconTrash, IconUpload, Textarea, TextInput } from "@/ui";
import { ChoiceAt, NameField, placeOf } from "./fields";
import { Columns, Section } from "./Section";
import type { FormProps } from ".";

const KEYS: Record<string, string[]> = {
  Opaque: [""],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/basic-auth": ["username", "password"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
};

export function DataForm(form: FormProps) {
  const { t } = useLingui();
  const place = placeOf(form, 0);
  const isSecret = place.object.kind === "Secret";
  const field = isSecret ? "stringData" : "data";
  const entries = Object.entries(get<Record<string, string>>(place.object, [field]) ?? {});
  const write = (next: [string, string][]) => place.write([field], Object.fromEntries(next));
  const type = get<string>(place.object, ["type"]) ?? "Opaque";
  return (
    <>
      <Section title={<Trans>Basics</Trans>}>
        <Columns>
          <NameField form={form} />
          {isSecret && (
            <ChoiceAt
              place={{
                ...place,
                write: (_, value) => {
                  const keys = KEYS[String(value)] ?? [""];
                  const object = { ...place.object, type: value, stringData: Object.fromEntries(keys.map((key) => [key, ""])) };
                  form.change(form.objects.map((each, index) => (index === 0 ? object : each)));
                },
              }}
              path={["type"]}
              label={t`Type`}
              choices={[
                { value: "Opaque", label: t`Any entries` },
                { value: "kubernetes.io/tls", label: t`TLS certificate` },
                { value: "kubernetes.io/basic-auth", label: t`Name and password` },
                { value: "kubernetes.io/ssh-auth", label: t`SSH key` },
                { value: "kubernetes.io/dockerconfigjson", label: t`Image registry` },
              ]}
            />
          )}
        </Columns>
      </Section>
      <Section title={<Trans>Entries</Trans>}>
        {entries.map(([key, value], index) => (
          <Group key={index} align="flex-start" wrap="nowrap">
            <TextInput
              label={t`Key`}
              classNames={{ input: "mono" }}
              value={key}
              readOnly={isSecret && type !== "Opaque"}
              onChange={(event) => write(entries.map((entry, at) => (at === index ? [event.currentTarget.value, value] : entry)))}
            />
            <Textarea
              label={t`Value`}
              autosize
              minRows={1}
              maxRows={12}
              style={{ flex: 1 }}
              classNames={{ input: "mono" }}
              value={value}
              onChange={(event) => write(entries.map((entry, at) => (at === index ? [key, event.currentTarget.value] : entry)))}
            />
            <ActionIcon mt={22} aria-label={t`Remove the entry`} onClick={() => write(entries.filter((_, at) => at !== index))}>
              <IconTrash size={15} />
            </ActionIcon>
          </Group>
        ))}
        <Group gap={4}>
          <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={14} />} disabled={entries.some(([key]) => key === "")} onClick={() => write([...entries, ["", ""]])}>
            <Trans>Add an entry</Trans>
          </Button>
          <FileButton onChange={(file) => file && void file.text().then((text) => write([...entries.filter(([key]) => key !== "" && key !== file.name), [file.name, text]]))}>
            {(props) => (
              <Button {...props} variant="subtle" size="compact-xs" leftSection={<IconUpload size={14} />}>
                <Trans>From a file</Trans>
              </Button>
            )}
          </FileButton>
        </Group>
      </Section>
    </>
  );
}
