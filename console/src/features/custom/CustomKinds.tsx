/** All kinds that came with custom resource definitions, as the way to what there is of them. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Answer } from "@/app/Answer";
import { servedKinds } from "@/api/kinds";
import { isCustom, kindBy } from "@/kinds";
import { Go } from "@/router/Go";
import { useScope } from "@/router/scope";
import { Card, Empty, IconPackage, Page, Table } from "@/ui";

export default function CustomKinds() {
  const { t } = useLingui();
  const scope = useScope();
  const kinds = useQuery(servedKinds(scope.cluster));
  return (
    <Page title={t`Custom resources`}>
      <Card flush>
        <Answer of={kinds}>
          {({ items }) => (
            <Table
              label={t`Custom resources`}
              rows={items.filter((kind) => isCustom(kind) && (kind.namespaced || scope.level === "cluster"))}
              keyOf={(kind) => `${kind.plural}.${kind.group}/${kind.version}`}
              sort={{ column: "kind", descending: false }}
              columns={[
                { id: "kind", title: t`Kind`, value: (kind) => kind.kind, cell: (kind) => <Go to={`${scope.base}/${kindBy(kind.group, kind.plural)?.id ?? `${kind.plural}.${kind.group}`}`}>{kind.kind}</Go> },
                { id: "group", title: t`Group`, value: (kind) => kind.group, cell: (kind) => <span className="mono">{kind.group}</span> },
                { id: "version", title: t`Version`, value: (kind) => kind.version },
                { id: "where", title: t`Where`, value: (kind) => (kind.namespaced ? t`In namespaces` : t`The whole cluster`) },
              ]}
              empty={<Empty icon={IconPackage} title={<Trans>This cluster has no custom resources</Trans>}><Trans>They come with operators and other extensions.</Trans></Empty>}
            />
          )}
        </Answer>
      </Card>
    </Page>
  );
}
