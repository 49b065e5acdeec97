/** The revisions of a workload: what each changed, and the way back to it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { stringify } from "yaml";
import { Loading } from "@/app/Loading";
import { kubernetes } from "@/api/client";
import { type KubeObject, patchObject, pathOf } from "@/api/kube";
import { useCan } from "@/api/session";
import type { Shown } from "@/kinds/kind";
import { selectorText } from "@/lib/workload";
import { Age, Badge, Button, Card, confirm, Difference, Empty, Fault, IconHistory, told } from "@/ui";
import tables from "@/features/kinds/Table.module.css";

const REPLICA_SETS = { group: "apps", version: "v1", plural: "replicasets", namespaced: true };
const REVISIONS = { group: "apps", version: "v1", plural: "controllerrevisions", namespaced: true };
const NUMBER = "deployment.kubernetes.io/revision";
const CAUSE = "kubernetes.io/change-cause";
const EVERY = 3000;

export interface Revision {
  number: number;
  created?: string;
  cause: string;
  template: KubeObject["spec"];
}

/** From a Deployment's replica sets, or the controller revisions of others; the newest first. Pure. */
export function revisionsOf(owner: KubeObject, items: KubeObject[]): Revision[] {
  const own = items.filter((item) => item.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid));
  return own
    .map((item) => {
      const { labels = {}, ...metadata } = item.spec?.template?.metadata ?? {};
      const plain = Object.fromEntries(Object.entries(labels).filter(([label]) => label !== "pod-template-hash"));
      const isSet = owner.kind === "Deployment";
      return {
        number: isSet ? Number(item.metadata.annotations?.[NUMBER] ?? 0) : (item.revision as number),
        created: item.metadata.creationTimestamp,
        cause: item.metadata.annotations?.[CAUSE] ?? "",
        template: isSet ? { ...item.spec.template, metadata: { ...metadata, labels: plain } } : withoutPatchMarks(item.data?.spec?.template),
      };
    })
    .sort((one, other) => other.number - one.number);
}

/** Controller revisions keep a template as a strategic merge patch. */
function withoutPatchMarks(template: KubeObject["spec"]): KubeObject["spec"] {
  return Object.fromEntries(Object.entries(template ?? {}).filter(([key]) => !key.startsWith("$")));
}

export default function Revisions(shown: Shown) {
  const { object, scope, kind } = shown;
  const { t } = useLingui();
  const namespace = object.metadata.namespace ?? "";
  const source = object.kind === "Deployment" ? REPLICA_SETS : REVISIONS;
  const { data, error } = useQuery({
    queryKey: ["revisions", scope.cluster, object.metadata.uid],
    queryFn: () => kubernetes<{ items: KubeObject[] }>(scope.cluster, "GET", pathOf(source, namespace), { query: { labelSelector: selectorText(object.spec?.selector) } }),
    refetchInterval: EVERY,
  });
  const [compared, setCompared] = useState<number | null>(null);
  const [may] = useCan(scope.cluster, namespace, [{ verb: "patch", group: kind.group, resource: kind.plural, name: object.metadata.name }]);
  if (error) return <Fault error={error} />;
  if (!data) return <Loading />;
  const all = revisionsOf(object, data.items);
  const [current] = all;
  if (!current) return <Empty icon={IconHistory} title={<Trans>No revisions yet</Trans>} />;
  const { name } = object.metadata;
  const back = (revision: Revision) => {
    const { number } = revision;
    confirm({
      title: <Trans>Roll back to revision {number}?</Trans>,
      size: 760,
      children: <Difference before={stringify(current.template)} after={stringify(revision.template)} />,
      action: <Trans>Roll back</Trans>,
      run: async () => {
        const patch = [{ op: "replace", path: "/spec/template", value: revision.template }];
        await patchObject(scope.cluster, kind, namespace, name, patch, "json");
        told(<Trans>{name} goes back to revision {number}.</Trans>);
      },
    });
  };
  const chosen = all.find((revision) => revision.number === compared);
  const [from, to] = [current.number, compared];
  return (
    <>
      <Card title={<Trans>Revisions</Trans>} flush>
        <table className={tables.table}>
          <thead>
            <tr>
              <th><Trans>Revision</Trans></th>
              <th><Trans>Images</Trans></th>
              <th><Trans>Change</Trans></th>
              <th><Trans>Created</Trans></th>
              <th><span className="sr-only"><Trans>Actions</Trans></span></th>
            </tr>
          </thead>
          <tbody>
            {all.map((revision) => (
              <tr key={revision.number}>
                <td>
                  {revision.number} {revision === current && <Badge size="sm" variant="light"><Trans>Current</Trans></Badge>}
                </td>
                <td className="mono">{(revision.template?.spec?.containers ?? []).map((each: { image: string }) => each.image).join(", ")}</td>
                <td>{revision.cause || "–"}</td>
                <td><Age since={revision.created} /></td>
                <td style={{ whiteSpace: "nowrap", textAlign: "end" }}>
                  {revision !== current && (
                    <>
                      <Button variant="subtle" size="compact-xs" onClick={() => setCompared(revision.number)}>
                        <Trans>Compare</Trans>
                      </Button>
                      <Button variant="default" size="compact-xs" disabled={!may?.allowed} title={may?.allowed ? undefined : t`Your roles do not allow this here`} onClick={() => back(revision)}>
                        <Trans>Roll back</Trans>
                      </Button>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
      {chosen && (
        <Card title={<Trans>From revision {from} to revision {to}</Trans>}>
          <Difference before={stringify(current.template)} after={stringify(chosen.template)} />
        </Card>
      )}
    </>
  );
}
