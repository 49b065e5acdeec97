/** Access tokens, for programs that act as a person. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked, useRefresh } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { Age, Badge, Button, Card, Checkbox, confirm, Empty, Fault, IconKey, IconPlus, NumberInput, type Permission, ShownOnce, SmallForm, Table, TextInput, told } from "@/ui";

const MINE: Permission = { allowed: true };
const DAYS = 30;
const MOST_DAYS = 365;

export function Tokens({ path, can = MINE, mine }: { path: string; can?: Permission; mine?: boolean }) {
  const { t, i18n } = useLingui();
  const found = useAsked<Schemas["Tokens"]>(path);
  const refresh = useRefresh();
  const end = (name: string) =>
    confirm({
      title: <Trans>End this token?</Trans>,
      children: <Trans>Programs that use it are refused from now on.</Trans>,
      action: <Trans>End it</Trans>,
      danger: true,
      run: async () => {
        await platform("DELETE", `${path}/${segment(name)}`);
        told(<Trans>It is ended.</Trans>);
        await refresh();
      },
    });
  const create = () => confirm({ title: <Trans>Create an access token</Trans>, form: () => <CreateToken path={path} /> });
  return (
    <Card flush title={<Trans>Access tokens</Trans>} actions={mine && <Button leftSection={<IconPlus size={15} />} onClick={create}><Trans>Create token</Trans></Button>}>
      <Answer of={found}>
        {({ items }) => (
          <Table
            label={t`Access tokens`}
            rows={items}
            keyOf={(row) => row.name}
            columns={[
              { id: "name", title: t`What it is for`, value: (row) => row.displayName || row.name },
              { id: "scopes", title: t`May be used for`, value: (row) => row.scopes.join(" "), cell: (row) => row.scopes.map((scope) => <Badge key={scope} variant="light" tt="none" mr={4}>{scope}</Badge>) },
              { id: "created", title: t`Created`, value: (row) => row.created, cell: (row) => <Age since={row.created} /> },
              { id: "expires", title: t`Expires`, value: (row) => row.expires, cell: (row) => (row.expires ? new Date(row.expires).toLocaleDateString(i18n.locale) : t`Never`) },
              { id: "seen", title: t`Last used`, value: (row) => row.seen, cell: (row) => (row.seen ? <Age since={row.seen} /> : t`Never`) },
              {
                id: "actions", title: <span className="sr-only">{t`Actions`}</span>, align: "end", narrow: true,
                cell: (row) => can.allowed && <Button variant="subtle" color="red" onClick={() => end(row.name)}><Trans>End</Trans></Button>,
              },
            ]}
            empty={<Empty icon={IconKey} title={<Trans>No access tokens</Trans>}><Trans>Scripts and pipelines sign in with a token instead of a password.</Trans></Empty>}
          />
        )}
      </Answer>
    </Card>
  );
}

function CreateToken({ path }: { path: string }) {
  const { t } = useLingui();
  const refresh = useRefresh();
  const [displayName, setDisplayName] = useState("");
  const [scopes, setScopes] = useState(["read"]);
  const [days, setDays] = useState<string | number>(DAYS);
  const [made, setMade] = useState("");
  const [error, setError] = useState<unknown>(null);
  const send = async () => {
    try {
      const token = await platform<Schemas["ShownToken"]>("POST", path, { body: { displayName, scopes, days } });
      setMade(token.token ?? "");
      await refresh();
    } catch (caught) {
      setError(caught);
    }
  };
  if (made) return <ShownOnce label={t`Access token`} value={made} />;
  return (
    <SmallForm action={<Trans>Create</Trans>} disabled={scopes.length === 0 || typeof days !== "number"} send={() => void send()}>
      <TextInput data-autofocus label={t`What it is for`} placeholder={t`Nightly backup`} value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
      <Checkbox.Group label={t`May be used for`} value={scopes} onChange={setScopes}>
        <Checkbox mt="xs" value="read" label={t`Reading only`} />
        <Checkbox mt="xs" value="platform" label={t`The platform: workspaces, people, settings`} />
        <Checkbox mt="xs" value="kubernetes" label={t`Clusters: all that Kubernetes serves`} />
        <Checkbox mt="xs" value="all" label={t`Everything I may do`} />
      </Checkbox.Group>
      <NumberInput label={t`Valid for days`} min={1} max={MOST_DAYS} allowDecimal={false} value={days} onChange={setDays} />
      {error !== null && <Fault error={error} />}
    </SmallForm>
  );
}
