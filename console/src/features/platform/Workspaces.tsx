/** All workspaces that one may see. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { platform, segment } from "@/api/client";
import type { Schema } from "@/api/types";
import { PlaceForm } from "@/features/places/PlaceForm";
import { Go, useGo } from "@/router/Go";
import { Age, Button, Card, confirm, Empty, Fault, IconBuilding, IconPlus, Page, Rows, Status, told } from "@/ui";

export default function Workspaces() {
  const { t } = useLingui();
  const go = useGo();
  const queries = useQueryClient();
  const { data, error } = useQuery({ queryKey: ["workspaces"], queryFn: () => platform<Schema<"Workspaces">>("GET", "/workspaces"), refetchInterval: 5000 });
  const create = () =>
    confirm({
      title: <Trans>Create a workspace</Trans>,
      form: (send) => (
        <PlaceForm
          asksManager
          send={({ name, displayName, description, manager }) =>
            send(async () => {
              await platform("POST", "/workspaces", { body: { name, displayName, description, manager } });
              await queries.invalidateQueries({ queryKey: ["workspaces"] });
              told(<Trans>{name} is created.</Trans>);
              go(`/w/${segment(name)}`);
            })
          }
        />
      ),
    });
  return (
    <Page title={t`Workspaces`} actions={<Button leftSection={<IconPlus size={15} />} onClick={create}><Trans>Create</Trans></Button>}>
      {error && <Fault error={error} />}
      {data && (
        <Card flush>
          <Rows
            label={t`Workspaces`}
            items={data.items}
            keyOf={(each) => each.name}
            text={(each) => `${each.name} ${each.displayName} ${each.manager}`}
            empty={<Empty icon={IconBuilding} title={<Trans>No workspace yet</Trans>}><Trans>A workspace is a team’s share of the platform: its people, projects and quota.</Trans></Empty>}
            columns={[
              { title: <Trans>Name</Trans>, cell: (each) => <Go to={`/w/${segment(each.name)}`}>{each.displayName || each.name}</Go> },
              { title: <Trans>Status</Trans>, cell: (each) => <Status value={each.ending ? "Terminating" : each.state.ready ? "Ready" : "Pending"} /> },
              { title: <Trans>Manager</Trans>, cell: (each) => each.manager },
              { title: <Trans>Projects</Trans>, cell: (each) => each.projects, end: true },
              { title: <Trans>Created</Trans>, cell: (each) => <Age since={each.created} />, end: true },
            ]}
          />
        </Card>
      )}
    </Page>
  );
}
