/** Roles of a place: what each allows, and who holds it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { platform, segment } from "@/api/client";
import type { Schema } from "@/api/types";
import { useScope } from "@/router/scope";
import { ActionIcon, Badge, Button, Card, confirm, Empty, Fault, IconEdit, IconPlus, IconShieldCheck, IconTrash, Page, Rows, told } from "@/ui";
import { pathOf } from "./level";
import { RoleEditor } from "./RoleEditor";

export default function Roles() {
  const { t } = useLingui();
  const { level, path } = pathOf(useScope());
  const queries = useQueryClient();
  const key = ["roles", path];
  const { data, error } = useQuery({ queryKey: key, queryFn: () => platform<Schema<"Roles">>("GET", `${path}/roles`) });
  const [edited, setEdited] = useState<Schema<"RoleView"> | "new" | null>(null);
  const again = () => void queries.invalidateQueries({ queryKey: key });
  const remove = (name: string) =>
    confirm({
      title: <Trans>Delete the role {name}?</Trans>,
      children: <Trans>A role that somebody holds can't be deleted.</Trans>,
      action: <Trans>Delete</Trans>,
      danger: true,
      run: async () => {
        await platform("DELETE", `${path}/roles/${segment(name)}`);
        told(<Trans>The role {name} is deleted.</Trans>);
        again();
      },
    });
  if (edited)
    return (
      <RoleEditor
        level={level}
        path={path}
        role={edited === "new" ? undefined : edited}
        done={() => {
          setEdited(null);
          again();
        }}
      />
    );
  return (
    <Page
      title={t`Roles`}
      actions={
        <Button leftSection={<IconPlus size={15} />} onClick={() => setEdited("new")}>
          <Trans>Create a role</Trans>
        </Button>
      }
    >
      {error && <Fault error={error} retry={again} />}
      {data && (
        <Card flush>
          <Rows
            label={t`Roles`}
            items={data.items}
            keyOf={(role) => role.name}
            text={(role) => `${role.name} ${role.displayName} ${role.description}`}
            empty={<Empty icon={IconShieldCheck} title={<Trans>No roles here</Trans>} />}
            columns={[
              {
                title: <Trans>Name</Trans>,
                cell: (role) => (
                  <>
                    <b>{role.displayName || role.name}</b> {role.builtIn && <Badge size="sm" variant="default" tt="none"><Trans>built in</Trans></Badge>}
                  </>
                ),
              },
              { title: <Trans>Description</Trans>, cell: (role) => role.description },
              { title: <Trans>Members</Trans>, cell: (role) => role.members ?? "–", end: true },
              {
                title: <span className="sr-only"><Trans>Actions</Trans></span>,
                end: true,
                cell: (role) =>
                  !role.builtIn && (
                    <>
                      <ActionIcon aria-label={`${t`Edit`}: ${role.name}`} onClick={() => setEdited(role)}>
                        <IconEdit size={15} />
                      </ActionIcon>
                      <ActionIcon aria-label={`${t`Delete`}: ${role.name}`} onClick={() => remove(role.name)}>
                        <IconTrash size={15} />
                      </ActionIcon>
                    </>
                  ),
              },
            ]}
          />
        </Card>
      )}
    </Page>
  );
}
