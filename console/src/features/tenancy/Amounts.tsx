/** Amounts of resources, one a line: which, and how much. */
import { Trans, useLingui } from "@lingui/react/macro";
import { amountOf } from "@/lib/quantity";
import { ActionIcon, Autocomplete, Button, IconPlus, IconX, TextInput } from "@/ui";
import { RESOURCES } from "./resources";
import styles from "./Tenancy.module.css";

export type Lines = [name: string, amount: string][];

export const linesOf = (amounts: Record<string, string> = {}): Lines => Object.entries(amounts).sort(([a], [b]) => a.localeCompare(b));
export const fitting = (lines: Lines) => lines.every(([name, amount]) => name.trim() !== "" && !Number.isNaN(amountOf(amount)));

/** A merge patch: what was there before and is no more is taken away. */
export const amountsPatch = (before: Record<string, string> = {}, lines: Lines): Record<string, string | null> => ({
  ...Object.fromEntries(Object.keys(before).map((name) => [name, null])),
  ...Object.fromEntries(lines.map(([name, amount]) => [name.trim(), amount.trim()])),
});

export function Amounts({ lines, change, names, disabled }: { lines: Lines; change: (lines: Lines) => void; names?: string[]; disabled?: boolean }) {
  const { t } = useLingui();
  const known = names ?? Object.keys(RESOURCES);
  const free = known.find((name) => !lines.some(([taken]) => taken === name)) ?? "";
  const set = (at: number, line: [string, string]) => change(lines.map((each, index) => (index === at ? line : each)));
  return (
    <div className={styles.amounts}>
      {lines.map(([name, amount], at) => {
        const title = RESOURCES[name] ? t(RESOURCES[name]) : name;
        return (
          <div key={at}>
            <Autocomplete aria-label={t`Resource`} data={known} disabled={disabled} value={name} onChange={(value) => set(at, [value, amount])} description={title === name ? undefined : title} inputWrapperOrder={["input", "description"]} />
            <TextInput aria-label={t`Amount of ${title}`} placeholder="4, 500m, 8Gi" disabled={disabled} value={amount} error={amount && Number.isNaN(amountOf(amount)) ? t`Not an amount: give 2, 500m or 4Gi` : undefined} onChange={(event) => set(at, [name, event.currentTarget.value])} />
            {!disabled && (
              <ActionIcon aria-label={t`Remove ${title}`} onClick={() => change(lines.filter((_, index) => index !== at))}>
                <IconX size={15} />
              </ActionIcon>
            )}
          </div>
        );
      })}
      {!disabled && (
        <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => change([...lines, [free, ""]])} style={{ justifySelf: "start" }}>
          <Trans>Add a resource</Trans>
        </Button>
      )}
    </div>
  );
}
