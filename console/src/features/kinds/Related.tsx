/** What an object has to do with others: who uses it, what it leads to, what belongs to it. */
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import type { MessageDescriptor } from "@lingui/core";
import type { Schemas } from "@/api/ask";
import type { Shown } from "@/kinds";
import { Card } from "@/ui";
import { ObjectState } from "./ObjectState";
import { useDetail } from "./useDetail";
import tables from "./Table.module.css";

type Related = Schemas["ShownRelated"];

/** In the order they are told. */
const ORDER = ["workload", "service", "route", "pod", "user", "claim", "volume", "class", "configmap", "secret", "account", "autoscaler", "budget", "owned"];
/** Of others, their kind says it. */
const SAID: Record<string, MessageDescriptor> = { user: msg`uses it`, owned: msg`belongs to it` };
const MOST = 30;

/** `shows`: which relations; all of them if left out. */
export function Related({ shown, shows }: { shown: Shown; shows?: string[] }) {
  const { t } = useLingui();
  const { data } = useDetail(shown);
  const found = useMemo(() => chosen(data?.related ?? [], shows), [data, shows]);
  if (found.length === 0) return null;
  const more = found.length - MOST;
  return (
    <Card title={<Trans>Connected with</Trans>} flush>
      <table className={tables.table}>
        <thead>
          <tr>
            <th><Trans>Kind</Trans></th>
            <th><Trans>Name</Trans></th>
            <th><Trans>Status</Trans></th>
          </tr>
        </thead>
        <tbody>
          {found.slice(0, MOST).map((each) => (
            <ObjectState key={`${each.relation}/${each.ref.kind}/${each.ref.name}`} relation={each.relation in SAID ? t(SAID[each.relation]!) : undefined} of={each} scope={shown.scope} namespace={shown.object.metadata.namespace} />
          ))}
          {more > 0 && (
            <tr>
              <td colSpan={3} className="dim"><Trans>and {more} more</Trans></td>
            </tr>
          )}
        </tbody>
      </table>
    </Card>
  );
}

const chosen = (related: readonly Related[], shows = ORDER) =>
  related.filter(({ relation }) => ORDER.includes(relation) && shows.includes(relation)).sort((a, b) => ORDER.indexOf(a.relation) - ORDER.indexOf(b.relation));
