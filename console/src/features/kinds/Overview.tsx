/** The general facts of any object, after what its kind has to say. */
import { Trans } from "@lingui/react/macro";
import { lazy, Suspense } from "react";
import { addressOf, kindByName, type Shown } from "@/kinds";
import { Go } from "@/router/Go";
import { Age, Badge, Card, Facts, Group, Skeleton } from "@/ui";
import { Conditions } from "./Conditions";
import { Related } from "./Related";
import { Why } from "./Why";

const Outline = lazy(() => import("@/features/custom/Outline"));

export function Overview(shown: Shown) {
  const { kind, object, scope } = shown;
  const meta = object.metadata;
  const Summary = kind.summary ?? Outline;
  return (
    <>
      {kind.explained && <Why {...shown} />}
      <Suspense fallback={<Skeleton height={120} aria-busy />}>
        <Summary {...shown} />
      </Suspense>
      <Related shown={shown} shows={kind.related} />
      <Card title={<Trans>Details</Trans>}>
        <Facts
          items={[
            [<Trans>Name</Trans>, meta.name],
            [<Trans>Namespace</Trans>, meta.namespace],
            [<Trans>Created</Trans>, <Age since={meta.creationTimestamp} />],
            [<Trans>Owner</Trans>, owners(shown).length ? owners(shown) : ""],
            [<Trans>Labels</Trans>, <Pairs of={meta.labels} />],
            [<Trans>Annotations</Trans>, <Pairs of={withoutLong(meta.annotations)} />],
          ]}
        />
      </Card>
      <Conditions object={object} key={`${scope.cluster}/${meta.uid}`} />
    </>
  );
}

function owners({ object, scope }: Shown) {
  return (object.metadata.ownerReferences ?? []).map((owner) => {
    const group = owner.apiVersion.includes("/") ? owner.apiVersion.split("/")[0]! : "";
    const kind = kindByName(group, owner.kind);
    const text = `${owner.kind}/${owner.name}`;
    if (!kind) return <span key={owner.uid}>{text}</span>;
    const [path, search] = addressOf(scope, group, kind.plural, kind.namespaced ? (object.metadata.namespace ?? "") : "", owner.name).split("?");
    return (
      <Go key={owner.uid} to={path!} search={Object.fromEntries(new URLSearchParams(search))}>
        {text}
      </Go>
    );
  });
}

const LONG = 200;
/** What was applied, which is long, and may hold a secret's values. */
const APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

const withoutLong = (annotations?: Record<string, string>) =>
  Object.fromEntries(Object.entries(annotations ?? {}).filter(([key, value]) => key !== APPLIED && value.length <= LONG));

function Pairs({ of }: { of?: Record<string, string> }) {
  const pairs = Object.entries(of ?? {});
  if (pairs.length === 0) return <span className="dim">–</span>;
  return (
    <Group gap={4}>
      {pairs.map(([key, value]) => (
        <Badge key={key} variant="default" tt="none" fw={450} radius="sm" maw="100%" title={`${key}=${value}`}>
          {key}={value}
        </Badge>
      ))}
    </Group>
  );
}
