/** One account: profile, role, sessions, tokens, sign-ins; and what an administrator can do with it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked, useRefresh } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { useCan, useMe } from "@/api/session";
import { Logins } from "@/features/me/Logins";
import { Sessions } from "@/features/me/Sessions";
import { Tokens } from "@/features/me/Tokens";
import { useSaving } from "@/features/tenancy/QuotaPage";
import { Go, useGo } from "@/router/Go";
import { Age, Button, Card, confirm, Facts, failed, Fault, IconChevronRight, Page, PermittedButton, Select, ShownOnce, Status, TextInput, told } from "@/ui";
import { standing, useStandings } from "./standing";
import styles from "../tenancy/Tenancy.module.css";

type User = Schemas["ShownUser"];

export default function UserPage() {
  const { user } = useParams({ strict: false }) as { user: string };
  return <Answer of={useAsked<User>(`/users/${segment(user)}`)}>{(data) => <Account key={data.name} user={data} />}</Answer>;
}

function useUserCan(name: string) {
  const no = { allowed: false };
  const ask = (verb: string, resource: string) => ({ verb, group: "iam.armillary.io", resource, name });
  const asks = [ask("patch", "users"), ask("delete", "users"), ask("update", "users/password"), ask("delete", "users/sessions"), ask("delete", "users/tokens")];
  const [change = no, remove = no, password = no, sessions = no, tokens = no] = useCan("host", "", asks);
  return { change, remove, password, sessions, tokens };
}

function Account({ user }: { user: User }) {
  const { name } = user;
  const path = `/users/${segment(name)}`;
  const can = useUserCan(name);
  const me = useMe();
  const go = useGo();
  const refresh = useRefresh();
  const standings = useStandings();
  const enable = (disabled: boolean) => async () => {
    await platform("PATCH", path, { body: { disabled } });
    told(disabled ? <Trans>{name} is disabled.</Trans> : <Trans>{name} is enabled.</Trans>);
    await refresh();
  };
  const disable = () => confirm({ title: <Trans>Disable {name}?</Trans>, children: <Trans>They cannot sign in, and their sessions and tokens end at once.</Trans>, action: <Trans>Disable</Trans>, danger: true, run: enable(true) });
  const reset = () => confirm({ title: <Trans>Reset the password of {name}</Trans>, form: () => <ResetPassword name={name} /> });
  const end = () =>
    confirm({
      title: <Trans>Delete {name}?</Trans>,
      children: <Trans>The account, its sessions, its tokens and its memberships are deleted. What the person made stays.</Trans>,
      action: <Trans>Delete</Trans>,
      danger: true,
      typed: name,
      run: async () => {
        await platform("DELETE", path);
        told(<Trans>{name} is deleted.</Trans>);
        await refresh();
        go("/platform/users");
      },
    });
  const self = me.name === name;
  return (
    <Page
      name={name}
      title={<span style={{ display: "inline-flex", alignItems: "center", gap: 6 }}><Go to="/platform/users"><Trans>Users</Trans></Go> <IconChevronRight size={15} aria-hidden /> {name}</span>}
      aside={<Status value={standings[standing(user)].label} tone={standings[standing(user)].tone} />}
      actions={
        <>
          <PermittedButton can={can.password} variant="default" onClick={reset}><Trans>Reset password</Trans></PermittedButton>
          {user.disabled ? (
            <PermittedButton can={can.change} variant="default" onClick={() => void enable(false)().catch((error: unknown) => failed(<Trans>This did not work</Trans>, error))}><Trans>Enable</Trans></PermittedButton>
          ) : (
            <PermittedButton can={can.change} disabled={self} variant="default" onClick={disable}><Trans>Disable</Trans></PermittedButton>
          )}
          <PermittedButton can={can.remove} disabled={self} variant="outline" color="red" onClick={end}><Trans>Delete</Trans></PermittedButton>
        </>
      }
    >
      <Profile user={user} can={can.change} />
      <PlatformRole name={name} />
      <Sessions path={`${path}/sessions`} can={can.sessions} />
      <Tokens path={`${path}/tokens`} can={can.tokens} />
      <Logins user={name} />
    </Page>
  );
}

function Profile({ user, can }: { user: User; can: { allowed: boolean; reason?: string } }) {
  const { t } = useLingui();
  const refresh = useRefresh();
  const [values, setValues] = useState({ displayName: user.displayName, email: user.email, phone: user.phone, description: user.description });
  const field = (name: keyof typeof values) => ({ disabled: !can.allowed, value: values[name], onChange: (event: { currentTarget: { value: string } }) => setValues({ ...values, [name]: event.currentTarget.value }) });
  const { error, save } = useSaving(async () => {
    // An address can be changed, and not be taken away.
    const { email, ...rest } = values;
    await platform("PATCH", `/users/${segment(user.name)}`, { body: email === user.email ? rest : values });
    await refresh();
  }, <Trans>The profile is saved.</Trans>);
  return (
    <Card title={<Trans>Profile</Trans>} actions={<PermittedButton can={can} onClick={save}><Trans>Save</Trans></PermittedButton>}>
      <Facts
        items={[
          [<Trans key="by">Signs in by</Trans>, user.providers.join(", ") || t`Password`],
          [<Trans key="last">Last sign-in</Trans>, user.lastLogin ? <Age since={user.lastLogin} /> : t`Never`],
          [<Trans key="created">Created</Trans>, <Age key="age" since={user.created} />],
        ]}
      />
      <div className={styles.form} style={{ marginTop: 16 }}>
        <TextInput label={t`Display name`} {...field("displayName")} />
        <TextInput label={t`E-mail`} type="email" {...field("email")} />
        <TextInput label={t`Phone`} {...field("phone")} />
        <TextInput label={t`Description`} {...field("description")} />
      </div>
      {error !== null && <Fault error={error} />}
    </Card>
  );
}

const BINDINGS = ["create", "delete"].map((verb) => ({ verb, group: "rbac.authorization.k8s.io", resource: "clusterrolebindings" }));

function PlatformRole({ name }: { name: string }) {
  const { t } = useLingui();
  const refresh = useRefresh();
  const roles = useAsked<Schemas["Roles"]>("/platform/roles").data?.items ?? [];
  const held = useAsked<Schemas["Members"]>("/platform/members", { limit: 1000 }).data?.items.find((each) => each.user === name)?.role ?? "";
  const no = { allowed: false };
  const [make = no, remove = no] = useCan("host", "", BINDINGS);
  const can = make.allowed ? remove : make;
  const [wanted, setWanted] = useState<string>();
  const role = wanted ?? held;
  const { error, save } = useSaving(async () => {
    if (held) await platform("PATCH", `/platform/members/${segment(name)}`, { body: { role } });
    else {
      const { results } = await platform<Schemas["Outcomes"]>("POST", "/platform/members", { body: { members: [{ user: name, role }] } });
      if (results[0]?.message) throw new Error(results[0].message);
    }
    await refresh();
  }, <Trans>The role is saved.</Trans>);
  return (
    <Card title={<Trans>Platform role</Trans>} actions={<PermittedButton can={can} disabled={!role || role === held} onClick={save}><Trans>Save</Trans></PermittedButton>}>
      <Select maw={400} aria-label={t`Platform role`} placeholder={t`None`} description={roles.find((each) => each.name === role)?.description} disabled={!can.allowed} data={roles.map((each) => each.name)} value={role || null} allowDeselect={false} onChange={(value) => setWanted(value ?? held)} />
      {error !== null && <Fault error={error} />}
    </Card>
  );
}

function ResetPassword({ name }: { name: string }) {
  const { t } = useLingui();
  const [made, setMade] = useState("");
  const [error, setError] = useState<unknown>(null);
  const send = () => platform<Schemas["FirstPassword"]>("PUT", `/users/${segment(name)}/password`, { body: {} }).then((first) => setMade(first.password), setError);
  if (made) return <ShownOnce label={t`First password`} value={made} />;
  return (
    <>
      <p><Trans>A new first password is made, which has to be changed at the next sign-in. All sessions of {name} end.</Trans></p>
      {error !== null && <Fault error={error} />}
      <Button color="red" onClick={() => void send()}><Trans>Reset password</Trans></Button>
    </>
  );
}
