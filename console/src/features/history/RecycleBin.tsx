/** What was deleted and can be brought back, with what went with it; after a look at what would be done. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { platform, segment } from "@/api/client";
import type { Schema } from "@/api/types";
import { useScope } from "@/router/scope";
import { Age, Button, Card, confirm, Empty, Fault, IconArrowBackUp, IconTrash, Page, Table, told } from "@/ui";
import { historyPath } from "./path";
import { RestorePreview } from "./RestorePreview";

const EVERY = 5000;

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
        <RestorePreview
          path={historyPath(scope.cluster, root)}
          number={root.number}
          send={() =>
            send(async () => {
              await platform("POST", `${historyPath(scope.cluster, root)}/restore`, { body: { number: root.number, dependants: true } });
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
          <Table
            label={t`Recycle bin`}
            rows={data.items}
            keyOf={(each) => each.root.uid}
            empty={<Empty icon={IconTrash} title={<Trans>The recycle bin is empty</Trans>}><Trans>What is deleted here can be brought back for as long as its history is kept.</Trans></Empty>}
            columns={[
              { id: "kind", title: <Trans>Kind</Trans>, value: (each) => each.root.kind },
              { id: "name", title: <Trans>Name</Trans>, value: (each) => each.root.name, cell: (each) => <b>{each.root.name}</b> },
              { id: "with", title: <Trans>With it</Trans>, cell: (each) => each.dependants.map((one) => `${one.kind} ${one.name}`).join(", ") || "–" },
              { id: "deleted", title: <Trans>Deleted</Trans>, value: (each) => each.root.deleted, cell: (each) => <Age since={each.root.deleted} /> },
              {
                id: "actions",
                title: <span className="sr-only"><Trans>Actions</Trans></span>,
                align: "end",
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
