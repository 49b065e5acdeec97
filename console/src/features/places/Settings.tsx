/** How a workspace or project is called, and its end. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { kubernetes } from "@/api/client";
import type { KubeObject } from "@/api/kube";
import { useGo } from "@/router/Go";
import { type Scope, useScope } from "@/router/scope";
import { Button, Card, confirm, Fault, Group, Page, Stack, Textarea, TextInput, told } from "@/ui";
import { objectOf } from "./object";

export default function Settings() {
  const { t } = useLingui();
  const scope = useScope();
  const { data, error } = useQuery({ queryKey: ["place", scope.base], queryFn: () => objectOf(scope) });
  return (
    <Page title={t`Settings`}>
      {error && <Fault error={error} />}
      {data && <Editor key={data.object.metadata.resourceVersion} scope={scope} {...data} />}
    </Page>
  );
}

function Editor({ scope, path, object }: { scope: Scope; path: string; object: KubeObject }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const go = useGo();
  const [displayName, setDisplayName] = useState<string>(object.spec?.displayName ?? "");
  const [description, setDescription] = useState<string>(object.spec?.description ?? "");
  const [error, setError] = useState<unknown>(null);
  const { name } = object.metadata;
  const save = async () => {
    setError(null);
    try {
      await kubernetes("host", "PATCH", path, { body: { spec: { displayName, description } }, headers: { "content-type": "application/merge-patch+json" } });
      told(<Trans>Saved.</Trans>);
      void queries.invalidateQueries();
    } catch (caught) {
      setError(caught);
    }
  };
  const remove = () =>
    confirm({
      title: <Trans>Delete {name}?</Trans>,
      children: <Trans>Everything in it goes with it: workloads, configuration and volumes. A workspace that has projects is not deleted.</Trans>,
      action: <Trans>Delete</Trans>,
      danger: true,
      typed: name,
      run: async () => {
        await kubernetes("host", "DELETE", path);
        await queries.invalidateQueries();
        told(<Trans>{name} is being deleted.</Trans>);
        go(scope.level === "workspace" ? "/home" : `/w/${scope.workspace}`);
      },
    });
  return (
    <>
      <Card title={<Trans>Basics</Trans>}>
        {error !== null && <Fault error={error} />}
        <Stack gap="sm" maw={520}>
          <TextInput label={t`Name`} value={name} readOnly />
          <TextInput label={t`Alias`} value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
          <Textarea label={t`Description`} autosize minRows={2} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
          <Group>
            <Button onClick={() => void save()}><Trans>Save</Trans></Button>
          </Group>
        </Stack>
      </Card>
      <Card title={<Trans>Danger zone</Trans>}>
        <Group justify="space-between">
          <span><Trans>Delete {name} with everything in it</Trans></span>
          <Button color="red" variant="outline" onClick={remove}><Trans>Delete</Trans></Button>
        </Group>
      </Card>
    </>
  );
}
