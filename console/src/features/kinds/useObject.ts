/** One object, kept up to date. */
import { ApiError } from "@/api/errors";
import type { Resource } from "@/api/kube";
import { useLive } from "@/api/useLive";

export function useObject(cluster: string, { group, version, plural, namespaced }: Resource, namespace: string, name: string) {
  const place = namespaced ? namespace : "";
  const subject = [cluster, group, version, plural, place, name].join("/");
  const { object, error } = useLive({ op: "object", cluster, group, version, plural, namespace: place, name }, subject);
  const gone = object === null ? new ApiError({ message: `${plural} "${name}" not found`, reason: "NotFound" }, 404) : undefined;
  return { object: object ?? undefined, error: error ?? gone, loading: object === undefined && !error };
}
