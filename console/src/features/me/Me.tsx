/** Oneself: profile, password, sessions, tokens, kubeconfig. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { platform, segment } from "@/api/client";
import { useMe } from "@/api/session";
import type { Schema } from "@/api/types";
import { Secret } from "@/features/platform/Users";
import { type Language, LANGUAGES, speak } from "@/i18n";
import {
  Age, Badge, Button, Card, confirm, Empty, failed, Fault, Group, IconDownload, IconKey, IconPlus, NumberInput, Page, PasswordInput, Rows, Select, Stack, TextInput, told,
} from "@/ui";

export default function Me() {
  const { t } = useLingui();
  return (
    <Page title={t`Settings`}>
      <Profile />
      <Password />
      <Tokens />
      <Sessions />
      <Kubeconfig />
    </Page>
  );
}

function Profile() {
  const { t, i18n } = useLingui();
  const me = useMe();
  const queries = useQueryClient();
  const [displayName, setDisplayName] = useState(me.displayName);
  const save = async () => {
    try {
      await platform("PATCH", "/me", { body: { displayName, language: i18n.locale } });
      await queries.invalidateQueries({ queryKey: ["me"] });
      told(<Trans>Saved.</Trans>);
    } catch (error) {
      failed(<Trans>This did not work</Trans>, error);
    }
  };
  return (
    <Card title={<Trans>Profile</Trans>}>
      <Stack gap="sm" maw={420}>
        <TextInput label={t`Name`} value={me.name} readOnly />
        <TextInput label={t`Alias`} value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
        <Select
          label={t`Language`}
          allowDeselect={false}
          data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          value={i18n.locale}
          onChange={(language) => language && void speak(language as Language)}
        />
        <Group>
          <Button onClick={() => void save()}><Trans>Save</Trans></Button>
        </Group>
      </Stack>
    </Card>
  );
}

function Password() {
  const { t } = useLingui();
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    setError(null);
    try {
      await platform("PUT", "/me/password", { body: { old, new: next } });
      told(<Trans>The password is changed. Other sessions have ended.</Trans>);
      for (const set of [setOld, setNext, setAgain]) set("");
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <Card title={<Trans>Password</Trans>}>
      {error !== null && <Fault error={error} />}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack gap="sm" maw={420}>
          <PasswordInput label={t`Present password`} autoComplete="current-password" value={old} onChange={(event) => setOld(event.currentTarget.value)} />
          <PasswordInput label={t`New password`} autoComplete="new-password" value={next} onChange={(event) => setNext(event.currentTarget.value)} />
          <PasswordInput label={t`New password, again`} autoComplete="new-password" error={again && again !== next ? t`It is not the same` : undefined} value={again} onChange={(event) => setAgain(event.currentTarget.value)} />
          <Group>
            <Button type="submit" disabled={!old || !next || next !== again}><Trans>Change</Trans></Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

function Tokens() {
  const { t } = useLingui();
  const queries = useQueryClient();
  const { data, error } = useQuery({ queryKey: ["tokens"], queryFn: () => platform<Schema<"Tokens">>("GET", "/me/tokens") });
  const again = () => void queries.invalidateQueries({ queryKey: ["tokens"] });
  const create = () =>
    confirm({
      title: <Trans>Create an access token</Trans>,
      form: (send) => (
        <TokenForm
          send={(body) =>
            send(async () => {
              const made = await platform<Schema<"ShownToken">>("POST", "/me/tokens", { body });
              again();
              confirm({ title: <Trans>Access token</Trans>, form: () => <Secret text={made.token} /> });
            })
          }
        />
      ),
    });
  const revoke = async (name: string) => {
    await platform("DELETE", `/me/tokens/${segment(name)}`).catch((caught: unknown) => failed(<Trans>This did not work</Trans>, caught));
    again();
  };
  return (
    <Card title={<Trans>Access tokens</Trans>} flush actions={<Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} onClick={create}><Trans>Create</Trans></Button>}>
      {error && <Fault error={error} />}
      {data && (
        <Rows
          label={t`Access tokens`}
          items={data.items}
          keyOf={(each) => each.name}
          empty={<Empty icon={IconKey} title={<Trans>No tokens</Trans>}><Trans>Programs use a token instead of your password.</Trans></Empty>}
          columns={[
            { title: <Trans>For</Trans>, cell: (each) => each.displayName || each.name },
            { title: <Trans>May do</Trans>, cell: (each) => each.scopes.join(", ") },
            { title: <Trans>Until</Trans>, cell: (each) => each.expires?.slice(0, 10) ?? "–" },
            { title: <Trans>Last used</Trans>, cell: (each) => <Age since={each.seen} /> },
            { title: <span className="sr-only"><Trans>Actions</Trans></span>, end: true, cell: (each) => <Button size="compact-sm" variant="subtle" color="red" onClick={() => void revoke(each.name)}><Trans>Revoke</Trans></Button> },
          ]}
        />
      )}
    </Card>
  );
}

const DAYS = 90;

function TokenForm({ send }: { send: (token: { displayName: string; scopes: string[]; days: number }) => void }) {
  const { t } = useLingui();
  const [displayName, setDisplayName] = useState("");
  const [scope, setScope] = useState("all");
  const [days, setDays] = useState<number | string>(DAYS);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send({ displayName, scopes: [scope], days: Number(days) });
      }}
    >
      <Stack gap="sm">
        <TextInput data-autofocus label={t`What it is for`} value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
        <Select
          label={t`May do`}
          allowDeselect={false}
          data={[
            { value: "all", label: t`all that you may` },
            { value: "read", label: t`read only` },
            { value: "kubernetes", label: t`the clusters’ Kubernetes API` },
            { value: "platform", label: t`the platform’s own API` },
          ]}
          value={scope}
          onChange={(next) => next && setScope(next)}
        />
        <NumberInput label={t`Days`} min={1} max={366} value={days} onChange={setDays} />
      </Stack>
      <Group justify="flex-end" mt="md">
        <Button type="submit" disabled={!displayName || typeof days !== "number"}><Trans>Create</Trans></Button>
      </Group>
    </form>
  );
}

function Sessions() {
  const { t } = useLingui();
  const queries = useQueryClient();
  const { data, error } = useQuery({ queryKey: ["sessions"], queryFn: () => platform<Schema<"Sessions">>("GET", "/me/sessions") });
  const end = async (path: string) => {
    await platform("DELETE", path).catch((caught: unknown) => failed(<Trans>This did not work</Trans>, caught));
    await queries.invalidateQueries({ queryKey: ["sessions"] });
  };
  return (
    <Card title={<Trans>Sessions</Trans>} flush>
      {error && <Fault error={error} />}
      {data && (
        <Rows
          label={t`Sessions`}
          items={data.items}
          keyOf={(each) => each.name}
          empty={null}
          columns={[
            { title: <Trans>Application</Trans>, cell: (each) => <>{each.client || t`Browser`} {each.current && <Badge size="sm" variant="light" tt="none"><Trans>this one</Trans></Badge>}</> },
            { title: <Trans>From</Trans>, cell: (each) => <span className="mono">{each.address}</span> },
            { title: <Trans>Began</Trans>, cell: (each) => <Age since={each.created} /> },
            { title: <Trans>Last used</Trans>, cell: (each) => <Age since={each.seen} /> },
            { title: <span className="sr-only"><Trans>Actions</Trans></span>, end: true, cell: (each) => !each.current && <Button size="compact-sm" variant="subtle" color="red" onClick={() => void end(`/me/sessions/${segment(each.name)}`)}><Trans>End</Trans></Button> },
          ]}
        />
      )}
    </Card>
  );
}

function Kubeconfig() {
  return (
    <Card title={<Trans>kubectl</Trans>}>
      <p><Trans>With this file kubectl works as you, with your rights, through the platform.</Trans></p>
      <Button component="a" href="/platform/v1/me/kubeconfig" download="kubeconfig" variant="default" leftSection={<IconDownload size={15} />}>
        <Trans>Download the kubeconfig</Trans>
      </Button>
    </Card>
  );
}
