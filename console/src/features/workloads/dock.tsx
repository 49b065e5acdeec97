/** Logs and terminals of pods, which open below the page. */
import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { kubernetes } from "@/api/client";
import { type KubeObject, pathOf } from "@/api/kube";
import { openDock } from "@/app/dock/store";
import type { Action, Shown } from "@/kinds/kind";
import { selectorText } from "@/lib/workload";
import { failed } from "@/ui";
import { IconFileText, IconHistory, IconTerminal2 } from "@/ui/icons";

const PODS = { group: "", version: "v1", plural: "pods", namespaced: true };
const ANNOTATION = "kubectl.kubernetes.io/default-container";

const target = ({ scope, object }: Shown) => ({
  cluster: scope.cluster,
  namespace: object.metadata.namespace ?? "",
  pod: object.metadata.name,
  container: object.metadata.annotations?.[ANNOTATION] ?? (object.spec.containers[0]?.name as string),
});

export const logs: Action = {
  id: "logs",
  title: msg`Logs`,
  icon: IconFileText,
  key: "l",
  needs: { verb: "get", subresource: "log" },
  run: (shown) => openDock({ type: "logs", ...target(shown) }),
};

const restarts = (pod: KubeObject) => (pod.status?.containerStatuses ?? []).some((each: { restartCount: number }) => each.restartCount > 0);

export const previousLogs: Action = {
  id: "previous-logs",
  title: msg`Logs before the restart`,
  icon: IconHistory,
  needs: { verb: "get", subresource: "log" },
  fits: restarts,
  run: (shown) => openDock({ type: "logs", previous: true, ...target(shown) }),
};

export const shell: Action = {
  id: "shell",
  title: msg`Terminal`,
  icon: IconTerminal2,
  key: "s",
  needs: { verb: "create", subresource: "exec" },
  run: (shown) => openDock({ type: "shell", ...target(shown) }),
};

const MOST_PODS = 8;

/** Of all pods of a workload at once. */
export const workloadLogs: Action = {
  id: "logs",
  title: msg`Logs`,
  icon: IconFileText,
  key: "l",
  needs: { verb: "get", group: "", resource: "pods", subresource: "log" },
  run: async ({ scope, object }) => {
    const { name, namespace = "" } = object.metadata;
    const query = { labelSelector: selectorText(object.spec.selector), limit: MOST_PODS };
    try {
      const found = await kubernetes<{ items: KubeObject[] }>(scope.cluster, "GET", pathOf(PODS, namespace), { query });
      const pods = found.items.map((pod) => pod.metadata.name);
      const [pod] = pods;
      if (pod) openDock({ type: "logs", cluster: scope.cluster, namespace, pod, pods, label: name });
    } catch (error) {
      failed(<Trans>This did not work</Trans>, error);
    }
  },
};
