/** Where the versions of an object are asked for, below /platform/v1. */
import { segment } from "@/api/client";

export interface Recorded {
  group: string;
  version: string;
  resource: string;
  namespace: string;
  name: string;
}

/** A hyphen stands for the core group, and for no namespace. */
export const historyPath = (cluster: string, { group, version, resource, namespace, name }: Recorded): string =>
  `/clusters/${segment(cluster)}/history/${[group || "-", version, resource, namespace || "-", name].map(segment).join("/")}`;
