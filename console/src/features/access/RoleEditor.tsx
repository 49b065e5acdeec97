/** A role made of permission templates; before it is saved, who gains or loses what is shown. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { platform, segment } from "@/api/client";
import type { Schema } from "@/api/types";
import { Button, Card, Checkbox, Fault, Page, Stack, TextInput, told } from "@/ui";
import { withoutTemplate, withTemplate } from "./compose";
import type { AccessLevel } from "./level";
import styles from "./RoleEditor.module.css";

interface Props {
  level: AccessLevel;
  path: string;
  role?: Schema<"RoleView">;
  done: () => void;
}

export function RoleEditor({ level, path, role, done }: Props) {
  const { t } = useLingui();
  const [name, setName] = useState(role?.name ?? "");
  const [displayName, setDisplayName] = useState(role?.displayName ?? "");
  const [description, setDescription] = useState(role?.description ?? "");
  const [chosen, setChosen] = useState<Set<string>>(new Set(role?.templates));
  const [error, setError] = useState<unknown>(null);
  const templates = useQuery({ queryKey: ["templates", level], queryFn: () => platform<Schema<"Templates">>("GET", "/access/templates", { query: { level } }) });
  const all = templates.data?.items ?? [];
  const body = { displayName, description, templates: [...chosen].sort() };
  const preview = useQuery({
    queryKey: ["role-preview", path, role?.name, body.templates],
    queryFn: () => platform<Schema<"Preview">>("POST", `${path}/roles/${segment(role!.name)}/preview`, { body }),
    enabled: role !== undefined,
  });
  const save = async () => {
    try {
      if (role) await platform("PUT", `${path}/roles/${segment(role.name)}`, { body });
      else await platform("POST", `${path}/roles`, { body: { ...body, name } });
      told(<Trans>The role is saved.</Trans>);
      done();
    } catch (caught) {
      setError(caught);
    }
  };
  const modules = [...new Set(all.map((template) => template.module))];
  return (
    <Page
      title={role ? t`Edit role` : t`Create a role`}
      actions={
        <>
          <Button variant="default" onClick={done}><Trans>Cancel</Trans></Button>
          <Button disabled={!name || chosen.size === 0} onClick={() => void save()}><Trans>Save</Trans></Button>
        </>
      }
    >
      {error !== null && <Fault error={error} />}
      {templates.error && <Fault error={templates.error} />}
      <div className={styles.columns}>
        <Card title={<Trans>Basics</Trans>}>
          <Stack gap="sm">
            <TextInput label={t`Name`} required readOnly={role !== undefined} value={name} onChange={(event) => setName(event.currentTarget.value)} />
            <TextInput label={t`Alias`} value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
            <TextInput label={t`Description`} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
          </Stack>
          {preview.data && <Effects of={preview.data.users} />}
          {preview.error && <Fault error={preview.error} />}
        </Card>
        <div>
          {modules.map((module) => (
            <Card key={module} title={module}>
              <Stack gap="sm">
                {all.filter((template) => template.module === module).map((template) => {
                  const needs = template.needs.join(", ");
                  return (
                  <Checkbox
                    key={template.name}
                    label={template.title}
                    description={[template.description, template.needs.length > 0 && t`Brings along: ${needs}`].filter(Boolean).join(" ")}
                    checked={chosen.has(template.name)}
                    onChange={(event) => setChosen(event.currentTarget.checked ? withTemplate(chosen, template.name, all) : withoutTemplate(chosen, template.name, all))}
                  />
                  );
                })}
              </Stack>
            </Card>
          ))}
        </div>
      </div>
    </Page>
  );
}

function Effects({ of }: { of: Schema<"Effect">[] }) {
  const changed = of.filter((effect) => effect.gains.length + effect.loses.length > 0);
  return (
    <section className={styles.effects} aria-live="polite">
      <h3><Trans>Who gains or loses what</Trans></h3>
      {changed.length === 0 && <p className="dim"><Trans>Nobody</Trans></p>}
      {changed.map((effect) => (
        <div key={effect.user}>
          <b>{effect.user}</b>
          {effect.gains.map((each) => <div key={each} data-sign="+"><ins>+ {each}</ins></div>)}
          {effect.loses.map((each) => <div key={each} data-sign="-"><del>− {each}</del></div>)}
        </div>
      ))}
    </section>
  );
}
