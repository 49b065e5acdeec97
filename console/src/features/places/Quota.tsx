/** What a workspace or project may use, and does; changed by who may. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { kubernetes, platform, segment } from "@/api/client";
import type { Schema } from "@/api/types";
import { amountOf } from "@/lib/quantity";
import { type Scope, useScope } from "@/router/scope";
import { ActionIcon, Button, Card, Empty, Fault, Group, IconGauge, IconPlus, IconTrash, Page, Stack, TextInput, told, Usage } from "@/ui";
import { objectOf } from "./object";
import styles from "./Quota.module.css";

export const quotaPath = ({ level, workspace, project }: Scope) =>
  `/workspaces/${segment(workspace)}${level === "project" ? `/projects/${segment(project)}` : ""}/quota`;

export default function Quota() {
  const { t } = useLingui();
  const scope = useScope();
  const queries = useQueryClient();
  const path = quotaPath(scope);
  const { data, error } = useQuery({ queryKey: ["quota", path], queryFn: () => platform<Schema<"QuotaView">>("GET", path), refetchInterval: 5000 });
  const [editing, setEditing] = useState(false);
  if (error) return <Fault error={error} />;
  if (!data) return null;
  const { raisedBy } = data;
  return (
    <Page title={t`Quota`} actions={!editing && <Button variant="default" onClick={() => setEditing(true)}><Trans>Edit</Trans></Button>}>
      {editing ? (
        <Editor
          scope={scope}
          items={data.items}
          done={() => {
            setEditing(false);
            void queries.invalidateQueries({ queryKey: ["quota", path] });
          }}
        />
      ) : (
        <Card title={<Trans>Use</Trans>}>
          {data.items.length === 0 ? (
            <Empty icon={IconGauge} title={<Trans>No limit is set</Trans>}>
              <Trans>Everything that the cluster has may be used.</Trans>
            </Empty>
          ) : (
            <div className={styles.bars}>
              {data.items.map((item) => (
                <Usage key={item.name} label={item.name} used={amountOf(item.used) || 0} hard={amountOf(item.hard) || 0} text={`${item.used} / ${item.hard}`} />
              ))}
            </div>
          )}
          {raisedBy && <p className="dim"><Trans>Who can raise it: {raisedBy}</Trans></p>}
        </Card>
      )}
    </Page>
  );
}

function Editor({ scope, items, done }: { scope: Scope; items: Schema<"Amount">[]; done: () => void }) {
  const { t } = useLingui();
  const [rows, setRows] = useState<[string, string][]>(items.length ? items.map((item) => [item.name, item.hard]) : [["pods", "20"], ["requests.cpu", "4"], ["requests.memory", "8Gi"]]);
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    try {
      const { path } = await objectOf(scope);
      const kept = Object.fromEntries(rows.filter(([name]) => name));
      const gone = Object.fromEntries(items.filter((item) => !(item.name in kept)).map((item) => [item.name, null]));
      await kubernetes("host", "PATCH", path, { body: { spec: { quota: { hard: { ...gone, ...kept } } } }, headers: { "content-type": "application/merge-patch+json" } });
      told(<Trans>The quota is saved.</Trans>);
      done();
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <Card title={<Trans>Limits</Trans>}>
      {error !== null && <Fault error={error} />}
      <Stack gap="xs">
        {rows.map(([name, hard], index) => (
          <Group key={index} align="flex-end">
            <TextInput label={t`Resource`} classNames={{ input: "mono" }} value={name} onChange={(event) => setRows(rows.map((row, at) => (at === index ? [event.currentTarget.value, hard] : row)))} />
            <TextInput label={t`At most`} classNames={{ input: "mono" }} value={hard} error={Number.isNaN(amountOf(hard)) ? t`An amount, such as 500m or 8Gi` : undefined} onChange={(event) => setRows(rows.map((row, at) => (at === index ? [name, event.currentTarget.value] : row)))} />
            <ActionIcon aria-label={`${t`Remove`}: ${name}`} onClick={() => setRows(rows.filter((_, at) => at !== index))}>
              <IconTrash size={15} />
            </ActionIcon>
          </Group>
        ))}
        <Group justify="space-between" mt="sm">
          <Button variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setRows([...rows, ["", ""]])}>
            <Trans>Add a limit</Trans>
          </Button>
          <Group>
            <Button variant="default" onClick={done}><Trans>Cancel</Trans></Button>
            <Button disabled={rows.some(([name, hard]) => !name || Number.isNaN(amountOf(hard)))} onClick={() => void save()}><Trans>Save</Trans></Button>
          </Group>
        </Group>
      </Stack>
    </Card>
  );
}
