/** Environment variables: given, or from config maps, secrets and the pod itself. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Button, Group, Select, Textarea } from "@/ui";
import { useAt } from "../engine/form";
import { CONFIG_MAPS, SECRETS, useNames, useObjects } from "../engine/useNames";
import { Entries, NameAt, PickAt, Row, TextAt } from "../fields";
import { fromOrigin, originOf, type Origin, type Variable, variablesOf } from "./container";
import type { At } from "./ContainerFields";

export function EnvironmentFields({ at }: { at: At }) {
  const configMaps = useNames(CONFIG_MAPS);
  const secrets = useNames(SECRETS);
  return (
    <>
      <Entries<Variable> at={at("env")} add={<Trans>Add a variable</Trans>} blank={() => ({ name: "", value: "" })}>
        {(variable) => <VariableFields at={variable} />}
      </Entries>
      <ManyVariables at={at} />
      <Entries<Record<string, unknown>>
        at={at("envFrom")}
        add={<Trans>Add all entries of a config map or secret</Trans>}
        blank={() => ({ configMapRef: { name: "" } })}
      >
        {(source, entry) => (
          <Row>
            <SourcePick at={source} of={"secretRef" in entry ? "secretRef" : "configMapRef"} />
            {"secretRef" in entry ? (
              <NameAt key="secret" at={source("secretRef", "name")} names={secrets} required label={<Trans>Secret</Trans>} />
            ) : (
              <NameAt key="config" at={source("configMapRef", "name")} names={configMaps} required label={<Trans>Config map</Trans>} />
            )}
            <TextAt at={source("prefix")} label={<Trans>Prefix of names</Trans>} />
          </Row>
        )}
      </Entries>
    </>
  );
}

function SourcePick({ at, of }: { at: At; of: string }) {
  const { t } = useLingui();
  const [, change] = useAt<Record<string, unknown>>(at());
  const data = [
    { value: "configMapRef", label: t`Config map` },
    { value: "secretRef", label: t`Secret` },
  ];
  return <Select label={<Trans>All entries of</Trans>} data={data} allowDeselect={false} value={of} onChange={(next) => next && next !== of && change({ [next]: { name: "" } })} />;
}

function VariableFields({ at }: { at: At }) {
  const { t } = useLingui();
  const [found, change] = useAt<Variable>(at());
  const variable = found ?? { name: "" };
  const origin = originOf(variable);
  const data = [
    { value: "value", label: t`Value` },
    { value: "configMapKeyRef", label: t`Config map` },
    { value: "secretKeyRef", label: t`Secret` },
    { value: "fieldRef", label: t`Field of the pod` },
    ...(origin === "other" ? [{ value: "other", label: t`Something else (in the YAML)` }] : []),
  ];
  return (
    <Row>
      <TextAt at={at("name")} required mono label={<Trans>Name</Trans>} />
      <Select label={<Trans>From</Trans>} data={data} allowDeselect={false} value={origin} onChange={(next) => next && next !== origin && next !== "other" && change(fromOrigin(variable, next as Origin))} />
      {origin === "value" && <TextAt at={at("value")} mono kept label={<Trans>Value</Trans>} />}
      {origin === "fieldRef" && (
        <PickAt
          at={at("valueFrom", "fieldRef", "fieldPath")}
          data={["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.podIP", "status.hostIP"]}
          label={<Trans>Field</Trans>}
        />
      )}
      {origin === "configMapKeyRef" && <KeyFields at={(...path) => at("valueFrom", "configMapKeyRef", ...path)} of="configmap" />}
      {origin === "secretKeyRef" && <KeyFields at={(...path) => at("valueFrom", "secretKeyRef", ...path)} of="secret" />}
    </Row>
  );
}

function KeyFields({ at, of }: { at: At; of: "configmap" | "secret" }) {
  const objects = useObjects(of === "secret" ? SECRETS : CONFIG_MAPS);
  const [name] = useAt<string>(at("name"));
  const chosen = objects.find((object) => object.metadata.name === name);
  const keys = Object.keys({ ...chosen?.data, ...chosen?.binaryData });
  return (
    <>
      <NameAt at={at("name")} names={objects.map((object) => object.metadata.name)} required label={of === "secret" ? <Trans>Secret</Trans> : <Trans>Config map</Trans>} />
      <NameAt at={at("key")} names={keys} required label={<Trans>Key</Trans>} />
    </>
  );
}

function ManyVariables({ at }: { at: At }) {
  const [env, change] = useAt<Variable[]>(at("env"));
  const [text, setText] = useState<string>();
  if (text === undefined)
    return (
      <Button variant="subtle" size="compact-xs" mb={10} onClick={() => setText("")}>
        <Trans>Paste many as NAME=value</Trans>
      </Button>
    );
  const found = variablesOf(text);
  const count = found.length;
  const add = () => {
    const names = new Set(found.map((each) => each.name));
    change([...(env ?? []).filter((each) => each.name && !names.has(each.name)), ...found]);
    setText(undefined);
  };
  return (
    <>
      <Textarea label={<Trans>One NAME=value a line</Trans>} autosize minRows={4} maxRows={12} styles={{ input: { fontFamily: "var(--mono)" } }} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <Group mt={6} mb={10}>
        <Button size="compact-xs" disabled={count === 0} onClick={add}>
          <Trans>Add {count}</Trans>
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => setText(undefined)}>
          <Trans>Cancel</Trans>
        </Button>
      </Group>
    </>
  );
}
