/** A quota as bars: how much of each resource is used, and who can raise it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked } from "@/api/ask";
import { amountOf } from "@/lib/quantity";
import { Empty, IconGauge, SimpleGrid, Usage } from "@/ui";
import { RESOURCES } from "./resources";

export const useQuota = (path: string) => useAsked<Schemas["QuotaView"]>(path && `${path}/quota`);

export function QuotaBars({ path }: { path: string }) {
  const { t } = useLingui();
  const quota = useQuota(path);
  return (
    <Answer of={quota}>
      {({ items, raisedBy }) =>
        items.length === 0 ? (
          <Empty icon={IconGauge} title={<Trans>No quota</Trans>}><Trans>As much may be used as the cluster has.</Trans></Empty>
        ) : (
          <>
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg" verticalSpacing="sm">
              {items.map(({ name, hard, used }) => (
                <Usage key={name} label={RESOURCES[name] ? t(RESOURCES[name]) : name} used={amountOf(used) || 0} hard={amountOf(hard) || 0} text={`${used} / ${hard}`} />
              ))}
            </SimpleGrid>
            {raisedBy && <p className="dim"><Trans>Can be raised by: {raisedBy}.</Trans></p>}
          </>
        )
      }
    </Answer>
  );
}
