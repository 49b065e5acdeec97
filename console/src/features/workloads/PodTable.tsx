/** The pods that a question finds, kept up to date. */
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { SmallList } from "@/features/kinds/SmallList";
import type { ListQuery } from "@/features/kinds/useList";
import { kindById } from "@/kinds";
import type { Scope } from "@/router/scope";

interface Props {
  scope: Scope;
  query: ListQuery;
  title?: ReactNode;
  /** Those of one node need not say that. */
  without?: "node";
}

const SHOWN = ["status", "ready", "restarts", "node"];

export const PodTable = ({ scope, query, title = <Trans>Pods</Trans>, without }: Props) => (
  <SmallList scope={scope} kind={kindById("pods")!} query={query} title={title} none={<Trans>No pods</Trans>} columns={SHOWN.filter((id) => id !== without)} />
);
