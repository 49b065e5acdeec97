/** Forms about departments. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Schemas } from "@/api/ask";
import { within } from "@/lib/tree";
import { Select, SmallForm, TagsInput, TextInput } from "@/ui";

type Department = Schemas["DepartmentView"];

export interface DepartmentValues {
  name: string;
  displayName: string;
  parent: string;
}

export function DepartmentForm({ all, known, send }: { all: Department[]; known?: Department; send: (values: DepartmentValues) => void }) {
  const { t } = useLingui();
  const [name, setName] = useState(known?.name ?? "");
  const [displayName, setDisplayName] = useState(known?.displayName ?? "");
  const [parent, setParent] = useState(known?.parent ?? "");
  const below = known ? within(all, known.name) : new Set<string>();
  const parents = all.filter((each) => !below.has(each.name)).map((each) => ({ value: each.name, label: each.displayName || each.name }));
  return (
    <SmallForm action={known ? <Trans>Save</Trans> : <Trans>Create</Trans>} disabled={!name} send={() => send({ name, displayName, parent })}>
      <TextInput data-autofocus={!known || undefined} required disabled={Boolean(known)} label={t`Name`} description={t`Lower-case letters, digits and hyphens; it cannot be changed later`} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput label={t`Alias`} description={t`How people call it`} value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
      <Select clearable label={t`Part of`} description={t`Its people are people of that department too`} placeholder={t`None`} data={parents} value={parent || null} onChange={(value) => setParent(value ?? "")} />
    </SmallForm>
  );
}

export function PeopleForm({ members, send }: { members: readonly string[]; send: (change: { add: string[]; remove: string[] }) => void }) {
  const { t } = useLingui();
  const [people, setPeople] = useState([...members]);
  const add = people.filter((name) => !members.includes(name));
  const remove = members.filter((name) => !people.includes(name));
  return (
    <SmallForm action={<Trans>Save</Trans>} disabled={add.length + remove.length === 0} send={() => send({ add, remove })}>
      <TagsInput data-autofocus label={t`People`} description={t`User names; press Enter after each`} acceptValueOnBlur value={people} onChange={setPeople} splitChars={[",", " "]} />
    </SmallForm>
  );
}
