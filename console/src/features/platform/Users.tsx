/** Accounts: made, switched off, given a new password. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { platform, segment } from "@/api/client";
import type { Schema } from "@/api/types";
import { ActionIcon, Age, Button, Card, confirm, CopyButton, Empty, failed, Fault, Group, IconCopy, IconDots, IconPlus, IconUser, Menu, Page, Rows, Stack, Status, TextInput, told } from "@/ui";

export default function Users() {
  const { t } = useLingui();
  const queries = useQueryClient();
  const { data, error } = useQuery({ queryKey: ["users"], queryFn: () => platform<Schema<"Users">>("GET", "/users") });
  const again = () => void queries.invalidateQueries({ queryKey: ["users"] });
  const create = () =>
    confirm({
      title: <Trans>Create a user</Trans>,
      form: (send) => (
        <UserForm
          send={(user) =>
            send(async () => {
              const made = await platform<Schema<"FirstPassword">>("POST", "/users", { body: user });
              again();
              showPassword(made);
            })
          }
        />
      ),
    });
  const reset = (name: string) =>
    confirm({
      title: <Trans>Give {name} a new password?</Trans>,
      children: <Trans>All sessions of {name} end. The new password has to be changed at the next sign-in.</Trans>,
      action: <Trans>New password</Trans>,
      danger: true,
      run: async () => showPassword(await platform<Schema<"FirstPassword">>("PUT", `/users/${segment(name)}/password`, { body: {} })),
    });
  const turn = async (name: string, disabled: boolean) => {
    try {
      await platform("PATCH", `/users/${segment(name)}`, { body: { disabled } });
      told(disabled ? <Trans>{name} may not sign in any more; open sessions have ended.</Trans> : <Trans>{name} may sign in again.</Trans>);
    } catch (caught) {
      failed(<Trans>This did not work</Trans>, caught);
    }
    again();
  };
  const remove = (name: string) =>
    confirm({
      title: <Trans>Delete {name}?</Trans>,
      children: <Trans>The account, its sessions, tokens and memberships go.</Trans>,
      action: <Trans>Delete</Trans>,
      danger: true,
      typed: name,
      run: async () => {
        await platform("DELETE", `/users/${segment(name)}`);
        again();
      },
    });
  return (
    <Page title={t`Users`} actions={<Button leftSection={<IconPlus size={15} />} onClick={create}><Trans>Create</Trans></Button>}>
      {error && <Fault error={error} />}
      {data && (
        <Card flush>
          <Rows
            label={t`Users`}
            items={data.items}
            keyOf={(each) => each.name}
            text={(each) => `${each.name} ${each.displayName} ${each.email}`}
            empty={<Empty icon={IconUser} title={<Trans>No users</Trans>} />}
            columns={[
              { title: <Trans>Name</Trans>, cell: (each) => <><b>{each.name}</b> <span className="dim">{each.displayName}</span></> },
              { title: <Trans>E-mail</Trans>, cell: (each) => each.email },
              { title: <Trans>Status</Trans>, cell: (each) => <State of={each} /> },
              { title: <Trans>Signs in by</Trans>, cell: (each) => each.providers?.join(", ") || <Trans>password</Trans> },
              { title: <Trans>Last sign-in</Trans>, cell: (each) => <Age since={each.lastLogin} /> },
              {
                title: <span className="sr-only"><Trans>Actions</Trans></span>,
                end: true,
                cell: (each) => (
                  <Menu width={200}>
                    <Menu.Target>
                      <ActionIcon aria-label={`${t`Actions`}: ${each.name}`}>
                        <IconDots size={16} />
                      </ActionIcon>
                    </Menu.Target>
                    <Menu.Dropdown>
                      <Menu.Item onClick={() => reset(each.name)}><Trans>New password</Trans></Menu.Item>
                      <Menu.Item onClick={() => void turn(each.name, !each.disabled)}>{each.disabled ? <Trans>Enable</Trans> : <Trans>Disable</Trans>}</Menu.Item>
                      <Menu.Item color="red" onClick={() => remove(each.name)}><Trans>Delete</Trans></Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                ),
              },
            ]}
          />
        </Card>
      )}
    </Page>
  );
}

function State({ of }: { of: Schema<"ShownUser"> }) {
  const { t } = useLingui();
  if (of.disabled) return <Status value={t`Disabled`} tone="idle" />;
  if (of.mustChangePassword) return <Status value={t`First password`} tone="busy" />;
  return <Status value="Active" />;
}

function UserForm({ send }: { send: (user: { name: string; displayName: string; email: string }) => void }) {
  const { t } = useLingui();
  const [user, setUser] = useState({ name: "", displayName: "", email: "" });
  const put = (change: Partial<typeof user>) => setUser({ ...user, ...change });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send(user);
      }}
    >
      <Stack gap="sm">
        <TextInput data-autofocus required label={t`Name`} value={user.name} onChange={(event) => put({ name: event.currentTarget.value })} />
        <TextInput label={t`Alias`} value={user.displayName} onChange={(event) => put({ displayName: event.currentTarget.value })} />
        <TextInput label={t`E-mail`} type="email" value={user.email} onChange={(event) => put({ email: event.currentTarget.value })} />
      </Stack>
      <p className="dim"><Trans>A first password is made and shown once; it has to be changed at the first sign-in.</Trans></p>
      <Group justify="flex-end" mt="md">
        <Button type="submit" disabled={!user.name}><Trans>Create</Trans></Button>
      </Group>
    </form>
  );
}

function showPassword({ name, password }: Schema<"FirstPassword">) {
  confirm({ title: <Trans>First password of {name}</Trans>, form: () => <Secret text={password} /> });
}

/** Shown once, to be copied. */
export function Secret({ text }: { text: string }) {
  return (
    <>
      <p><Trans>It is shown only now.</Trans></p>
      <Group>
        <code data-secret>{text}</code>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" size="compact-sm" leftSection={<IconCopy size={14} />} onClick={copy}>
              {copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
            </Button>
          )}
        </CopyButton>
      </Group>
    </>
  );
}
