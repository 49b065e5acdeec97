/** Projects, or DevOps projects, of a workspace. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked, useRefresh } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { useCan } from "@/api/session";
import { Go, useGo } from "@/router/Go";
import { useScope } from "@/router/scope";
import { Age, Badge, Card, confirm, Empty, type Icon, IconFolder, IconGitBranch, IconPlus, Page, PermittedButton, Status, Table, told } from "@/ui";
import { CreateProject } from "./CreateProject";

type Project = Schemas["ProjectView"];

export default function Projects() {
  const { t } = useLingui();
  return <List plural="projects" title={t`Projects`} icon={IconFolder} />;
}

export function DevOpsProjects() {
  const { t } = useLingui();
  return <List plural="devopsprojects" title={t`DevOps projects`} icon={IconGitBranch} />;
}

export const placeOf = (project: Project) =>
  project.kind === "project" ? `/w/${segment(project.workspace)}/c/host/p/${segment(project.name)}` : `/w/${segment(project.workspace)}/d/${segment(project.name)}`;

export function stateOf(of: { state: Schemas["State"]; ending: boolean }): string {
  return of.ending ? "Terminating" : of.state.ready ? "Ready" : "Creating";
}

function List({ plural, title, icon }: { plural: "projects" | "devopsprojects"; title: string; icon: Icon }) {
  const { t } = useLingui();
  const { workspace } = useScope();
  const path = `/workspaces/${segment(workspace)}`;
  const home = useAsked<Schemas["WorkspaceView"]>(path).data?.namespace ?? "";
  const projects = useAsked<Schemas["Projects"]>(`${path}/${plural}`);
  const refresh = useRefresh();
  const go = useGo();
  const [can = { allowed: false }] = useCan("host", home, home ? [{ verb: "create", group: "tenancy.armillary.io", resource: plural }] : []);
  const create = () =>
    confirm({
      title: plural === "projects" ? <Trans>Create a project</Trans> : <Trans>Create a DevOps project</Trans>,
      form: (send) => (
        <CreateProject
          workspace={workspace}
          send={({ name, ...rest }) =>
            send(async () => {
              const made = await platform<Project>("POST", `${path}/${plural}`, { body: { name, ...rest } });
              told(<Trans>{name} is created.</Trans>);
              await refresh();
              go(placeOf(made));
            })
          }
        />
      ),
    });
  const button = (
    <PermittedButton can={can} leftSection={<IconPlus size={15} />} onClick={create}>
      <Trans>Create</Trans>
    </PermittedButton>
  );
  return (
    <Page title={title} aside={<span className="dim">{projects.data?.items.length}</span>} actions={button}>
      <Card flush>
        <Answer of={projects}>
          {({ items }) => (
            <Table
              label={title}
              rows={items}
              keyOf={(row) => row.name}
              columns={[
                { id: "name", title: t`Name`, value: (row) => `${row.displayName} ${row.name}`.trim(), cell: (row) => <Name project={row} /> },
                { id: "state", title: t`Status`, value: stateOf, cell: (row) => <span title={row.state.message}><Status value={stateOf(row)} /></span> },
                { id: "namespace", title: t`Namespace`, value: (row) => row.namespace, cell: (row) => <code>{row.namespace}</code> },
                { id: "role", title: t`Your role`, value: (row) => row.role, cell: (row) => row.role || <span className="dim">–</span> },
                { id: "creator", title: t`Created by`, value: (row) => row.creator },
                { id: "created", title: t`Age`, align: "end", value: (row) => row.created, cell: (row) => <Age since={row.created} /> },
              ]}
              empty={
                <Empty icon={icon} title={plural === "projects" ? <Trans>No projects yet</Trans> : <Trans>No DevOps projects yet</Trans>} action={can.allowed && button}>
                  {plural === "projects" ? <Trans>A project is a namespace for the workloads of one application or team.</Trans> : <Trans>A DevOps project is a place for pipelines and their credentials.</Trans>}
                </Empty>
              }
            />
          )}
        </Answer>
      </Card>
    </Page>
  );
}

function Name({ project }: { project: Project }) {
  return (
    <span style={{ display: "inline-flex", gap: 8, alignItems: "center" }}>
      <Go to={placeOf(project)}>{project.displayName || project.name}</Go>
      {project.displayName && <span className="dim">{project.name}</span>}
      {project.isolated && <Badge variant="light" tt="none"><Trans>Isolated</Trans></Badge>}
    </span>
  );
}
