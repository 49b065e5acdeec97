/** Emptying a node: which of its pods go, and asking for it until they have gone. */
import type { KubeObject } from "@/api/kube";

/** Why a pod stays, as `kubectl drain` has it. */
export type Staying = "daemonset" | "mirror";
/** What is lost with a pod that goes. */
export type Loss = "not made again" | "local data";

export interface Fate {
  pod: KubeObject;
  stays?: Staying;
  loses: Loss[];
}

const MIRROR = "kubernetes.io/config.mirror";
const isDone = (pod: KubeObject) => ["Succeeded", "Failed"].includes(pod.status?.phase);

/** Pure. */
export function fateOf(pod: KubeObject): Fate {
  const owner = pod.metadata.ownerReferences?.find((each) => each.controller);
  if (pod.metadata.annotations?.[MIRROR] !== undefined) return { pod, stays: "mirror", loses: [] };
  if (owner?.kind === "DaemonSet" && !isDone(pod)) return { pod, stays: "daemonset", loses: [] };
  if (isDone(pod)) return { pod, loses: [] };
  const local = (pod.spec?.volumes ?? []).some((volume: { emptyDir?: unknown }) => volume.emptyDir);
  return { pod, loses: [...(owner ? [] : ["not made again" as const]), ...(local ? ["local data" as const] : [])] };
}

/** `held`: a disruption budget does not let it go yet. `refused` is final. */
export type Step = "waiting" | "going" | "held" | "refused" | "gone";

export interface Progress {
  step: Step;
  reason?: string;
}

export type Answer = { is: "accepted" } | { is: "gone" } | { is: "later"; reason: string } | { is: "refused"; reason: string };

export interface Hands {
  evict: (pod: KubeObject) => Promise<Answer>;
  /** The uids of the pods that are on the node now. */
  left: () => Promise<Set<string>>;
  /** Resolves after a while. */
  pause: () => Promise<void>;
}

const MOST_AT_ONCE = 5;

/** Until all have gone, or nothing more can be done, or `signal` says stop; `tell` hears how it stands. */
export async function drain(pods: KubeObject[], hands: Hands, tell: (progress: Map<string, Progress>) => void, signal: AbortSignal): Promise<void> {
  const progress = new Map<string, Progress>(pods.map((pod) => [pod.metadata.uid!, { step: "waiting" }]));
  const set = (pod: KubeObject, step: Step, reason?: string) => {
    progress.set(pod.metadata.uid!, { step, reason });
    tell(new Map(progress));
  };
  const at = (pod: KubeObject) => progress.get(pod.metadata.uid!)!.step;
  const ask = async (pod: KubeObject) => {
    const answer = await hands.evict(pod);
    if (answer.is === "accepted") set(pod, "going");
    else if (answer.is === "gone") set(pod, "gone");
    else set(pod, answer.is === "later" ? "held" : "refused", answer.reason);
  };
  for (;;) {
    const due = pods.filter((pod) => ["waiting", "held"].includes(at(pod)));
    const workers = Array.from({ length: MOST_AT_ONCE }, async () => {
      for (let pod = due.shift(); pod && !signal.aborted; pod = due.shift()) await ask(pod);
    });
    await Promise.all(workers);
    if (signal.aborted) return;
    const left = await hands.left();
    for (const pod of pods) if (at(pod) === "going" && !left.has(pod.metadata.uid!)) set(pod, "gone");
    if (pods.every((pod) => ["gone", "refused"].includes(at(pod)))) return;
    await hands.pause();
    if (signal.aborted) return;
  }
}
