/** What does not work, in all places that one sees; the newest first. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { platform } from "@/api/client";
import type { Schema } from "@/api/types";
import { addressOf } from "@/kinds";
import { Go } from "@/router/Go";
import { scopeOf } from "@/router/scope";
import { Age, Card, Empty, Fault, IconCircleCheck, Rows, Status } from "@/ui";

const EVERY = 5000;

export function Attention({ workspace = "", project = "" }: { workspace?: string; project?: string }) {
  const { t, i18n } = useLingui();
  const { data, error } = useQuery({
    queryKey: ["attention", i18n.locale],
    queryFn: () => platform<Schema<"Attention">>("GET", "/me/attention", { headers: { "accept-language": i18n.locale } }),
    refetchInterval: EVERY,
  });
  const items = (data?.items ?? []).filter((item) => (!workspace || item.workspace === workspace) && (!project || item.project === project));
  return (
    <Card title={<Trans>What needs attention</Trans>} flush>
      {error && <Fault error={error} />}
      {data && (
        <Rows
          label={t`What needs attention`}
          items={items}
          keyOf={(item) => `${item.ref.kind}/${item.ref.namespace}/${item.ref.name}`}
          empty={<Empty icon={IconCircleCheck} title={<Trans>All is well</Trans>} />}
          columns={[
            { title: <Trans>Object</Trans>, cell: (item) => <Place item={item} /> },
            { title: <Trans>Status</Trans>, cell: (item) => <Status value={item.status} /> },
            { title: <Trans>Reason</Trans>, cell: (item) => item.reason },
            { title: <Trans>Since</Trans>, cell: (item) => <Age since={item.since} />, end: true },
          ]}
        />
      )}
    </Card>
  );
}

function Place({ item }: { item: Schema<"Needing"> }) {
  const { ref } = item;
  const scope = item.project
    ? scopeOf({ workspace: item.workspace, cluster: item.cluster, project: item.project }, ref.namespace)
    : scopeOf({ cluster: item.cluster });
  const [path, search] = addressOf(scope, ref.group, ref.plural, ref.namespace, ref.name).split("?");
  return (
    <>
      <Go to={path!} search={Object.fromEntries(new URLSearchParams(search))}>{ref.name}</Go> <span className="dim">{ref.kind} · {ref.namespace}</span>
    </>
  );
}
