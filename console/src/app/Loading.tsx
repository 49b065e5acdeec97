/** While a page's code or its data is under way. */
import { useLingui } from "@lingui/react/macro";
import { Skeleton } from "@/ui";

export function Loading() {
  const { t } = useLingui();
  return (
    <div role="status" aria-label={t`Loading`} style={{ padding: 20, display: "grid", gap: 12 }}>
      <Skeleton height={22} width={220} />
      {[0, 1, 2, 3, 4].map((line) => (
        <Skeleton key={line} height={34} />
      ))}
    </div>
  );
}
