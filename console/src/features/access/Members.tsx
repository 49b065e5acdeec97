/** Members of a place: invited, given another role, removed; at each level. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked, useRefresh } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { useMe } from "@/api/session";
import { Age, Badge, Card, confirm, Empty, IconEdit, IconTrash, IconUserPlus, IconUsers, Page, PermittedButton, RowMenu, Table, told } from "@/ui";
import { Invite } from "./Invite";
import { ChangeRole, RemovalPreview } from "./memberForms";
import { useRoleTitles } from "./roleNames";
import { type Place, usePlace, usePlaceCan } from "./place";
import styles from "./Access.module.css";

type Member = Schemas["Member"];
const MOST = 1000;

export const useMembers = (place: Place) => useAsked<Schemas["Members"]>(`${place.path}/members`, { limit: MOST });
export const useRoles = (path: string) => useAsked<Schemas["Roles"]>(`${path}/roles`);

export default function Members() {
  const { t } = useLingui();
  const place = usePlace();
  const members = useMembers(place);
  const can = usePlaceCan(place, "members");
  const refresh = useRefresh();
  const invite = () => confirm({ title: <Trans>Invite members</Trans>, size: 620, form: () => <Invite place={place} done={() => void refresh()} /> });
  return (
    <Page
      title={t`Members`}
      aside={<span className="dim">{members.data?.total}</span>}
      actions={
        <PermittedButton can={can.create} leftSection={<IconUserPlus size={15} />} onClick={invite}>
          <Trans>Invite</Trans>
        </PermittedButton>
      }
    >
      <Card flush>
        <Answer of={members}>{(data) => <MemberTable place={place} rows={data.items} />}</Answer>
      </Card>
    </Page>
  );
}

export function Person({ name, displayName }: { name: string; displayName?: string }) {
  return (
    <span className={styles.person}>
      <span>{displayName || name}</span>
      {displayName && displayName !== name && <small>{name}</small>}
    </span>
  );
}

function MemberTable({ place, rows }: { place: Place; rows: Member[] }) {
  const { t } = useLingui();
  const me = useMe();
  const can = usePlaceCan(place, "members");
  const refresh = useRefresh();
  const nameOf = (member: Member) => member.displayName || member.user || member.department;
  const titled = useRoleTitles(place.path);
  const both = can.create.allowed ? can.delete : can.create; // a role is changed by another membership
  const change = (member: Member) => {
    const name = nameOf(member);
    confirm({
      title: <Trans>Another role for {name}</Trans>,
      form: (send) => (
        <ChangeRole
          place={place}
          member={member}
          send={(role) =>
            send(async () => {
              await platform("PATCH", `${place.path}/members/${segment(member.member)}`, { body: { role } });
              const title = titled(role);
              told(<Trans>{name} has the role {title} now.</Trans>);
              await refresh();
            })
          }
        />
      ),
    });
  };
  const remove = (member: Member) => {
    const name = nameOf(member);
    confirm({
      title: <Trans>Remove {name}?</Trans>,
      children: <RemovalPreview place={place} member={member} />,
      action: <Trans>Remove</Trans>,
      danger: true,
      run: async () => {
        await platform("DELETE", `${place.path}/members/${segment(member.member)}`);
        told(<Trans>{name} is removed.</Trans>);
        await refresh();
      },
    });
  };
  return (
    <Table
      label={t`Members`}
      rows={rows}
      keyOf={(row) => row.member}
      columns={[
        { id: "name", title: t`Name`, value: (row) => `${nameOf(row)} ${row.user}`, cell: (row) => <Who member={row} me={row.user === me.name} /> },
        { id: "role", title: t`Role`, value: (row) => titled(row.role) },
        { id: "since", title: t`Since`, value: (row) => row.since, cell: (row) => <Age since={row.since} /> },
        { id: "by", title: t`Added by`, value: (row) => row.addedBy },
        {
          id: "actions", title: <span className="sr-only">{t`Actions`}</span>, align: "end", narrow: true,
          cell: (row) => (
            <RowMenu
              of={nameOf(row)}
              actions={[
                { id: "role", title: <Trans>Change role</Trans>, icon: IconEdit, can: both, run: () => change(row) },
                { id: "remove", title: <Trans>Remove</Trans>, icon: IconTrash, danger: true, can: can.delete, run: () => remove(row) },
              ]}
            />
          ),
        },
      ]}
      empty={
        <Empty icon={IconUsers} title={<Trans>No members yet</Trans>}>
          <Trans>Invite people by their names; each gets a role that says what they may do here.</Trans>
        </Empty>
      }
    />
  );
}

function Who({ member, me }: { member: Member; me: boolean }) {
  return (
    <span style={{ display: "inline-flex", gap: 8, alignItems: "center" }}>
      <Person name={member.user || member.department} displayName={member.displayName} />
      {member.department && <Badge variant="light" tt="none"><Trans>Department</Trans></Badge>}
      {me && <Badge variant="light" color="gray" tt="none"><Trans>You</Trans></Badge>}
    </span>
  );
}
