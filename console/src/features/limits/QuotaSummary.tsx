/** A resource quota as bars: how much of each is used. */
import { Trans, useLingui } from "@lingui/react/macro";
import { RESOURCES } from "@/features/tenancy/resources";
import type { Shown } from "@/kinds";
import { amountOf } from "@/lib/quantity";
import { Card, SimpleGrid, Usage } from "@/ui";

export function QuotaSummary({ object }: Shown) {
  const { t } = useLingui();
  const { hard = object.spec?.hard ?? {}, used = {} } = (object.status ?? {}) as { hard?: Record<string, string>; used?: Record<string, string> };
  const names = Object.keys(hard as Record<string, string>).sort();
  const scopes = (object.spec?.scopes ?? []) as string[];
  return (
    <Card title={<Trans>How much is used</Trans>} actions={scopes.length > 0 && <span className="dim">{scopes.join(", ")}</span>}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg" verticalSpacing="sm">
        {names.map((name) => {
          const [limit, amount] = [hard[name] ?? "0", used[name] ?? "0"];
          return <Usage key={name} label={RESOURCES[name] ? t(RESOURCES[name]) : name} used={amountOf(amount) || 0} hard={amountOf(limit) || 0} text={`${amount} / ${limit}`} />;
        })}
      </SimpleGrid>
      {names.length === 0 && <span className="dim"><Trans>It limits nothing.</Trans></span>}
    </Card>
  );
}
