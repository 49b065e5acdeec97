/** The platform's accounts. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked, useRefresh } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { useCan } from "@/api/session";
import { choicesOf, useRoleTitles } from "@/features/access/roleNames";
import { Go, useSearchState } from "@/router/Go";
import { Age, Card, confirm, Empty, IconPlus, IconSearch, IconUser, Page, PermittedButton, Select, ShownOnce, SmallForm, Status, Table, TextInput, useDebouncedValue } from "@/ui";
import { standing, useStandings } from "./standing";

const WAIT = 200;

export default function Users() {
  const { t } = useLingui();
  const [search, change] = useSearchState();
  const [words, setWords] = useState(search.q ?? "");
  const [q] = useDebouncedValue(words, WAIT);
  const found = useAsked<Schemas["Users"]>("/users", { search: q });
  const roles = useAsked<Schemas["Members"]>("/platform/members", { limit: 1000 }).data?.items ?? [];
  const [can = { allowed: false }] = useCan("host", "", [{ verb: "create", group: "iam.armillary.io", resource: "users" }]);
  const titled = useRoleTitles("/platform");
  const standings = useStandings();
  const state = search.state;
  return (
    <Page
      title={t`Users`}
      aside={<span className="dim">{found.data?.items.length}</span>}
      actions={<PermittedButton can={can} leftSection={<IconPlus size={15} />} onClick={createUser}><Trans>Create user</Trans></PermittedButton>}
      toolbar={
        <>
          <TextInput w={280} aria-label={t`Filter`} placeholder={t`Name or e-mail address`} leftSection={<IconSearch size={14} />} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
          <Select aria-label={t`Status`} placeholder={t`Any status`} w={170} clearable data={Object.entries(standings).map(([value, { label }]) => ({ value, label }))} value={state ?? null} onChange={(value) => change({ state: value ?? undefined })} />
        </>
      }
    >
      <Card flush>
        <Answer of={found}>
          {({ items }) => (
            <Table
              label={t`Users`}
              filterFrom={Infinity}
              rows={items.filter((user) => !state || standing(user) === state)}
              keyOf={(row) => row.name}
              columns={[
                { id: "name", title: t`Name`, value: (row) => row.name, cell: (row) => <><Go to={`/platform/users/${segment(row.name)}`}>{row.name}</Go> {row.displayName && <span className="dim">{row.displayName}</span>}</> },
                { id: "state", title: t`Status`, value: standing, cell: (row) => <Status value={standings[standing(row)].label} tone={standings[standing(row)].tone} /> },
                { id: "role", title: t`Platform role`, value: (row) => titled(roles.find((each) => each.user === row.name)?.role ?? "") },
                { id: "email", title: t`E-mail`, value: (row) => row.email },
                { id: "providers", title: t`Signs in by`, value: (row) => row.providers.join(", ") || t`Password` },
                { id: "login", title: t`Last sign-in`, align: "end", value: (row) => row.lastLogin, cell: (row) => (row.lastLogin ? <Age since={row.lastLogin} /> : <span className="dim"><Trans>Never</Trans></span>) },
              ]}
              empty={<Empty icon={IconUser} title={<Trans>No users were found</Trans>} />}
            />
          )}
        </Answer>
      </Card>
    </Page>
  );
}

const createUser = () => confirm({ title: <Trans>Create a user</Trans>, form: () => <CreateUser /> });

function CreateUser() {
  const { t } = useLingui();
  const refresh = useRefresh();
  const roles = choicesOf(useAsked<Schemas["Roles"]>("/platform/roles").data?.items ?? []);
  const [values, setValues] = useState({ name: "", displayName: "", email: "" });
  const [role, setRole] = useState("platform-regular");
  const [made, setMade] = useState<Schemas["FirstPassword"]>();
  const [fault, setFault] = useState("");
  const field = (name: keyof typeof values) => ({ value: values[name], onChange: (event: { currentTarget: { value: string } }) => setValues({ ...values, [name]: event.currentTarget.value }) });
  const send = async () => {
    setFault("");
    try {
      const first = await platform<Schemas["FirstPassword"]>("POST", "/users", { body: values });
      setMade(first);
      const { results } = await platform<Schemas["Outcomes"]>("POST", "/platform/members", { body: { members: [{ user: first.name, role }] } });
      setFault(results[0]?.message ?? "");
    } catch (caught) {
      setFault((caught as Error).message);
    }
    await refresh();
  };
  if (made) {
    const { name, password } = made;
    return (
      <>
        <p><Trans>The user {name} is created. Pass this password on by a safe way; it has to be changed at the first sign-in.</Trans></p>
        <ShownOnce label={t`First password`} value={password} />
        {fault && <p role="alert" style={{ color: "var(--bad)" }}>{fault}</p>}
      </>
    );
  }
  return (
    <SmallForm action={<Trans>Create</Trans>} disabled={!values.name} send={() => void send()}>
      <TextInput data-autofocus required label={t`User name`} description={t`What they sign in with; it cannot be changed later`} {...field("name")} />
      <TextInput label={t`Display name`} {...field("displayName")} />
      <TextInput type="email" label={t`E-mail`} {...field("email")} />
      <Select label={t`Platform role`} data={roles} value={role} allowDeselect={false} onChange={(value) => setRole(value ?? role)} />
      {fault && <p role="alert" style={{ color: "var(--bad)", margin: 0 }}>{fault}</p>}
    </SmallForm>
  );
}
