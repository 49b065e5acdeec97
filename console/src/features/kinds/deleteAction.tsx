/** Delete an object, after saying what goes with it; it can be brought back for as long as its history is kept. */
import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { lazy, Suspense } from "react";
import { platform, segment } from "@/api/client";
import { deleteObject } from "@/api/kube";
import type { Action, Shown } from "@/kinds/kind";
import { confirm, failed, told } from "@/ui";
import { IconTrash } from "@/ui/icons";

const Going = lazy(() => import("./Going").then((module) => ({ default: module.Going })));

/** What is not easily made again: its name has to be typed. */
const PRECIOUS = new Set(["persistentvolumeclaims", "persistentvolumes", "namespaces", "statefulsets", "customresourcedefinitions", "nodes"]);

export const deleteAction: Action = {
  id: "delete",
  title: msg`Delete`,
  icon: IconTrash,
  danger: true,
  needs: { verb: "delete" },
  run: (shown) => {
    const { scope, kind, object } = shown;
    const { name, namespace = "" } = object.metadata;
    confirm({
      title: <Trans>Delete {name}?</Trans>,
      size: 640,
      children: (
        <Suspense>
          <Going shown={shown} />
        </Suspense>
      ),
      action: <Trans>Delete</Trans>,
      danger: true,
      typed: PRECIOUS.has(kind.plural) ? name : undefined,
      run: async () => {
        await deleteObject(scope.cluster, kind, namespace, name);
        told(<Trans>{name} is being deleted.</Trans>, { label: <Trans>Undo</Trans>, run: () => void restore(shown) });
      },
    });
  },
};

/** Make it again as it was, with what went with it. */
async function restore({ scope, kind, object }: Shown) {
  const { name, namespace } = object.metadata;
  const place = [kind.group || "-", kind.version, kind.plural, namespace || "-", name].map(segment).join("/");
  try {
    await platform("POST", `/clusters/${segment(scope.cluster)}/history/${place}/restore`, { body: { number: 0, dependants: true } });
    told(<Trans>{name} is back.</Trans>);
  } catch (error) {
    failed(<Trans>This could not be undone</Trans>, error);
  }
}
