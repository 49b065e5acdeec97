/** What can be done with workloads. What can be taken back is offered to be. */
import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type KubeObject, patchObject } from "@/api/kube";
import type { Action, Shown } from "@/kinds/kind";
import { containersAt, nested, replicasOf } from "@/lib/workload";
import { confirm, failed, told } from "@/ui";
import { IconCopy, IconPlayerPause, IconPlayerPlay, IconRefresh, IconScale, IconTag } from "@/ui/icons";
import { kubernetes } from "@/api/client";
import { pathOf } from "@/api/kube";
import { ImageForm, ReplicasForm } from "./forms";

const RESTARTED = "kubectl.kubernetes.io/restartedAt";

async function patch({ scope, kind, object }: Shown, change: unknown) {
  await patchObject(scope.cluster, kind, object.metadata.namespace ?? "", object.metadata.name, change);
}

/** Change it at once; tell so, and offer to change it back. */
export async function change(shown: Shown, forward: unknown, back: unknown, message: React.ReactNode) {
  try {
    await patch(shown, forward);
    told(message, {
      label: <Trans>Undo</Trans>,
      run: () => void patch(shown, back).catch((error: unknown) => failed(<Trans>This could not be undone</Trans>, error)),
    });
  } catch (error) {
    failed(<Trans>This did not work</Trans>, error);
  }
}

export function scaleTo(shown: Shown, replicas: number): Promise<void> {
  const { name } = shown.object.metadata;
  const before = replicasOf(shown.object).wanted;
  return change(shown, { spec: { replicas } }, { spec: { replicas: before } }, <Trans>{name} is scaled to {replicas}.</Trans>);
}

const scales = (object: KubeObject) => object.kind !== "DaemonSet";

export const scale: Action = {
  id: "scale",
  title: msg`Scale`,
  icon: IconScale,
  needs: { verb: "patch" },
  fits: scales,
  run: (shown) => {
    const { name } = shown.object.metadata;
    confirm({
      title: <Trans>Scale {name}</Trans>,
      form: (send) => <ReplicasForm wanted={replicasOf(shown.object).wanted} send={(replicas) => send(() => scaleTo(shown, replicas))} />,
    });
  },
};

export const restart: Action = {
  id: "restart",
  title: msg`Redeploy`,
  icon: IconRefresh,
  needs: { verb: "patch" },
  run: (shown) => {
    const { name } = shown.object.metadata;
    confirm({
      title: <Trans>Redeploy {name}?</Trans>,
      children: <Trans>Its pods are replaced one after the other, as its update strategy says.</Trans>,
      action: <Trans>Redeploy</Trans>,
      run: async () => {
        const at = new Date().toISOString();
        await patch(shown, { spec: { template: { metadata: { annotations: { [RESTARTED]: at } } } } });
        told(<Trans>{name} is being redeployed.</Trans>);
      },
    });
  },
};

const isPaused = (object: KubeObject) => object.spec?.paused === true || object.spec?.suspend === true;
const pauseField = (object: KubeObject) => (object.kind === "CronJob" || object.kind === "Job" ? "suspend" : "paused");

export const pause: Action = {
  id: "pause",
  title: msg`Pause`,
  icon: IconPlayerPause,
  needs: { verb: "patch" },
  fits: (object) => !isPaused(object),
  run: (shown) => {
    const { name } = shown.object.metadata;
    const field = pauseField(shown.object);
    void change(shown, { spec: { [field]: true } }, { spec: { [field]: false } }, <Trans>{name} is paused.</Trans>);
  },
};

export const resume: Action = {
  id: "resume",
  title: msg`Resume`,
  icon: IconPlayerPlay,
  needs: { verb: "patch" },
  fits: isPaused,
  run: (shown) => {
    const { name } = shown.object.metadata;
    const field = pauseField(shown.object);
    void change(shown, { spec: { [field]: false } }, { spec: { [field]: true } }, <Trans>{name} goes on.</Trans>);
  },
};

export const setImage: Action = {
  id: "image",
  title: msg`Change image`,
  icon: IconTag,
  needs: { verb: "patch" },
  run: (shown) => {
    const { name } = shown.object.metadata;
    confirm({
      title: <Trans>Change the image of {name}</Trans>,
      form: (send) => (
        <ImageForm
          object={shown.object}
          send={(container, image, before) =>
            send(() => {
              const path = containersAt(shown.kind.kind);
              const containers = (to: string) => nested(path, { containers: [{ name: container, image: to }] });
              const { scope, kind, object } = shown;
              const apply = (to: string) =>
                patchObject(scope.cluster, kind, object.metadata.namespace ?? "", name, containers(to), "strategic");
              return apply(image).then(() =>
                told(<Trans>{name} gets the image {image}.</Trans>, {
                  label: <Trans>Undo</Trans>,
                  run: () => void apply(before).catch((error: unknown) => failed(<Trans>This could not be undone</Trans>, error)),
                }),
              );
            })
          }
        />
      ),
    });
  },
};

const JOBS = { group: "batch", version: "v1", plural: "jobs", namespaced: true };
const LONGEST_NAME = 52;

export const runNow: Action = {
  id: "run",
  title: msg`Run now`,
  icon: IconCopy,
  needs: { verb: "create", resource: "jobs" },
  run: ({ scope, object }) => {
    const { name, namespace = "", uid } = object.metadata;
    const job = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: {
        ...object.spec.jobTemplate.metadata,
        generateName: `${name.slice(0, LONGEST_NAME)}-`,
        annotations: { "cronjob.kubernetes.io/instantiate": "manual" },
        ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name, uid, controller: true }],
      },
      spec: object.spec.jobTemplate.spec,
    };
    kubernetes(scope.cluster, "POST", pathOf(JOBS, namespace), { body: job }).then(
      () => told(<Trans>{name} runs now.</Trans>),
      (error: unknown) => failed(<Trans>This did not work</Trans>, error),
    );
  },
};
