/** Who is signed in, and what they may do where. */
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { type Language, speak } from "@/i18n";
import { platform } from "./client";
import type { components } from "./gen";

export interface Me {
  name: string;
  displayName: string;
  email: string;
  phone: string;
  language: "" | "en" | "zh";
  groups: string[];
  mustChangePassword: boolean;
  lastLogin: string;
  session: string;
}

export const me = { queryKey: ["me"], queryFn: () => platform<Me>("GET", "/me"), staleTime: 300_000 };

export const useMe = () => useSuspenseQuery(me).data;

/** Speak this language, here and wherever they sign in. */
export async function choose(language: Language): Promise<void> {
  await speak(language);
  await platform("PATCH", "/me", { body: { language } });
}

/** A permission that is asked about: of the cluster's RBAC. */
export interface Ask {
  verb: string;
  group: string;
  resource: string;
  name?: string;
}

type MayOrNot = components["schemas"]["MayOrNot"];
export type Can = Pick<MayOrNot, "allowed"> & Partial<MayOrNot>;

/** What is allowed mostly stays so; a refusal may end soon, as in a project that is just being set up. */
const AGAIN_ALLOWED = 60_000;
const AGAIN_REFUSED = 5_000;

/** Whether the caller may do each of these in a namespace ("" is the cluster as a whole). Not allowed until known. */
export function useCan(cluster: string, namespace: string, asks: Ask[]): Can[] {
  const { data } = useQuery({
    queryKey: ["can", cluster, namespace, asks],
    queryFn: () => platform<{ items: Can[] }>("POST", "/access/can", { body: { cluster, namespace, asks } }),
    staleTime: AGAIN_REFUSED,
    refetchInterval: ({ state }) => (state.data?.items.every((each) => each.allowed) ? AGAIN_ALLOWED : AGAIN_REFUSED),
    enabled: asks.length > 0,
  });
  return data?.items ?? asks.map(() => ({ allowed: false }));
}
