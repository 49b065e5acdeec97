/** A project at a glance: what runs in it, and what does not. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Loading } from "@/app/Loading";
import { platform } from "@/api/client";
import type { Schema } from "@/api/types";
import { Attention } from "@/features/home/Attention";
import { useList } from "@/features/kinds/useList";
import { kindById } from "@/kinds";
import { amountOf } from "@/lib/quantity";
import { Go } from "@/router/Go";
import { type Scope, useScope } from "@/router/scope";
import { Card, Page, Status, Usage } from "@/ui";
import { quotaPath } from "./Quota";
import styles from "./Overview.module.css";
import bars from "./Quota.module.css";

const SHOWN = ["deployments", "statefulsets", "daemonsets", "jobs", "cronjobs", "pods", "services", "ingresses", "configmaps", "secrets", "persistentvolumeclaims"];

export default function ProjectOverview() {
  const scope = useScope();
  if (scope.level === "project" && !scope.namespace) return <Loading />;
  return (
    <Page title={scope.project || scope.cluster} aside={<span className="mono dim">{scope.namespace}</span>}>
      <div className={styles.tiles}>
        {SHOWN.map((id) => (
          <Tile key={id} id={id} scope={scope} />
        ))}
      </div>
      {scope.level === "project" && <Use scope={scope} />}
      <Attention workspace={scope.workspace} project={scope.project} />
    </Page>
  );
}

function Tile({ id, scope }: { id: string; scope: Scope }) {
  const { t } = useLingui();
  const kind = kindById(id)!;
  const list = useList(scope.cluster, kind, { namespace: scope.namespace, countBy: kind.states });
  if (list.error) return null;
  return (
    <Go to={`${scope.base}/${id}`} className={styles.tile!}>
      <kind.icon size={18} stroke={1.6} aria-hidden />
      <b>{list.total}</b>
      <span>{t(kind.many)}</span>
      {kind.states === "status" && (
        <div>
          {Object.entries(list.counts).slice(0, 3).map(([state, count]) => (
            <span key={state}>
              <Status value={state} /> {count}
            </span>
          ))}
        </div>
      )}
    </Go>
  );
}

function Use({ scope }: { scope: Scope }) {
  const path = quotaPath(scope);
  const { data } = useQuery({ queryKey: ["quota", path], queryFn: () => platform<Schema<"QuotaView">>("GET", path) });
  if (!data?.items.length) return null;
  return (
    <Card title={<Trans>Quota</Trans>}>
      <div className={bars.bars}>
        {data.items.map((item) => (
          <Usage key={item.name} label={item.name} used={amountOf(item.used) || 0} hard={amountOf(item.hard) || 0} text={`${item.used} / ${item.hard}`} />
        ))}
      </div>
    </Card>
  );
}
