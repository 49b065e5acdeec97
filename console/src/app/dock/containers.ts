/** A pod's containers, as one can be chosen for a terminal. Pure. */
import type { KubeObject } from "@/api/kube";

export interface Container {
  name: string;
  image: string;
  /** Which list of the pod it is in. */
  sort: "containers" | "initContainers" | "ephemeralContainers";
  isRunning: boolean;
}

const LISTS = [["containers", "containerStatuses"], ["initContainers", "initContainerStatuses"], ["ephemeralContainers", "ephemeralContainerStatuses"]] as const;

export function containersOf(pod: KubeObject | undefined): Container[] {
  return LISTS.flatMap(([sort, statuses]) => {
    const running = new Set(((pod?.status?.[statuses] ?? []) as { name: string; state?: { running?: object } }[]).filter((each) => each.state?.running).map((each) => each.name));
    return ((pod?.spec?.[sort] ?? []) as { name: string; image: string }[]).map(({ name, image }) => ({ name, image, sort, isRunning: running.has(name) }));
  });
}

/** Why a container does not run, in the server's words; empty while it may still start. */
export function faultOf(pod: KubeObject | undefined, name: string): string {
  const statuses = (pod?.status?.ephemeralContainerStatuses ?? []) as { name: string; state?: { waiting?: { reason?: string; message?: string }; terminated?: { reason?: string; message?: string } } }[];
  const state = statuses.find((each) => each.name === name)?.state;
  const said = state?.terminated ?? (/Back|Err|Invalid/.test(state?.waiting?.reason ?? "") ? state?.waiting : undefined);
  return said ? [said.reason, said.message].filter(Boolean).join(": ") : "";
}

/** A name that no container of the pod has. */
export function freshName(pod: KubeObject | undefined): string {
  const taken = new Set(containersOf(pod).map((each) => each.name));
  for (let number = 1; ; number += 1) if (!taken.has(`debug-${number}`)) return `debug-${number}`;
}

/** What is added to a pod; the shell waits for who comes. `target` shares its processes. */
export function debugPatch(name: string, image: string, target?: string) {
  return { spec: { ephemeralContainers: [{ name, image, command: ["sh"], stdin: true, tty: true, ...(target ? { targetContainerName: target } : {}) }] } };
}
