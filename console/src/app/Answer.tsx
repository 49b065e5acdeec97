/** What was asked for, once it is there; else why it is not. */
import type { ReactNode } from "react";
import type { Asked } from "@/api/ask";
import { Fault } from "@/ui";
import { Loading } from "./Loading";

export function Answer<T>({ of, children }: { of: Asked<T>; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) return children(of.data);
  return of.error ? <Fault error={of.error} retry={() => void of.refetch()} /> : <Loading />;
}
