/** Several objects that are to be deleted, and how much else goes with them. */
import { Plural, Trans } from "@lingui/react/macro";
import { useQueries } from "@tanstack/react-query";
import type { Schemas } from "@/api/ask";
import { platform } from "@/api/client";
import type { Row } from "@/api/live";
import type { KindInfo } from "@/kinds";
import { detailPath } from "./useDetail";

/** Of so many it is asked what goes with them. */
const MOST = 30;

export function GoingTogether({ cluster, kind, rows }: { cluster: string; kind: KindInfo; rows: Row[] }) {
  const asked = useQueries({
    queries: rows.slice(0, MOST).map(({ name, namespace }) => {
      const path = detailPath(cluster, kind, name);
      return { queryKey: ["platform", path, { namespace }], queryFn: () => platform<Schemas["Detail"]>("GET", path, { query: { namespace } }) };
    }),
  });
  const isWaiting = asked.some(({ isLoading }) => isLoading);
  const others = asked.reduce((sum, { data }) => sum + (data?.deletes.total ?? 0), 0);
  const isPart = rows.length > MOST || asked.some(({ error }) => error);
  return (
    <>
      <ul style={{ maxHeight: 260, overflow: "auto" }} tabIndex={0}>
        {rows.map((row, index) => {
          const more = asked[index]?.data?.deletes.total ?? 0;
          return (
            <li key={row.uid}>
              {row.name} {more > 0 && <span className="dim"><Plural value={more} one="and # other object" other="and # other objects" /></span>}
            </li>
          );
        })}
      </ul>
      <p aria-live="polite">
        {isWaiting ? <Trans>Looking at what else goes…</Trans> : others === 0 && !isPart ? <Trans>Nothing else goes with it.</Trans> : <Plural value={others} one="# other object goes too." other="# other objects go too." />}
      </p>
    </>
  );
}
