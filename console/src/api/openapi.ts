/** A cluster's own description of its kinds, custom ones too: fetched when first wanted, and kept. */
import type { Schemas } from "@/lib/schema";
import { kubernetes } from "./client";

interface Index {
  paths: Record<string, { serverRelativeURL: string }>;
}

const FRESH = 60_000; // kinds may be added while somebody works
const documents = new Map<string, Promise<Schemas>>();
const indexes = new Map<string, { at: number; index: Promise<Index> }>();

function indexOf(cluster: string): Promise<Index> {
  const kept = indexes.get(cluster);
  if (kept && Date.now() - kept.at < FRESH) return kept.index;
  const index = kubernetes<Index>(cluster, "GET", "/openapi/v3");
  indexes.set(cluster, { at: Date.now(), index });
  index.catch(() => indexes.delete(cluster));
  return index;
}

/** The schemas of "v1", "apps/v1", ...; undefined for what the cluster does not serve or does not tell. */
export async function schemasOf(cluster: string, apiVersion: string): Promise<Schemas | undefined> {
  const path = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
  try {
    // The address has a hash of what it gives: another one when that changes.
    const address = (await indexOf(cluster)).paths[path]?.serverRelativeURL;
    if (!address) return undefined;
    const name = `${cluster} ${address}`;
    let document = documents.get(name);
    if (!document) {
      document = kubernetes<Schemas>(cluster, "GET", address);
      documents.set(name, document);
      document.catch(() => documents.delete(name));
    }
    return await document;
  } catch {
    return undefined;
  }
}
