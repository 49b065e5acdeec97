/** Invite several people at once, each looked up by name and given a role; what is refused stays, with the reason. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { type Schemas, useAsked } from "@/api/ask";
import { platform } from "@/api/client";
import { isMissing } from "@/api/errors";
import { ActionIcon, Badge, Button, Fault, Group, IconPlus, IconX, Select, TextInput, told } from "@/ui";
import { Person } from "./Members";
import type { Place } from "./place";
import { choicesOf } from "./roleNames";
import styles from "./Access.module.css";

interface Invited {
  user: string;
  department: string;
  displayName: string;
  role: string;
  fault?: string;
}

const CREATED = 201;

export function Invite({ place, done }: { place: Place; done: () => void }) {
  const { t } = useLingui();
  const roles = useAsked<Schemas["Roles"]>(`${place.path}/roles`).data?.items ?? [];
  const departments = useAsked<Schemas["Departments"]>(place.workspace ? `/workspaces/${place.workspace}/departments` : "").data?.items ?? [];
  const usual = roles.find((role) => /regular|viewer/.test(role.name))?.name ?? roles[0]?.name ?? "";
  const [invited, setInvited] = useState<Invited[]>([]);
  const [name, setName] = useState("");
  const [fault, setFault] = useState("");
  const [error, setError] = useState<unknown>(null);
  const keyOf = (each: Invited) => each.user || `department:${each.department}`;
  const add = (one: Omit<Invited, "role">) => setInvited((now) => (now.some((each) => keyOf(each) === keyOf({ ...one, role: "" })) ? now : [...now, { ...one, role: usual }]));
  const change = (key: string, part: Partial<Invited>) => setInvited((now) => now.map((each) => (keyOf(each) === key ? { ...each, ...part, fault: undefined } : each)));
  const look = async () => {
    const wanted = name.trim();
    if (!wanted) return;
    setFault("");
    try {
      const found = await platform<{ name: string; displayName: string }>("GET", "/users/lookup", { query: { name: wanted } });
      add({ user: found.name, department: "", displayName: found.displayName });
      setName("");
    } catch (caught) {
      setFault(isMissing(caught) ? t`There is no user of that name` : String((caught as Error).message));
    }
  };
  const send = async () => {
    setError(null);
    try {
      const body = { members: invited.map(({ user, department, role }) => (user ? { user, role } : { department, role })) };
      const { results } = await platform<Schemas["Outcomes"]>("POST", `${place.path}/members`, { body });
      const failed = invited.flatMap((each, index) => {
        const result = results[index];
        return result && result.code !== CREATED ? [{ ...each, fault: result.message || result.reason }] : [];
      });
      const count = invited.length - failed.length;
      if (count) told(<Plural value={count} one="# member is added." other="# members are added." />);
      setInvited(failed);
      done();
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <>
      <Group align="flex-end" gap="xs">
        <TextInput
          style={{ flex: 1 }}
          data-autofocus
          label={t`User name`}
          description={t`The exact name they sign in with`}
          value={name}
          error={fault}
          onChange={(event) => setName(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && void look()}
        />
        <Button variant="default" leftSection={<IconPlus size={14} />} disabled={!name.trim()} onClick={() => void look()}>
          <Trans>Add to the list</Trans>
        </Button>
      </Group>
      {departments.length > 0 && (
        <Select
          mt="sm"
          label={t`Or a department`}
          placeholder={t`Everybody in it gets the role`}
          data={departments.map((each) => ({ value: each.name, label: each.displayName || each.name }))}
          value={null}
          onChange={(value) => value && add({ user: "", department: value, displayName: departments.find((each) => each.name === value)?.displayName ?? "" })}
        />
      )}
      <div style={{ marginTop: 12 }}>
        {invited.map((each) => {
          const whom = keyOf(each);
          return (
          <div key={whom} className={styles.invited}>
            <span>
              <Person name={each.user || each.department} displayName={each.displayName} /> {each.department && <Badge variant="light" tt="none"><Trans>Department</Trans></Badge>}
            </span>
            <Select aria-label={t`Role of ${whom}`} data={choicesOf(roles)} value={each.role} allowDeselect={false} onChange={(role) => change(keyOf(each), { role: role ?? usual })} />
            <ActionIcon aria-label={t`Take ${whom} off the list`} onClick={() => setInvited((now) => now.filter((one) => one !== each))}>
              <IconX size={15} />
            </ActionIcon>
            {each.fault && <div role="alert">{each.fault}</div>}
          </div>
          );
        })}
      </div>
      {error !== null && <Fault error={error} />}
      <Group justify="flex-end" mt="md">
        <Button disabled={invited.length === 0 || invited.some((each) => !each.role)} onClick={() => void send()}>
          <Trans>Invite</Trans>
        </Button>
      </Group>
    </>
  );
}
