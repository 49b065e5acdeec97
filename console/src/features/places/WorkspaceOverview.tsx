/** A workspace at a glance. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { platform, segment } from "@/api/client";
import type { Schema } from "@/api/types";
import { amountOf } from "@/lib/quantity";
import { Go } from "@/router/Go";
import { useScope } from "@/router/scope";
import { Age, Card, Facts, Fault, Page, Usage } from "@/ui";
import { Attention } from "@/features/home/Attention";
import styles from "./Quota.module.css";

export default function WorkspaceOverview() {
  const { t } = useLingui();
  const { workspace, base } = useScope();
  const { data, error } = useQuery({ queryKey: ["workspace", workspace], queryFn: () => platform<Schema<"WorkspaceView">>("GET", `/workspaces/${segment(workspace)}`), refetchInterval: 5000 });
  if (error) return <Fault error={error} />;
  if (!data) return null;
  return (
    <Page title={data.displayName || data.name} aside={<span className="dim">{data.description}</span>}>
      <Card title={<Trans>Overview</Trans>}>
        <Facts
          items={[
            [<Trans>Projects</Trans>, <Go to={`${base}/projects`}>{data.projects}</Go>],
            [<Trans>DevOps projects</Trans>, <Go to={`${base}/devops`}>{data.devopsProjects}</Go>],
            [<Trans>Manager</Trans>, data.manager],
            [<Trans>Your role</Trans>, data.role.includes(":") ? "–" : data.role || "–"],
            [<Trans>Network</Trans>, data.network.isolated ? t`Isolated` : t`Open to the cluster`],
            [<Trans>Created</Trans>, <Age since={data.created} />],
          ]}
        />
      </Card>
      {Object.keys(data.hard).length > 0 && (
        <Card title={<Trans>Quota</Trans>}>
          <div className={styles.bars}>
            {Object.entries(data.hard).map(([name, hard]) => {
              const used = data.used[name] ?? "0";
              return <Usage key={name} label={name} used={amountOf(used) || 0} hard={amountOf(hard) || 0} text={`${used} / ${hard}`} />;
            })}
          </div>
        </Card>
      )}
      <Attention workspace={workspace} />
    </Page>
  );
}
