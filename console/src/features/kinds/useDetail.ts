/** What the platform knows about one object beside what it says itself: what hangs together with it, what goes with it. */
import { type Schemas, useAsked } from "@/api/ask";
import { segment } from "@/api/client";
import type { Resource } from "@/api/kube";
import type { Shown } from "@/kinds";

export function detailPath(cluster: string, { group, version, plural }: Resource, name: string): string {
  return `/clusters/${segment(cluster)}/objects/${[group || "core", version, plural, name].map(segment).join("/")}`;
}

export const useDetail = ({ scope, kind, object }: Shown) =>
  useAsked<Schemas["Detail"]>(detailPath(scope.cluster, kind, object.metadata.name), { namespace: object.metadata.namespace });
