/** What a role allows, made of permission templates; before it is saved it says who gains or loses what. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked, useRefresh } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { ApiError } from "@/api/errors";
import { byModule, neededBy, withNeeds } from "@/lib/templates";
import { Go, useGo } from "@/router/Go";
import { Alert, Checkbox, confirm, Fault, IconChevronRight, IconLock, Page, PermittedButton, TextInput, told } from "@/ui";
import { Consequences } from "./Consequences";
import { type Place, usePlace, usePlaceCan } from "./place";
import styles from "./Access.module.css";

const EMPTY: Schemas["RoleDetail"] = { name: "", builtIn: false, displayName: "", description: "", templates: [], members: null, rules: [] };

export default function RoleEditor() {
  const place = usePlace();
  const { role } = useParams({ strict: false }) as { role?: string };
  const templates = useAsked<Schemas["Templates"]>("/access/templates", { level: place.level }, false);
  const found = useAsked<Schemas["RoleDetail"]>(role ? `${place.path}/roles/${segment(role)}` : "", undefined, false);
  if (role) return <Answer of={found}>{(known) => <Answer of={templates}>{({ items }) => <Editor key={known.name} place={place} role={known} all={items} />}</Answer>}</Answer>;
  return <Answer of={templates}>{({ items }) => <Editor place={place} role={EMPTY} all={items} />}</Answer>;
}

function Editor({ place, role, all }: { place: Place; role: Schemas["RoleDetail"]; all: Schemas["TemplateView"][] }) {
  const { t } = useLingui();
  const go = useGo();
  const refresh = useRefresh();
  const permissions = usePlaceCan(place, "roles");
  const can = role.name ? permissions.update : permissions.create;
  const [name, setName] = useState(role.name);
  const [displayName, setDisplayName] = useState(role.displayName);
  const [description, setDescription] = useState(role.description);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(role.templates));
  const [error, setError] = useState<unknown>(null);
  const whole = withNeeds(all, chosen);
  const body = { displayName, description, templates: whole };
  const locked = role.builtIn || !can.allowed;
  const list = `${place.base}/roles`;
  const saved = async () => {
    told(<Trans>The role {name} is saved.</Trans>);
    await refresh();
    go(list);
  };
  const save = async () => {
    setError(null);
    try {
      if (!role.name) {
        await platform("POST", `${place.path}/roles`, { body: { name, ...body } });
        return await saved();
      }
      const path = `${place.path}/roles/${segment(role.name)}`;
      const preview = await platform<Schemas["Preview"]>("POST", `${path}/preview`, { body });
      confirm({
        title: <Trans>Save the role {name}?</Trans>,
        children: <Consequences preview={preview} level={place.level} />,
        action: <Trans>Save</Trans>,
        run: async () => {
          await platform("PUT", path, { body });
          await saved();
        },
      });
    } catch (caught) {
      setError(caught);
    }
  };
  const toggle = (template: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(template);
    else next.delete(template);
    setChosen(next);
  };
  return (
    <Page
      name={role.name || t`Create role`}
      title={
        <span style={{ display: "inline-flex", alignItems: "center", gap: 6 }}>
          <Go to={list}><Trans>Roles</Trans></Go> <IconChevronRight size={15} aria-hidden /> {role.displayName || role.name || <Trans>New role</Trans>}
        </span>
      }
      actions={
        !role.builtIn && (
          <PermittedButton can={can} disabled={!name || whole.length === 0} onClick={() => void save()}>
            {role.name ? <Trans>Review and save</Trans> : <Trans>Create</Trans>}
          </PermittedButton>
        )
      }
    >
      {role.builtIn && <Alert mb="md" icon={<IconLock size={16} />}><Trans>This role is built in. It can be looked at, not changed; create one of your own with the permissions you need.</Trans></Alert>}
      {error !== null && <Fault error={error} />}
      {!role.builtIn && (
        <div className={styles.fields}>
          <TextInput label={t`Name`} required disabled={locked || role.name !== ""} description={t`Lower-case letters, digits and hyphens`} value={name} error={error instanceof ApiError ? error.of("name") : undefined} onChange={(event) => setName(event.currentTarget.value)} />
          <TextInput label={t`Alias`} disabled={locked} description={t`How people call it`} value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
          <TextInput label={t`Description`} disabled={locked} description={t`What it is for`} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
        </div>
      )}
      <div className={styles.modules}>
        {byModule(all).map(([module, templates]) => (
          <fieldset key={module} className={styles.module}>
            <legend>{module}</legend>
            {templates.map((template) => (
              <Permission key={template.name} template={template} all={all} chosen={chosen} locked={locked} toggle={toggle} />
            ))}
          </fieldset>
        ))}
      </div>
    </Page>
  );
}

interface PermissionProps {
  template: Schemas["TemplateView"];
  all: Schemas["TemplateView"][];
  chosen: ReadonlySet<string>;
  locked: boolean;
  toggle: (template: string, on: boolean) => void;
}

function Permission({ template, all, chosen, locked, toggle }: PermissionProps) {
  const titleOf = (name: string) => all.find((each) => each.name === name)?.title ?? name;
  const by = neededBy(all, chosen, template.name).map(titleOf).join(", ");
  const needs = template.needs.map(titleOf).join(", ");
  return (
    <Checkbox
      className={styles.template}
      label={template.title}
      description={
        <>
          {template.description}
          {by ? <> <Trans>Needed by: {by}.</Trans></> : needs && <> <Trans>Comes with: {needs}.</Trans></>}
        </>
      }
      checked={chosen.has(template.name) || by !== ""}
      disabled={locked || by !== ""}
      onChange={(event) => toggle(template.name, event.currentTarget.checked)}
    />
  );
}
