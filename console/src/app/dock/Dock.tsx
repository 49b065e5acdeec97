/** The panel below the page. */
import { Trans, useLingui } from "@lingui/react/macro";
import { lazy, Suspense } from "react";
import { ActionIcon, IconChevronDown, IconChevronUp, IconX } from "@/ui";
import { Loading } from "../Loading";
import { closeDock, type DockTab, minimizeDock, resizeDock, showDock, useDock } from "./store";
import styles from "./Dock.module.css";

const Logs = lazy(() => import("./Logs"));
const Terminal = lazy(() => import("./Terminal"));
const Kubectl = lazy(() => import("./Kubectl"));

const titleOf = (tab: DockTab): string =>
  tab.type === "kubectl"
    ? ["kubectl", tab.namespace || tab.cluster].join(" · ")
    : [(tab.type === "logs" && tab.label) || tab.pod, tab.container].filter(Boolean).join(" · ");

export default function Dock() {
  const { t } = useLingui();
  const dock = useDock();
  return (
    <section className={styles.dock} aria-label={t`Dock`} style={{ height: dock.minimized ? 36 : dock.height }}>
      <div
        className={styles.grip}
        role="separator"
        aria-orientation="horizontal"
        aria-label={t`Height of the dock`}
        aria-valuenow={dock.height}
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.key === "ArrowUp") resizeDock(dock.height + 24);
          if (event.key === "ArrowDown") resizeDock(dock.height - 24);
        }}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && resizeDock(window.innerHeight - event.clientY)}
      />
      <header>
        <div className={styles.tabs}>
          {dock.tabs.map(({ id, tab }) => (
            <span key={id} data-active={id === dock.active || undefined}>
              <button type="button" aria-pressed={id === dock.active} onClick={() => showDock(id)}>
                {tab.type === "logs" ? <Trans>Logs</Trans> : tab.type === "shell" ? <Trans>Terminal</Trans> : null} {titleOf(tab)}
              </button>
              <ActionIcon size={24} aria-label={t`Close`} onClick={() => closeDock(id)}>
                <IconX size={13} />
              </ActionIcon>
            </span>
          ))}
        </div>
        <ActionIcon aria-label={dock.minimized ? t`Show` : t`Minimize`} onClick={() => minimizeDock(!dock.minimized)}>
          {dock.minimized ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}
        </ActionIcon>
      </header>
      {/* All stay: a shell that is out of sight goes on. */}
      {dock.tabs.map(({ id, tab }) => (
        <div key={id} className={styles.body} hidden={id !== dock.active || dock.minimized}>
          <Suspense fallback={<Loading />}>
            {tab.type === "logs" && <Logs tab={tab} />}
            {tab.type === "shell" && <Terminal target={tab} />}
            {tab.type === "kubectl" && <Kubectl cluster={tab.cluster} namespace={tab.namespace} end={() => closeDock(id)} />}
          </Suspense>
        </div>
      ))}
    </section>
  );
}
