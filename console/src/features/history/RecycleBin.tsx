/** What was deleted and can be brought back, with what went with it; after a look at what would be done. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Loading } from "@/app/Loading";
import { platform, segment } from "@/api/client";
import type { Schema } from "@/api/types";
import { useScope } from "@/router/scope";
import { Age, Button, Card, confirm, Empty, Fault, Group, IconArrowBackUp, IconTrash, Page, Rows, Status, told } from "@/ui";

const EVERY = 5000;

export const restorePath = (cluster: string, of: { group: string; version: string; resource: string; namespace: string; name: string }) =>
  `/clusters/${segment(cluster)}/history/${[of.group || "-", of.version, of.resource, of.namespace || "-", of.name].map(segment).join("/")}/restore`;

export default function RecycleBin() {
  const { t } = useLingui();
  const scope = useScope();
  const queries = useQueryClient();
  const key = ["recyclebin", scope.cluster, scope.namespace];
  const { data, error } = useQuery({
    queryKey: key,
    queryFn: () => platform<Schema<"DiscardedList">>("GET", `/clusters/${segment(scope.cluster)}/recyclebin`, { query: { namespace: scope.namespace } }),
    refetchInterval: EVERY,
    enabled: scope.level !== "project" || scope.namespace !== "",
  });
  const restore = (root: Schema<"RecordedItem">) => {
    const { name } = root;
    confirm({
      title: <Trans>Restore {name}?</Trans>,
      size: 680,
      form: (send) => (
        <Preview
          path={restorePath(scope.cluster, root)}
          send={() =>
            send(async () => {
              await platform("POST", restorePath(scope.cluster, root), { body: { number: root.number, dependants: true } });
              await queries.invalidateQueries({ queryKey: key });
              told(<Trans>{name} is back.</Trans>);
            })
          }
        />
      ),
    });
  };
  return (
    <Page title={t`Recycle bin`}>
      {error && <Fault error={error} />}
      {data && (
        <Card flush>
          <Rows
            label={t`Recycle bin`}
            items={data.items}
            keyOf={(each) => each.root.uid}
            text={(each) => `${each.root.kind} ${each.root.name}`}
            empty={<Empty icon={IconTrash} title={<Trans>The recycle bin is empty</Trans>}><Trans>What is deleted here can be brought back for as long as its history is kept.</Trans></Empty>}
            columns={[
              { title: <Trans>Kind</Trans>, cell: (each) => each.root.kind },
              { title: <Trans>Name</Trans>, cell: (each) => <b>{each.root.name}</b> },
              { title: <Trans>With it</Trans>, cell: (each) => each.dependants.length || "–" },
              { title: <Trans>Deleted</Trans>, cell: (each) => <Age since={each.root.deleted} /> },
              {
                title: <span className="sr-only"><Trans>Actions</Trans></span>,
                end: true,
                cell: (each) => (
                  <Button variant="default" size="compact-sm" leftSection={<IconArrowBackUp size={14} />} onClick={() => restore(each.root)}>
                    <Trans>Restore</Trans>
                  </Button>
                ),
              },
            ]}
          />
        </Card>
      )}
    </Page>
  );
}

function Preview({ path, send }: { path: string; send: () => void }) {
  const { t } = useLingui();
  const [steps, setSteps] = useState<Schema<"StepItem">[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    platform<Schema<"Restored">>("POST", path, { body: { dryRun: true, dependants: true } }).then((found) => setSteps(found.items), setError);
  }, [path]);
  if (error !== null) return <Fault error={error} />;
  if (!steps) return <Loading />;
  return (
    <>
      <Rows
        label={t`What would be done`}
        items={steps}
        keyOf={(step) => `${step.kind}/${step.namespace}/${step.name}`}
        empty={null}
        columns={[
          { title: <Trans>Object</Trans>, cell: (step) => `${step.kind} ${step.name}` },
          { title: <Trans>What is done</Trans>, cell: (step) => <Status value={step.action} tone={step.action === "refused" ? "bad" : "ok"} /> },
          { title: <Trans>Message</Trans>, cell: (step) => step.message },
        ]}
      />
      <Group justify="flex-end" mt="md">
        <Button onClick={send} disabled={steps.every((step) => step.action === "refused")}><Trans>Restore</Trans></Button>
      </Group>
    </>
  );
}
