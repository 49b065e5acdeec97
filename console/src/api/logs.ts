/** A container's log as it comes. */
import { search } from "./client";
import { ApiError, type Status } from "./errors";
import { pathOf } from "./kube";
import { Lines } from "@/lib/ring";

export interface LogAsk {
  cluster: string;
  namespace: string;
  pod: string;
  container?: string;
  previous?: boolean;
  follow?: boolean;
  tailLines?: number;
  sinceTime?: string;
}

const PODS = { group: "", version: "v1", plural: "pods", namespaced: true };

/** Each line begins with its time (RFC 3339). Resolves when the log ends; throws ApiError, and AbortError when stopped. */
export async function readLog(ask: LogAsk, signal: AbortSignal, told: (lines: string[]) => void): Promise<void> {
  const { cluster, namespace, pod, ...options } = ask;
  const path = `/clusters/${encodeURIComponent(cluster)}${pathOf(PODS, namespace, pod, "log")}`;
  const response = await fetch(path + search({ ...options, timestamps: true }), { signal });
  if (!response.ok || !response.body) {
    const status = (await response.json().catch(() => ({ message: response.statusText }))) as Status;
    throw new ApiError(status, response.status);
  }
  const lines = new Lines();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const cut = lines.cut(read.value);
    if (cut.length) told(cut);
  }
  const left = lines.end();
  if (left.length) told(left);
}
