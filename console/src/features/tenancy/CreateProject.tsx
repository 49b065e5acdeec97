/** A new project or DevOps project, with a preview of its namespace. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { SmallForm, Textarea, TextInput } from "@/ui";

export interface NewPlace {
  name: string;
  displayName: string;
  description: string;
}

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

export function CreateProject({ workspace, send }: { workspace: string; send: (made: NewPlace) => void }) {
  const { t } = useLingui();
  const [name, setName] = useState("");
  const [displayName, setDisplayName] = useState("");
  const [description, setDescription] = useState("");
  const wrong = name !== "" && !LABEL.test(name);
  const namespace = `${workspace}-${name}`;
  return (
    <SmallForm action={<Trans>Create</Trans>} disabled={!name || wrong} send={() => send({ name, displayName, description })}>
      <TextInput
        data-autofocus
        required
        label={t`Name`}
        description={t`Lower-case letters, digits and hyphens; it cannot be changed later`}
        error={wrong ? t`Begin and end with a letter or digit; use lower-case letters, digits and hyphens` : undefined}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <p className="dim" style={{ margin: 0 }} aria-live="polite">
        {name && !wrong ? <Trans>Its namespace will be <code>{namespace}</code></Trans> : <Trans>Its namespace is made of the workspace's name and this one.</Trans>}
      </p>
      <TextInput label={t`Alias`} description={t`How people call it`} value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
      <Textarea label={t`Description`} autosize minRows={2} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
    </SmallForm>
  );
}
