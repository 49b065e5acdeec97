/** A provider is set up: its fields, its secret, and a test of what is stored. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import { useRefresh } from "@/api/ask";
import { kubernetes, platform, segment } from "@/api/client";
import { ApiError } from "@/api/errors";
import { getObject, type KubeObject, patchObject, pathOf } from "@/api/kube";
import { Go, useGo } from "@/router/Go";
import { Button, Card, Checkbox, Fault, IconChevronRight, NumberInput, Page, PasswordInput, PermittedButton, SegmentedControl, Switch, TagsInput, Textarea, TextInput, told } from "@/ui";
import { type Field, FIELDS, type ProviderType } from "./providerFields";
import { PROVIDERS, test, useProviderCan } from "./Providers";
import styles from "../tenancy/Tenancy.module.css";

type Values = Record<string, unknown>;

export default function ProviderPage() {
  const { provider } = useParams({ strict: false }) as { provider?: string };
  const found = useQuery({ queryKey: ["provider", provider], queryFn: () => getObject("host", PROVIDERS, "", provider!), enabled: Boolean(provider) });
  if (!provider) return <Editor />;
  return <Answer of={found}>{(item) => <Editor key={provider} item={item} />}</Answer>;
}

const beginning = (type: ProviderType): Values => Object.fromEntries(FIELDS[type].map((field) => [field.id, field.start ?? ""]));

function Editor({ item }: { item?: KubeObject }) {
  const { t } = useLingui();
  const permissions = useProviderCan();
  const can = item ? permissions.update : permissions.create;
  const go = useGo();
  const refresh = useRefresh();
  const [type, setType] = useState<ProviderType>(item?.spec.type ?? "ldap");
  const [name, setName] = useState(item?.metadata.name ?? "");
  const [displayName, setDisplayName] = useState<string>(item?.spec.displayName ?? "");
  const [anybody, setAnybody] = useState(item?.spec.accounts === "just-in-time");
  const [linked, setLinked] = useState(Boolean(item?.spec.linkByEmail));
  const [values, setValues] = useState<Values>({ ...beginning(type), ...(item?.spec[type] as Values | undefined) });
  const [secret, setSecret] = useState("");
  const [more, setMore] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const whole = name !== "" && FIELDS[type].every((field) => !field.required || values[field.id]);
  const save = async () => {
    setError(null);
    const spec = { type, displayName, accounts: anybody ? "just-in-time" : "invited", linkByEmail: linked, [type]: values };
    try {
      if (item) await patchObject("host", PROVIDERS, "", name, { spec });
      else await kubernetes("host", "POST", pathOf(PROVIDERS), { body: { apiVersion: `${PROVIDERS.group}/v1`, kind: "IdentityProvider", metadata: { name }, spec } });
      if (secret) await platform("PUT", `/identityproviders/${segment(name)}/secret`, { body: { value: secret } });
      told(<Trans>{name} is saved. Test it now.</Trans>);
      await refresh();
      if (!item) go(`/platform/identity/${segment(name)}`);
    } catch (caught) {
      setError(caught);
    }
  };
  const fields = FIELDS[type];
  const faultOf = (id: string) => (error instanceof ApiError ? error.of(`spec.${type}.${id}`) : undefined);
  const draw = (field: Field) => <Input key={field.id} field={field} value={values[field.id]} disabled={!can.allowed} fault={faultOf(field.id)} change={(value) => setValues({ ...values, [field.id]: value })} />;
  return (
    <Page
      name={name || t`Add a provider`}
      title={<span style={{ display: "inline-flex", alignItems: "center", gap: 6 }}><Go to="/platform/identity"><Trans>Sign-in providers</Trans></Go> <IconChevronRight size={15} aria-hidden /> {item ? name : <Trans>New</Trans>}</span>}
      actions={
        <>
          {item && <PermittedButton can={permissions.update} variant="default" onClick={() => test(name)}><Trans>Test</Trans></PermittedButton>}
          <PermittedButton can={can} disabled={!whole} onClick={() => void save()}><Trans>Save</Trans></PermittedButton>
        </>
      }
    >
      <Card>
        <div className={styles.form}>
          {!item && (
            <SegmentedControl
              aria-label={t`Type`}
              data={[{ value: "ldap", label: t`Directory (LDAP)` }, { value: "oidc", label: "OpenID Connect" }]}
              value={type}
              onChange={(chosen) => {
                setType(chosen as ProviderType);
                setValues(beginning(chosen as ProviderType));
              }}
            />
          )}
          <TextInput label={t`Name`} required disabled={Boolean(item)} description={t`Lower-case letters, digits and hyphens; it cannot be changed later`} value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <TextInput label={t`Alias`} description={t`Shown on the sign-in page`} disabled={!can.allowed} value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
          {fields.filter((field) => !field.more).map(draw)}
          <PasswordInput label={type === "ldap" ? t`Password of the bind DN` : t`Client secret`} description={item?.spec.secret ? t`One is kept; leave empty to keep it` : undefined} autoComplete="new-password" disabled={!can.allowed} value={secret} onChange={(event) => setSecret(event.currentTarget.value)} />
          <Checkbox label={t`Everybody it vouches for may come`} description={t`Otherwise only people who have an account here`} disabled={!can.allowed} checked={anybody} onChange={(event) => setAnybody(event.currentTarget.checked)} />
          <Checkbox label={t`The same verified e-mail address is the same person`} disabled={!can.allowed} checked={linked} onChange={(event) => setLinked(event.currentTarget.checked)} />
          <Button variant="subtle" aria-expanded={more} style={{ justifySelf: "start" }} onClick={() => setMore(!more)}>{more ? <Trans>Fewer settings</Trans> : <Trans>More settings</Trans>}</Button>
          {more && fields.filter((field) => field.more).map(draw)}
        </div>
        {error !== null && <Fault error={error} />}
      </Card>
    </Page>
  );
}

interface InputProps {
  field: Field;
  value: unknown;
  disabled: boolean;
  fault?: string;
  change: (value: unknown) => void;
}

function Input({ field, value, disabled, fault, change }: InputProps) {
  const { t } = useLingui();
  const common = { label: t(field.label), description: field.hint && t(field.hint), disabled, error: fault, required: field.required };
  if (field.kind === "switch") return <Switch {...common} checked={Boolean(value)} onChange={(event) => change(event.currentTarget.checked)} />;
  if (field.kind === "number") return <NumberInput {...common} min={0} allowDecimal={false} value={Number(value)} onChange={(amount) => change(Number(amount))} />;
  if (field.kind === "words") return <TagsInput {...common} acceptValueOnBlur value={(value as string[] | undefined) ?? []} onChange={change} />;
  const text = { ...common, value: String(value ?? ""), onChange: (event: { currentTarget: { value: string } }) => change(event.currentTarget.value) };
  return field.kind === "pem" ? <Textarea {...text} className="mono" autosize minRows={3} maxRows={10} spellCheck={false} /> : <TextInput {...text} />;
}
