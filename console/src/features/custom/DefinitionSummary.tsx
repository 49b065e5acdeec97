/** A custom resource definition at a glance: what it brings, and what there is of it. */
import { Trans } from "@lingui/react/macro";
import { SmallList } from "@/features/kinds/SmallList";
import { useKind } from "@/features/kinds/useKind";
import type { Shown } from "@/kinds";
import { Go } from "@/router/Go";
import { Badge, Card, Facts, Group } from "@/ui";

interface Version {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
}

export function DefinitionSummary({ object, scope }: Shown) {
  const { group, names, scope: reach, versions = [] } = object.spec as { group: string; names: { kind: string; plural: string; shortNames?: string[]; categories?: string[] }; scope: string; versions: Version[] };
  const { name } = object.metadata;
  const { kind } = useKind(scope.cluster, `${names.plural}.${group}`);
  return (
    <>
      <Card title={<Trans>What it brings</Trans>} actions={<Go to={`/c/${encodeURIComponent(scope.cluster)}/${name}`}><Trans>All of them</Trans></Go>}>
        <Facts
          items={[
            [<Trans>Kind</Trans>, names.kind],
            [<Trans>Group</Trans>, <span className="mono">{group}</span>],
            [<Trans>Where</Trans>, reach === "Namespaced" ? <Trans>In namespaces</Trans> : <Trans>The whole cluster</Trans>],
            [<Trans>Short names</Trans>, names.shortNames?.join(", ")],
            [<Trans>Categories</Trans>, names.categories?.join(", ")],
            [
              <Trans>Versions</Trans>,
              <Group gap={4}>
                {versions.map((version) => (
                  <Badge key={version.name} variant={version.served ? "light" : "default"} tt="none" fw={450} radius="sm">
                    {version.name}
                    {version.storage && <> · <Trans>stored</Trans></>}
                    {!version.served && <> · <Trans>not served</Trans></>}
                    {version.deprecated && <> · <Trans>deprecated</Trans></>}
                  </Badge>
                ))}
              </Group>,
            ],
          ]}
        />
      </Card>
      {kind && <SmallList scope={scope} kind={kind} query={{}} title={names.kind} none={<Trans>None of it yet</Trans>} />}
    </>
  );
}
