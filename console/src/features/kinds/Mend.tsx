/** A change that the explanation proposes: shown as the difference it makes, then made. */
import { Trans, useLingui } from "@lingui/react/macro";
import { stringify } from "yaml";
import type { Schemas } from "@/api/ask";
import { kubernetes } from "@/api/client";
import { getObject, type KubeObject, patchObject, pathOf, type Resource } from "@/api/kube";
import { useCan } from "@/api/session";
import { Button, confirm, Difference, failed, IconCheck, told } from "@/ui";

type Mending = NonNullable<Schemas["FoundFault"]["mending"]>;

export default function Mend({ cluster, mending }: { cluster: string; mending: Mending }) {
  const { t } = useLingui();
  const { group, version, plural, namespace, name, patch } = mending;
  const resource: Resource = { group, version, plural, namespaced: true };
  const [may] = useCan(cluster, namespace, [{ verb: "patch", group, resource: plural, name }]);
  const preview = async () => {
    try {
      const query = { dryRun: "All" };
      const headers = { "content-type": "application/merge-patch+json" };
      const [before, after] = await Promise.all([
        getObject(cluster, resource, namespace, name),
        kubernetes<KubeObject>(cluster, "PATCH", pathOf(resource, namespace, name), { query, body: patch, headers }),
      ]);
      confirm({
        title: <Trans>Change {name} like this?</Trans>,
        size: 760,
        children: <Difference before={wanted(before)} after={wanted(after)} />,
        action: <Trans>Change</Trans>,
        run: async () => {
          await patchObject(cluster, resource, namespace, name, patch);
          told(<Trans>{name} is changed.</Trans>);
        },
      });
    } catch (error) {
      failed(<Trans>This did not work</Trans>, error);
    }
  };
  return (
    <Button variant="default" leftSection={<IconCheck size={15} />} disabled={!may?.allowed} title={may?.allowed ? undefined : (may?.reason ?? t`Your roles do not allow this here`)} onClick={() => void preview()}>
      <Trans>Do this</Trans>
    </Button>
  );
}

const wanted = ({ spec }: KubeObject) => stringify({ spec }, { lineWidth: 0 });
