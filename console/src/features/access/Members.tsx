/** Who may work here, with which role. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { platform, segment } from "@/api/client";
import type { Schema } from "@/api/types";
import { useScope } from "@/router/scope";
import { ActionIcon, Age, Button, Card, confirm, Empty, failed, Fault, IconTrash, IconUserPlus, IconUsers, Page, Rows, Select, told } from "@/ui";
import { InviteForm } from "./InviteForm";
import { pathOf } from "./level";

const MOST = 500;

export default function Members() {
  const { t } = useLingui();
  const scope = useScope();
  const { path } = pathOf(scope);
  const queries = useQueryClient();
  const key = ["members", path];
  const members = useQuery({ queryKey: key, queryFn: () => platform<Schema<"Members">>("GET", `${path}/members`, { query: { limit: MOST } }) });
  const roles = useQuery({ queryKey: ["roles", path], queryFn: () => platform<Schema<"Roles">>("GET", `${path}/roles`) });
  const names = (roles.data?.items ?? []).map((role) => ({ value: role.name, label: role.displayName || role.name }));
  const again = () => void queries.invalidateQueries({ queryKey: key });
  const invite = () =>
    confirm({
      title: <Trans>Invite members</Trans>,
      form: (send) => (
        <InviteForm
          roles={names}
          send={(users, role) =>
            send(async () => {
              const body = { members: users.map((user) => ({ user, role, department: "" })) };
              const { results } = await platform<Schema<"Outcomes">>("POST", `${path}/members`, { body });
              again();
              const refused = results.filter((each) => each.code >= 400);
              if (refused.length) throw new Error(refused.map((each) => `${each.member}: ${each.message}`).join("\n"));
              told(<Trans>They are members now.</Trans>);
            })
          }
        />
      ),
    });
  const change = async (member: string, role: string) => {
    try {
      await platform("PATCH", `${path}/members/${segment(member)}`, { body: { role } });
      told(<Trans>{member} is {role} now.</Trans>);
    } catch (error) {
      failed(<Trans>The role was not changed</Trans>, error);
    }
    again();
  };
  const remove = (member: string) =>
    confirm({
      title: <Trans>Remove {member}?</Trans>,
      children: <Trans>What {member} may do here by this membership ends at once, also in what is open.</Trans>,
      action: <Trans>Remove</Trans>,
      danger: true,
      run: async () => {
        await platform("DELETE", `${path}/members/${segment(member)}`);
        again();
      },
    });
  return (
    <Page
      title={t`Members`}
      actions={
        <Button leftSection={<IconUserPlus size={15} />} onClick={invite}>
          <Trans>Invite</Trans>
        </Button>
      }
    >
      {members.error ? (
        <Fault error={members.error} retry={again} />
      ) : (
        members.data && (
          <Card flush>
            <Rows
              label={t`Members`}
              items={members.data.items}
              keyOf={(each) => each.member}
              text={(each) => `${each.member} ${each.displayName} ${each.role}`}
              empty={<Empty icon={IconUsers} title={<Trans>Nobody is a member here</Trans>}><Trans>Who has rights from above is not listed.</Trans></Empty>}
              columns={[
                { title: <Trans>Member</Trans>, cell: (each) => <><b>{each.member}</b> <span className="dim">{each.displayName}</span></> },
                {
                  title: <Trans>Role</Trans>,
                  cell: (each) => <Select w={220} aria-label={`${t`Role`}: ${each.member}`} data={names} value={each.role} allowDeselect={false} onChange={(role) => role && role !== each.role && void change(each.member, role)} />,
                },
                { title: <Trans>Since</Trans>, cell: (each) => <Age since={each.since} /> },
                { title: <Trans>Invited by</Trans>, cell: (each) => each.addedBy },
                {
                  title: <span className="sr-only"><Trans>Actions</Trans></span>,
                  end: true,
                  cell: (each) => (
                    <ActionIcon aria-label={`${t`Remove`}: ${each.member}`} onClick={() => remove(each.member)}>
                      <IconTrash size={15} />
                    </ActionIcon>
                  ),
                },
              ]}
            />
          </Card>
        )
      )}
    </Page>
  );
}
