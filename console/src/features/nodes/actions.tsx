/** What can be done with nodes. */
import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { lazy, Suspense } from "react";
import { type KubeObject, patchObject } from "@/api/kube";
import type { Action, Shown } from "@/kinds/kind";
import { labelsPatch, taintsPatch } from "@/lib/labels";
import { confirm, failed, told } from "@/ui";
import { IconArrowsMinimize, IconPlayerPause, IconPlayerPlay, IconShield, IconTag } from "@/ui/icons";
import { setCordoned } from "./cordon";

const Drain = lazy(() => import("./Drain").then((module) => ({ default: module.Drain })));
const LabelsForm = lazy(() => import("./LabelsForm").then((module) => ({ default: module.LabelsForm })));
const TaintsForm = lazy(() => import("./TaintsForm").then((module) => ({ default: module.TaintsForm })));

const isCordoned = (node: KubeObject) => node.spec?.unschedulable === true;

async function turn({ scope, object }: Shown, cordoned: boolean) {
  const { name } = object.metadata;
  const undo = () => void setCordoned(scope.cluster, name, !cordoned).catch((error: unknown) => failed(<Trans>This could not be undone</Trans>, error));
  try {
    await setCordoned(scope.cluster, name, cordoned);
    told(cordoned ? <Trans>No new pods come to {name}.</Trans> : <Trans>Pods may come to {name} again.</Trans>, { label: <Trans>Undo</Trans>, run: undo });
  } catch (error) {
    failed(<Trans>This did not work</Trans>, error);
  }
}

export const cordon: Action = {
  id: "cordon",
  title: msg`Cordon`,
  icon: IconPlayerPause,
  needs: { verb: "patch" },
  fits: (node) => !isCordoned(node),
  run: (shown) => turn(shown, true),
};

export const uncordon: Action = {
  id: "uncordon",
  title: msg`Uncordon`,
  icon: IconPlayerPlay,
  needs: { verb: "patch" },
  fits: isCordoned,
  run: (shown) => turn(shown, false),
};

export const drain: Action = {
  id: "drain",
  title: msg`Drain`,
  icon: IconArrowsMinimize,
  needs: { verb: "create", resource: "pods", subresource: "eviction" },
  run: ({ scope, object }) => {
    const { name } = object.metadata;
    confirm({
      title: <Trans>Drain {name}</Trans>,
      size: 760,
      form: (end) => (
        <Suspense>
          <Drain cluster={scope.cluster} node={name} end={end} />
        </Suspense>
      ),
    });
  },
};

/** Of any kind. */
export const editLabels: Action = {
  id: "labels",
  title: msg`Edit labels`,
  icon: IconTag,
  needs: { verb: "patch" },
  run: ({ scope, kind, object }) => {
    const { name, namespace = "", labels = {} } = object.metadata;
    confirm({
      title: <Trans>Labels of {name}</Trans>,
      size: 720,
      form: (send) => (
        <Suspense>
          <LabelsForm
            labels={labels}
            send={(wanted) =>
              send(async () => {
                await patchObject(scope.cluster, kind, namespace, name, { metadata: { labels: labelsPatch(labels, wanted) } });
                told(<Trans>The labels of {name} are changed.</Trans>);
              })
            }
          />
        </Suspense>
      ),
    });
  },
};

export const editTaints: Action = {
  id: "taints",
  title: msg`Edit taints`,
  icon: IconShield,
  needs: { verb: "patch" },
  run: ({ scope, kind, object }) => {
    const { name } = object.metadata;
    confirm({
      title: <Trans>Taints of {name}</Trans>,
      size: 820,
      form: (send) => (
        <Suspense>
          <TaintsForm
            taints={object.spec?.taints ?? []}
            send={(taints) =>
              send(async () => {
                await patchObject(scope.cluster, kind, "", name, taintsPatch(object.spec?.taints, taints), "json");
                told(<Trans>The taints of {name} are changed.</Trans>);
              })
            }
          />
        </Suspense>
      ),
    });
  },
};
