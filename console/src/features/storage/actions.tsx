/** What can be done with volume claims and storage classes. */
import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { lazy, Suspense } from "react";
import { kubernetes } from "@/api/client";
import { patchObject, pathOf } from "@/api/kube";
import type { KubeList } from "@/api/useKube";
import type { Action } from "@/kinds/kind";
import { defaultPatch, isDefault } from "@/lib/storage";
import { confirm, told } from "@/ui";
import { IconArrowsMaximize, IconCheck, IconX } from "@/ui/icons";
import { CLASSES } from "./classes";

const ExpandForm = lazy(() => import("./ExpandForm").then((module) => ({ default: module.ExpandForm })));

export const expand: Action = {
  id: "expand",
  title: msg`Expand`,
  icon: IconArrowsMaximize,
  needs: { verb: "patch" },
  fits: (claim) => claim.status?.phase === "Bound",
  run: ({ scope, kind, object }) => {
    const { name, namespace = "" } = object.metadata;
    confirm({
      title: <Trans>Expand {name}</Trans>,
      form: (send) => (
        <Suspense>
          <ExpandForm
            cluster={scope.cluster}
            claim={object}
            send={(size) =>
              send(async () => {
                await patchObject(scope.cluster, kind, namespace, name, { spec: { resources: { requests: { storage: size } } } });
                told(<Trans>{name} grows to {size}.</Trans>);
              })
            }
          />
        </Suspense>
      ),
    });
  },
};

export const makeDefault: Action = {
  id: "default",
  title: msg`Make it the default`,
  icon: IconCheck,
  needs: { verb: "patch" },
  fits: (storageClass) => !isDefault(storageClass),
  run: ({ scope, object }) => {
    const { name } = object.metadata;
    confirm({
      title: <Trans>Make {name} the default class?</Trans>,
      children: <Trans>Claims that name no class are given volumes of this one from now on. Those that exist stay as they are.</Trans>,
      action: <Trans>Make it the default</Trans>,
      run: async () => {
        const { items } = await kubernetes<KubeList>(scope.cluster, "GET", pathOf(CLASSES));
        // The new one first: for a moment there may be two, but never none.
        await patchObject(scope.cluster, CLASSES, "", name, defaultPatch(object, true));
        const others = items.filter((each) => each.metadata.name !== name && isDefault(each));
        await Promise.all(others.map((each) => patchObject(scope.cluster, CLASSES, "", each.metadata.name, defaultPatch(each, false))));
        told(<Trans>{name} is the default class.</Trans>);
      },
    });
  },
};

export const endDefault: Action = {
  id: "no-default",
  title: msg`No longer the default`,
  icon: IconX,
  needs: { verb: "patch" },
  fits: isDefault,
  run: ({ scope, object }) => {
    const { name } = object.metadata;
    confirm({
      title: <Trans>Is {name} no longer to be the default class?</Trans>,
      children: <Trans>Claims that name no class wait until there is a default again.</Trans>,
      action: <Trans>No longer the default</Trans>,
      run: async () => {
        await patchObject(scope.cluster, CLASSES, "", name, defaultPatch(object, false));
        told(<Trans>{name} is no longer the default class.</Trans>);
      },
    });
  },
};
