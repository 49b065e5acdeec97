/** The projects of a workspace, or its DevOps projects. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { platform, segment } from "@/api/client";
import type { Schema } from "@/api/types";
import { Go, useGo } from "@/router/Go";
import { useScope } from "@/router/scope";
import { Age, Button, Card, confirm, Empty, Fault, IconFolder, IconGitBranch, IconPlus, Page, Rows, Status, told } from "@/ui";
import { PlaceForm } from "./PlaceForm";

export const ProjectList = () => <List sort="projects" />;
export const DevOpsList = () => <List sort="devopsprojects" />;

function List({ sort }: { sort: "projects" | "devopsprojects" }) {
  const { t } = useLingui();
  const { workspace } = useScope();
  const go = useGo();
  const queries = useQueryClient();
  const isProject = sort === "projects";
  const path = `/workspaces/${segment(workspace)}/${sort}`;
  const key = [sort, workspace];
  const { data, error } = useQuery({ queryKey: key, queryFn: () => platform<Schema<"Projects">>("GET", path), refetchInterval: 5000 });
  const address = (name: string) => (isProject ? `/w/${segment(workspace)}/c/host/p/${segment(name)}` : `/w/${segment(workspace)}/d/${segment(name)}`);
  const create = () =>
    confirm({
      title: isProject ? <Trans>Create a project</Trans> : <Trans>Create a DevOps project</Trans>,
      form: (send) => (
        <PlaceForm
          namespaceOf={(name) => `${workspace}-${name}`}
          send={({ name, displayName, description }) =>
            send(async () => {
              await platform("POST", path, { body: { name, displayName, description } });
              await queries.invalidateQueries({ queryKey: key });
              told(<Trans>{name} is created.</Trans>);
              go(address(name));
            })
          }
        />
      ),
    });
  const title = isProject ? t`Projects` : t`DevOps projects`;
  const button = (
    <Button leftSection={<IconPlus size={15} />} onClick={create}>
      <Trans>Create</Trans>
    </Button>
  );
  return (
    <Page title={title} actions={button}>
      {error && <Fault error={error} />}
      {data && (
        <Card flush>
          <Rows
            label={title}
            items={data.items}
            keyOf={(each) => each.name}
            text={(each) => `${each.name} ${each.displayName} ${each.description}`}
            empty={
              <Empty icon={isProject ? IconFolder : IconGitBranch} title={<Trans>Nothing here yet</Trans>} action={button}>
                <Trans>A project is a namespace with its own members, roles and quota.</Trans>
              </Empty>
            }
            columns={[
              { title: <Trans>Name</Trans>, cell: (each) => <Go to={address(each.name)}>{each.displayName || each.name}</Go> },
              { title: <Trans>Status</Trans>, cell: (each) => <Status value={each.ending ? "Terminating" : each.state.ready ? "Ready" : "Pending"} /> },
              { title: <Trans>Namespace</Trans>, cell: (each) => <span className="mono">{each.namespace}</span> },
              { title: <Trans>Your role</Trans>, cell: (each) => each.role || "–" },
              { title: <Trans>Created</Trans>, cell: (each) => <Age since={each.created} />, end: true },
            ]}
          />
        </Card>
      )}
    </Page>
  );
}
