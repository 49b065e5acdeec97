/** The workbench: where one can go, where one was, and what needs attention. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { type Schemas, useAsked } from "@/api/ask";
import { usePreferences } from "@/api/preferences";
import { useMe } from "@/api/session";
import { Answer } from "@/app/Answer";
import type { Mark } from "@/lib/marks";
import { Go } from "@/router/Go";
import { Card, Empty, IconBuilding, IconFolder, Page } from "@/ui";
import { Attention } from "./Attention";
import styles from "./Home.module.css";

type Workspace = Schemas["WorkspaceView"];

const RECENT = 6;
/** Of more workspaces, projects are not asked for one by one. */
const OPENED = 12;

export default function Home() {
  const { t } = useLingui();
  const me = useMe();
  const name = me.displayName || me.name;
  const found = useAsked<Schemas["Workspaces"]>("/workspaces");
  return (
    <Page title={t`Welcome, ${name}`} name={t`Workbench`}>
      <Marks />
      <Card title={<Trans>Workspaces</Trans>}>
        <Answer of={found}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty icon={IconBuilding} title={<Trans>You are in no workspace yet</Trans>}>
                <Trans>Ask an administrator to invite you.</Trans>
              </Empty>
            ) : (
              <div className={styles.places}>
                {items.map((each) => (
                  <Place key={each.name} workspace={each} open={items.length <= OPENED} />
                ))}
              </div>
            )
          }
        </Answer>
      </Card>
      <Attention />
    </Page>
  );
}

const SHOWN = 4;

function Place({ workspace, open }: { workspace: Workspace; open: boolean }) {
  const { name, displayName, description } = workspace;
  const projects = useAsked<Schemas["Projects"]>(open ? `/workspaces/${name}/projects` : "").data?.items ?? [];
  return (
    <section className={styles.place}>
      <Go to={`/w/${name}`} className={styles.name!}>
        <IconBuilding size={18} stroke={1.6} aria-hidden />
        <b className="clip">{displayName || name}</b>
      </Go>
      <p className="clip">{description || name}</p>
      <ul>
        {projects.slice(0, SHOWN).map((project) => (
          <li key={project.name}>
            <Go to={`/w/${name}/c/host/p/${project.name}`}>
              <IconFolder size={14} stroke={1.6} aria-hidden />
              <span className="clip">{project.displayName || project.name}</span>
            </Go>
          </li>
        ))}
        {projects.length > SHOWN && (
          <li>
            <Go to={`/w/${name}/projects`}>
              <Plural value={projects.length - SHOWN} one="# more" other="# more" />
            </Go>
          </li>
        )}
      </ul>
    </section>
  );
}

/** Pinned and recent pages; nothing for whoever comes for the first time. */
function Marks() {
  const [preferences] = usePreferences();
  const { pinned = [], recent = [] } = preferences ?? {};
  if (pinned.length + recent.length === 0) return null;
  return (
    <div className={styles.marks}>
      {pinned.length > 0 && <Row title={<Trans>Pinned</Trans>} marks={pinned} />}
      {recent.length > 0 && <Row title={<Trans>Recent</Trans>} marks={recent.slice(0, RECENT)} />}
    </div>
  );
}

function Row({ title, marks }: { title: React.ReactNode; marks: Mark[] }) {
  return (
    <Card title={title}>
      <ul className={styles.list}>
        {marks.map((mark) => (
          <li key={mark.to}>
            <Go to={mark.to}>{mark.name}</Go>
            <span className="dim clip">{mark.place}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
