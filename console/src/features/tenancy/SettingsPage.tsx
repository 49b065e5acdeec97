/** How a workspace or project is called, and its end. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked } from "@/api/ask";
import type { KubeObject } from "@/api/kube";
import { useGo } from "@/router/Go";
import { Age, Card, confirm, Facts, Fault, Page, PermittedButton, Textarea, TextInput, told } from "@/ui";
import { useSaving } from "./QuotaPage";
import { type Tenant, useTenant } from "./tenant";
import styles from "./Tenancy.module.css";

export default function SettingsPage() {
  const { t } = useLingui();
  const tenant = useTenant();
  return (
    <Page title={t`Settings`}>
      <Answer of={tenant.asked}>
        {(object) => (
          <div key={object.metadata.name}>
            <About tenant={tenant} object={object} />
            <End tenant={tenant} />
          </div>
        )}
      </Answer>
    </Page>
  );
}

function About({ tenant, object }: { tenant: Tenant; object: KubeObject }) {
  const { t } = useLingui();
  const [displayName, setDisplayName] = useState<string>(object.spec?.displayName ?? "");
  const [description, setDescription] = useState<string>(object.spec?.description ?? "");
  const { error, save } = useSaving(() => tenant.patch({ displayName, description }), <Trans>The settings are saved.</Trans>);
  const disabled = !tenant.can.change.allowed;
  return (
    <Card title={<Trans>About</Trans>} actions={<PermittedButton can={tenant.can.change} onClick={save}><Trans>Save</Trans></PermittedButton>}>
      <Facts
        items={[
          [<Trans key="name">Name</Trans>, tenant.name],
          [<Trans key="namespace">Namespace</Trans>, object.status?.namespace && <code>{object.status.namespace}</code>],
          [<Trans key="manager">Administrator</Trans>, object.spec?.manager ?? object.spec?.creator],
          [<Trans key="created">Created</Trans>, <Age key="age" since={object.metadata.creationTimestamp} />],
        ]}
      />
      <div className={styles.form} style={{ marginTop: 16 }}>
        <TextInput label={t`Alias`} description={t`How people call it`} disabled={disabled} value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
        <Textarea label={t`Description`} autosize minRows={2} disabled={disabled} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
      </div>
      {error !== null && <Fault error={error} />}
    </Card>
  );
}

function End({ tenant }: { tenant: Tenant }) {
  const { name, kind, workspace } = tenant;
  const go = useGo();
  const above = `/workspaces/${workspace}`;
  const projects = useAsked<Schemas["Projects"]>(kind === "workspace" ? `${above}/projects` : "");
  const pipelines = useAsked<Schemas["Projects"]>(kind === "workspace" ? `${above}/devopsprojects` : "");
  const inside = [...(projects.data?.items ?? []), ...(pipelines.data?.items ?? [])];
  const ask = () =>
    confirm({
      title: <Trans>Delete {name}?</Trans>,
      children: kind === "workspace" ? <Inside projects={inside} /> : <Trans>Its namespace goes with it: all workloads, services, configuration, secrets and volume claims in it.</Trans>,
      action: <Trans>Delete</Trans>,
      danger: true,
      typed: name,
      run: async () => {
        await tenant.remove(inside.length > 0);
        told(<Trans>{name} is being deleted.</Trans>);
        go(kind === "workspace" ? "/home" : `/w/${workspace}/${kind === "project" ? "projects" : "devops"}`);
      },
    });
  return (
    <Card title={<Trans>Danger zone</Trans>}>
      <div className={styles.danger}>
        <span>{kind === "workspace" ? <Trans>Deletes the workspace with all of its projects, members and roles.</Trans> : <Trans>Deletes the project with all that runs in it.</Trans>}</span>
        <PermittedButton can={tenant.can.remove} color="red" variant="outline" onClick={ask}><Trans>Delete {name}</Trans></PermittedButton>
      </div>
    </Card>
  );
}

function Inside({ projects }: { projects: Schemas["ProjectView"][] }) {
  if (projects.length === 0) return <Trans>There are no projects in it. Its members, roles and departments go with it.</Trans>;
  return (
    <>
      <p><Trans>These go with it, and all that runs in them:</Trans></p>
      <ul>
        {projects.map((each) => (
          <li key={`${each.kind}/${each.name}`}>
            {each.displayName || each.name} <code>{each.namespace}</code>
          </li>
        ))}
      </ul>
    </>
  );
}
