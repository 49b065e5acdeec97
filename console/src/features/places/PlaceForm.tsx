/** A new workspace or project: its name, and how people call it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Button, Group, Stack, Textarea, TextInput } from "@/ui";
import { NAME } from "@/lib/names";

export interface NewPlace {
  name: string;
  displayName: string;
  description: string;
  manager: string;
}

interface Props {
  /** What its namespace will be called. */
  namespaceOf?: (name: string) => string;
  asksManager?: boolean;
  send: (place: NewPlace) => void;
}

export function PlaceForm({ namespaceOf, asksManager, send }: Props) {
  const { t } = useLingui();
  const [place, setPlace] = useState<NewPlace>({ name: "", displayName: "", description: "", manager: "" });
  const put = (change: Partial<NewPlace>) => setPlace({ ...place, ...change });
  const wrong = place.name !== "" && !NAME.test(place.name);
  const namespace = namespaceOf?.(place.name) ?? "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send(place);
      }}
    >
      <Stack gap="sm">
        <TextInput
          data-autofocus
          required
          label={t`Name`}
          description={place.name && namespaceOf ? t`Its namespace will be ${namespace}` : undefined}
          error={wrong ? t`Lower-case letters, digits and hyphens; it begins and ends with a letter or digit` : undefined}
          value={place.name}
          onChange={(event) => put({ name: event.currentTarget.value })}
        />
        <TextInput label={t`Alias`} value={place.displayName} onChange={(event) => put({ displayName: event.currentTarget.value })} />
        {asksManager && <TextInput label={t`Manager`} description={t`The user who becomes its administrator; you, if empty`} value={place.manager} onChange={(event) => put({ manager: event.currentTarget.value })} />}
        <Textarea label={t`Description`} autosize minRows={2} value={place.description} onChange={(event) => put({ description: event.currentTarget.value })} />
      </Stack>
      <Group justify="flex-end" mt="md">
        <Button type="submit" disabled={!place.name || wrong}>
          <Trans>Create</Trans>
        </Button>
      </Group>
    </form>
  );
}
