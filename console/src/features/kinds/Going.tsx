/** What else goes when an object is deleted, and who would miss it: told before it happens. */
import { msg } from "@lingui/core/macro";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import type { Schemas } from "@/api/ask";
import { kindByName, type Shown } from "@/kinds";
import { consequencesOf } from "@/lib/going";
import { Warning } from "@/ui";
import { ObjectState } from "./ObjectState";
import { useDetail } from "./useDetail";
import styles from "./Going.module.css";
import tables from "./Table.module.css";

const CONSEQUENCES = {
  "claims stay": msg`Its volume claims stay, with what is in them.`,
  "claims go": msg`Its volume claims go too, with what is in them.`,
  "instances go": msg`All objects of this kind go too, in every namespace.`,
  "pods end": msg`The pods on it end; a node that still runs comes back by itself.`,
  "data goes": msg`What is in it is lost.`,
  "data stays": msg`What is in it stays where it is.`,
};
/** What others stop working without; and how those stand to it. */
const USED = new Set(["services", "persistentvolumeclaims", "secrets", "configmaps", "serviceaccounts"]);
const NEEDING = new Set(["user", "route", "pod"]);
const MOST_NEEDING = 5;
const MOST = 50;

export function Going({ shown }: { shown: Shown }) {
  const { t } = useLingui();
  const detail = useDetail(shown);
  return (
    <>
      {consequencesOf(shown.object).map((each) => <p key={each}>{t(CONSEQUENCES[each])}</p>)}
      <Answer of={detail}>{(found) => <Preview found={found} shown={shown} />}</Answer>
    </>
  );
}

function Preview({ found, shown }: { found: Schemas["Detail"]; shown: Shown }) {
  const { t } = useLingui();
  const { total, items, counts } = found.deletes;
  const words = Object.entries(counts).map(([name, count]) => `${count} × ${nameOf(name, t)}`);
  const needing = USED.has(shown.kind.plural) ? found.related.filter(({ relation, known }) => NEEDING.has(relation) && known !== false && !(relation === "pod" && shown.kind.plural === "services")) : [];
  const [more, withheld] = [total - Math.min(items.length, MOST), found.withheld.join(", ")];
  return (
    <>
      {total === 0 ? (
        <p><Trans>Nothing else goes with it.</Trans></p>
      ) : (
        <>
          <p><Plural value={total} one="# other object goes with it:" other="# other objects go with it:" /> {words.join(", ")}</p>
          <div className={styles.going} role="region" aria-label={t`What else goes`} tabIndex={0}>
            <table className={tables.table}>
              <tbody>
                {items.slice(0, MOST).map((each) => <ObjectState key={each.ref.uid || `${each.ref.kind}/${each.ref.name}`} plain of={each} scope={shown.scope} namespace={shown.object.metadata.namespace} />)}
                {more > 0 && (
                  <tr>
                    <td colSpan={3} className="dim"><Trans>and {more} more</Trans></td>
                  </tr>
                )}
              </tbody>
            </table>
          </div>
        </>
      )}
      {needing.length > 0 && (
        <Warning title={<Trans>Still in use</Trans>}>
          {needing.slice(0, MOST_NEEDING).map(({ ref }) => `${nameOf(ref.kind, t)} ${ref.name}`).join(", ")}
          {needing.length > MOST_NEEDING && " …"}
        </Warning>
      )}
      {withheld && <p className="dim"><Trans>There may be more: you may not see {withheld} here.</Trans></p>}
    </>
  );
}

const GROUPS = ["", "apps", "batch", "networking.k8s.io", "autoscaling"];

/** A kind's word by its name, where the console has one. */
function nameOf(name: string, say: ReturnType<typeof useLingui>["t"]): string {
  const kind = GROUPS.map((group) => kindByName(group, name)).find(Boolean);
  return kind ? say(kind.one) : name;
}
