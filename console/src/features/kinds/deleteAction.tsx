/** Delete an object, after saying what goes with it. */
import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { deleteObject } from "@/api/kube";
import type { Action } from "@/kinds";
import { confirm, IconTrash, told } from "@/ui";

/** What is not easily made again: its name has to be typed. */
const PRECIOUS = new Set(["persistentvolumeclaims", "persistentvolumes", "namespaces", "statefulsets", "customresourcedefinitions", "nodes"]);

export const deleteAction: Action = {
  id: "delete",
  title: msg`Delete`,
  icon: IconTrash,
  danger: true,
  needs: { verb: "delete" },
  run: ({ scope, kind, object }) => {
    const { name, namespace = "" } = object.metadata;
    confirm({
      title: <Trans>Delete {name}?</Trans>,
      children: <Trans>What belongs to it is deleted too.</Trans>,
      action: <Trans>Delete</Trans>,
      typed: PRECIOUS.has(kind.plural) ? name : undefined,
      run: async () => {
        await deleteObject(scope.cluster, kind, namespace, name);
        told(<Trans>{name} is being deleted.</Trans>);
      },
    });
  },
};
