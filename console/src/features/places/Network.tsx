/** Whether pods of other places may reach those here, and who may all the same. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { kubernetes } from "@/api/client";
import { useScope } from "@/router/scope";
import { ActionIcon, Button, Card, Fault, Group, IconPlus, IconTrash, Page, Select, Stack, Switch, TextInput, told } from "@/ui";
import { objectOf } from "./object";

interface Allowed {
  workspace?: string;
  namespace?: string;
  cidr?: string;
}

interface Isolation {
  isolated?: boolean;
  allow?: Allowed[];
}

export default function Network() {
  const { t } = useLingui();
  const scope = useScope();
  const { data, error } = useQuery({ queryKey: ["place", scope.base], queryFn: () => objectOf(scope) });
  return (
    <Page title={t`Network isolation`}>
      {error && <Fault error={error} />}
      {data && <Editor key={data.object.metadata.resourceVersion} path={data.path} known={(data.object.spec?.network ?? {}) as Isolation} place={scope.base} />}
    </Page>
  );
}

function Editor({ path, known, place }: { path: string; known: Isolation; place: string }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const [isolated, setIsolated] = useState(known.isolated ?? false);
  const [allow, setAllow] = useState<Allowed[]>(known.allow ?? []);
  const [error, setError] = useState<unknown>(null);
  const kinds = { workspace: t`Workspace`, namespace: t`Namespace`, cidr: t`Addresses` };
  const put = (index: number, next: Allowed) => setAllow(allow.map((each, at) => (at === index ? next : each)));
  const save = async () => {
    setError(null);
    try {
      const body = { spec: { network: { isolated, allow } } };
      await kubernetes("host", "PATCH", path, { body, headers: { "content-type": "application/merge-patch+json" } });
      told(<Trans>The network’s isolation is saved.</Trans>);
      void queries.invalidateQueries({ queryKey: ["place", place] });
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <Card title={<Trans>Who may reach what runs here</Trans>}>
      {error !== null && <Fault error={error} />}
      <Stack gap="md">
        <Switch
          label={t`Isolated`}
          description={isolated ? t`Only pods of this place, and those below, may reach its pods.` : t`Every pod of the cluster may reach its pods.`}
          checked={isolated}
          onChange={(event) => setIsolated(event.currentTarget.checked)}
        />
        {isolated && (
          <Stack gap="xs">
            {allow.map((each, index) => {
              const kind = (Object.keys(each)[0] ?? "workspace") as keyof Allowed;
              return (
                <Group key={index} align="flex-end">
                  <Select label={t`Allow`} allowDeselect={false} data={Object.entries(kinds).map(([value, label]) => ({ value, label }))} value={kind} onChange={(next) => next && put(index, { [next]: "" })} />
                  <TextInput label={t`Which`} placeholder={kind === "cidr" ? "10.0.0.0/8" : ""} value={each[kind] ?? ""} onChange={(event) => put(index, { [kind]: event.currentTarget.value })} />
                  <ActionIcon aria-label={t`Remove`} onClick={() => setAllow(allow.filter((_, at) => at !== index))}>
                    <IconTrash size={15} />
                  </ActionIcon>
                </Group>
              );
            })}
            <div>
              <Button variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setAllow([...allow, { workspace: "" }])}>
                <Trans>Allow somebody</Trans>
              </Button>
            </div>
          </Stack>
        )}
        <Group justify="flex-end">
          <Button onClick={() => void save()} disabled={allow.some((each) => !Object.values(each)[0])}><Trans>Save</Trans></Button>
        </Group>
      </Stack>
    </Card>
  );
}
