/** Roles of a place: the built-in ones, and those made here. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import { useRefresh } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { Go, useGo } from "@/router/Go";
import { Badge, Card, confirm, Empty, IconEdit, IconPlus, IconShieldCheck, IconTrash, Page, PermittedButton, RowMenu, Table, told } from "@/ui";
import { useRoles } from "./Members";
import { usePlace, usePlaceCan } from "./place";
import { titleOf } from "./roleNames";

export default function Roles() {
  const { t } = useLingui();
  const place = usePlace();
  const roles = useRoles(place.path);
  const can = usePlaceCan(place, "roles");
  const go = useGo();
  const refresh = useRefresh();
  const addressOf = (name: string) => `${place.base}/roles/${segment(name)}`;
  const remove = (name: string) =>
    confirm({
      title: <Trans>Delete the role {name}?</Trans>,
      children: <Trans>Only a role that nobody holds can be deleted.</Trans>,
      action: <Trans>Delete</Trans>,
      danger: true,
      run: async () => {
        await platform("DELETE", `${place.path}/roles/${segment(name)}`);
        told(<Trans>The role {name} is deleted.</Trans>);
        await refresh();
      },
    });
  return (
    <Page
      title={place.level === "platform" ? t`Platform roles` : t`Roles`}
      actions={
        <PermittedButton can={can.create} leftSection={<IconPlus size={15} />} onClick={() => go(`${place.base}/roles/create`)}>
          <Trans>Create role</Trans>
        </PermittedButton>
      }
    >
      <Card flush>
        <Answer of={roles}>
          {({ items }) => (
            <Table
              label={t`Roles`}
              rows={items}
              keyOf={(row) => row.name}
              columns={[
                { id: "name", title: t`Name`, value: (row) => `${titleOf(row)} ${row.name}`, cell: (row) => <><Go to={addressOf(row.name)}>{titleOf(row)}</Go> {titleOf(row) !== row.name && <span className="dim mono">{row.name}</span>}</> },
                { id: "description", title: t`Description`, value: (row) => row.description },
                {
                  id: "origin", title: t`Origin`, value: (row) => (row.builtIn ? 0 : 1),
                  cell: (row) => (row.builtIn ? <Badge variant="light" color="gray" tt="none"><Trans>Built-in</Trans></Badge> : <Badge variant="light" tt="none"><Trans>Custom</Trans></Badge>),
                },
                { id: "members", title: t`Held by`, align: "end", value: (row) => row.members ?? undefined },
                {
                  id: "actions", title: <span className="sr-only">{t`Actions`}</span>, align: "end", narrow: true,
                  cell: (row) =>
                    !row.builtIn && (
                      <RowMenu
                        of={row.name}
                        actions={[
                          { id: "edit", title: <Trans>Edit</Trans>, icon: IconEdit, can: can.update, run: () => go(addressOf(row.name)) },
                          { id: "delete", title: <Trans>Delete</Trans>, icon: IconTrash, danger: true, can: can.delete, run: () => remove(row.name) },
                        ]}
                      />
                    ),
                },
              ]}
              empty={<Empty icon={IconShieldCheck} title={<Trans>No roles here</Trans>} />}
            />
          )}
        </Answer>
      </Card>
    </Page>
  );
}
