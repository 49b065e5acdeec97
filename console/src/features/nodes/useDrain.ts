/** Draining one node by the eviction API, which keeps to disruption budgets. */
import { useEffect, useRef, useState } from "react";
import { kubernetes } from "@/api/client";
import { ApiError } from "@/api/errors";
import { type KubeObject, pathOf, type Resource } from "@/api/kube";
import type { KubeList } from "@/api/useKube";
import { type Answer, drain, type Hands, type Progress } from "@/lib/drain";
import { setCordoned } from "./cordon";

export const PODS: Resource = { group: "", version: "v1", plural: "pods", namespaced: true };
const PAUSE = 1500;

export const onNode = (node: string) => ({ fieldSelector: `spec.nodeName=${node}` });

async function evict(cluster: string, pod: KubeObject): Promise<Answer> {
  const { namespace = "", name, uid } = pod.metadata;
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { namespace, name }, deleteOptions: { preconditions: { uid } } };
  try {
    await kubernetes(cluster, "POST", pathOf(PODS, namespace, name, "eviction"), { body });
    return { is: "accepted" };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // 409: the name belongs to another pod by now.
    if (error.code === 404 || error.code === 409) return { is: "gone" };
    return { is: error.code === 429 ? "later" : "refused", reason: error.message };
  }
}

function handsOf(cluster: string, node: string): Hands {
  return {
    evict: (pod) => evict(cluster, pod),
    left: async () => {
      const { items } = await kubernetes<KubeList>(cluster, "GET", pathOf(PODS), { query: onNode(node) });
      return new Set(items.map((pod) => pod.metadata.uid!));
    },
    pause: () => new Promise((resolve) => setTimeout(resolve, PAUSE)),
  };
}

export type Phase = "before" | "running" | "stopped" | "done";

/** It stops when nobody looks any more. */
export function useDrain(cluster: string, node: string) {
  const [progress, setProgress] = useState<ReadonlyMap<string, Progress>>(new Map());
  const [phase, setPhase] = useState<Phase>("before");
  const [error, setError] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const stop = () => running.current?.abort();
  const start = async (pods: KubeObject[]) => {
    const control = new AbortController();
    running.current = control;
    setError(null);
    setPhase("running");
    try {
      await setCordoned(cluster, node, true);
      await drain(pods, handsOf(cluster, node), setProgress, control.signal);
      setPhase(control.signal.aborted ? "stopped" : "done");
    } catch (caught) {
      setError(caught);
      setPhase("stopped");
    }
  };
  return { progress, phase, error, start, stop };
}
