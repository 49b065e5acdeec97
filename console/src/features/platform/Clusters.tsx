/** The clusters that the platform manages; more are added by their kubeconfig. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked, useRefresh } from "@/api/ask";
import { kubernetes, segment } from "@/api/client";
import { ApiError } from "@/api/errors";
import { deleteObject, patchObject, type Resource } from "@/api/kube";
import { useCan } from "@/api/session";
import { Go } from "@/router/Go";
import { Age, Card, confirm, Empty, FileButton, Button, IconPlus, IconServer2, IconTrash, IconUpload, Page, PermittedButton, RowMenu, SmallForm, Status, Table, Textarea, TextInput, told } from "@/ui";

const CLUSTERS: Resource = { group: "tenancy.armillary.io", version: "v1", plural: "clusters", namespaced: false };
const SECRETS: Resource = { group: "", version: "v1", plural: "secrets", namespaced: true };
const HOME = "armillary-system";
const HOST = "host";
const CONFLICT = 409;
const ASKS = ["create", "delete"].map((verb) => ({ verb, group: CLUSTERS.group, resource: CLUSTERS.plural }));

interface NewCluster {
  name: string;
  displayName: string;
  kubeconfig: string;
}

/** The Secret first: a cluster without one can't be reached. */
async function add({ name, displayName, kubeconfig }: NewCluster) {
  const secret = `cluster-${name}`;
  const body = { apiVersion: "v1", kind: "Secret", metadata: { name: secret }, stringData: { kubeconfig } };
  await kubernetes(HOST, "POST", `/api/v1/namespaces/${HOME}/secrets`, { body }).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== CONFLICT) throw error;
    return patchObject(HOST, SECRETS, HOME, secret, { stringData: { kubeconfig } }); // of an attempt that ended half-way
  });
  const spec = { displayName, kubeconfigSecret: secret };
  await kubernetes(HOST, "POST", `/apis/${CLUSTERS.group}/v1/clusters`, { body: { apiVersion: `${CLUSTERS.group}/v1`, kind: "Cluster", metadata: { name }, spec } });
}

export default function Clusters() {
  const { t } = useLingui();
  const found = useAsked<Schemas["ClusterList"]>("/clusters");
  const no = { allowed: false };
  const [make = no, remove = no] = useCan(HOST, "", ASKS);
  const refresh = useRefresh();
  const taken = new Set(found.data?.items.map((each) => each.name));
  const create = () =>
    confirm({
      title: <Trans>Add a cluster</Trans>,
      size: 640,
      form: (send) => (
        <AddCluster
          taken={taken}
          send={(made) =>
            send(async () => {
              const { name } = made;
              await add(made);
              told(<Trans>The cluster {name} is added.</Trans>);
              await refresh();
            })
          }
        />
      ),
    });
  const end = (name: string) =>
    confirm({
      title: <Trans>Remove {name}?</Trans>,
      children: <Trans>The platform lets go of the cluster. Nothing in it is changed.</Trans>,
      action: <Trans>Remove</Trans>,
      danger: true,
      typed: name,
      run: async () => {
        await deleteObject(HOST, CLUSTERS, "", name);
        told(<Trans>{name} is removed.</Trans>);
        await refresh();
      },
    });
  return (
    <Page title={t`Clusters`} actions={<PermittedButton can={make} leftSection={<IconPlus size={15} />} onClick={create}><Trans>Add cluster</Trans></PermittedButton>}>
      <Card flush>
        <Answer of={found}>
          {({ items }) => (
            <Table
              label={t`Clusters`}
              rows={items}
              keyOf={(row) => row.name}
              columns={[
                { id: "name", title: t`Name`, value: (row) => `${row.displayName} ${row.name}`.trim(), cell: (row) => <><Go to={`/c/${segment(row.name)}`}>{row.displayName || row.name}</Go> {row.displayName && <span className="dim">{row.name}</span>}</> },
                { id: "state", title: t`Status`, value: (row) => String(row.state.ready), cell: (row) => <Status value={row.state.ready ? "Ready" : "NotReady"} /> },
                { id: "version", title: t`Version`, value: (row) => row.version },
                { id: "nodes", title: t`Nodes`, align: "end", value: (row) => row.nodes },
                { id: "message", title: t`Message`, value: (row) => row.state.message || row.description },
                { id: "created", title: t`Age`, align: "end", value: (row) => row.created, cell: (row) => <Age since={row.created} /> },
                {
                  id: "actions", title: <span className="sr-only">{t`Actions`}</span>, align: "end", narrow: true,
                  cell: (row) => row.name !== HOST && <RowMenu of={row.name} actions={[{ id: "remove", title: <Trans>Remove</Trans>, icon: IconTrash, danger: true, can: remove, run: () => end(row.name) }]} />,
                },
              ]}
              empty={<Empty icon={IconServer2} title={<Trans>No clusters that you may see</Trans>} />}
            />
          )}
        </Answer>
      </Card>
    </Page>
  );
}

function AddCluster({ taken, send }: { taken: ReadonlySet<string>; send: (made: NewCluster) => void }) {
  const { t } = useLingui();
  const [name, setName] = useState("");
  const [displayName, setDisplayName] = useState("");
  const [kubeconfig, setKubeconfig] = useState("");
  return (
    <SmallForm action={<Trans>Add</Trans>} disabled={!name || !kubeconfig.trim() || taken.has(name)} send={() => send({ name, displayName, kubeconfig })}>
      <TextInput data-autofocus required label={t`Name`} description={t`Lower-case letters, digits and hyphens; it cannot be changed later`} error={taken.has(name) ? t`There is a cluster of that name` : undefined} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput label={t`Alias`} description={t`How people call it`} value={displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
      <Textarea required label="kubeconfig" description={t`Its user has to administer that cluster. It is kept as a Secret.`} className="mono" autosize minRows={6} maxRows={14} spellCheck={false} value={kubeconfig} onChange={(event) => setKubeconfig(event.currentTarget.value)} />
      <FileButton onChange={(file) => void file?.text().then(setKubeconfig)}>
        {(props) => <Button {...props} variant="default" leftSection={<IconUpload size={14} />} style={{ justifySelf: "start" }}><Trans>Read it from a file</Trans></Button>}
      </FileButton>
    </SmallForm>
  );
}
