/** The frame around every page: bar above, navigation, the page, the dock below. */
import { Outlet } from "@tanstack/react-router";
import { Trans } from "@lingui/react/macro";
import { lazy, Suspense, useState } from "react";
import { useHotkeys } from "@/ui";
import { ErrorBoundary } from "./ErrorBoundary";
import { Loading } from "./Loading";
import { Nav } from "./Nav";
import { useDock } from "./dock/store";
import { openPalette, usePaletteOpen } from "./palette/open";
import { TopBar } from "./TopBar";
import { useRemembered } from "./useHere";
import styles from "./Shell.module.css";

const Dock = lazy(() => import("./dock/Dock"));
const Palette = lazy(() => import("./palette/Palette"));

export function Shell() {
  const [open, setOpen] = useState(false);
  const dock = useDock();
  const searching = usePaletteOpen();
  useRemembered();
  useHotkeys([
    ["mod+K", openPalette],
    ["/", openPalette],
  ]);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        <Trans>Skip to the content</Trans>
      </a>
      <TopBar onMenu={() => setOpen((now) => !now)} />
      <Nav open={open} close={() => setOpen(false)} />
      <main id="main" className={styles.main} tabIndex={-1}>
        <ErrorBoundary>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      {dock.tabs.length > 0 && (
        <Suspense fallback={null}>
          <Dock />
        </Suspense>
      )}
      {searching && (
        <Suspense fallback={null}>
          <Palette />
        </Suspense>
      )}
    </div>
  );
}
