/** One's own account. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { platform, segment } from "@/api/client";
import { type Schemas, useAsked } from "@/api/ask";
import { usePreferences } from "@/api/preferences";
import { choose, me as mine, useMe } from "@/api/session";
import { useSaving } from "@/features/tenancy/QuotaPage";
import { LANGUAGES, type Language } from "@/i18n";
import { useSearchState } from "@/router/Go";
import { Button, Card, Facts, failed, Fault, IconDownload, Page, PasswordInput, SegmentedControl, Select, SmallForm, Stack, Tabs, TextInput, told, useMantineColorScheme } from "@/ui";
import { Applications } from "./Applications";
import { Logins } from "./Logins";
import { Sessions } from "./Sessions";
import { Tokens } from "./Tokens";
import styles from "../tenancy/Tenancy.module.css";

export default function MePage() {
  const { t } = useLingui();
  const me = useMe();
  const [search, change] = useSearchState();
  const tabs = [
    { id: "profile", title: t`Profile`, body: <><Profile /><Appearance /></> },
    { id: "password", title: t`Password`, body: <Password /> },
    { id: "sessions", title: t`Sessions`, body: <Sessions path="/me/sessions" mine /> },
    { id: "tokens", title: t`Access tokens`, body: <Tokens path="/me/tokens" mine /> },
    { id: "applications", title: t`Applications`, body: <Applications /> },
    { id: "kubeconfig", title: "kubeconfig", body: <Kubeconfig /> },
    { id: "logins", title: t`Sign-ins`, body: <Logins user={me.name} /> },
  ];
  const active = tabs.some((tab) => tab.id === search.tab) ? search.tab! : "profile";
  return (
    <Page title={t`Your settings`}>
      <Tabs value={active} onChange={(tab) => change({ tab: tab === "profile" ? undefined : (tab ?? undefined) })} keepMounted={false}>
        <Tabs.List mb="md">{tabs.map((tab) => <Tabs.Tab key={tab.id} value={tab.id}>{tab.title}</Tabs.Tab>)}</Tabs.List>
        {tabs.map((tab) => <Tabs.Panel key={tab.id} value={tab.id}>{tab.body}</Tabs.Panel>)}
      </Tabs>
    </Page>
  );
}

function Profile() {
  const { t } = useLingui();
  const me = useMe();
  const queries = useQueryClient();
  const [displayName, setDisplayName] = useState(me.displayName);
  const [phone, setPhone] = useState(me.phone);
  const { error, save } = useSaving(async () => {
    await platform("PATCH", "/me", { body: { displayName, phone } });
    await queries.invalidateQueries({ queryKey: mine.queryKey });
  }, <Trans>Your profile is saved.</Trans>);
  return (
    <Card title={<Trans>Profile</Trans>} actions={<Button onClick={save}><Trans>Save</Trans></Button>}>
      <Facts items={[[<Trans key="name">User name</Trans>, me.name], [<Trans key="email">E-mail</Trans>, me.email], [<Trans key="groups">Groups</Trans>, me.groups.join(", ")]]} />
      <div className={styles.form} style={{ marginTop: 16 }}>
        <TextInput label={t`Display name`} value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
        <TextInput label={t`Phone`} value={phone} onChange={(event) => setPhone(event.currentTarget.value)} />
      </div>
      {error !== null && <Fault error={error} />}
    </Card>
  );
}

function Appearance() {
  const { t, i18n } = useLingui();
  const [preferences, prefer] = usePreferences();
  const landing = preferences?.landing ?? "/home";
  const beginnings = [{ value: "/home", label: t`Workbench` }, ...(preferences?.pinned ?? []).map((each) => ({ value: each.to, label: [each.place, each.name].filter(Boolean).join(" · ") }))];
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const change = async (language: Language) => {
    await choose(language).catch((error: unknown) => failed(<Trans>This did not work</Trans>, error));
  };
  return (
    <Card title={<Trans>Language and appearance</Trans>}>
      <div className={styles.form}>
        <Select label={t`Language`} data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))} value={i18n.locale} allowDeselect={false} onChange={(value) => void change(value as Language)} />
        <SegmentedControl aria-label={t`Appearance`} data={[{ value: "light", label: t`Light` }, { value: "dark", label: t`Dark` }, { value: "auto", label: t`As the system` }]} value={colorScheme} onChange={(value) => setColorScheme(value as "light" | "dark" | "auto")} />
        <Select label={t`First page`} description={t`Where the console begins: the workbench, or a page that you have pinned`} data={beginnings.some((each) => each.value === landing) ? beginnings : [...beginnings, { value: landing, label: landing }]} value={landing} allowDeselect={false} onChange={(value) => prefer(() => ({ landing: value ?? landing }))} />
      </div>
    </Card>
  );
}

function Password() {
  const { t } = useLingui();
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<unknown>(null);
  const send = async () => {
    setError(null);
    try {
      await platform("PUT", "/me/password", { body: { old, new: next } });
      told(<Trans>Your password is changed. Your other sessions have ended.</Trans>);
      [setOld, setNext, setAgain].forEach((set) => set(""));
    } catch (caught) {
      setError(caught);
    }
  };
  const differs = again !== "" && again !== next;
  return (
    <Card title={<Trans>Password</Trans>}>
      <div className={styles.form}>
        <SmallForm action={<Trans>Change password</Trans>} disabled={!old || !next || next !== again} send={() => void send()}>
          <PasswordInput label={t`Present password`} autoComplete="current-password" value={old} onChange={(event) => setOld(event.currentTarget.value)} />
          <PasswordInput label={t`New password`} autoComplete="new-password" value={next} onChange={(event) => setNext(event.currentTarget.value)} />
          <PasswordInput label={t`New password, once more`} autoComplete="new-password" error={differs ? t`The two are not the same` : undefined} value={again} onChange={(event) => setAgain(event.currentTarget.value)} />
        </SmallForm>
        {error !== null && <Fault error={error} />}
      </div>
    </Card>
  );
}

/** Given as a file; the platform answers with YAML. */
function Kubeconfig() {
  const { t } = useLingui();
  const clusters = useAsked<Schemas["ClusterList"]>("/clusters").data?.items.map((each) => each.name) ?? [];
  const [cluster, setCluster] = useState("host");
  const href = `/platform/v1/me/kubeconfig?cluster=${segment(cluster)}`;
  return (
    <Card title="kubeconfig">
      <Stack gap="sm" maw={560}>
        <p style={{ margin: 0 }}><Trans>With this file kubectl works with the cluster as you, with your rights. It holds no secret: kubectl asks <code>armillary</code> for a token.</Trans></p>
        <Select label={t`Cluster`} data={[...new Set(["host", ...clusters])]} value={cluster} allowDeselect={false} onChange={(value) => setCluster(value ?? cluster)} />
        <Button component="a" href={href} download={`${cluster}.kubeconfig`} leftSection={<IconDownload size={15} />} style={{ alignSelf: "start" }}><Trans>Download</Trans></Button>
      </Stack>
    </Card>
  );
}
