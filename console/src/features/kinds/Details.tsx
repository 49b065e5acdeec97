/** What is known of one object, in tabs; those of its kind between the general ones. */
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { lazy, Suspense } from "react";
import { Loading } from "@/app/Loading";
import type { Shown, Tab } from "@/kinds";
import { useSearchState } from "@/router/Go";
import { Tabs } from "@/ui";
import { EventsTab } from "./EventsTab";
import { Overview } from "./Overview";
import { YamlTab } from "./YamlTab";
import styles from "./Details.module.css";

const FIRST: Tab = { id: "overview", title: msg`Overview`, component: Overview };
const LAST: Tab[] = [
  { id: "events", title: msg`Events`, component: EventsTab },
  { id: "history", title: msg`History`, component: lazy(() => import("@/features/history/HistoryTab")) },
  { id: "yaml", title: msg`YAML`, component: YamlTab },
];

export function Details({ shown, compact }: { shown: Shown; compact?: boolean }) {
  const { t } = useLingui();
  const [search, change] = useSearchState();
  const tabs = [FIRST, ...(shown.kind.tabs ?? []), ...LAST];
  const active = tabs.some((tab) => tab.id === search.tab) ? search.tab! : FIRST.id;
  return (
    <Tabs className={styles.tabs} data-compact={compact || undefined} value={active} onChange={(tab) => change({ tab: tab === FIRST.id ? undefined : (tab ?? undefined) })} keepMounted={false}>
      <Tabs.List>
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.id} value={tab.id}>
            {t(tab.title)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ id, component: Shown_ }) => (
        <Tabs.Panel key={id} value={id} className={styles.body}>
          <Suspense fallback={<Loading />}>
            <Shown_ {...shown} />
          </Suspense>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
