/** A service account at a glance: what it may do by which bindings, and the secrets it brings along. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import { pathOf, type Resource } from "@/api/kube";
import { useKube } from "@/api/useKube";
import { ObjectLink } from "@/features/kinds/ObjectLink";
import type { Shown } from "@/kinds";
import { bindingsOf } from "@/lib/entries";
import { Card, Empty, Facts, IconShield, Table } from "@/ui";

const RBAC = { group: "rbac.authorization.k8s.io", version: "v1" };
const BINDINGS: Resource = { ...RBAC, plural: "rolebindings", namespaced: true };
const WIDE: Resource = { ...RBAC, plural: "clusterrolebindings", namespaced: false };

export function AccountSummary(shown: Shown) {
  const { object, scope } = shown;
  const { namespace = "" } = object.metadata;
  const secrets = (of: { name: string }[] = []) =>
    of.length ? of.map(({ name }) => <div key={name}><ObjectLink scope={scope} plural="secrets" namespace={namespace} name={name} /></div>) : undefined;
  return (
    <>
      <Card title={<Trans>Service account</Trans>}>
        <Facts
          items={[
            [<Trans>Token in its pods</Trans>, object.automountServiceAccountToken === false ? <Trans>No, unless a pod asks for it</Trans> : <Trans>Yes, unless a pod refuses it</Trans>],
            [<Trans>Pulls images with</Trans>, secrets(object.imagePullSecrets)],
            [<Trans>Secrets</Trans>, secrets(object.secrets)],
          ]}
        />
      </Card>
      <Bindings {...shown} />
    </>
  );
}

function Bindings({ object, scope }: Shown) {
  const { t } = useLingui();
  const here = useKube(scope.cluster, pathOf(BINDINGS, object.metadata.namespace));
  const wide = useKube(scope.cluster, pathOf(WIDE));
  return (
    <Card title={<Trans>What it may do</Trans>} flush>
      <Answer of={here}>
        {({ items }) => (
          <Table
            label={t`What it may do`}
            rows={bindingsOf(object, [...items, ...(wide.data?.items ?? [])])}
            keyOf={(row) => `${row.namespace}/${row.name}`}
            columns={[
              { id: "role", title: t`Role`, value: (row) => row.role, cell: (row) => <span>{row.role} <span className="dim">{row.roleKind}</span></span> },
              { id: "where", title: t`Where`, value: (row) => row.namespace, cell: (row) => row.namespace || <Trans>The whole cluster</Trans> },
              { id: "name", title: t`Binding`, value: (row) => row.name, cell: (row) => <ObjectLink scope={scope} group={RBAC.group} plural={row.namespace ? "rolebindings" : "clusterrolebindings"} namespace={row.namespace} name={row.name} /> },
            ]}
            empty={<Empty icon={IconShield} title={<Trans>Nothing beyond what everybody may</Trans>}><Trans>A role binding that names it gives it rights.</Trans></Empty>}
          />
        )}
      </Answer>
      {wide.error && <p className="dim" style={{ padding: "0 16px" }}><Trans>Bindings of the whole cluster are not shown: you may not see them.</Trans></p>}
    </Card>
  );
}
