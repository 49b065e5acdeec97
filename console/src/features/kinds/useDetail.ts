/** What the platform knows about one object beside what it says itself: what hangs together with it, what goes with it. */
import { type Schemas, useAsked } from "@/api/ask";
import { segment } from "@/api/client";
import type { Shown } from "@/kinds";

export function detailPath({ scope, kind, object }: Shown): string {
  const place = [kind.group || "core", kind.version, kind.plural, object.metadata.name].map(segment).join("/");
  return `/clusters/${segment(scope.cluster)}/objects/${place}`;
}

export const useDetail = (shown: Shown) => useAsked<Schemas["Detail"]>(detailPath(shown), { namespace: shown.object.metadata.namespace });
