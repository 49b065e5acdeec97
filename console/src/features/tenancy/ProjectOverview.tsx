/** A project at a glance: what runs in it, and what does not. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Loading } from "@/app/Loading";
import { segment } from "@/api/client";
import { RecentAudit } from "@/features/audit/RecentAudit";
import { Attention } from "@/features/home/Attention";
import { useList } from "@/features/kinds/useList";
import { kindById } from "@/kinds";
import { Go } from "@/router/Go";
import { type Scope, useScope } from "@/router/scope";
import { Card, Page, Status } from "@/ui";
import { Exposed } from "./Exposed";
import { Nodes } from "./Nodes";
import { QuotaBars } from "./QuotaBars";
import styles from "./Overview.module.css";

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
      <Attention cluster={scope.cluster} workspace={scope.workspace} project={scope.project} />
      {scope.level === "cluster" && <Nodes cluster={scope.cluster} base={scope.base} />}
      {scope.level === "project" && (
        <>
          <Exposed cluster={scope.cluster} namespace={scope.namespace} base={scope.base} />
          <Card title={<Trans>Quota</Trans>}><QuotaBars path={`/workspaces/${segment(scope.workspace)}/projects/${segment(scope.project)}`} /></Card>
          <RecentAudit query={{ cluster: scope.cluster, namespace: scope.namespace }} to={`${scope.base}/audit`} />
        </>
      )}
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
