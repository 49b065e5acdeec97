/** Departments of a workspace: a tree of groups of people, each of which can hold a role. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked, useRefresh } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { useCan } from "@/api/session";
import { flattened } from "@/lib/tree";
import { useScope } from "@/router/scope";
import { Card, confirm, Empty, IconEdit, IconPlus, IconTrash, IconUsers, IconUsersGroup, Page, PermittedButton, RowMenu, Table, told } from "@/ui";
import { DepartmentForm, type DepartmentValues, PeopleForm } from "./departmentForms";

type Department = Schemas["DepartmentView"];
const VERBS = ["create", "update", "delete"];

export default function Departments() {
  const { t } = useLingui();
  const { workspace } = useScope();
  const above = `/workspaces/${segment(workspace)}`;
  const path = `${above}/departments`;
  const found = useAsked<Schemas["Departments"]>(path);
  const home = useAsked<Schemas["WorkspaceView"]>(above).data?.namespace ?? "";
  const roles = useAsked<Schemas["Members"]>(`${above}/members`, { limit: 1000 }).data?.items ?? [];
  const refresh = useRefresh();
  const no = { allowed: false };
  const [make = no, change = no, remove = no] = useCan("host", home, home ? VERBS.map((verb) => ({ verb, group: "iam.armillary.io", resource: "departments" })) : []);
  const items = found.data?.items ?? [];
  const after = async (run: Promise<unknown>, message: React.ReactNode) => {
    await run;
    told(message);
    await refresh();
  };
  const create = () =>
    confirm({
      title: <Trans>Create a department</Trans>,
      form: (send) => <DepartmentForm all={items} send={({ name, ...body }) => send(() => after(platform("POST", path, { body: { name, ...body } }), <Trans>The department {name} is created.</Trans>))} />,
    });
  const edit = (of: Department) => {
    const { name } = of;
    confirm({
      title: <Trans>Edit {name}</Trans>,
      form: (send) => (
        <DepartmentForm
          all={items}
          known={of}
          send={({ displayName, parent }: DepartmentValues) => send(() => after(platform("PUT", `${path}/${segment(name)}`, { body: { displayName, parent } }), <Trans>The department {name} is saved.</Trans>))}
        />
      ),
    });
  };
  const people = ({ name, displayName, members }: Department) => {
    const called = displayName || name;
    confirm({
      title: <Trans>People in {called}</Trans>,
      form: (send) => (
        <PeopleForm members={members} send={(body) => send(() => after(platform("POST", `${path}/${segment(name)}/members`, { body }), <Trans>The people of {name} are saved.</Trans>))} />
      ),
    });
  };
  const end = ({ name }: Department) => {
    confirm({
      title: <Trans>Delete {name}?</Trans>,
      children: <Trans>The people in it stay in the workspace, but lose what the department gave them.</Trans>,
      action: <Trans>Delete</Trans>,
      danger: true,
      run: () => after(platform("DELETE", `${path}/${segment(name)}`), <Trans>The department {name} is deleted.</Trans>),
    });
  };
  const button = <PermittedButton can={make} leftSection={<IconPlus size={15} />} onClick={create}><Trans>Create department</Trans></PermittedButton>;
  return (
    <Page title={t`Departments`} actions={button}>
      <Card flush>
        <Answer of={found}>
          {(data) => (
            <Table
              label={t`Departments`}
              rows={flattened(data.items)}
              keyOf={({ item }) => item.name}
              columns={[
                {
                  id: "name", title: t`Name`,
                  cell: ({ item, depth }) => (
                    <span style={{ paddingInlineStart: depth * 22 }}>
                      {depth > 0 && <span className="dim" aria-hidden>└ </span>}
                      {item.displayName || item.name} {item.displayName && <span className="dim">{item.name}</span>}
                    </span>
                  ),
                },
                { id: "role", title: t`Role in the workspace`, cell: ({ item }) => roles.find((each) => each.department === item.name)?.role ?? <span className="dim">–</span> },
                { id: "people", title: t`People`, cell: ({ item }) => item.members.join(", ") || <span className="dim">–</span> },
                {
                  id: "actions", title: <span className="sr-only">{t`Actions`}</span>, align: "end", narrow: true,
                  cell: ({ item }) => (
                    <RowMenu
                      of={item.name}
                      actions={[
                        { id: "people", title: <Trans>Change people</Trans>, icon: IconUsers, can: change, run: () => people(item) },
                        { id: "edit", title: <Trans>Edit</Trans>, icon: IconEdit, can: change, run: () => edit(item) },
                        { id: "delete", title: <Trans>Delete</Trans>, icon: IconTrash, danger: true, can: remove, run: () => end(item) },
                      ]}
                    />
                  ),
                },
              ]}
              empty={
                <Empty icon={IconUsersGroup} title={<Trans>No departments yet</Trans>} action={make.allowed && button}>
                  <Trans>A department is a group of people. Invite it as a member, and everybody in it has its role.</Trans>
                </Empty>
              }
            />
          )}
        </Answer>
      </Card>
    </Page>
  );
}
