/** What is shown where a page is missing or failed. */
import { Trans } from "@lingui/react/macro";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { Go } from "@/router/Go";
import { Empty, Fault, IconSearch } from "@/ui";

export function Missing() {
  return (
    <Empty icon={IconSearch} title={<Trans>There is no such page</Trans>} action={<Go to="/home"><Trans>To the start page</Trans></Go>}>
      <Trans>It may have been removed, or you may not see it.</Trans>
    </Empty>
  );
}

export function Broken({ error, reset }: ErrorComponentProps) {
  return <Fault error={error} retry={reset} />;
}
