/** All workspaces that one may see, with how much of their quotas is used. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked, useRefresh } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { useCan, useMe } from "@/api/session";
import { Amounts, fitting, type Lines } from "@/features/tenancy/Amounts";
import { stateOf } from "@/features/tenancy/Projects";
import { amountOf } from "@/lib/quantity";
import { Go, useGo } from "@/router/Go";
import { Age, Card, confirm, Empty, IconBuilding, IconPlus, Page, PermittedButton, SmallForm, Status, Table, Textarea, TextInput, told } from "@/ui";

type Workspace = Schemas["WorkspaceView"];
const ASKS = [{ verb: "create", group: "tenancy.armillary.io", resource: "workspaces" }];

export default function Workspaces() {
  const { t } = useLingui();
  const found = useAsked<Schemas["Workspaces"]>("/workspaces");
  const [can = { allowed: false }] = useCan("host", "", ASKS);
  const refresh = useRefresh();
  const go = useGo();
  const create = () =>
    confirm({
      title: <Trans>Create a workspace</Trans>,
      size: 640,
      form: (send) => (
        <CreateWorkspace
          send={({ name, ...rest }) =>
            send(async () => {
              await platform("POST", "/workspaces", { body: { name, ...rest } });
              told(<Trans>The workspace {name} is created.</Trans>);
              await refresh();
              go(`/w/${segment(name)}`);
            })
          }
        />
      ),
    });
  const button = <PermittedButton can={can} leftSection={<IconPlus size={15} />} onClick={create}><Trans>Create workspace</Trans></PermittedButton>;
  return (
    <Page title={t`Workspaces`} aside={<span className="dim">{found.data?.items.length}</span>} actions={button}>
      <Card flush>
        <Answer of={found}>
          {({ items }) => (
            <Table
              label={t`Workspaces`}
              rows={items}
              keyOf={(row) => row.name}
              columns={[
                { id: "name", title: t`Name`, value: (row) => `${row.displayName} ${row.name}`.trim(), cell: (row) => <><Go to={`/w/${segment(row.name)}`}>{row.displayName || row.name}</Go> {row.displayName && <span className="dim">{row.name}</span>}</> },
                { id: "state", title: t`Status`, value: stateOf, cell: (row) => <span title={row.state.message}><Status value={stateOf(row)} /></span> },
                { id: "manager", title: t`Administrator`, value: (row) => row.manager },
                { id: "projects", title: t`Projects`, align: "end", value: (row) => row.projects },
                { id: "quota", title: t`Quota used`, value: fullest, cell: (row) => <Quota workspace={row} /> },
                { id: "created", title: t`Age`, align: "end", value: (row) => row.created, cell: (row) => <Age since={row.created} /> },
              ]}
              empty={<Empty icon={IconBuilding} title={<Trans>No workspaces yet</Trans>} action={can.allowed && button}><Trans>A workspace is a team's share of the platform: its projects, its people and its quota.</Trans></Empty>}
            />
          )}
        </Answer>
      </Card>
    </Page>
  );
}

const PERCENT = 100;

/** How full the fullest of a workspace's limits is, in percent; nothing where there is no quota. */
function fullest({ hard, used }: Workspace): number | undefined {
  const shares = Object.entries(hard).map(([name, most]) => (amountOf(used[name] ?? "0") || 0) / (amountOf(most) || 1));
  return shares.length ? Math.round(Math.max(...shares) * PERCENT) : undefined;
}

function Quota({ workspace }: { workspace: Workspace }) {
  const { t } = useLingui();
  const share = fullest(workspace);
  if (share === undefined) return <span className="dim"><Trans>No quota</Trans></span>;
  const all = Object.entries(workspace.hard).map(([name, most]) => `${name} ${workspace.used[name] ?? 0} / ${most}`).join("\n");
  return (
    <span title={all} style={{ display: "inline-flex", gap: 8, alignItems: "center" }}>
      <meter aria-label={t`Quota used`} min={0} max={PERCENT} value={share} low={0} high={80} optimum={0} style={{ width: 90 }} />
      {share} %
    </span>
  );
}

interface NewWorkspace {
  name: string;
  displayName: string;
  description: string;
  manager: string;
  quota: { hard: Record<string, string> };
}

function CreateWorkspace({ send }: { send: (made: NewWorkspace) => void }) {
  const { t } = useLingui();
  const me = useMe();
  const [values, setValues] = useState({ name: "", displayName: "", description: "", manager: me.name });
  const [lines, setLines] = useState<Lines>([]);
  const field = (name: keyof typeof values) => ({ value: values[name], onChange: (event: { currentTarget: { value: string } }) => setValues({ ...values, [name]: event.currentTarget.value }) });
  return (
    <SmallForm action={<Trans>Create</Trans>} disabled={!values.name || !fitting(lines)} send={() => send({ ...values, quota: { hard: Object.fromEntries(lines) } })}>
      <TextInput data-autofocus required label={t`Name`} description={t`Lower-case letters, digits and hyphens; it cannot be changed later`} maxLength={30} {...field("name")} />
      <TextInput label={t`Alias`} description={t`How people call it`} {...field("displayName")} />
      <Textarea label={t`Description`} autosize minRows={2} {...field("description")} />
      <TextInput label={t`Administrator`} description={t`The user who administers it from the start`} {...field("manager")} />
      <h3 style={{ margin: 0 }}><Trans>Quota</Trans></h3>
      <Amounts lines={lines} change={setLines} />
    </SmallForm>
  );
}
