/** A workspace at a glance: what is in it, how much it uses, who is in it, what was done last. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked } from "@/api/ask";
import { segment } from "@/api/client";
import { useRoleTitles } from "@/features/access/roleNames";
import { RecentAudit } from "@/features/audit/RecentAudit";
import { Attention } from "@/features/home/Attention";
import { Go } from "@/router/Go";
import { useScope } from "@/router/scope";
import { Age, Badge, Card, Facts, Page, Status } from "@/ui";
import { placeOf, stateOf } from "./Projects";
import { QuotaBars } from "./QuotaBars";
import { Numbers } from "./Numbers";
import styles from "./Tenancy.module.css";

const SHOWN = 8;

export default function WorkspaceOverview() {
  const { workspace } = useScope();
  return <Answer of={useAsked<Schemas["WorkspaceView"]>(`/workspaces/${segment(workspace)}`)}>{(data) => <Overview workspace={data} />}</Answer>;
}

function Overview({ workspace }: { workspace: Schemas["WorkspaceView"] }) {
  const { t } = useLingui();
  const { base } = useScope();
  const path = `/workspaces/${segment(workspace.name)}`;
  const projects = useAsked<Schemas["Projects"]>(`${path}/projects`);
  const titled = useRoleTitles(path);
  const members = useAsked<Schemas["Members"]>(`${path}/members`, { limit: SHOWN });
  return (
    <Page
      title={workspace.displayName || workspace.name}
      aside={
        <>
          <span className="dim">{workspace.name}</span>
          <Status value={stateOf(workspace)} />
          {workspace.network.isolated && <Badge variant="light" tt="none"><Trans>Isolated</Trans></Badge>}
        </>
      }
    >
      {workspace.description && <p className="dim" style={{ marginTop: 0 }}>{workspace.description}</p>}
      <Numbers
        items={[
          { label: t`Projects`, value: workspace.projects, to: `${base}/projects` },
          { label: t`DevOps projects`, value: workspace.devopsProjects, to: `${base}/devops` },
          { label: t`Members`, value: members.data?.total, to: `${base}/members` },
        ]}
      />
      <div className={styles.two}>
        <div>
          <Attention workspace={workspace.name} />
          <Card title={<Trans>Quota</Trans>}><QuotaBars path={path} /></Card>
          <Card title={<Trans>Projects</Trans>} flush>
            <ul className={styles.lines}>
              {projects.data?.items.slice(0, SHOWN).map((each) => (
                <li key={each.name}>
                  <span><Go to={placeOf(each)}>{each.displayName || each.name}</Go> <span className="dim">{each.namespace}</span></span>
                  <Status value={stateOf(each)} />
                </li>
              ))}
              {projects.data?.items.length === 0 && <li className="dim"><Trans>No projects yet</Trans></li>}
            </ul>
          </Card>
        </div>
        <div>
          <Card title={<Trans>About</Trans>}>
            <Facts
              items={[
                [<Trans key="manager">Administrator</Trans>, workspace.manager],
                [<Trans key="role">Your role</Trans>, titled(workspace.role)],
                [<Trans key="created">Created</Trans>, <Age key="age" since={workspace.created} />],
              ]}
            />
          </Card>
          <Card title={<Trans>Members</Trans>} flush>
            <ul className={styles.lines}>
              {members.data?.items.map((each) => (
                <li key={each.member}>
                  <span>{each.displayName || each.user || each.department}</span>
                  <span className="dim">{titled(each.role)}</span>
                </li>
              ))}
            </ul>
          </Card>
          <RecentAudit query={{ workspace: workspace.name }} to={`${base}/audit`} />
        </div>
      </div>
    </Page>
  );
}
