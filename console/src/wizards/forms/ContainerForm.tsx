/** One container: its image, what it needs, what it is told, how its health is looked at. */
import { Trans, useLingui } from "@lingui/react/macro";
import { get, type Path } from "@/lib/path";
import { ActionIcon, Button, Group, IconPlus, IconTrash, Select, TagsInput } from "@/ui";
import { ChoiceAt, NumberAt, type Place, TextAt } from "./fields";
import { Columns, Section } from "./Section";
import type { FormProps } from ".";

interface Props {
  form: FormProps;
  place: Place;
  path: Path;
  remove?: () => void;
}

export function ContainerForm({ place, path, remove }: Props) {
  const { t } = useLingui();
  const name = get<string>(place.object, [...path, "name"]) ?? "";
  return (
    <Section
      title={
        <Group justify="space-between" wrap="nowrap">
          <span><Trans>Container {name}</Trans></span>
          {remove && (
            <ActionIcon aria-label={t`Remove the container`} onClick={remove}>
              <IconTrash size={15} />
            </ActionIcon>
          )}
        </Group>
      }
    >
      <Columns>
        <TextAt place={place} path={[...path, "name"]} label={t`Name`} required />
        <TextAt place={place} path={[...path, "image"]} label={t`Image`} placeholder="nginx:stable" mono required />
      </Columns>
      <Ports place={place} path={path} />
      <Columns>
        <TextAt place={place} path={[...path, "resources", "requests", "cpu"]} label={t`CPU request`} placeholder="100m" mono />
        <TextAt place={place} path={[...path, "resources", "limits", "cpu"]} label={t`CPU limit`} placeholder="500m" mono />
        <TextAt place={place} path={[...path, "resources", "requests", "memory"]} label={t`Memory request`} placeholder="64Mi" mono />
        <TextAt place={place} path={[...path, "resources", "limits", "memory"]} label={t`Memory limit`} placeholder="256Mi" mono />
      </Columns>
      <Environment place={place} path={path} />
      <Section folded title={<Trans>Command</Trans>} note={<Trans>instead of what the image does</Trans>}>
        <Words place={place} path={[...path, "command"]} label={t`Command`} />
        <Words place={place} path={[...path, "args"]} label={t`Arguments`} />
        <ChoiceAt
          place={place}
          path={[...path, "imagePullPolicy"]}
          label={t`Pull the image`}
          choices={[{ value: "IfNotPresent", label: t`if it is not there` }, { value: "Always", label: t`at every start` }, { value: "Never", label: t`never` }]}
        />
      </Section>
      <Section folded title={<Trans>Health</Trans>} note={<Trans>when it is ready, and when it is started again</Trans>}>
        <Probe place={place} path={[...path, "readinessProbe"]} label={t`Ready when`} />
        <Probe place={place} path={[...path, "livenessProbe"]} label={t`Alive while`} />
      </Section>
    </Section>
  );
}

function Words({ place, path, label }: { place: Place; path: Path; label: string }) {
  const { t } = useLingui();
  const words = get<string[]>(place.object, path) ?? [];
  return <TagsInput label={label} description={t`One word after the other, each ended by Enter`} allowDuplicates splitChars={[]} value={words} onChange={(next) => place.write(path, next.length ? next : undefined)} />;
}

function Ports({ place, path }: { place: Place; path: Path }) {
  const { t } = useLingui();
  const at = [...path, "ports"];
  const ports = get<unknown[]>(place.object, at) ?? [];
  return (
    <>
      {ports.map((_, index) => (
        <Group key={index} align="flex-end" wrap="nowrap">
          <TextAt place={place} path={[...at, index, "name"]} label={t`Port name`} placeholder="http" />
          <NumberAt place={place} path={[...at, index, "containerPort"]} label={t`Port`} min={1} max={65535} required />
          <ChoiceAt place={place} path={[...at, index, "protocol"]} label={t`Protocol`} choices={["TCP", "UDP", "SCTP"].map((value) => ({ value, label: value }))} />
          <ActionIcon aria-label={t`Remove the port`} onClick={() => place.write([...at, index], undefined)}>
            <IconTrash size={15} />
          </ActionIcon>
        </Group>
      ))}
      <div>
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={14} />} onClick={() => place.write([...at, ports.length], { name: ports.length ? `port-${ports.length + 1}` : "http", containerPort: 80 })}>
          <Trans>Add a port</Trans>
        </Button>
      </div>
    </>
  );
}

function Environment({ place, path }: { place: Place; path: Path }) {
  const { t } = useLingui();
  const at = [...path, "env"];
  const variables = get<{ name: string; value?: string; valueFrom?: unknown }[]>(place.object, at) ?? [];
  return (
    <>
      {variables.map((each, index) => (
        <Group key={index} align="flex-end" wrap="nowrap">
          <TextAt place={place} path={[...at, index, "name"]} label={t`Variable`} mono />
          {each.valueFrom ? <Reference place={place} path={[...at, index, "valueFrom"]} /> : <TextAt place={place} path={[...at, index, "value"]} label={t`Value`} mono />}
          <ActionIcon aria-label={t`Remove the variable`} onClick={() => place.write([...at, index], undefined)}>
            <IconTrash size={15} />
          </ActionIcon>
        </Group>
      ))}
      <Group gap={4}>
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={14} />} onClick={() => place.write([...at, variables.length], { name: "", value: "" })}>
          <Trans>Add a variable</Trans>
        </Button>
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={14} />} onClick={() => place.write([...at, variables.length], { name: "", valueFrom: { secretKeyRef: { name: "", key: "" } } })}>
          <Trans>From a secret or config map</Trans>
        </Button>
      </Group>
    </>
  );
}

function Reference({ place, path }: { place: Place; path: Path }) {
  const { t } = useLingui();
  const kinds = { secretKeyRef: t`Secret`, configMapKeyRef: t`Config map` };
  const found = get<Record<string, object>>(place.object, path) ?? {};
  const kind = Object.keys(found)[0] ?? "secretKeyRef";
  return (
    <>
      <Select label={t`From`} w={130} allowDeselect={false} data={Object.entries(kinds).map(([value, label]) => ({ value, label }))} value={kind} onChange={(next) => next && place.write(path, { [next]: found[kind] })} />
      <TextAt place={place} path={[...path, kind, "name"]} label={t`Name`} />
      <TextAt place={place} path={[...path, kind, "key"]} label={t`Key`} />
    </>
  );
}

const PROBES: Record<string, object> = {
  httpGet: { httpGet: { path: "/", port: 80 } },
  tcpSocket: { tcpSocket: { port: 80 } },
  exec: { exec: { command: ["true"] } },
};

function Probe({ place, path, label }: { place: Place; path: Path; label: string }) {
  const { t } = useLingui();
  const found = get<Record<string, unknown>>(place.object, path) ?? {};
  const kind = Object.keys(PROBES).find((each) => each in found) ?? "none";
  return (
    <Columns>
      <Select
        label={label}
        allowDeselect={false}
        data={[
          { value: "none", label: t`not looked at` },
          { value: "httpGet", label: t`it answers over HTTP` },
          { value: "tcpSocket", label: t`it accepts connections` },
          { value: "exec", label: t`a command succeeds` },
        ]}
        value={kind}
        onChange={(next) => place.write(path, PROBES[next ?? ""])}
      />
      {kind === "httpGet" && <TextAt place={place} path={[...path, "httpGet", "path"]} label={t`Path`} mono />}
      {(kind === "httpGet" || kind === "tcpSocket") && <NumberAt place={place} path={[...path, kind, "port"]} label={t`Port`} min={1} max={65535} />}
      {kind === "exec" && <Words place={place} path={[...path, "exec", "command"]} label={t`Command`} />}
      {kind !== "none" && <NumberAt place={place} path={[...path, "periodSeconds"]} label={t`Every … seconds`} min={1} placeholder="10" />}
    </Columns>
  );
}
