/** Directories and OpenID Connect providers by which people sign in. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Answer } from "@/app/Answer";
import { useRefresh } from "@/api/ask";
import { kubernetes, segment } from "@/api/client";
import { deleteObject, type KubeObject, patchObject, pathOf, type Resource } from "@/api/kube";
import { useCan } from "@/api/session";
import { Go, useGo } from "@/router/Go";
import { Age, Card, confirm, Empty, failed, IconEdit, IconLock, IconPlayerPlay, IconPlus, IconTrash, IconUsersGroup, Page, PermittedButton, RowMenu, Status, Table, told } from "@/ui";
import { TestForm } from "./TestForm";

export const PROVIDERS: Resource = { group: "iam.armillary.io", version: "v1", plural: "identityproviders", namespaced: false };
const ASKS = ["create", "update", "delete"].map((verb) => ({ verb, group: PROVIDERS.group, resource: PROVIDERS.plural }));

export const providers = { queryKey: ["providers"], queryFn: () => kubernetes<{ items: KubeObject[] }>("host", "GET", pathOf(PROVIDERS)) };

export function useProviderCan() {
  const no = { allowed: false };
  const [create = no, update = no, remove = no] = useCan("host", "", ASKS);
  return { create, update, remove };
}

const readyOf = (item: KubeObject) => (item.status?.conditions as { type: string; status: string; message: string }[] | undefined)?.find((each) => each.type === "Ready");

export const test = (name: string) => confirm({ title: <Trans>Test {name}</Trans>, size: 620, form: () => <TestForm name={name} /> });

export default function Providers() {
  const { t } = useLingui();
  const found = useQuery(providers);
  const can = useProviderCan();
  const go = useGo();
  const refresh = useRefresh();
  const able = async (name: string, disabled: boolean) => {
    try {
      await patchObject("host", PROVIDERS, "", name, { spec: { disabled } });
      told(disabled ? <Trans>{name} is disabled.</Trans> : <Trans>{name} is enabled.</Trans>);
      await refresh();
    } catch (error) {
      failed(<Trans>This did not work</Trans>, error);
    }
  };
  const end = (name: string) =>
    confirm({
      title: <Trans>Delete {name}?</Trans>,
      children: <Trans>Nobody can sign in by it any more. The accounts stay.</Trans>,
      action: <Trans>Delete</Trans>,
      danger: true,
      typed: name,
      run: async () => {
        await deleteObject("host", PROVIDERS, "", name);
        told(<Trans>{name} is deleted.</Trans>);
        await refresh();
      },
    });
  const edit = (name: string) => go(`/platform/identity/${segment(name)}`);
  const button = <PermittedButton can={can.create} leftSection={<IconPlus size={15} />} onClick={() => go("/platform/identity/create")}><Trans>Add a provider</Trans></PermittedButton>;
  return (
    <Page title={t`Sign-in providers`} actions={button}>
      <Card flush>
        <Answer of={found}>
          {({ items }) => (
            <Table
              label={t`Sign-in providers`}
              rows={items}
              keyOf={(row) => row.metadata.name}
              columns={[
                { id: "name", title: t`Name`, value: (row) => row.metadata.name, cell: (row) => <><Go to={`/platform/identity/${segment(row.metadata.name)}`}>{row.spec.displayName || row.metadata.name}</Go> <span className="dim">{row.spec.displayName && row.metadata.name}</span></> },
                { id: "type", title: t`Type`, value: (row) => String(row.spec.type).toUpperCase() },
                { id: "state", title: t`Status`, cell: (row) => <State item={row} /> },
                { id: "address", title: t`Address`, value: (row) => row.spec.ldap?.url ?? row.spec.oidc?.issuer, cell: (row) => <span className="mono">{row.spec.ldap?.url ?? row.spec.oidc?.issuer}</span> },
                { id: "created", title: t`Age`, align: "end", value: (row) => row.metadata.creationTimestamp, cell: (row) => <Age since={row.metadata.creationTimestamp} /> },
                {
                  id: "actions", title: <span className="sr-only">{t`Actions`}</span>, align: "end", narrow: true,
                  cell: (row) => (
                    <RowMenu
                      of={row.metadata.name}
                      actions={[
                        { id: "test", title: <Trans>Test</Trans>, icon: IconPlayerPlay, can: can.update, run: () => test(row.metadata.name) },
                        { id: "edit", title: <Trans>Edit</Trans>, icon: IconEdit, can: can.update, run: () => edit(row.metadata.name) },
                        { id: "able", title: row.spec.disabled ? <Trans>Enable</Trans> : <Trans>Disable</Trans>, icon: IconLock, can: can.update, run: () => void able(row.metadata.name, !row.spec.disabled) },
                        { id: "delete", title: <Trans>Delete</Trans>, icon: IconTrash, danger: true, can: can.remove, run: () => end(row.metadata.name) },
                      ]}
                    />
                  ),
                },
              ]}
              empty={<Empty icon={IconUsersGroup} title={<Trans>People sign in by a password here</Trans>} action={can.create.allowed && button}><Trans>Connect your directory (LDAP, Active Directory) or single sign-on (OpenID Connect), and they use the account they have.</Trans></Empty>}
            />
          )}
        </Answer>
      </Card>
    </Page>
  );
}

function State({ item }: { item: KubeObject }) {
  const { t } = useLingui();
  const ready = readyOf(item);
  if (item.spec.disabled) return <Status value={t`Disabled`} tone="idle" />;
  if (!ready) return <Status value={t`Enabled`} tone="ok" />;
  return <span title={ready.message}><Status value={ready.status === "True" ? "Ready" : "NotReady"} /></span>;
}
