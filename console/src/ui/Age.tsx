/** How long ago, in the reader's words; the exact time on hover. */
import { useLingui } from "@lingui/react";
import { useEffect, useState } from "react";
import { ago } from "@/lib/time";

const EVERY = 10_000;
const tickers = new Set<() => void>();
setInterval(() => tickers.forEach((tick) => tick()), EVERY);

export function Age({ since }: { since?: string }) {
  const { i18n } = useLingui();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const again = () => setNow(Date.now());
    tickers.add(again);
    return () => void tickers.delete(again);
  }, []);
  if (!since) return <span className="dim">–</span>;
  const at = new Date(since);
  return (
    <time dateTime={since} style={{ whiteSpace: "nowrap" }} title={at.toLocaleString(i18n.locale)}>
      {ago(now - at.getTime(), i18n.locale)}
    </time>
  );
}
