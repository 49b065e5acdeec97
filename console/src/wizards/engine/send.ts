/** Trying and sending objects as whoever is signed in. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { platform, segment } from "@/api/client";
import type { Status } from "@/api/errors";
import type { KubeObject } from "@/api/kube";
import { useDebouncedValue } from "@/ui";
import type { Complaint } from "./form";

export interface Applied {
  ref: { kind: string; name: string; group: string; version: string; plural: string; namespace: string };
  outcome: "created" | "configured" | "unchanged" | "refused";
  warnings: string[];
  before: KubeObject | null;
  after: KubeObject | null;
  status?: Status;
}

interface Sending {
  cluster: string;
  namespace: string;
  docs: KubeObject[];
  editing: boolean;
}

/** All of them, one after the other; `dryRun` only asks what would come of it. */
export async function send({ cluster, namespace, docs, editing }: Sending, dryRun: boolean): Promise<Applied[]> {
  const body = { objects: docs, dryRun, method: editing ? "replace" : "create", namespace };
  return (await platform<{ items: Applied[] }>("POST", `/clusters/${segment(cluster)}/apply`, { body })).items;
}

const PAUSE = 600;

/** What the server would say to what is there, a moment after the last change. */
export function useDryRun(sending: Sending, ready: boolean) {
  const [settled] = useDebouncedValue(sending.docs, PAUSE);
  const { data, error, isFetching } = useQuery({
    queryKey: ["dry-run", sending.cluster, sending.namespace, sending.editing, settled],
    queryFn: () => send({ ...sending, docs: settled }, true),
    enabled: ready && settled.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
  const current = ready && settled === sending.docs && !isFetching;
  return { items: ready ? (data ?? []) : [], error: ready ? error : null, current };
}

export function complaintsOf(items: Applied[]): Complaint[] {
  return items.flatMap(({ status }, doc) =>
    (status?.details?.causes ?? []).flatMap(({ field, message }) => (field ? [{ doc, field: field.replace(/^\./, ""), message: message ?? status?.message ?? "" }] : [])),
  );
}
