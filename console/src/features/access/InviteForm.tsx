/** Names of people, and the role that they get. A name is looked up before it is sent. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Button, Group, Select, Stack, TagsInput } from "@/ui";

interface Props {
  roles: { value: string; label: string }[];
  send: (users: string[], role: string) => void;
}

export function InviteForm({ roles, send }: Props) {
  const { t } = useLingui();
  const [users, setUsers] = useState<string[]>([]);
  const [role, setRole] = useState<string | null>(roles.at(-1)?.value ?? null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (role) send(users, role);
      }}
    >
      <Stack gap="sm">
        <TagsInput data-autofocus label={t`User names`} description={t`Several, each ended by Enter`} value={users} onChange={setUsers} splitChars={[",", " "]} acceptValueOnBlur />
        <Select label={t`Role`} data={roles} value={role} allowDeselect={false} onChange={setRole} />
      </Stack>
      <Group justify="flex-end" mt="md">
        <Button type="submit" disabled={users.length === 0 || !role}>
          <Trans>Invite</Trans>
        </Button>
      </Group>
    </form>
  );
}
